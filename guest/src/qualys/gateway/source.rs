//! A listing as a source of the kit: its requests, and what reads their answers.

use exhibit_plugin::collection::{Body, Content, Effect, Method, Request, Response};
use exhibit_plugin::json::Json;
use exhibit_plugin::{Answer, Error, Source};

use super::answer::ListAnswer;
use super::listing::Listing;
use crate::qualys::account::TOKEN;
use crate::qualys::platforms::GATEWAY;

const JSON: &str = "application/json";

impl Source for Listing {
    fn request(&self, cursor: Option<&str>) -> Request {
        // One that cannot be read is refused with the answer.
        let page = self.page(cursor).unwrap_or_else(|_| self.first());
        let members = [("pageNumber", Json::from(page.number)), ("pageSize", Json::from(page.size))];
        let body: Json = self.body.iter().cloned().chain(members).collect();
        Request {
            origin: GATEWAY.to_owned(),
            method: Method::Post,
            path: self.path.clone(),
            query: Vec::new(),
            headers: vec![("accept".to_owned(), JSON.to_owned())],
            body: Body::Content(Content {
                media_type: JSON.to_owned(),
                bytes: body.to_string().into_bytes(),
            }),
            auth: Some(TOKEN.to_owned()),
            // A search changes nothing, though it is asked by POST.
            effect: Effect::Read,
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        Ok(Box::new(ListAnswer::new(self.clone(), self.page(cursor)?, head, attempt)))
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        Some(self.page(cursor).ok()?.smaller()?.to_string())
    }
}
