//! Where recorded answers come from.

use std::collections::VecDeque;
use std::io::{self, Read};

use exhibit_records::RequestRecord;

use crate::contract::collection::Response;
use crate::contract::types::Instant;

/// A recorded answer, without its body.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// Its number in the recording, for people.
    pub number: u32,
    /// What was asked.
    pub request: RequestRecord,
    /// The URL of the origin that was asked.
    pub origin: String,
    /// Where that redirected it to, one URL after the other.
    pub redirected: Vec<String>,
    /// When its head arrived.
    pub received: Instant,
    /// Its head.
    pub head: Response,
    /// How long its body is.
    pub bytes: u64,
    /// The answers before it that broke off, without bodies: after some of these, a plugin may have made another request.
    pub broken: VecDeque<Self>,
}

/// So many answers that broke off in a row are told apart: further ones must be to the same request as the last of these.
pub(super) const MAX_BROKEN: usize = 64;

/// Gives recorded answers, one after the other.
pub trait AnswerSource: Send {
    /// Goes on to the next whole answer; `None` where there is no more.
    fn advance(&mut self) -> io::Result<Option<Recorded>>;

    /// Once there is no more: the answers after the last whole one that broke off. A plugin may have finished without them.
    fn broken_at_end(&mut self) -> VecDeque<Recorded> {
        VecDeque::new()
    }

    /// The body of the answer that it stands at, from its beginning: asked for twice, it is
    /// the same twice.
    fn body(&mut self) -> io::Result<Box<dyn Read + Send + '_>>;
}
