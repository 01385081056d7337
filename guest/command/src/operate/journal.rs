//! What an operation has done so far, kept in the folder of its evidence until that is written.
//!
//! ```text
//! OUT/operation/000000/step.json     what it was begun with
//! OUT/operation/000004/step.json     a write, kept before it is sent
//! OUT/operation/000005/step.json     an answer
//! OUT/operation/000005/body.zst      its body
//! ```
//!
//! A step is a folder that is written aside and then renamed to the next number, all on the disk for good. A number can be
//! taken once: WASI has no locks, and where two processes go on with the same operation, the one that is late stops before it
//! sends anything. Whoever takes it up makes the session again of the answers.

use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_plugin::types::Instant;
use exhibit_records::{AnswerRecord, RequestRecord};
use exhibit_rows::instant;
use serde::{Deserialize, Serialize};

use super::terms::Begun;
use crate::evidence::failed;
use crate::failure::Failure;
use crate::files;

/// The folder of the steps, within that of the evidence.
pub(super) const FOLDER: &str = "operation";
const STEP: &str = "step.json";
const BODY: &str = "body.zst";
/// An answer's record has at most 24 MiB; what it was begun with, less.
const STEP_BYTES: usize = 32 << 20;
/// The body of an answer of an operation, packed.
const BODY_BYTES: usize = 64 << 20;
/// More than an operation of two weeks takes.
const MAX_STEPS: usize = 100_000;

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub(super) enum Step {
    /// The first one.
    Begun(Box<Begun>),
    /// A request that changes something is sent now.
    Write { request: Box<RequestRecord>, sent: Instant },
    /// The request of the step before did not leave this machine.
    Unsent { why: String },
    /// An answer, or that none came.
    Answer {
        record: Box<AnswerRecord>,
        /// Whether the session could not read it, and never had it.
        unreadable: bool,
    },
    /// The source is left alone until then.
    Wait { until: Instant, message: String },
    /// Another process goes on from here.
    Resumed { at: Instant },
    /// It has ended: its evidence is written, or what is left of it is removed. No other process that had read it goes on.
    Closed,
}

impl Step {
    /// Whether it says nothing of the source.
    pub(super) fn is_of_processes(&self) -> bool {
        matches!(self, Self::Resumed { .. } | Self::Closed)
    }
}

/// The steps of an operation.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    /// Tells the files of this process from those of others.
    nonce: String,
    pub(super) steps: Vec<Step>,
}

impl Journal {
    /// That of the operation in the folder `out`; `None` where there is none.
    ///
    /// # Errors
    /// Where it is damaged: then it is not known what was sent.
    pub(super) fn open(out: &Path, nonce: &str) -> Result<Option<Self>, Failure> {
        let folder = out.join(FOLDER);
        let names = files::names(&folder).map_err(|error| failed(&folder, &error))?.unwrap_or_default();
        let mut numbers: Vec<usize> = names.iter().filter_map(|it| it.parse().ok()).collect();
        numbers.sort_unstable();
        if numbers.is_empty() {
            return Ok(None);
        }
        if numbers.iter().enumerate().any(|(at, number)| at != *number) {
            return Err(damaged(&folder, "steps are missing"));
        }
        if numbers.len() > MAX_STEPS {
            return Err(damaged(&folder, "there are too many steps"));
        }
        let mut steps = Vec::with_capacity(numbers.len());
        for number in numbers {
            let path = folder.join(name(number)).join(STEP);
            let json = files::read(&path, STEP_BYTES).map_err(|error| damaged(&path, &error.to_string()))?;
            let step = serde_json::from_slice(&json);
            steps.push(step.map_err(|error| damaged(&path, &error.to_string()))?);
        }
        if !matches!(steps.first(), Some(Step::Begun(_))) {
            return Err(damaged(&folder, "it does not say what was begun"));
        }
        Ok(Some(Self { folder, nonce: nonce.to_owned(), steps }))
    }

    /// Of an operation that begins in this folder, which is made where it is not there.
    pub(super) fn begin(out: &Path, nonce: &str, begun: Begun) -> Result<Self, Failure> {
        let folder = out.join(FOLDER);
        files::make_folders(&folder).map_err(|error| {
            failed(&folder, &error)
                .next("give access to the folder: --dir FOLDER before the component's name")
        })?;
        let mut journal = Self { folder, nonce: nonce.to_owned(), steps: Vec::new() };
        journal.append(Step::Begun(Box::new(begun)), None)?;
        files::sync_folder(out).map_err(|error| failed(out, &error))?;
        Ok(journal)
    }

    /// What it was begun with.
    pub(super) fn begun(&self) -> Option<&Begun> {
        match self.steps.first() {
            Some(Step::Begun(begun)) => Some(begun),
            _ => None,
        }
    }

    /// Takes the next step, for good: whatever follows it may be done now.
    ///
    /// # Errors
    /// Where another process has taken a step since, or it cannot be written.
    pub(super) fn append(&mut self, step: Step, body: Option<&[u8]>) -> Result<(), Failure> {
        let number = self.steps.len();
        let aside = self.folder.join(format!("new-{}", self.nonce));
        let place = self.folder.join(name(number));
        let json = serde_json::to_vec(&step).map_err(|error| failed(&place, &error.into()))?;
        files::remove_all(&aside)
            .and_then(|()| files::make_folder(&aside))
            .and_then(|()| body.map_or(Ok(()), |it| files::write(&aside.join(BODY), it)))
            .and_then(|()| files::write(&aside.join(STEP), &json))
            .and_then(|()| files::sync_folder(&aside))
            .map_err(|error| failed(&aside, &error))?;
        if let Err(error) = files::move_folder(&aside, &place) {
            // Nothing depends on it.
            drop(files::remove_all(&aside));
            return Err(match files::names(&place) {
                Ok(Some(_)) => late(),
                _ => failed(&place, &error),
            });
        }
        files::sync_folder(&self.folder).map_err(|error| failed(&self.folder, &error))?;
        self.steps.push(step);
        // Another process may have begun again in its place.
        let first = files::read(&self.folder.join(name(0)).join(STEP), STEP_BYTES).ok();
        let first: Option<Step> = first.and_then(|it| serde_json::from_slice(&it).ok());
        if first.as_ref() == self.steps.first() { Ok(()) } else { Err(late()) }
    }

    /// Removes it, where no other process goes on with it.
    ///
    /// # Errors
    /// Where one does, or it cannot be removed.
    pub(super) fn close(&mut self, out: &Path) -> Result<(), Failure> {
        self.append(Step::Closed, None)?;
        Self::remove(out)
    }

    /// The body of the answer of this step, as it is stored.
    pub(super) fn body(&self, number: usize) -> Result<Vec<u8>, Failure> {
        let path = self.folder.join(name(number)).join(BODY);
        files::read(&path, BODY_BYTES).map_err(|error| damaged(&path, &error.to_string()))
    }

    /// The instants at which another process went on with it.
    pub(super) fn resumed(&self) -> Vec<Instant> {
        let at = |step: &Step| if let Step::Resumed { at } = step { Some(*at) } else { None };
        self.steps.iter().filter_map(at).collect()
    }

    /// How long it waited for the source, as far as waits are kept.
    pub(super) fn waited(&self) -> Duration {
        let mut waited = Duration::ZERO;
        let mut before = self.begun().map_or(0, |it| it.as_of);
        for step in &self.steps {
            match step {
                Step::Answer { record, .. } => before = instant::parse(&record.received).unwrap_or(before),
                Step::Wait { until, .. } => {
                    let passed = until.saturating_sub(before).max(0).unsigned_abs();
                    waited = waited.saturating_add(Duration::from_millis(passed));
                }
                _ => {}
            }
        }
        waited
    }

    /// Whether a request that changes something was sent.
    pub(super) fn wrote(&self) -> bool {
        let unsent = |at: usize| matches!(self.steps.get(at + 1), Some(Step::Unsent { .. }));
        self.steps.iter().enumerate().any(|(at, it)| matches!(it, Step::Write { .. }) && !unsent(at))
    }

    /// When the last request that changes something was sent, where nothing is kept of what came of it.
    pub(super) fn unanswered_since(&self) -> Option<Instant> {
        let mut since = None;
        for step in &self.steps {
            match step {
                Step::Write { sent, .. } => since = Some(*sent),
                Step::Unsent { .. } | Step::Answer { .. } => since = None,
                _ => {}
            }
        }
        since
    }

    /// Removes it, whatever other processes do.
    pub(super) fn remove(out: &Path) -> Result<(), Failure> {
        let folder = out.join(FOLDER);
        files::remove_all(&folder).map_err(|error| failed(&folder, &error))
    }
}

fn late() -> Failure {
    Failure::call("another process goes on with this operation: this one has stopped")
        .next("let the other one end; the same command then goes on, if there is something left to do")
}

fn name(number: usize) -> String {
    format!("{number:06}")
}

/// What was sent is not known any more, so nothing is sent.
fn damaged(path: &Path, why: &str) -> Failure {
    let failure = failed(path, &std::io::Error::other(why));
    failure.next(
        "what was kept of an interrupted operation is damaged, and it may have sent something: look at the source what was \
         done, then remove the folder to begin",
    )
}
