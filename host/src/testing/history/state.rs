//! What became of rows that ever failed, in the terms of records.

use std::collections::HashMap;

use exhibit_records::Comparison;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::format;

/// What became of a row that ever failed a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It fails, and never did before.
    New,
    /// It fails as it did in the last run.
    StillFailing,
    /// It fails again.
    Reopened,
    /// It failed in the last run, and can no longer be judged.
    Unclear,
    /// It passes.
    Fixed,
    /// It is no longer in the test's scope.
    OutOfScope,
    /// It is no longer in the proof.
    Gone,
}

/// A row that ever failed a test.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Record {
    /// The test's name.
    pub test: String,
    /// The row's key: a JSON array.
    pub key: Box<RawValue>,
    /// What people call the row.
    pub row: String,
    /// What became of it.
    pub state: State,
    /// What counted as now when it came to that; while it fails, when it began to.
    pub since: String,
    /// What counted as now when it failed first.
    pub first: String,
}

/// What changed in one test.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Changes {
    /// The first rows that changed, or that were compared.
    pub shown: Vec<Record>,
    /// What became of each row that is shown elsewhere, by its key as JSON.
    pub states: HashMap<String, State>,
}

impl State {
    /// Whether it is not settled that all is well.
    pub fn is_open(self) -> bool {
        matches!(self, Self::New | Self::StillFailing | Self::Reopened | Self::Unclear)
    }

    /// The word for it in the history.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::StillFailing => "still-failing",
            Self::Reopened => "reopened",
            Self::Unclear => "unclear",
            Self::Fixed => "fixed",
            Self::OutOfScope => "out-of-scope",
            Self::Gone => "gone",
        }
    }

    /// For people.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::StillFailing => "still failing",
            Self::Unclear => "no longer clear",
            Self::OutOfScope => "out of scope",
            Self::New | Self::Reopened | Self::Fixed | Self::Gone => self.word(),
        }
    }
}

/// How the rows of a test changed since its last run, for people: `2 new, 5 still failing`.
pub fn compared_in_words(comparison: Option<&Comparison>) -> String {
    let Some(it) = comparison else { return "first run".to_owned() };
    let parts = [
        (it.new, State::New),
        (it.reopened, State::Reopened),
        (it.still_failing, State::StillFailing),
        (it.unclear, State::Unclear),
        (it.fixed, State::Fixed),
        (it.out_of_scope, State::OutOfScope),
        (it.gone, State::Gone),
    ];
    let parts = parts.into_iter().filter(|(number, _)| *number > 0);
    let parts: Vec<String> =
        parts.map(|(number, state)| format!("{} {}", format::count(number), state.in_words())).collect();
    if parts.is_empty() { "as before".to_owned() } else { parts.join(", ") }
}

/// The count of rows in this state.
pub(super) fn count(comparison: &mut Comparison, state: State) -> &mut u64 {
    match state {
        State::New => &mut comparison.new,
        State::StillFailing => &mut comparison.still_failing,
        State::Reopened => &mut comparison.reopened,
        State::Unclear => &mut comparison.unclear,
        State::Fixed => &mut comparison.fixed,
        State::OutOfScope => &mut comparison.out_of_scope,
        State::Gone => &mut comparison.gone,
    }
}
