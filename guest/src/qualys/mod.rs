//! What is true of Qualys, whatever is collected from it. Each of its API families is a folder of its own:
//! [`fo`] is XML over HTTP Basic, [`qps`] is the portal's searches, whose requests are XML, too, and [`gateway`] is JSON with a token; a family joins them when a proof type
//! needs it. What the families have in common stands beside them.

pub mod account;
mod answer;
pub mod answer_headers;
pub mod blanked;
mod cursor;
pub mod fo;
pub mod gateway;
pub mod guide;
mod pacing;
pub mod platforms;
pub mod qps;
pub mod reading;
pub mod record;
pub mod refusal;
mod refused_write;
pub mod rows;
pub mod settings;
mod simple_return;
mod whole;

use exhibit_plugin::collection::{Pause, Response};

/// The pause that leaves `reserve` calls an hour to other tools, where the answer with this head shows that one is needed.
pub fn spare(head: &Response, reserve: u32) -> Option<Pause> {
    pacing::reserve(&answer_headers::Quota::read(head), reserve)
}
