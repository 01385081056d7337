//! What is wrong with this plugin.

use crate::bindings::exports::exhibit::plugin::types::{Error, Problem, Setting, Value};

/// What can be wrong: the values of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    AsksAgainWhenDenied,
    CheckpointForgetsCounts,
    CheckpointForgetsPage,
    CheckpointOfAnyCriteria,
    CheckpointOfAnySettings,
    CheckpointOfAnyTask,
    CheckpointOfAnyType,
    CheckpointOfAnyWindow,
    EmptyProofOfGarbage,
    GarbageEndsLaterPages,
    HashOrder,
    KeepsItAll,
    KeyNotUnique,
    NextMovesOn,
    OverlooksRefusals,
    PanicsWhenCutOff,
    RemembersInterruptions,
    ResolveDiffers,
    RetriesAtOnce,
    ResumesWithAnotherWrite,
    RowLostAtBorder,
    /// No flaw: its note tells what is missing.
    SaysWhatIsCutOff,
    StateLostBetweenChunks,
    TakesAnyCheckpoint,
    TakesAnySetting,
    TakesCutForEnd,
    TakesCutForPage,
    WritesAgainUnanswered,
    WritesTwice,
    WritesUnsaid,
}

impl Flaw {
    /// Whether an answer without its last line is no error.
    pub(crate) fn overlooks_cuts(self) -> bool {
        matches!(self, Self::SaysWhatIsCutOff | Self::TakesCutForEnd | Self::TakesCutForPage)
    }
}

/// Each by its name.
pub(crate) const FLAWS: [(&str, Flaw); 31] = [
    ("none", Flaw::None),
    ("asks-again-when-denied", Flaw::AsksAgainWhenDenied),
    ("checkpoint-forgets-counts", Flaw::CheckpointForgetsCounts),
    ("checkpoint-forgets-page", Flaw::CheckpointForgetsPage),
    ("checkpoint-of-any-criteria", Flaw::CheckpointOfAnyCriteria),
    ("checkpoint-of-any-settings", Flaw::CheckpointOfAnySettings),
    ("checkpoint-of-any-task", Flaw::CheckpointOfAnyTask),
    ("checkpoint-of-any-type", Flaw::CheckpointOfAnyType),
    ("checkpoint-of-any-window", Flaw::CheckpointOfAnyWindow),
    ("empty-proof-of-garbage", Flaw::EmptyProofOfGarbage),
    ("garbage-ends-later-pages", Flaw::GarbageEndsLaterPages),
    ("hash-order", Flaw::HashOrder),
    ("keeps-it-all", Flaw::KeepsItAll),
    ("key-not-unique", Flaw::KeyNotUnique),
    ("next-moves-on", Flaw::NextMovesOn),
    ("overlooks-refusals", Flaw::OverlooksRefusals),
    ("panics-when-cut-off", Flaw::PanicsWhenCutOff),
    ("remembers-interruptions", Flaw::RemembersInterruptions),
    ("resolve-differs", Flaw::ResolveDiffers),
    ("retries-at-once", Flaw::RetriesAtOnce),
    ("resumes-with-another-write", Flaw::ResumesWithAnotherWrite),
    ("row-lost-at-border", Flaw::RowLostAtBorder),
    ("says-what-is-cut-off", Flaw::SaysWhatIsCutOff),
    ("state-lost-between-chunks", Flaw::StateLostBetweenChunks),
    ("takes-any-checkpoint", Flaw::TakesAnyCheckpoint),
    ("takes-any-setting", Flaw::TakesAnySetting),
    ("takes-cut-for-end", Flaw::TakesCutForEnd),
    ("takes-cut-for-page", Flaw::TakesCutForPage),
    ("writes-again-unanswered", Flaw::WritesAgainUnanswered),
    ("writes-twice", Flaw::WritesTwice),
    ("writes-unsaid", Flaw::WritesUnsaid),
];

/// The setting's name.
pub(crate) const SETTING: &str = "flaw";
/// Another setting, which changes nothing.
pub(crate) const PACE: &str = "pace";

/// What the settings say; anything else is refused.
pub(crate) fn flaw(settings: &[Setting]) -> Result<Flaw, Error> {
    let mut found = None;
    for it in settings {
        match &it.value {
            Value::Text(text) if it.name == SETTING => {
                found = FLAWS.iter().find(|(name, _)| name == text).map(|(_, flaw)| *flaw);
            }
            Value::Integer(_) if it.name == PACE => {}
            _ if found == Some(Flaw::TakesAnySetting) => {}
            _ => return Err(invalid(&format!("there is no setting {:?}", it.name))),
        }
    }
    found.ok_or_else(|| invalid("the setting \"flaw\" is missing, or not one of its choices"))
}

pub(crate) fn invalid(message: &str) -> Error {
    Error::Invalid(problem(message))
}

pub(crate) fn problem(message: &str) -> Problem {
    Problem { message: message.to_owned(), remedy: None, code: None, subject: None }
}
