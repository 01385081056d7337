//! What is sent and what comes back, in types that do not belong to the HTTP client under them.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use exhibit_blank::Blanker;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::timeout;
use url::Url;

use crate::contract::collection::Response;
use crate::format;

use super::decoding::Decoding;
use super::diagnosis::transport_error;
use super::echo::{Echo, EchoFilter};
use super::head;
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
    /// The secrets that it is signed with: they are replaced in its answer, where the source repeats them.
    pub echo: Echo,
}

impl Outgoing {
    /// One without headers and without a body.
    pub fn new(method: Method, url: Url) -> Self {
        Self { method, url, headers: HeaderMap::new(), body: None, echo: Echo::default() }
    }
}

impl From<Outgoing> for reqwest::Request {
    fn from(outgoing: Outgoing) -> Self {
        let Outgoing { method, url, headers, body, echo: _ } = outgoing;
        let mut request = Self::new(method, url);
        *request.headers_mut() = headers;
        *request.body_mut() = body.map(Into::into);
        request
    }
}

/// An answer, whose body is still to be read. The secrets of its request are replaced in what is read of it, and values that
/// must not be kept are blanked.
#[derive(Debug)]
pub struct Incoming {
    response: reqwest::Response,
    decoding: Option<Decoding>,
    echo: Echo,
    filter: EchoFilter,
    /// Where values are blanked.
    blanker: Option<Blanker>,
    /// Whether all of the body went through it.
    is_blanked: bool,
    /// Secrets that were replaced in its head.
    in_head: u64,
    /// Where its request was redirected to, one URL after the other, and the secrets that were replaced in them.
    redirected: (Vec<String>, u64),
    ended: bool,
    /// The longest silence within its body.
    stall: Duration,
}

impl Incoming {
    pub(super) fn new(response: reqwest::Response, echo: Echo, stall: Duration) -> Self {
        let filter = echo.filter();
        Self {
            response,
            decoding: None,
            echo,
            filter,
            blanker: None,
            is_blanked: false,
            in_head: 0,
            redirected: Default::default(),
            ended: false,
            stall,
        }
    }

    /// The same as the source sent it, secrets included: for what is a secret itself.
    pub(super) fn unredacted(self) -> Self {
        Self::new(self.response, Echo::default(), self.stall)
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.response.status()
    }

    pub(super) fn after(self, redirected: (Vec<String>, u64)) -> Self {
        Self { redirected, ..self }
    }

    /// Where the origin redirected its request to, one URL after the other: the last one answered. Secrets in them are
    /// replaced.
    pub fn redirected(&self) -> &[String] {
        &self.redirected.0
    }

    /// What the plugin sees of its head: the status, and those of `wanted` headers that came. Values that are no text or
    /// too long are left out.
    pub fn head(&mut self, wanted: &[String]) -> Response {
        let mut head = head::head(self.response.status(), self.response.headers(), wanted);
        self.in_head = 0;
        for (_, value) in &mut head.headers {
            let (redacted, times) = self.echo.redact(value);
            *value = redacted;
            self.in_head += times;
        }
        head
    }

    /// How many times a secret was replaced in what was read of it so far.
    pub fn redacted(&self) -> u64 {
        self.redirected.1 + self.in_head + self.filter.found()
    }

    /// From here on, blanks the values of elements, attributes and members with these names in its body. To be called before
    /// any of that is read.
    pub fn blank(&mut self, names: &[String]) {
        self.blanker = (!names.is_empty()).then(|| Blanker::new(names));
    }

    /// The names whose values were blanked in what was read of it so far, and how many times each.
    pub fn blanked(&self) -> impl Iterator<Item = (&str, u64)> {
        self.blanker.iter().flat_map(Blanker::counts)
    }

    /// Its headers, as they came: they may repeat a secret.
    pub fn headers(&self) -> &HeaderMap {
        self.response.headers()
    }

    /// Where it came from.
    pub fn url(&self) -> &Url {
        self.response.url()
    }

    /// The next bytes of its body, as they were before they were encoded for the way, with a mark for each secret of its
    /// request and for each value that is blanked. `None` at its end. After an error, nothing that came before counts.
    ///
    /// # Errors
    /// Where it breaks off, or is encoded in a way that cannot be decoded.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        while !self.ended {
            let mut passed = BytesMut::new();
            match self.blanked_piece().await? {
                Some(piece) if self.echo.is_empty() && !piece.is_empty() => return Ok(Some(piece)),
                Some(piece) => self.filter.pass(&piece, &mut passed),
                None => {
                    self.ended = true;
                    self.filter.end(&mut passed);
                }
            }
            if !passed.is_empty() {
                return Ok(Some(passed.freeze()));
            }
        }
        Ok(None)
    }

    /// The next piece of the decoded body, without values that must not be kept.
    async fn blanked_piece(&mut self) -> Result<Option<Bytes>, TransportError> {
        let piece = self.decoded().await?;
        let Some(blanker) = &mut self.blanker else { return Ok(piece) };
        let mut kept = Vec::new();
        let is_last = piece.is_none();
        match piece {
            Some(piece) => blanker.pass(&piece, &mut kept),
            None if self.is_blanked => return Ok(None),
            None => blanker.end(&mut kept),
        }
        self.is_blanked = is_last;
        Ok(Some(kept.into()))
    }

    async fn decoded(&mut self) -> Result<Option<Bytes>, TransportError> {
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
