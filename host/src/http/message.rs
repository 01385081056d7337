//! What is sent and what comes back, in types that do not belong to the HTTP client under them.

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::timeout;
use url::Url;

use crate::format;

use super::decoding::Decoding;
use super::diagnosis::transport_error;
use super::transport_error::{TransportError, TransportErrorKind};

/// A request that may be sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outgoing {
    /// Its method.
    pub method: Method,
    /// Where it goes.
    pub url: Url,
    /// Its headers; secret ones are marked as sensitive.
    pub headers: HeaderMap,
    /// Its body, where it has one.
    pub body: Option<Bytes>,
}

impl Outgoing {
    /// One without headers and without a body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None }
    }
}

impl From<Outgoing> for reqwest::Request {
    fn from(outgoing: Outgoing) -> Self {
        let Outgoing { method, url, headers, body } = outgoing;
        let mut request = Self::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = body.map(Into::into);
        request
    }
}

/// An answer, whose body is still to be read.
#[derive(Debug)]
pub struct Incoming {
    response: reqwest::Response,
    decoding: Option<Decoding>,
    /// The longest silence within its body.
    stall: Duration,
}

impl Incoming {
    pub(super) fn new(response: reqwest::Response, stall: Duration) -> Self {
        Self { response, decoding: None, stall }
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    /// Its headers.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Where it came from.
    pub fn url(&self) -> &Url {
        self.response.url()
    }

    /// The next bytes of its body, as they were before they were encoded for the way. `None` at its end. After an
    /// error, nothing that came before counts.
    ///
    /// # Errors
    /// Where it breaks off, or is encoded in a way that cannot be decoded.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        let decoding = match &mut self.decoding {
            Some(decoding) => decoding,
            none => none.insert(Decoding::of(self.response.headers())?),
        };
        loop {
            if let Some(decoded) = decoding.decoded()? {
                return Ok(Some(decoded));
            }
            match timeout(self.stall, self.response.chunk()).await {
                Ok(Ok(Some(piece))) => decoding.received(piece),
                Ok(Ok(None)) => return decoding.end(),
                Ok(Err(error)) => return Err(transport_error(&error)),
                Err(_) => {
                    let why = format!("nothing came for {}", format::wait(self.stall));
                    return Err(TransportError { kind: TransportErrorKind::Silence, why });
                }
            }
        }
    }
}
