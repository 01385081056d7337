//! A time stamp authority, over HTTP as RFC 3161 has it.

use std::time::Duration;

use exhibit_driver::Effect;
use exhibit_records::Digest;
use http::Method;
use http::header::{ACCEPT, CONTENT_TYPE, HeaderValue};
use url::Url;

use crate::http::{
    Client, ClientError, ClientOptions, Egress, Incoming, Origin, OriginError, OriginSource, Outgoing,
    SendError, TransportError,
};
use crate::remedy::Remedy;
use crate::retry::{Retry, SOON};

use super::timestamp::{self, REPLY_BYTES, Timestamp, TimestampError};

/// What is asked for, and what comes.
const QUERY: &str = "application/timestamp-query";
const REPLY: &str = "application/timestamp-reply";
/// Authorities answer within a second; a lost packet takes a few more.
const PATIENCE: ClientOptions = ClientOptions {
    connect: Duration::from_secs(15),
    idle: Duration::from_secs(30),
    stall: Duration::from_secs(30),
};

/// Who is asked for time stamps.
#[derive(Debug, Clone)]
pub struct Authority {
    url: Url,
    origin: Origin,
    client: Client,
}

/// From here on, HTTP's statuses are of a server that failed.
const SERVER_ERRORS: u16 = 500;

/// Why there is no time stamp.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// It cannot be where it is said to be.
    #[error("a time stamp authority is named by its URL, such as https://tsa.example/tsr")]
    Url,
    /// Requests do not go there.
    #[error(transparent)]
    Origin(#[from] OriginError),
    /// There is no way to send requests from here.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No answer came.
    #[error(transparent)]
    Send(#[from] SendError),
    /// The answer broke off.
    #[error("{origin} broke off its answer: {diagnosis}")]
    BrokenOff {
        /// The authority.
        origin: String,
        /// What happened.
        diagnosis: TransportError,
    },
    /// The answer is something else.
    #[error("{origin} answered {status}, and no time stamp")]
    NoReply {
        /// The authority.
        origin: String,
        /// The status of its answer.
        status: u16,
    },
    /// The reply is no good.
    #[error("{origin} gave no good time stamp: {why}")]
    Timestamp {
        /// The authority.
        origin: String,
        /// What is wrong with it.
        #[source]
        why: TimestampError,
    },
}

impl AuthorityError {
    /// Whether the authority can give a time stamp later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Send(error) => error.retry(),
            Self::BrokenOff { diagnosis, .. } => diagnosis.kind.retry(),
            Self::NoReply { status, .. } if *status >= SERVER_ERRORS => Retry::After(SOON),
            _ => Retry::NeedsPerson,
        }
    }

    /// What to do next.
    pub fn remedy(&self) -> Remedy {
        match self {
            Self::Send(error) => error.remedy(),
            Self::BrokenOff { diagnosis, .. } => diagnosis.kind.remedy(),
            _ => Remedy::NameOtherAuthority,
        }
    }
}

impl Authority {
    /// The authority at this URL. It may be plain HTTP, as many are: what is sent is a digest, and what
    /// comes is signed. Requests go to addresses that this policy permits.
    ///
    /// # Errors
    /// Where the URL cannot be that of an authority, or requests do not go there.
    pub fn new(url: &str, egress: Egress) -> Result<Self, AuthorityError> {
        let url = Url::parse(url).map_err(|_| AuthorityError::Url)?;
        if !matches!(url.scheme(), "http" | "https") || url.fragment().is_some() {
            return Err(AuthorityError::Url);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(OriginError::Credentials.into());
        }
        let given = OriginSource::ByOperator { plain_http: true };
        let origin = Origin::parse(&url.origin().ascii_serialization(), given)?;
        Ok(Self { url, origin, client: Client::new(PATIENCE, egress)? })
    }

    /// Where it is.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Its statement that it saw these bytes' digest now. Who it is, is checked when the
    /// evidence is verified.
    ///
    /// # Errors
    ///
    /// Where the authority cannot be reached, answers with something else, or gives a time stamp of another request.
    pub async fn stamp(&self, bytes: &[u8]) -> Result<Timestamp, AuthorityError> {
        let bad = |why| AuthorityError::Timestamp { origin: self.origin.to_string(), why };
        let query = timestamp::Request::new(Digest::of(bytes)).map_err(bad)?;
        let mut request = Outgoing::new(Method::POST, self.url.clone());
        request.headers.insert(CONTENT_TYPE, HeaderValue::from_static(QUERY));
        request.headers.insert(ACCEPT, HeaderValue::from_static(REPLY));
        request.body = Some(query.to_der().map_err(bad)?.into());
        let answer = self.client.send(request, &self.origin, Effect::Read).await?;
        let status = answer.status();
        let is_reply =
            answer.headers().get(CONTENT_TYPE).is_some_and(|it| it.as_bytes().starts_with(REPLY.as_bytes()));
        if !status.is_success() || !is_reply {
            return Err(AuthorityError::NoReply { origin: self.origin.to_string(), status: status.as_u16() });
        }
        query.answered(&self.read(answer).await?).map_err(bad)
    }

    /// One byte more than a reply may have, at most: that is refused where it is parsed.
    async fn read(&self, mut answer: Incoming) -> Result<Vec<u8>, AuthorityError> {
        let mut reply = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(Some(piece)) => {
                    let room = (REPLY_BYTES + 1).saturating_sub(reply.len());
                    reply.extend_from_slice(&piece[..piece.len().min(room)]);
                    if reply.len() > REPLY_BYTES {
                        return Ok(reply);
                    }
                }
                Ok(None) => return Ok(reply),
                Err(diagnosis) => {
                    let origin = self.origin.to_string();
                    return Err(AuthorityError::BrokenOff { origin, diagnosis });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authority_is_somewhere_on_the_web() {
        for url in ["https://tsa.example/tsr", "http://tsa.example", "http://127.0.0.1:3161/"] {
            assert!(Authority::new(url, Egress::default()).is_ok(), "{url}");
        }
        for url in
            ["", "tsa.example", "ftp://tsa.example/", "https://a:b@tsa.example/", "http://169.254.169.254/"]
        {
            assert!(Authority::new(url, Egress::default()).is_err(), "{url}");
        }
    }
}
