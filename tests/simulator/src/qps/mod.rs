//! The portal's APIs, `/qps/rest/`: what a search is asked, and how it is refused.

mod criterion;
mod refused;
mod request;

pub(crate) use criterion::{Criterion, Field};
pub(crate) use refused::Refused;
pub(crate) use request::Request;
