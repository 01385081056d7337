//! What evidence must show so that it counts as verified.

use std::collections::BTreeSet;
use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use exhibit_records::Proof;

use crate::disk;
use crate::evidence::{bundle, signature};
use crate::store::store_of;

/// Something that evidence can be required to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Requirement {
    /// Every file is as it was written, and what the records say follows from the files.
    Digests,
    /// A trusted key signed it, and the runs of tests that are signed.
    Signature,
    /// A trusted plugin makes the same rows and verdicts again.
    Replay,
    /// The log of its store has it.
    Log,
    /// A trusted authority stamped the time.
    Timestamp,
}

impl Requirement {
    /// All of them, in the order in which they are checked.
    pub const ALL: [Self; 5] = [Self::Digests, Self::Signature, Self::Log, Self::Timestamp, Self::Replay];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Digests => "digests",
            Self::Signature => "signature",
            Self::Replay => "replay",
            Self::Log => "log",
            Self::Timestamp => "timestamp",
        }
    }

    /// What the check of this name shows.
    pub(super) fn of(check: &str) -> Self {
        match check {
            "signature" | "run signature" => Self::Signature,
            "log" => Self::Log,
            "timestamp" => Self::Timestamp,
            "plugin" | "replay" | "tests" => Self::Replay,
            _ => Self::Digests,
        }
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// No such requirement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no such requirement; there are: {}", Requirement::ALL.map(Requirement::word).join(", "))]
pub struct UnknownRequirement;

impl FromStr for Requirement {
    type Err = UnknownRequirement;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|it| it.word() == text).ok_or(UnknownRequirement)
    }
}

/// What matters to a verifier.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Requirements {
    /// All that evidence claims to have: its digests and its replay, and a signature, an entry in a log and a time
    /// stamp where it says that it has one.
    #[default]
    Claimed,
    /// These, whatever it claims.
    Named(BTreeSet<Requirement>),
}

impl Requirements {
    /// Whether the log of a store must be signed by a trusted key: a store claims that.
    pub(crate) fn wants_log(&self) -> bool {
        match self {
            Self::Claimed => true,
            Self::Named(named) => named.contains(&Requirement::Log),
        }
    }

    /// What this evidence must show.
    ///
    /// # Errors
    /// Where this machine does not say what it claims to have.
    pub(super) fn of(&self, folder: &Path, proof: &Proof) -> io::Result<BTreeSet<Requirement>> {
        Ok(match self {
            Self::Named(named) => named.clone(),
            Self::Claimed => {
                let claims = [
                    (Requirement::Digests, true),
                    (Requirement::Replay, true),
                    (Requirement::Signature, proof.signed_by.is_some() || has(folder, signature::FILE)?),
                    (Requirement::Log, store_of(folder)?.is_some() || has(folder, bundle::LOG)?),
                    (Requirement::Timestamp, proof.timestamped_by.is_some()),
                ];
                claims.into_iter().filter_map(|(it, claimed)| claimed.then_some(it)).collect()
            }
        })
    }
}

fn has(folder: &Path, name: &str) -> io::Result<bool> {
    disk::is_there(&folder.join(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_read_by_its_word_and_nothing_else_is() {
        for it in Requirement::ALL {
            assert_eq!(it.word().parse(), Ok(it));
        }
        insta::assert_snapshot!(
            "signatures".parse::<Requirement>().expect_err("no such word").to_string(),
            @"there is no such requirement; there are: digests, signature, log, timestamp, replay"
        );
    }
}
