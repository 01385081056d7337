//! A list that Qualys gives, page by page: what all proof types here are made of.

use exhibit_plugin::collection::{Body, Effect, Method, Request, Response};
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::{Answer, Error, Page, Source};

use super::answer_headers::Quota;
use super::paging::Parameters;
use super::platforms::API;
use super::reading::Reading;
use super::{Column, Record};
use crate::catalog::BASIC;

pub use super::paging::Paging;

/// Above this many bytes of parameters a request is a POST: proxies refuse long addresses,
/// and Qualys answers 414 to them.
const MAX_QUERY_BYTES: usize = 1_500;

/// What is asked, and what is made of the answer.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The path at the API server.
    pub path: String,
    /// The parameters of the first page.
    pub parameters: Parameters,
    /// The root element of an answer.
    pub root: &'static str,
    /// The element that becomes a row.
    pub record: &'static str,
    /// An element outside the records that an answer without any must have, to count as
    /// "there are none". Without one, there always are some.
    pub proof_of_empty: Option<&'static str>,
    /// How it continues.
    pub paging: Paging,
    /// The columns.
    pub columns: &'static [Column],
    /// What a record is called, for people; `None` where it lacks what tells it from others.
    /// Where there are pages, it is the id or number that these go by.
    pub identity: for<'a> fn(&Record<'a>) -> Option<&'a str>,
    /// What a reader of the proof must know because of this record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// What a reader of the proof must know in any case.
    pub notes: Vec<String>,
    /// The time asked for, and where a record says when it was.
    pub within: Option<Within>,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// Calls an hour that are left to others.
    pub reserve: u32,
}

/// A window, and what a record is held against it by. The source is asked for it, too;
/// this makes sure of its edges.
#[derive(Debug, Clone, Copy)]
pub struct Within {
    /// The window.
    pub window: Window,
    /// The element of a record that says when.
    pub when: &'static str,
}

impl Source for Listing {
    fn request(&self, cursor: Option<&str>) -> Request {
        let cursor = cursor.and_then(|it| it.parse().ok());
        let parameters = self.paging.parameters(&self.parameters, cursor);
        let length: usize = parameters.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
        let (method, query, body) = if length > MAX_QUERY_BYTES {
            (Method::Post, Vec::new(), Body::Form(parameters))
        } else {
            (Method::Get, parameters, Body::None)
        };
        Request {
            origin: API.to_owned(),
            method,
            path: self.path.clone(),
            query,
            // Without it Qualys refuses every call to /api/.
            headers: vec![("x-requested-with".to_owned(), "exhibit".to_owned())],
            body,
            auth: Some(BASIC.to_owned()),
            effect: Effect::Read,
        }
    }

    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error> {
        let cursor = cursor.map(str::parse).transpose()?;
        Ok(Box::new(Reading::new(self.clone(), cursor, head.status, Quota::read(head), attempt)))
    }
}

/// Parameters, by name and value.
pub fn parameters<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Parameters {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
