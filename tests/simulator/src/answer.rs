//! Puts an answer together: status, headers and body.

use hyper::{
    Response, StatusCode,
    header::{CONTENT_ENCODING, CONTENT_TYPE, DATE, HeaderName, HeaderValue, SERVER},
};

use crate::{
    body::Body,
    call::Received,
    cut::Cut,
    faults::{Charset, Rewrite, WholeAnswer},
    quota::{Permit, Standing},
    stream::Source,
    wire::ResetSwitch,
    world::World,
};

/// In place of the identifiers of a subscription and a user.
const POWERED_BY: &str =
    "Qualys:SIMULATOR:00000000-0000-4000-8000-000000000001:00000000-0000-4000-8000-000000000002";

/// An answer that is not yet on its way.
pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    source: Source,
    permit: Option<Permit>,
    rewrites: Vec<Rewrite>,
    cut: Option<Cut>,
    members: bool,
    pieces: Option<usize>,
}

impl Answer {
    /// XML, as everything Qualys itself says.
    pub(crate) fn xml(status: u16, source: Source) -> Self {
        Self {
            status,
            headers: vec![("content-type".to_owned(), "application/xml".to_owned())],
            source,
            permit: None,
            rewrites: Vec::new(),
            cut: None,
            members: false,
            pieces: None,
        }
    }

    /// Something else, with the headers that go with it.
    pub(crate) fn other(status: u16, headers: Vec<(String, String)>, source: Source) -> Self {
        Self { headers, ..Self::xml(status, source) }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &str, value: impl ToString) -> Self {
        self.headers.push((name.to_owned(), value.to_string()));
        self
    }

    /// Says what is left of the limits.
    pub(crate) fn standing(self, standing: Standing) -> Self {
        self.concurrency(standing)
            .with("x-ratelimit-remaining", standing.remaining)
            .with("x-ratelimit-towait-sec", standing.to_wait_seconds)
    }

    /// Says what is left of the limits, but for the window: so says an answer to a call too many.
    pub(crate) fn concurrency(self, standing: Standing) -> Self {
        self.with("x-ratelimit-limit", standing.limit)
            .with("x-ratelimit-window-sec", standing.window_seconds)
            .with("x-concurrency-limit-limit", standing.concurrency_limit)
            .with("x-concurrency-limit-running", standing.running)
    }

    /// Counts the call as running until the answer was sent.
    pub(crate) fn running(mut self, permit: Permit) -> Self {
        self.permit = Some(permit);
        self
    }

    /// Spoils the answer.
    pub(crate) fn spoiled(mut self, rewrites: Vec<Rewrite>, cut: Option<Cut>) -> Self {
        self.rewrites = rewrites;
        self.cut = cut;
        self
    }

    /// Compresses each block by itself, where it is compressed at all.
    pub(crate) fn in_members(mut self, members: bool) -> Self {
        self.members = members;
        self
    }

    /// Sends no more than so many bytes at once.
    pub(crate) fn in_pieces(mut self, most: Option<usize>) -> Self {
        self.pieces = most;
        self
    }

    /// Names the charset in the content type.
    pub(crate) fn in_charset(self, charset: Option<Charset>) -> Self {
        match charset {
            Some(charset) => {
                self.with("content-type", format!("application/xml; charset={}", charset.name()))
            }
            None => self,
        }
    }

    /// The response for a call.
    pub(crate) fn response(self, call: &Received, world: &World, reset: ResetSwitch) -> Response<Body> {
        let gzip = world.gzip && call.accepts_gzip();
        let mut body = Body::new(self.source, reset, self.permit)
            .rewritten(self.rewrites)
            .cut(self.cut)
            .in_pieces(self.pieces);
        if gzip {
            body = body.compressed(self.members);
        }
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(SERVER, HeaderValue::from_static("Qualys"));
        headers.insert("x-powered-by", HeaderValue::from_static(POWERED_BY));
        if world.dated
            && let Some(date) = http_date(world.now + world.elapsed * 1_000)
        {
            headers.insert(DATE, date);
        }
        if gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        for (name, value) in self.headers {
            // A header that cannot be sent can only come from a recorded answer's index; the rest of
            // that answer is still worth sending.
            if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), value.parse::<HeaderValue>()) {
                headers.insert(name, value);
            }
        }
        response
    }
}

/// A moment as HTTP writes it.
fn http_date(moment: i64) -> Option<HeaderValue> {
    let moment = jiff::Timestamp::from_millisecond(moment).ok()?;
    let date = jiff::fmt::rfc2822::DateTimePrinter::new().timestamp_to_rfc9110_string(&moment).ok()?;
    HeaderValue::from_str(&date).ok()
}

impl From<WholeAnswer> for Answer {
    fn from(answer: WholeAnswer) -> Self {
        let mut headers = vec![(CONTENT_TYPE.to_string(), answer.content_type.to_owned())];
        headers.extend(answer.headers.into_iter().map(|(name, value)| (name.to_owned(), value)));
        Self::other(answer.status, headers, answer.source)
    }
}
