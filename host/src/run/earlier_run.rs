//! What is known of earlier runs of an operation.

use std::path::PathBuf;

use exhibit_records::OperationOutcome;
use serde::{Deserialize, Serialize};

use crate::collect::spool::SentWrite;
use crate::contract::types::Instant;
use crate::disk::StagedDir;

/// A folder that knows what operations have sent. It is made where it is not there, for its owner alone. Entries of runs that have
/// ended are removed after [`SAME_WITHIN`](super::SAME_WITHIN), all others after [`INTERRUPTED_FOR`](super::INTERRUPTED_FOR).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ledger {
    pub(super) folder: PathBuf,
}

impl Ledger {
    /// In this folder, which belongs to one user of this machine: two machines do not share one.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

/// A run of the same operation that has sent something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct EarlierRun {
    /// What it has sent last.
    pub sent: SentWrite,
    /// Where its evidence is, or is to be.
    pub place: PathBuf,
    /// When it ended, and how. `None`: it was interrupted, or is under way.
    pub ended: Option<EarlierEnd>,
}

/// How a run of an operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub struct EarlierEnd {
    /// By the host's clock: milliseconds since 1970.
    pub at: Instant,
    /// What its report says. `None` where it says nothing.
    pub outcome: Option<OperationOutcome>,
}

impl EarlierRun {
    /// Whether a process is still at it, as far as that can be known.
    pub fn is_under_way(&self) -> bool {
        let left = StagedDir::resumable(&self.place).unwrap_or_default();
        self.ended.is_none() && left.iter().any(|(left, is_own)| *is_own && StagedDir::is_locked(left))
    }
}
