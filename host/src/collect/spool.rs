//! Evidence in the making that another session, also of another process, can resume.

use std::future::Future;
use std::io;
use std::pin::Pin;

use exhibit_records::Counts;
use serde::{Deserialize, Serialize};

use crate::contract::collection::Request;
use crate::contract::types::Instant;

/// What is known of the last request of an operation that changes something at the source. At a checkpoint it is what holds
/// for a session that is opened there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", content = "sent", rename_all = "kebab-case")]
pub enum WriteState {
    /// None was sent.
    #[default]
    NotSent,
    /// It was sent, or is about to be: this is on the disk for good before that. Nothing is known of an answer. A session that
    /// asks for it is given that no answer came, in place of sending it a second time.
    Unanswered(SentWrite),
    /// It had no whole answer, and the session knows it: it finds out what became of it, and may not ask for another one.
    Unknown(SentWrite),
    /// The session has its answer.
    Answered(SentWrite),
}

impl WriteState {
    /// The request, where one was sent.
    pub fn sent(&self) -> Option<&SentWrite> {
        match self {
            Self::NotSent => None,
            Self::Unanswered(sent) | Self::Unknown(sent) | Self::Answered(sent) => Some(sent),
        }
    }
}

/// A request that changes something at the source, and was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct SentWrite {
    /// Which of all requests of the collection it is, from 1 on.
    pub number: u64,
    /// When, by the host's clock: milliseconds since 1970.
    pub at: Instant,
    /// The URL of the origin, and the path.
    pub url: String,
    /// What it changes, in the plugin's words.
    pub summary: String,
}

/// Where a collection goes on from.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checkpoint {
    /// What the plugin needs to resume; `None` before the first page.
    pub session: Option<Vec<u8>>,
    /// What was counted until then.
    pub counts: Counts,
    /// Until when the source wants to be left alone, and why, where it does.
    pub pause: Option<(Instant, String)>,
    /// What is known of the last request that changes something: where it was sent, this is on the disk for good before that.
    pub write: WriteState,
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
    /// A request is about to be sent: `number` counts from 1 over all requests of the collection.
    ///
    /// # Errors
    /// Where it cannot be kept. The request is then not sent.
    fn asking<'a>(&'a mut self, request: &'a Request, number: u64) -> Kept<'a>;

    /// From here the collection can be resumed: with all pages that were committed before, and no other.
    /// Returns when these are kept, so that none of them is requested again, whatever happens then. Where a request that changes
    /// something is [`WriteState::Unanswered`], it is sent next, or was: that is on the disk for good when this returns.
    ///
    /// # Errors
    /// Where it cannot be kept.
    fn checkpoint<'a>(&'a mut self, at: &'a Checkpoint) -> Kept<'a>;
}

/// What a [`Spool`] does, until it is done.
pub type Kept<'a> = Pin<Box<dyn Future<Output = io::Result<()>> + Send + 'a>>;
