//! A plugin's request, as it goes over the network.

use exhibit_plugin::collection::{Body, Method, Request};
use exhibit_signing::Origin;
use form_urlencoded::Serializer;

/// Who asks.
const USER_AGENT: &str = concat!("exhibit/", env!("CARGO_PKG_VERSION"));
/// The media type of a form.
pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

/// A request with everything but its signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prepared<'a> {
    pub(crate) origin: &'a Origin,
    pub(crate) post: bool,
    pub(crate) path_with_query: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Option<Vec<u8>>,
}

impl<'a> Prepared<'a> {
    /// The request, to this origin.
    pub(crate) fn new(origin: &'a Origin, request: &Request) -> Self {
        let mut path_with_query = request.path.clone();
        if !request.query.is_empty() {
            path_with_query.push('?');
            path_with_query.push_str(&form(&request.query));
        }
        let mut headers = request.headers.clone();
        headers.push(("user-agent".to_owned(), USER_AGENT.to_owned()));
        let body = match &request.body {
            Body::None => None,
            Body::Form(pairs) => Some((FORM.to_owned(), form(pairs).into_bytes())),
            Body::Content(content) => Some((content.media_type.clone(), content.bytes.clone())),
        };
        let body = body.map(|(media_type, bytes)| {
            headers.push(("content-type".to_owned(), media_type));
            bytes
        });
        Self { origin, post: request.method == Method::Post, path_with_query, headers, body }
    }

    /// A form for this path, sent along nothing else.
    pub(crate) fn posting(origin: &'a Origin, path: &str, pairs: &[(String, String)]) -> Self {
        Self {
            origin,
            post: true,
            path_with_query: path.to_owned(),
            headers: vec![
                ("user-agent".to_owned(), USER_AGENT.to_owned()),
                ("content-type".to_owned(), FORM.to_owned()),
            ],
            body: Some(form(pairs).into_bytes()),
        }
    }
}

fn form(pairs: &[(String, String)]) -> String {
    Serializer::new(String::new()).extend_pairs(pairs).finish()
}
