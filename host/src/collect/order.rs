//! What to collect, and what came of it.

use std::collections::BTreeMap;

use exhibit_records::{Counts, EarlierProof};

use crate::contract::collection::{Job, Summary, Task};
use crate::contract::types::{Instant, Setting, Window};

/// What a connection is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The work.
    pub task: Task,
    /// What the proof type or the operation asks for; defaults are added.
    pub criteria: Vec<Setting>,
    /// The interval that the proof covers.
    pub window: Option<Window>,
    /// Only what changed since an earlier proof. `None`: all that there is.
    pub since: Option<Since>,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// Tells this run of an operation from every other one. `None` for other tasks.
    pub id: Option<String>,
}

/// An earlier proof of the same terms, and where that ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Since {
    /// The instant of the source's own clock before which every change is in it.
    pub point: Instant,
    /// Which proof it is.
    pub predecessor: EarlierProof,
}

impl Order {
    /// Whether it changes something at the source.
    pub(crate) fn is_operation(&self) -> bool {
        matches!(self.task, Task::Operate(_))
    }
}

/// A collection that was completed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The job as the plugin got it, defaults included.
    pub job: Job,
    /// What the plugin says came of it.
    pub summary: Summary,
    /// The URLs of the origins, by the names that requests use.
    pub origins: BTreeMap<String, String>,
    /// What the host counted.
    pub counts: Counts,
}
