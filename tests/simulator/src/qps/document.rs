//! The documents that calls bring, in whichever form they are.

use super::{Refused, Request, json, request};
use crate::call::Received;

/// Whether a call brings what a call by POST has to: a document in XML or JSON, even if it is empty.
pub(crate) fn has_document(call: &Received) -> bool {
    let kinds = ["text/xml", "application/xml", "application/json"];
    call.header("content-type").is_some_and(|sent| kinds.iter().any(|kind| sent.starts_with(kind)))
}

/// What a call searches for.
pub(crate) fn search_of(call: &Received) -> Result<Request, Refused> {
    if json::is_sent(call) { json::request(&call.body) } else { Request::read(&call.body) }
}

/// The texts of the document of a call that says what is to be made, each with the path of its element.
pub(crate) fn texts_of(call: &Received) -> Result<Vec<(String, String)>, Refused> {
    if json::is_sent(call) { json::texts(&call.body) } else { request::texts(&call.body) }
}
