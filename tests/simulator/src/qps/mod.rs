//! The portal's APIs, `/qps/rest/`: what a search is asked, in XML or JSON, and how it is refused.

mod criterion;
mod document;
mod json;
mod page;
mod path;
mod refused;
mod request;

pub(crate) use criterion::{Criterion, Field};
pub(crate) use document::{has_document, search_of, texts_of};
pub(crate) use json::{answer as json_answer, is_wanted as wants_json};
pub(crate) use page::{Counted, Page};
pub(crate) use path::{Path, Verb};
pub(crate) use refused::Refused;
pub(crate) use request::Request;
