//! Where answers come from: the network, or a recording of it.

use exhibit_plugin::collection::{Request, Response};

use crate::failure::Failure;

/// Answers requests.
pub(crate) trait Transport {
    /// The answer, once its head is there.
    fn answer(&mut self, request: &Request) -> Result<Answer, Trouble>;

    /// Whether a source is at the other end, which pauses mean something to.
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
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, Trouble>;
}

/// Why there is no answer, or no more of it.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// A little later it may work.
    Passing(String),
    /// It would be the same each time.
    Lasting(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Lasting(failure)
    }
}
