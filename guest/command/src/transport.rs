//! Where answers come from: the network, or a recording of it.

use exhibit_plugin::collection::{Request, Response};

use crate::failure::Failure;

/// Answers requests.
pub(crate) trait Transport {
    /// The answer, once its head is there.
    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError>;

    /// Whether a source is asked, so that pauses have an effect.
    fn is_live(&self) -> bool {
        true
    }
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
    /// A retry may help.
    Transient(String),
    /// A retry cannot help.
    Permanent(Failure),
}

impl From<Failure> for TransportError {
    fn from(failure: Failure) -> Self {
        Self::Permanent(failure)
    }
}
