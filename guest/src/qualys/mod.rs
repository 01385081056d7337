//! What is true of Qualys, whatever is collected from it. Each of its API families is a folder of its own:
//! [`fo`] is XML over HTTP Basic, [`gateway`] is JSON with a token; a family joins them when a proof type needs it.

pub mod account;
pub mod answer_headers;
pub mod fo;
pub mod gateway;
mod pacing;
pub mod platforms;
mod refusal;
pub mod settings;
