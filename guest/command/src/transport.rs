//! Where answers come from: the network, or a recording of it.

use exhibit_plugin::collection::{Pause, Request, Response};
use std::time::Duration;

use crate::failure::Failure;

/// Answers requests.
pub(crate) trait Transport {
    /// The answer, once its head is there.
    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError>;

    /// Makes sure that the request could be sent now: its origin is known, and so are the secrets that sign it. Sends nothing of it.
    fn prepare(&mut self, _: &Request) -> Result<(), TransportError> {
        Ok(())
    }

    /// The answer is complete, and the plugin has taken it.
    fn commit(&mut self) -> Result<(), Failure> {
        Ok(())
    }

    /// The answer is abandoned, and why.
    fn abandon(&mut self, _: &Abandoned<'_>) -> Result<(), Failure> {
        Ok(())
    }

    /// How long to wait now, where the session asks for this pause.
    fn pause(&mut self, pause: &Pause) -> Result<Duration, Failure> {
        Ok(if self.is_live() { Duration::from_secs(pause.seconds.into()) } else { Duration::ZERO })
    }

    /// Whether a source is asked, so that pauses have an effect.
    fn is_live(&self) -> bool {
        true
    }
}

/// Why an answer does not count.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Abandoned<'a> {
    /// For people.
    pub(crate) why: &'a str,
    /// Whether the session could not read it: another session goes on from before it, which never had it.
    pub(crate) unreadable: bool,
}

/// An answer, its body not yet read.
pub(crate) struct Answer {
    pub(crate) head: Response,
    pub(crate) body: Box<dyn Body>,
}

/// The body of an answer.
pub(crate) trait Body {
    /// The next part of it; `None` at the end.
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError>;
}

/// Why an answer is missing or incomplete.
#[derive(Debug)]
pub(crate) enum TransportError {
    /// A retry may help. The request may have arrived.
    Transient(String),
    /// A retry may help. The request did certainly not arrive.
    NotSent(String),
    /// A retry cannot help. The request may have arrived.
    Permanent(Failure),
    /// A retry cannot help. The request did certainly not leave this machine.
    Blocked(Failure),
}

impl From<Failure> for TransportError {
    fn from(failure: Failure) -> Self {
        Self::Permanent(failure)
    }
}
