//! A search as a source of the kit: its requests, and what reads their answers.

use exhibit_plugin::collection::{Body, Content, Effect, Method, Request, Response};
use exhibit_plugin::types::Window;
use exhibit_plugin::{Answer, Error, Source};

use super::answer::SearchEnvelope;
use super::criteria;
use super::search::Search;
use crate::qualys::account::BASIC;
use crate::qualys::answer::XmlAnswer;
use crate::qualys::cursor::Cursor;
use crate::qualys::platforms::API;

impl Source for Search {
    fn request(&self, cursor: Option<&str>) -> Request {
        let cursor: Cursor = cursor.and_then(|it| it.parse().ok()).unwrap_or_default();
        let size = cursor.size.unwrap_or(self.page_size);
        let document = criteria::document(&self.criteria, self.verbose, cursor.from, size);
        Request {
            origin: API.to_owned(),
            method: Method::Post,
            path: self.path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            // The media type of recorded requests.
            body: Body::Content(Content { media_type: "text/xml".to_owned(), bytes: document.into_bytes() }),
            auth: Some(BASIC.to_owned()),
            // It is posted, but changes nothing.
            effect: Effect::Read,
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let cursor = cursor.map(str::parse).transpose()?;
        let envelope = SearchEnvelope::new(self.clone(), cursor, head.status);
        Ok(Box::new(XmlAnswer::new(envelope, head, attempt)))
    }

    fn window(&self) -> Option<Window> {
        self.chosen_window
    }

    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        let cursor: Cursor = cursor.and_then(|it| it.parse().ok()).unwrap_or_default();
        Some(cursor.smaller(self.page_size)?.to_string())
    }
}
