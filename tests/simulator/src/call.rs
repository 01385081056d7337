//! A request as it was received.

use anyhow::{Context as _, Result, anyhow};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use http_body_util::{BodyExt as _, Limited};
use hyper::{Request, body::Incoming, header};

/// Bytes of a request body that are read: more than any list of parameters or search a client sends.
const MAX_BODY: usize = 1 << 20;

/// A request the simulator has answered, for assertions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// `GET`, `POST` …
    pub method: String,
    /// The path without the query.
    pub path: String,
    /// The parameters of the URL, decoded, in their order.
    pub query: Vec<(String, String)>,
    /// The parameters of a form body, decoded, in their order.
    pub form: Vec<(String, String)>,
    /// The headers; names are in lower case.
    pub headers: Vec<(String, String)>,
    /// The body as it came, where it is not a form.
    pub body: Vec<u8>,
    /// The status of the answer.
    pub status: u16,
}

impl Received {
    /// The first header of a name, which is compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// A parameter by name, from the URL or the form; as in the API, the last one counts.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let found = self.parameters().filter(|(known, _)| known == name).last();
        found.map(|(_, value)| value.as_str())
    }

    /// How many records a page is to have, where the call says so: by a parameter, or in the document of a search.
    pub(crate) fn page(&self) -> Option<u64> {
        if let Some(limit) = self.parameter("truncation_limit") {
            return limit.parse().ok();
        }
        let body = String::from_utf8_lossy(&self.body);
        let (_, rest) = body.split_once("<limitResults>")?;
        rest.split('<').next()?.trim().parse().ok()
    }

    /// The `Authorization` header, and the password in it where it is of HTTP Basic.
    pub(crate) fn login(&self) -> String {
        let header = self.header("authorization").unwrap_or_default();
        let pair = header.split_once(' ').and_then(|(_, pair)| BASE64_STANDARD.decode(pair.trim()).ok());
        let pair = pair.and_then(|it| String::from_utf8(it).ok()).unwrap_or_default();
        format!("{header} {}", pair.split_once(':').map_or("", |it| it.1))
    }

    /// A text or a number of a JSON body, by its name; a parameter, where there is none.
    pub(crate) fn member(&self, name: &str) -> Option<String> {
        let body: Option<serde_json::Value> = serde_json::from_slice(&self.body).ok();
        match body.as_ref().and_then(|it| it.get(name)) {
            Some(serde_json::Value::String(text)) => Some(text.clone()),
            Some(it @ serde_json::Value::Number(_)) => Some(it.to_string()),
            _ => self.parameter(name).map(str::to_owned),
        }
    }

    /// All parameters, those of the URL first.
    pub(crate) fn parameters(&self) -> impl Iterator<Item = &(String, String)> {
        self.query.iter().chain(&self.form)
    }

    /// Reads a request to its end. Fails when the client goes away or sends more than [`MAX_BODY`].
    pub(crate) async fn read(request: Request<Incoming>) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let body = Limited::new(body, MAX_BODY)
            .collect()
            .await
            .map_err(|error| anyhow!(error))
            .context("The request's body could not be read")?
            .to_bytes();
        let headers: Vec<_> = parts
            .headers
            .iter()
            .map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            })
            .collect();
        let is_form = parts
            .headers
            .get(header::CONTENT_TYPE)
            .is_none_or(|kind| kind.as_bytes().starts_with(b"application/x-www-form-urlencoded"));
        Ok(Self {
            method: parts.method.as_str().to_owned(),
            path: parts.uri.path().to_owned(),
            query: pairs(parts.uri.query().unwrap_or_default().as_bytes()),
            form: if is_form { pairs(&body) } else { Vec::new() },
            headers,
            body: if is_form { Vec::new() } else { body.to_vec() },
            status: 0,
        })
    }

    /// Whether the client can read a gzip answer.
    pub(crate) fn accepts_gzip(&self) -> bool {
        self.header("accept-encoding").is_some_and(|accepted| {
            accepted.split(',').any(|coding| {
                let (name, weight) = coding.split_once(';').unwrap_or((coding, "q=1"));
                let refused = matches!(weight.trim(), "q=0" | "q=0.0");
                name.trim().eq_ignore_ascii_case("gzip") && !refused
            })
        })
    }
}

fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(encoded).into_owned().collect()
}
