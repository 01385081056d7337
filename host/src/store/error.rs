//! Why a store cannot be read or written.

use std::io;
use std::path::PathBuf;

use exhibit_rows::{ShowPath as _, Shown};

use crate::disk::{self, KeepError};
use crate::log::LogError;
use crate::remedy::Remedy;
use crate::retry::{Retry, SOON};

/// Why a store cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The log cannot be read, or is not to be believed.
    #[error("the store's log: {0}")]
    Log(#[from] LogError),
    /// Evidence cannot be put into it.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// Not a store.
    #[error("{}: there is no store", .0.shown())]
    NoStore(PathBuf),
    /// There is something already where one should be made.
    #[error("{}: a store can be created only in a new or empty folder", .0.shown())]
    Occupied(PathBuf),
    /// It does not say what it is.
    #[error("{}: {why}", file.shown())]
    Identity {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The log has an entry that does not belong to a store.
    #[error("the store's log has an entry {index} that this version does not know: {why}")]
    Entry {
        /// Counted from 0.
        index: u64,
        /// What is wrong with it.
        why: String,
    },
    /// All is in its place, and the log does not list it yet.
    #[error(
        "`{}` is complete and in its place, but could not be entered in the store's log: {error}",
        Shown::line(what)
    )]
    NotEntered {
        /// Evidence, by its name, or a run of tests over it.
        what: String,
        /// What failed.
        #[source]
        error: Box<Self>,
    },
    /// Something that the log must not say.
    #[error("this cannot be added to the store's log: {0}")]
    Nonsense(String),
    /// What would be entered now would be dated before what is in the log: a verifier refuses such a log.
    #[error(
        "the clock of this machine says {now}, and entry {index} of the store's log is dated {latest}: nothing can be added \
         before it"
    )]
    ClockSetBack {
        /// The host's clock, RFC 3339.
        now: String,
        /// The latest date in the log.
        latest: String,
        /// Of the entry that has it, counted from 0.
        index: u64,
    },
    /// There is no run of tests, or one of a layout that this version does not know.
    #[error("{}: not a test run that this version knows", .0.shown())]
    NoRun(PathBuf),
    /// Another run of tests was entered first, so this one does not come after the last.
    #[error("another process added a run of tests to `{}` first", Shown::line(.0))]
    Overtaken(String),
    /// Something was altered after it was checked, and before it was entered in the log.
    #[error("{} was altered while it was added to the store's log", Shown::line(.0))]
    Altered(String),
    /// No evidence of this name is in the log.
    #[error("the store's log has no evidence `{}`", Shown::line(.0))]
    NoEvidence(String),
    /// Rows of two proofs are to be joined, and have other columns.
    #[error(
        "the rows of `{}` have other columns than those of `{}`, which continues it",
        Shown::line(earlier),
        Shown::line(evidence)
    )]
    OtherColumns {
        /// The last proof.
        evidence: String,
        /// One that it continues.
        earlier: String,
    },
    /// What is to be removed is needed by a proof that stays.
    #[error(
        "`{}` cannot be pruned: {} has only what changed since it",
        Shown::line(evidence),
        Shown::line(by)
    )]
    Continued {
        /// What should go.
        evidence: String,
        /// What continues it.
        by: String,
    },
}

impl StoreError {
    /// The system's own error, where that is what it is.
    pub(crate) fn io(&self) -> Option<&io::Error> {
        match self {
            Self::Io(error) | Self::Log(LogError::Io(error)) => Some(error),
            Self::NotEntered { error, .. } => error.io(),
            _ => None,
        }
    }

    /// Whether it can succeed later: where another process had the store for too long, and else not before a person has
    /// changed something.
    pub fn retry(&self) -> Retry {
        match self.io() {
            Some(error) if error.kind() == io::ErrorKind::TimedOut => Retry::After(SOON),
            _ => Retry::NeedsPerson,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NotEntered { error, .. } if error.io().is_some_and(disk::is_of_this_machine) => Some(
                "make room and check the disk; what writes to the store next enters it, so it need not be made again".into(),
            ),
            Self::NotEntered { error, .. } => error.remedy(),
            Self::NoStore(_) => Some(Remedy::CreateStore),
            Self::Occupied(_) => Some("name another folder".into()),
            Self::Log(LogError::UntrustedKey) => {
                Some("sign with the key that the store was made with".into())
            }
            Self::Entry { .. } => Some(Remedy::UseWriter),
            Self::OtherColumns { .. } => Some("collect the whole list with this version of the plugin".into()),
            Self::Continued { .. } => Some("prune both, the one that continues it first or at the same time".into()),
            Self::NoEvidence(_) => Some(Remedy::ListEvidence),
            Self::ClockSetBack { .. } => Some(
                "set the clock of this machine; if it is right, the entry was made by one whose clock was ahead: wait until that \
                 date, or begin another store"
                    .into(),
            ),
            Self::Altered(_) => Some(Remedy::DoNotRely),
            Self::Overtaken(_) => Some("run the same tests again".into()),
            Self::Keep(error) => error.remedy(),
            Self::Io(error) | Self::Log(LogError::Io(error)) if error.kind() == io::ErrorKind::TimedOut => {
                Some("wait until that process has ended, or end it, and run this again".into())
            }
            Self::Io(error) | Self::Log(LogError::Io(error)) if disk::is_of_this_machine(error) => {
                Some(Remedy::CheckMachine)
            }
            Self::Log(LogError::Full | LogError::TooLong(_)) => Some("begin another store".into()),
            Self::Log(LogError::Occupied(_)) => Some("name another folder".into()),
            Self::Log(_) => Some(Remedy::RestoreStore),
            Self::Identity { .. } => {
                Some("use the version that wrote it, or a later one; if this is it, restore the store from a copy".into())
            }
            Self::NoRun(_) => Some(Remedy::UseWriter),
            Self::Nonsense(_) => Some("see what the log lists, and what is in the store beside that; verify the store".into()),
            Self::Io(_) => Some("check that it is a store, and that this user may read and write it".into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_says_what_to_do_next() {
        let file = || PathBuf::from("store");
        let all = [
            StoreError::Io(io::ErrorKind::InvalidData.into()),
            StoreError::Log(LogError::Full),
            StoreError::Log(LogError::Damaged(file())),
            StoreError::Log(LogError::NoLog(file())),
            StoreError::Identity { file: file(), why: String::new() },
            StoreError::NoRun(file()),
            StoreError::Nonsense(String::new()),
            StoreError::Keep(io::Error::from(io::ErrorKind::InvalidData).into()),
            StoreError::ClockSetBack { now: String::new(), latest: String::new(), index: 0 },
        ];
        for error in all {
            let entered = StoreError::NotEntered { what: "it".to_owned(), error: Box::new(error) };
            assert!(entered.remedy().is_some(), "{entered}");
        }
    }

    #[test]
    fn a_lock_that_was_waited_for_too_long_may_be_free_later() {
        let late = || io::Error::from(io::ErrorKind::TimedOut);
        for error in [StoreError::from(late()), StoreError::Log(late().into())] {
            assert_eq!(error.retry(), Retry::After(SOON));
            let next = error.remedy().map(|it| it.to_string()).unwrap_or_default();
            assert!(next.contains("has ended"), "{next}");
        }
        assert_eq!(StoreError::from(io::Error::from(io::ErrorKind::StorageFull)).retry(), Retry::NeedsPerson);
    }
}
