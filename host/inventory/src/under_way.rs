//! A run under way: what its pages need to know of it.

use super::facts::{RunId, Runs};
use super::inventory::Inventory;

/// Which evidence is merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOrder {
    /// Where it is from: an account at a source, such that runs of the same one show the same things.
    pub source: String,
    /// The digest of the evidence: the same one is one run, however often it is merged.
    pub evidence: String,
    /// Where the evidence is kept, for persons.
    pub place: String,
    /// When the source was asked, in milliseconds: what is later counts.
    pub at: i64,
    /// The group of items that are new.
    pub group: String,
    /// Now, in milliseconds.
    pub now: i64,
}

/// A run under way.
#[derive(Debug)]
pub(crate) struct UnderWay<'a> {
    pub(crate) inventory: &'a Inventory,
    pub(crate) order: RunOrder,
    pub(crate) source: i64,
    pub(crate) run: RunId,
    pub(crate) runs: Runs,
}

/// What came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Merged {
    /// Items that were not known.
    pub added: u64,
    /// Items that were known, and of which something is different now.
    pub changed: u64,
    /// Items that were known, and are as they were.
    pub unchanged: u64,
    /// Records that are in the error grid.
    pub unmerged: u64,
}
