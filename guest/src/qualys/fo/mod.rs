//! The API family that answers in XML and is signed by HTTP Basic: `/api/…/fo/`, and the older `/msp/`.

mod answer;
pub mod duration;
mod error;
pub mod findings;
pub mod host;
pub mod in_turn;
mod inner;
mod knowledge_base;
pub mod listing;
mod paging;
mod source;
#[cfg(test)]
mod tests;
pub mod whole;
