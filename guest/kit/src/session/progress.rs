//! What a session is sure of.

use serde::{Deserialize, Serialize};

use crate::collection::Summary;
use crate::problem::invalid;
use crate::types::{Error, Row};

/// Goes up when a checkpoint of before can no longer be read.
const CHECKPOINT_VERSION: u32 = 1;

/// Notes are for people, who stop reading long before.
const MAX_NOTES: usize = 50;

/// What a session has done, and where it stands. Serialised, it is the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    version: u32,
    /// Where the next page is; `None` is the first.
    pub(super) cursor: Option<String>,
    /// Whether the last page was read.
    pub(super) done: bool,
    /// Pauses since the last page.
    pub(super) attempt: u32,
    pub(super) pages: u32,
    pub(super) rows: u64,
    pub(super) declared: Option<u64>,
    pub(super) rejected: u64,
    pub(super) duplicates: u64,
    pub(super) outside_window: u64,
    pub(super) notes: Vec<String>,
    /// The last row so far. It is handed over with the next, unless the next page begins
    /// with the same record: then that one, which is newer, takes its place.
    pub(super) held: Option<Row>,
}

impl Progress {
    pub(super) fn load(bytes: &[u8]) -> Result<Self, Error> {
        let progress: Self = serde_json::from_slice(bytes).map_err(|error| {
            invalid(format!("the checkpoint cannot be read: {error}; begin again without it"))
        })?;
        if progress.version != CHECKPOINT_VERSION {
            return Err(invalid(
                "the checkpoint is of another version of the plugin; begin again without it",
            ));
        }
        Ok(progress)
    }

    pub(super) fn save(&self) -> Vec<u8> {
        let versioned = Self { version: CHECKPOINT_VERSION, ..self.clone() };
        // Maps with string keys and plain values always serialise.
        serde_json::to_vec(&versioned).unwrap_or_default()
    }

    pub(super) fn note(&mut self, text: String) {
        if self.notes.len() < MAX_NOTES && !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    pub(super) fn summary(&self) -> Summary {
        Summary {
            pages: self.pages,
            rows: self.rows,
            declared: self.declared,
            rejected: self.rejected,
            duplicates: self.duplicates,
            outside_window: self.outside_window,
            notes: self.notes.clone(),
        }
    }
}
