//! Collections on their way into a store that is not on this machine.

use std::path::Path;

use crate::collect::spool::Kept;
use crate::contract::types::Instant;

/// The attempt of a collection, and what is known of others of the same terms.
pub(crate) struct Attempted {
    pub(crate) attempt: Box<dyn Attempt>,
    /// Another process has begun it: it is here, to be resumed.
    pub(crate) was_there: bool,
    /// Another process may write one. If it has ended: when that can be taken over.
    pub(crate) others_until: Option<Instant>,
}

/// One collection: what it has committed is kept in the store, for another process to resume it.
pub(crate) trait Attempt: Send {
    /// Keeps what has been added to its files, in this folder, since the last call. Another process that has
    /// resumed it meanwhile makes this fail.
    fn push<'a>(&'a mut self, staging: &'a Path) -> Kept<'a>;

    /// The evidence of this name is complete, and about to be in the store: the collection is not resumed from now on.
    fn complete<'a>(&'a mut self, evidence: &'a str) -> Kept<'a>;

    /// This process ends, and leaves it to any other one.
    fn leave(&mut self) -> Kept<'_>;

    /// Removes what was kept: it is complete, or is not to be resumed.
    fn remove(&mut self) -> Kept<'_>;
}
