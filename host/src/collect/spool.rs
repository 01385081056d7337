//! Evidence in the making that another session, also of another process, can resume.

use std::future::Future;
use std::io;
use std::pin::Pin;

use exhibit_records::Counts;

use crate::contract::collection::Request;
use crate::contract::types::Instant;

/// Where a collection goes on from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checkpoint {
    /// What the plugin needs to resume; `None` before the first page.
    pub session: Option<Vec<u8>>,
    /// What was counted until then.
    pub counts: Counts,
    /// Until when the source wants to be left alone, and why, where it does.
    pub pause: Option<(Instant, String)>,
    /// Whether a request that changes something had no whole answer before: the session finds out what became of it, and may
    /// not send another one.
    pub unknown: bool,
    /// Whether a request that changes something is about to be sent: it is on the disk for good before that.
    pub before_write: bool,
    /// Whether such a request was sent after the place that an earlier process went on from, and the session has not asked
    /// for it since.
    pub unanswered: bool,
}

/// A collection that gave its process back in the middle of a wait.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspension {
    /// When it can be resumed.
    pub until: Instant,
    /// What is being waited for, in the plugin's words.
    pub reason: String,
}

/// Keeps what a collection can be resumed from.
pub trait Spool: Send {
    /// A request is about to be sent: `number` counts from 1 over all requests of the collection. One that
    /// changes something at the source is on the disk for good when this returns, with the checkpoint before it.
    ///
    /// # Errors
    /// Where it cannot be kept. The request is then not sent.
    fn asking<'a>(&'a mut self, request: &'a Request, number: u64) -> Kept<'a>;

    /// From here the collection can be resumed: with all pages that were committed before, and no other.
    /// Returns when these are kept, so that none of them is requested again, whatever happens then.
    ///
    /// # Errors
    /// Where it cannot be kept.
    fn checkpoint<'a>(&'a mut self, at: &'a Checkpoint) -> Kept<'a>;
}

/// What a [`Spool`] does, until it is done.
pub type Kept<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;
