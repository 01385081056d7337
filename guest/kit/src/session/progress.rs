//! What a session has committed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::seen::Known;
use crate::contract::collection::{Job, Summary};
use crate::contract::types::{Error, Instant, Row, Window};
use crate::instant;
use crate::problem::invalid;

/// Raised when older checkpoints can no longer be read.
const CHECKPOINT_VERSION: u32 = 1;

/// Notes are for people, who stop reading long before.
const MAX_NOTES: usize = 50;

/// A list of ten million in pages of a hundred has as many.
pub(super) const MAX_PAGES: u32 = 100_000;

/// What a session has done, and where it stands. Serialised, it is the checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Progress {
    version: u32,
    /// The work that it belongs to: see [`fingerprint`].
    work: String,
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
    /// Those of them that say what the account lacks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) lacks: Vec<String>,
    /// By column: what it holds, how many cells were not that, and the first record with one.
    misread: BTreeMap<String, (String, u64, String)>,
    /// By column: how many texts were too long, and the bytes and the record of the first.
    #[serde(default)]
    too_long: BTreeMap<String, (u64, u64, String)>,
    /// Rows that share their key with another row, and the key of the first.
    #[serde(default)]
    same_key: Option<(u64, String)>,
    /// The records of a list in no order that comes in several pages.
    #[serde(default, skip_serializing_if = "Known::is_empty")]
    pub(super) known: Known,
    /// Whether there were more of them than are remembered: then it is not known whether a key is repeated.
    #[serde(default)]
    pub(super) has_unknown: bool,
    /// The instant of the source's clock by which it dated its first answer: see `Summary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) point: Option<Instant>,
    /// Records left for the next job, as they changed at or after the point.
    #[serde(default)]
    pub(super) changed_later: u64,
    /// The last row so far, held back. It is handed over with the next one, unless the next page
    /// begins with the same record, which is newer and replaces it.
    pub(super) held: Option<Row>,
}

impl Progress {
    pub(super) fn of(work: String) -> Self {
        Self { version: CHECKPOINT_VERSION, work, ..Self::default() }
    }

    pub(super) fn load(bytes: &[u8], work: &str) -> Result<Self, Error> {
        let refused = |why: String| Err(invalid(why).remedy("start again without the checkpoint"));
        match serde_json::from_slice::<Self>(bytes) {
            Err(error) => refused(format!("the checkpoint cannot be read: {error}")),
            Ok(it) if it.version != CHECKPOINT_VERSION => {
                refused("the checkpoint was written by another version of the plugin".to_owned())
            }
            Ok(it) if it.work != work => refused("the checkpoint belongs to another job".to_owned()),
            Ok(progress) => Ok(progress),
        }
    }

    pub(super) fn save(&self) -> Vec<u8> {
        // Maps with string keys and plain values always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    pub(super) fn note(&mut self, text: String) {
        if self.notes.len() < MAX_NOTES && !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }

    pub(super) fn lacks(&mut self, text: String) {
        if self.lacks.len() < MAX_NOTES && !self.lacks.contains(&text) {
            self.lacks.push(text.clone());
        }
        self.note(text);
    }

    pub(super) fn misread(&mut self, column: &str, kind: &str, subject: &str) {
        match self.misread.get_mut(column) {
            Some((_, count, _)) => *count += 1,
            None => {
                let first = (kind.to_owned(), 1, subject.to_owned());
                self.misread.insert(column.to_owned(), first);
            }
        }
    }

    pub(super) fn too_long(&mut self, column: &str, bytes: u64, subject: &str) {
        match self.too_long.get_mut(column) {
            Some((count, _, _)) => *count += 1,
            None => {
                self.too_long.insert(column.to_owned(), (1, bytes, subject.to_owned()));
            }
        }
    }

    pub(super) fn same_key(&mut self, key: String) {
        match &mut self.same_key {
            Some((count, _)) => *count += 1,
            None => self.same_key = Some((1, key)),
        }
    }

    /// `has_point`: whether a later job may ask for what changed since this one.
    pub(super) fn summary(&self, window: Option<Window>, has_point: bool) -> Summary {
        let point = self.point.filter(|_| has_point);
        let later = point.filter(|_| self.changed_later > 0).map(|point| {
            let records = match self.changed_later {
                1 => "1 record is".to_owned(),
                count => format!("{count} records are"),
            };
            format!(
                "{records} left for the next proof of changes: changed at or after {}, while the list was read.",
                instant::write(point)
            )
        });
        let too_long = self.too_long.iter().map(|(column, (count, bytes, first))| {
            let values = if *count == 1 { "1 value is".to_owned() } else { format!("{count} values are") };
            format!(
                "In \"{column}\", {values} longer than 1 MiB and left absent; the first, in record {first}, has {bytes} \
                 bytes. The recorded answers contain the whole."
            )
        });
        let same_key = self.same_key.as_ref().map(|(count, first)| {
            let rows = if *count == 1 { "1 row has".to_owned() } else { format!("{count} rows have") };
            format!("{rows} the same key as another row, with other values; the first is {first:?}. All of them are included.")
        });
        let misread = self.misread.iter().map(|(column, (kind, count, first))| {
            let values = if *count == 1 { "1 value".to_owned() } else { format!("{count} values") };
            let are = if *count == 1 { "was" } else { "were" };
            format!(
                "In \"{column}\", {values} could not be read as {kind} and {are} left absent; the first is in \
                 record {first}."
            )
        });
        Summary {
            pages: self.pages,
            rows: self.rows,
            declared: self.declared,
            rejected: self.rejected,
            duplicates: self.duplicates,
            outside_window: self.outside_window,
            point,
            outcome: None,
            repeated_keys: (!self.has_unknown).then(|| self.same_key.as_ref().map_or(0, |(count, _)| *count)),
            window,
            notes: self
                .notes
                .iter()
                .cloned()
                .chain(later)
                .chain(misread)
                .chain(too_long)
                .chain(same_key)
                .collect(),
        }
    }
}

/// Identifies the work that a checkpoint can resume: the same job, by the same plugin.
pub(crate) fn fingerprint(version: &str, job: &Job) -> String {
    // A job is a plain value, so it always has a JSON form.
    format!("{version} {}", serde_json::to_string(job).unwrap_or_default())
}

pub(super) fn too_many(progress: &Progress) -> bool {
    progress.pages > MAX_PAGES
}
