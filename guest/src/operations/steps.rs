//! What one operation consists of, and how it can end.

use exhibit_plugin::operation;
use exhibit_plugin::types::{Instant, Row};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use crate::qualys::reading::{Accepted, Stop};

/// What one operation does, step by step. Between two answers all that it knows is in itself, so that it can be saved.
pub(super) trait Steps: Serialize + DeserializeOwned + 'static {
    /// The next list to read before the write. `None` where all is known that the write needs.
    fn question(&self) -> Option<Call>;

    /// Takes the answer to that question.
    ///
    /// # Errors
    /// `invalid` where a name fits none or several, or where the change makes no sense.
    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop>;

    /// The write, and what a person must see of it before.
    fn write(&self) -> Write;

    /// Qualys says that it was carried out.
    fn accepted(&mut self, said: Accepted);

    /// The read that shows what became of the write.
    fn look(&self) -> Call;

    /// Takes the answer to that.
    ///
    /// # Errors
    /// Where it cannot be read.
    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop>;

    /// Whether Qualys gave what the write made a reference, so that it is known to be there before a list shows it.
    fn has_reference(&self) -> bool {
        false
    }

    /// What the write did, as it is seen now, in one sentence for people: what, on what, and what was left out. Without a full stop.
    fn done(&self) -> String;

    /// What the list shows in place of what was asked for, such as `its state is Running`; `None` where that was not seen.
    fn shown(&self) -> Option<String> {
        None
    }

    /// How far that has come what the write began, such as `Running`; `None` where it has ended.
    fn under_way(&self) -> Option<String> {
        None
    }

    /// Whether that ended as it should, once it has ended, and in one sentence for people: what ran, on what, when it ended and
    /// how, and what was left out. Without a full stop.
    fn ended(&self) -> (Outcome, String) {
        (Outcome::Done, self.done())
    }

    /// What a person must look at where it is not known how it ended.
    fn where_to_look(&self) -> String;

    /// The row of the report.
    fn row(&self, ending: &Ending) -> Row;

    /// What a reader of the report must know beside the row.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }
}

/// What a look at a list showed.
pub(super) struct Sight {
    pub(super) seen: Seen,
    /// When, by the clock of Qualys.
    pub(super) at: Option<Instant>,
}

/// What became of a write, as far as a list shows it.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// It was carried out.
    Done,
    /// The list does not show that it was: it may still come.
    NotYet,
    /// Something is there that it may have made: what.
    Maybe(String),
    /// It was not carried out, and will not be: why.
    Never(String),
}

/// How an operation ended.
pub(super) struct Ending {
    pub(super) outcome: Outcome,
    /// Whether the state that was seen last is how things stand.
    pub(super) is_current: bool,
    /// For people.
    pub(super) message: String,
}

/// Whether the write was carried out and, where its end was waited for, it ended as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Outcome {
    Done,
    NotDone,
    Unknown,
}

impl Outcome {
    /// As the report says it.
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Done => operation::DONE,
            Self::NotDone => operation::NOT_DONE,
            Self::Unknown => operation::UNKNOWN,
        }
    }
}
