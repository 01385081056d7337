//! Why something cannot be put in its place.

use std::io;

use crate::remedy::Remedy;
use crate::retry::Retry;

use super::files::is_of_this_machine;

/// Why evidence cannot be kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeepError {
    /// The folder has something in it.
    #[error("{0} is not empty, and evidence is never overwritten")]
    Occupied(String),
    /// Another process was killed while it moved complete evidence into the folder. No process can know that the evidence belongs
    /// there but the one that moved it.
    #[error(
        "{destination} is not empty: evidence was on its way into it, and the rest of that is in {moving}"
    )]
    Unmoved {
        /// Where it should be.
        destination: String,
        /// Where the rest is.
        moving: String,
    },
    /// There is something else of that name, or no folder can have it.
    #[error("{0} is not a folder, and none can be created there")]
    NotAFolder(String),
    /// The evidence is not what was written, and so is not handed on.
    #[error("the evidence is not as it was written, and no bundle is made of it: {0}")]
    Altered(String),
    /// There is something where a file should go.
    #[error("{0} is there already, and nothing is overwritten")]
    Taken(String),
    /// Another process is collecting into it.
    #[error("another process is collecting into {0}")]
    InUse(String),
    /// All is collected and written, and cannot be put where it should be. It is kept.
    #[error(
        "the evidence is complete, but could not be moved to {destination}: {why}; it is kept in {aside}"
    )]
    Stranded {
        /// Where it should be.
        destination: String,
        /// Where it is.
        aside: String,
        /// What is in the way.
        #[source]
        why: io::Error,
    },
    /// All is in its place, and may not be on the disk for good.
    #[error(
        "{destination} is complete and in its place, but it is not known whether it would outlast a power cut: {why}"
    )]
    NotSynced {
        /// Where it is.
        destination: String,
        /// What failed.
        #[source]
        why: io::Error,
    },
    /// The disk.
    #[error("the evidence could not be written: {0}")]
    Io(#[from] io::Error),
}

impl KeepError {
    /// Whether it can be put there later: not before a person has changed something.
    pub fn retry(&self) -> Retry {
        Retry::NeedsPerson
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Occupied(_) => Some("name another folder, or move this one away".into()),
            Self::Unmoved { .. } => {
                Some("if a command of yours was killed there, move the rest into that folder, and verify it; or name another one".into())
            }
            Self::Altered(_) => Some(Remedy::DoNotRely),
            Self::NotAFolder(_) | Self::Taken(_) => Some("name another one".into()),
            Self::InUse(_) => Some("wait until that one has ended, or name another folder".into()),
            Self::Stranded { .. } => Some("move it from there to where it should be".into()),
            Self::NotSynced { .. } => Some("check the disk, and then verify it".into()),
            Self::Io(error) if is_of_this_machine(error) => Some(Remedy::CheckMachine),
            Self::Io(_) => Some("verify the evidence: what is wrong with it is said there".into()),
        }
    }
}
