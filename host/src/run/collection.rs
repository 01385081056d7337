//! What a collection is asked for, and how it ends.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_records::Proof;
use exhibit_rows::{ShowPath as _, Shown};

use crate::collect::spool::{SentWrite, WriteState};
use crate::collect::{CollectError, Limits};
use crate::contract::types::{Instant, Setting};
use crate::disk::KeepError;
use crate::evidence;
use crate::randomness::NoRandomness;
use crate::retry::{Retry, SOON};
use crate::signing::{Authority, AuthorityError, SigningKey};
use crate::store::{OpenError, OpenStore, StoreError};
use crate::testing::file::Suite;
use crate::testing::{TestError, TestRun};

use super::earlier_run::{EarlierRun, Ledger};
use super::parameters::ParameterFault;

/// A quarter has no more days: with a collection in every quarter there are no gaps.
pub const GOOD_FOR_DAYS: u32 = 92;

/// A day, but for an hour: what runs daily does not resume what was collected the day before.
pub const RESUME_WITHIN: Duration = Duration::from_secs(23 * 60 * 60);

/// Where evidence goes.
pub enum Destination<'a> {
    /// A folder that is not there or empty.
    Folder(&'a Path),
    /// A store, with the key that signs its log.
    Store(&'a mut OpenStore, &'a SigningKey),
}

/// What is collected, how far a collection goes, and what is done with what it gives.
#[non_exhaustive]
pub struct CollectOptions<'a> {
    /// What narrows the proof down; defaults are added.
    pub criteria: Vec<Setting>,
    /// The interval that the proof covers.
    pub period: Option<Period>,
    /// Only what changed since the last proof of the same terms in the store that it goes to, where there is one that has a
    /// point and lacks nothing; otherwise all that there is.
    pub since_last: bool,
    /// The instant that counts as now: milliseconds since 1970. `None`: the clock's, to the second; a
    /// collection that is resumed keeps the one of its beginning.
    pub as_of: Option<Instant>,
    /// Tests to run over what was collected.
    pub suite: Option<&'a Suite>,
    /// The key that signs the evidence, and the run of tests. In a store it is that of the destination.
    pub key: Option<&'a SigningKey>,
    /// The authority that stamps the evidence.
    pub authority: Option<&'a Authority>,
    /// For how many days the evidence is good: afterwards it is stale.
    pub good_for_days: u32,
    /// The account's name: tells it from other accounts of the same source.
    pub account: Option<&'a str>,
    /// A folder for the answer that a collection fails at. Where there is something in it, a number follows its
    /// name: `DIR-2` and so on.
    pub keep_failed: Option<&'a Path>,
    /// The bounds of the collection. That of the plugin's time holds for the tests, too, once more.
    pub limits: Limits,
    /// The longest wait for the source that this call waits for. With a longer one it ends as
    /// [`Progress::Suspended`], and the same call resumes it, in any process. `None`: it waits for all.
    pub hold: Option<Duration>,
    /// Resumes where an interrupted call can be resumed, and begins nothing.
    pub only_resume: bool,
    /// Starts over where an interrupted collection could be resumed, and removes what that has left. An operation that had sent
    /// something is not started over by it: see [`Self::again`].
    pub fresh: bool,
    /// Of an operation: sends it although an earlier run has sent the same, or may have. It may be done twice. What that run has
    /// left is kept, and not resumed any more.
    pub again: bool,
    /// Of an operation: what knows what was sent from this machine. The same operation is then refused for
    /// [`SAME_WITHIN`](super::SAME_WITHIN) after its end, and while an earlier run of it was interrupted, wherever the evidence of
    /// that is. `None`: only what was interrupted beside the destination is known; a caller that repeats a call which has
    /// ended does it twice.
    pub ledger: Option<&'a Ledger>,
    /// For how long an interrupted collection can be resumed, from its beginning on. What is older is removed.
    pub resume_within: Duration,
}

/// An interval of time, in milliseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// Its first instant.
    pub from: Instant,
    /// Its exclusive end. `None`: the instant that counts as now.
    pub to: Option<Instant>,
}

impl Default for CollectOptions<'_> {
    fn default() -> Self {
        Self {
            criteria: vec![],
            period: None,
            since_last: false,
            as_of: None,
            suite: None,
            key: None,
            authority: None,
            good_for_days: GOOD_FOR_DAYS,
            account: None,
            keep_failed: None,
            limits: Limits::default(),
            hold: None,
            only_resume: false,
            fresh: false,
            again: false,
            ledger: None,
            resume_within: RESUME_WITHIN,
        }
    }
}

/// A proof that was collected and is kept, whatever became of its tests and of its time stamp.
#[derive(Debug)]
#[non_exhaustive]
pub struct Collected {
    /// What its `proof.json` says.
    pub proof: Proof,
    /// Where it is on this machine.
    pub folder: PathBuf,
    /// Where it is, for people: in an object store, its address.
    pub place: String,
    /// The run of tests, or why it failed. `None` where no tests were given.
    pub tests: Option<Result<TestRun, TestError>>,
    /// Why there is no time stamp, where one was asked for and the authority gave none.
    pub unstamped: Option<AuthorityError>,
}

/// How far a collection came.
#[derive(Debug)]
pub enum Progress {
    /// It is complete, and kept.
    Done(Box<Collected>),
    /// It waits for the source. The same call resumes it.
    Suspended(Suspended),
}

impl Progress {
    /// What was collected. `None` where it is suspended.
    pub fn done(self) -> Option<Collected> {
        match self {
            Self::Done(collected) => Some(*collected),
            Self::Suspended(_) => None,
        }
    }
}

/// A collection that waits for the source, without a process.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Suspended {
    /// When it can be resumed: milliseconds since 1970.
    pub until: Instant,
    /// What is being waited for, in the plugin's words.
    pub reason: String,
    /// Where its evidence will be. What was committed is beside that: the same call resumes it.
    pub destination: PathBuf,
    /// How many pages are committed.
    pub pages: u64,
}

/// Why an operation failed, and whether it had sent something by then.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
#[non_exhaustive]
pub struct OperateFailure {
    /// Why.
    #[source]
    pub why: CollectFailure,
    /// What this call knows of the request that changes something, which an earlier call may have sent that it has resumed.
    pub write: WriteState,
}

impl OperateFailure {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        self.why.retry()
    }
}

impl From<CollectFailure> for OperateFailure {
    /// Before anything is sent.
    fn from(why: CollectFailure) -> Self {
        Self { why, write: WriteState::NotSent }
    }
}

/// Why nothing was collected, or why what was collected is not where it should be: then [`OpenError::NotTaken`] and
/// [`KeepError::Stranded`] say where it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectFailure {
    /// The plugin has no such proof type.
    #[error("unknown proof type `{}`; the plugin has: {}", Shown::line(name), known.join(", "))]
    NoProofType {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// A period was asked for, and the proof type has no window.
    #[error(
        "`{}` takes no window: it shows how things stand when it is collected; evidence of a time of the past \
         is what was collected then",
        Shown::line(name)
    )]
    NoWindow {
        /// The proof type.
        name: String,
    },
    /// What changed was asked for, and the source is not asked for that.
    #[error("`{}` cannot be asked for what changed: {}", Shown::line(name), Shown::line(why))]
    NoChanges {
        /// The proof type.
        name: String,
        /// In the plugin's words.
        why: String,
    },
    /// What changed was asked for, and a period, too.
    #[error("a proof of what changed since the last one has no window: it begins where that one ends")]
    ChangesOfWindow,
    /// What changed was asked for, and tests of it: they would pass over all that stayed as it was.
    #[error("tests judge a whole list, and a proof of what changed has a part of one")]
    TestsOfChanges,
    /// What changed since the last proof was asked for, and there is no store that has one.
    #[error("the last proof is looked for in a store, and this one goes into a folder")]
    ChangesWithoutStore,
    /// Nothing of the period has happened yet.
    #[error(
        "the window begins at {}, and it is {}: nothing of it has happened yet",
        Shown::line(&evidence::format_instant(*from)), Shown::line(&evidence::format_instant(*now))
    )]
    NotBegun {
        /// Where it begins.
        from: Instant,
        /// What counts as now.
        now: Instant,
    },
    /// The plugin has no such operation.
    #[error("unknown operation `{}`; the plugin has: {}", Shown::line(name), known.join(", "))]
    NoOperation {
        /// What was asked for.
        name: String,
        /// What there is.
        known: Vec<String>,
    },
    /// The connection is for reading alone.
    #[error("this connection may not change anything at the source: operations are not allowed for it")]
    NotAllowed,
    /// What was repeated to confirm it is not the value of the parameter.
    #[error("not confirmed: {}", match given {
        Some(given) => format!("`{}` was repeated, and `{parameter}` is `{}`", Shown::line(given), Shown::line(value)),
        None => format!("`{parameter}` is to be repeated: `{}`", Shown::line(value)),
    })]
    NotConfirmed {
        /// The parameter.
        parameter: String,
        /// Its value.
        value: String,
        /// What was repeated.
        given: Option<String>,
    },
    /// Parameters of an operation are missing or wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Parameters(Vec<ParameterFault>),
    /// Another process carries out the same operation.
    #[error(
        "another process carries out the same operation, with evidence for {}: it is not begun a second time",
        place.shown()
    )]
    UnderWay {
        /// Where the evidence of that is to be.
        place: PathBuf,
    },
    /// An earlier run of the operation beside the destination was interrupted after it had sent something.
    #[error(
        "an earlier run of this operation, with evidence for {}, was interrupted after it had sent something on {}{}: {}",
        place.shown(), evidence::format_instant(sent.at), differing(differs), Shown::line(&sent.summary)
    )]
    Unfinished {
        /// Where its evidence is to be.
        place: PathBuf,
        /// What it had sent.
        sent: Box<SentWrite>,
        /// In what it differs from this call. Empty where it is the same, and was to be started over.
        differs: Vec<&'static str>,
    },
    /// The same operation was sent from this machine before.
    #[error("{}", sent_before(.0))]
    SentBefore(Box<EarlierRun>),
    /// What was sent from this machine cannot be known, or not be written down.
    #[error("the ledger of operations in {} cannot be used: {error}", folder.shown())]
    Ledger {
        /// Where it is.
        folder: PathBuf,
        /// What failed.
        #[source]
        error: io::Error,
    },
    /// What an earlier run has left cannot be read, so it is not known whether it had sent something.
    #[error("what an earlier run has left in {} is damaged: it may have sent something", folder.shown())]
    Damaged {
        /// Where that is.
        folder: PathBuf,
    },
    /// What an operation does is not kept in object stores.
    #[error("the evidence of an operation goes into a folder, or into a store on this machine")]
    ObjectStore,
    /// Only what was interrupted was to be resumed.
    #[error("there is nothing to resume: no interrupted call of the same terms was found")]
    NothingToResume,
    /// What an operation has done could not be found again after its process was killed.
    #[error("{}: its file system has no locks, so an interrupted operation could not be resumed", place.shown())]
    NotKept {
        /// The folder.
        place: PathBuf,
    },
    /// The system gives no random number to tell an operation by.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// A test makes no sense to the plugin: found before anything was asked of the source.
    #[error(transparent)]
    Tests(TestError),
    /// The evidence has no place.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be reached, or what was collected cannot be taken there.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The collection failed.
    #[error("{error}")]
    Collection {
        /// Why.
        #[source]
        error: Box<CollectError>,
        /// The URL of the origin and the path that were asked last.
        asked: Option<(String, String)>,
        /// How many pages are kept, for the same call to resume after them.
        kept: u64,
    },
}

impl CollectFailure {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Tests(error) => error.retry(),
            Self::Open(error) => error.retry(),
            Self::Collection { error, .. } => error.retry(),
            Self::UnderWay { .. } => Retry::After(SOON),
            _ => Retry::NeedsPerson,
        }
    }
}

/// In what a call differs from an earlier one.
fn differing(differs: &[&str]) -> String {
    match differs {
        [] => String::new(),
        _ => format!(", and is not the same call (it differs in {})", differs.join(", ")),
    }
}

fn sent_before(it: &EarlierRun) -> String {
    let EarlierRun { sent, place, ended, .. } = it;
    let (summary, place) = (Shown::line(&sent.summary), place.shown());
    let at = evidence::format_instant(sent.at);
    match ended {
        Some(end) => {
            let ended = evidence::format_instant(end.at);
            format!(
                "the same operation was sent on {at} and ended on {ended}, with evidence in {place}: {summary}"
            )
        }
        None if it.is_under_way() => {
            format!(
                "the same operation was sent on {at} and is under way, with evidence for {place}: {summary}"
            )
        }
        None => format!(
            "the same operation was sent on {at} and was interrupted before its end, with evidence for {place}: {summary}"
        ),
    }
}
