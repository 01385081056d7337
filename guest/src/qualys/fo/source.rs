//! A listing as a source of the kit: its requests, and what reads their answers.

use exhibit_plugin::collection::{Body, Change, Effect, Method, Request, Response};
use exhibit_plugin::types::Window;
use exhibit_plugin::{Answer, Error, Source};

use super::answer::ListEnvelope;
use super::listing::Listing;
use super::paging::Parameters;
use crate::qualys::account::BASIC;
use crate::qualys::answer::XmlAnswer;
use crate::qualys::platforms::API;

/// Above this many bytes of parameters a request is a POST: proxies refuse long addresses,
/// and Qualys answers 414 to them.
const MAX_QUERY_BYTES: usize = 1_500;

impl Source for Listing {
    fn request(&self, cursor: Option<&str>) -> Request {
        let cursor = cursor.and_then(|it| it.parse().ok());
        read_request(self.path.clone(), self.paging.parameters(&self.parameters, cursor))
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let cursor = cursor.map(str::parse).transpose()?;
        let envelope = ListEnvelope::new(self.clone(), cursor, head);
        Ok(Box::new(XmlAnswer::new(envelope, head, attempt)))
    }

    fn window(&self) -> Option<Window> {
        self.chosen_window
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        let cursor = cursor.and_then(|it| it.parse().ok());
        Some(self.paging.smaller(&self.parameters, cursor)?.to_string())
    }
}

/// The request that reads what these parameters say.
pub(super) fn read_request(path: String, parameters: Parameters) -> Request {
    let length: usize = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    let (method, query, body) = if length > MAX_QUERY_BYTES {
        (Method::Post, Vec::new(), Body::Form(parameters))
    } else {
        (Method::Get, parameters, Body::None)
    };
    request(path, method, query, body, Effect::Read)
}

/// The same, always with its parameters in its body.
pub(super) fn posted(path: String, form: Parameters) -> Request {
    request(path, Method::Post, Vec::new(), Body::Form(form), Effect::Read)
}

/// The request that changes what its change says: always a POST, so that no parameter stands in an address.
pub(super) fn write_request(path: String, form: Parameters, change: Change) -> Request {
    request(path, Method::Post, Vec::new(), Body::Form(form), Effect::Write(change))
}

fn request(path: String, method: Method, query: Parameters, body: Body, effect: Effect) -> Request {
    Request {
        origin: API.to_owned(),
        method,
        path,
        query,
        // Without it Qualys refuses every call to /api/.
        headers: vec![("x-requested-with".to_owned(), "exhibit".to_owned())],
        body,
        auth: Some(BASIC.to_owned()),
        effect,
    }
}
