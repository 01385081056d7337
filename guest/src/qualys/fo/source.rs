//! A listing as a source of the kit: its requests, and what reads their answers.

use exhibit_plugin::collection::{Body, Effect, Method, Request, Response};
use exhibit_plugin::types::Window;
use exhibit_plugin::{Answer, Error, Source};

use super::answer::ListAnswer;
use super::listing::Listing;
use super::paging::Parameters;
use crate::qualys::account::BASIC;
use crate::qualys::platforms::API;

/// Above this many bytes of parameters a request is a POST: proxies refuse long addresses,
/// and Qualys answers 414 to them.
const MAX_QUERY_BYTES: usize = 1_500;

/// A request for a list with these parameters, in its address where they fit there.
pub(super) fn request(path: &str, parameters: Parameters) -> Request {
    let length: usize = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
    if length > MAX_QUERY_BYTES {
        return posted(path, parameters);
    }
    Request { method: Method::Get, query: parameters, body: Body::None, ..posted(path, Vec::new()) }
}

/// The same, with the parameters in its body.
pub(super) fn posted(path: &str, parameters: Parameters) -> Request {
    Request {
        origin: API.to_owned(),
        method: Method::Post,
        path: path.to_owned(),
        query: Vec::new(),
        // Without it Qualys refuses every call to /api/.
        headers: vec![("x-requested-with".to_owned(), "exhibit".to_owned())],
        body: Body::Form(parameters),
        auth: Some(BASIC.to_owned()),
        effect: Effect::Read,
    }
}

impl Source for Listing {
    fn request(&self, cursor: Option<&str>) -> Request {
        let cursor = cursor.and_then(|it| it.parse().ok());
        request(&self.path, self.paging.parameters(&self.parameters, cursor))
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let cursor = cursor.map(str::parse).transpose()?;
        Ok(Box::new(ListAnswer::new(self.clone(), cursor, head, attempt)))
    }

    fn window(&self) -> Option<Window> {
        self.chosen_window
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        let cursor = cursor.and_then(|it| it.parse().ok());
        Some(self.paging.smaller(&self.parameters, cursor)?.to_string())
    }
}
