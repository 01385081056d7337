//! What a collection tells while it runs.

use crate::contract::collection::Pause;

use super::spool::WriteState;

/// Something that happened.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A request is on its way: the origin's name and the path.
    Asking(&'a str, &'a str),
    /// Bytes of an answer arrived.
    Bytes(usize),
    /// The plugin made this many rows of them.
    Rows(usize),
    /// A page is complete.
    Page,
    /// So many answers are kept: an interrupted collection resumes after them.
    Kept(u64),
    /// The plugin asked for time.
    Waiting(&'a Pause),
    /// What is known of the request that changes something is now this: before it is sent, and whenever that changes.
    Write(&'a WriteState),
    /// An answer broke off and is asked for again: why, and the number of the next attempt.
    Again(&'a str, u32),
}

/// Hears of a collection's events, on the thread that collects.
pub trait Progress: Send + Sync {
    /// Called for each event. Must not block.
    fn event(&self, event: &Event<'_>);
}

/// For those who do not want to hear.
#[derive(Debug, Clone, Copy)]
pub struct Silent;

impl Progress for Silent {
    fn event(&self, _: &Event<'_>) {}
}
