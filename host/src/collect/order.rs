//! What to collect, and what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::plugin::contract::collection::{Job, Summary, Task};
use crate::plugin::contract::types::{Instant, Setting, Window};

/// What a connection is to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    /// The work.
    pub task: Task,
    /// What the proof type or the operation asks for; defaults are added.
    pub criteria: Vec<Setting>,
    /// The time that the proof speaks for.
    pub window: Option<Window>,
    /// The instant that counts as now.
    pub as_of: Instant,
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

/// What the host counted itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Counts {
    /// Requests made, repeated ones included.
    pub requests: u64,
    /// Answers that were complete.
    pub answers: u64,
    /// Bytes of these, decoded.
    pub bytes: u64,
    /// Rows of these.
    pub rows: u64,
    /// Records of these that could not become rows.
    pub rejected: u64,
    /// Requests made again, because an answer broke off or never came.
    pub retries: u64,
    /// Waiting, for the source and for other collections of the connection, in seconds.
    #[serde(with = "seconds")]
    #[schemars(with = "u64")]
    pub waited: Duration,
}

impl Counts {
    /// Where a plugin's account of what it did is not what the host counted: how.
    pub(crate) fn miscounted(&self, summary: &Summary) -> Option<String> {
        let Self { answers, rows, rejected, .. } = *self;
        if summary.rows != rows {
            Some(format!("it says that it gave {} rows, and gave {rows}", summary.rows))
        } else if summary.rejected != rejected {
            let said = summary.rejected;
            Some(format!("it says that it rejected {said} records, and gave {rejected} as rejected"))
        } else if u64::from(summary.pages) > answers {
            Some(format!("it says that it read {} pages, and got {answers} answers", summary.pages))
        } else {
            None
        }
    }
}

/// Whole seconds.
mod seconds {
    use std::time::Duration;

    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(duration.as_secs())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
        u64::deserialize(from).map(Duration::from_secs)
    }
}
