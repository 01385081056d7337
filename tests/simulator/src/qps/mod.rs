//! The portal's APIs, `/qps/rest/`: what a search is asked, in XML or JSON, and how it is refused.

mod criterion;
mod json;
mod page;
mod path;
mod refused;
mod request;

pub(crate) use criterion::{Criterion, Field};
pub(crate) use json::{answer as json_answer, is_wanted as wants_json};
pub(crate) use page::{Counted, Page};
pub(crate) use path::{Path, Verb};
pub(crate) use refused::Refused;
pub(crate) use request::{Request, texts_of};

use crate::call::Received;

/// Whether a call brings what a call by POST has to: a document in XML or JSON, even if it is empty.
pub(crate) fn has_document(call: &Received) -> bool {
    let kinds = ["text/xml", "application/xml", "application/json"];
    call.header("content-type").is_some_and(|sent| kinds.iter().any(|kind| sent.starts_with(kind)))
}
