//! What is wrong with this plugin.

use crate::bindings::exports::exhibit::plugin::types::{Error, Problem, Setting, Value};

/// What can be wrong: the values of the setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flaw {
    None,
    CheckpointForgetsCounts,
    CheckpointForgetsPage,
    EmptyProofOfGarbage,
    HashOrder,
    KeepsItAll,
    KeyNotUnique,
    NextMovesOn,
    PanicsWhenCutOff,
    RemembersInterruptions,
    ResolveDiffers,
    RetriesAtOnce,
    RowLostAtBorder,
    StateLostBetweenChunks,
    TakesAnyCheckpoint,
    TakesAnySetting,
}

/// Each by its name.
pub(crate) const FLAWS: [(&str, Flaw); 16] = [
    ("none", Flaw::None),
    ("checkpoint-forgets-counts", Flaw::CheckpointForgetsCounts),
    ("checkpoint-forgets-page", Flaw::CheckpointForgetsPage),
    ("empty-proof-of-garbage", Flaw::EmptyProofOfGarbage),
    ("hash-order", Flaw::HashOrder),
    ("keeps-it-all", Flaw::KeepsItAll),
    ("key-not-unique", Flaw::KeyNotUnique),
    ("next-moves-on", Flaw::NextMovesOn),
    ("panics-when-cut-off", Flaw::PanicsWhenCutOff),
    ("remembers-interruptions", Flaw::RemembersInterruptions),
    ("resolve-differs", Flaw::ResolveDiffers),
    ("retries-at-once", Flaw::RetriesAtOnce),
    ("row-lost-at-border", Flaw::RowLostAtBorder),
    ("state-lost-between-chunks", Flaw::StateLostBetweenChunks),
    ("takes-any-checkpoint", Flaw::TakesAnyCheckpoint),
    ("takes-any-setting", Flaw::TakesAnySetting),
];

/// The setting's name.
pub(crate) const SETTING: &str = "flaw";

/// What the settings say; anything else is refused.
pub(crate) fn flaw(settings: &[Setting]) -> Result<Flaw, Error> {
    let mut found = None;
    for it in settings {
        match &it.value {
            Value::Text(text) if it.name == SETTING => {
                found = FLAWS.iter().find(|(name, _)| name == text).map(|(_, flaw)| *flaw);
            }
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
