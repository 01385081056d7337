//! A run of tests, on its way into and out of `run.json`.

use std::io;
use std::path::Path;

use exhibit_records::weight::Weight;
use exhibit_records::{Digest, RUN_FILE, ReadError, Run, Tested, Verdict};

use crate::contract::testing::{Outcome, Report, Test};
use crate::disk;

/// The run in this folder. `None` where it has no run, or one of a format that this version does not know.
///
/// # Errors
///
/// Where `run.json` is there and cannot be read, or is no run.
pub fn read(folder: &Path) -> io::Result<Option<Run>> {
    Ok(weighed(folder)?.map(|it| it.0))
}

/// The same, and how much it is.
pub(super) fn weighed(folder: &Path) -> io::Result<Option<(Run, Weight)>> {
    let json = match disk::read_bounded(&folder.join(RUN_FILE)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        json => json?,
    };
    Ok(parsed(&json)?.map(|run| (run, Weight::of(&json))))
}

/// The run whose `run.json` has these bytes. `None` where it is one of a format that this version does not know.
///
/// # Errors
///
/// Where it is no run.
pub(crate) fn parsed(json: &[u8]) -> io::Result<Option<Run>> {
    match Run::parse(json) {
        Ok(run) => Ok(Some(run)),
        Err(ReadError::UnknownFormat { .. }) => Ok(None),
        Err(error) => Err(io::Error::new(io::ErrorKind::InvalidData, error)),
    }
}

/// The record of a test, and of what the plugin reports of it.
pub(super) fn tested(test: &Test, report: Report) -> Tested {
    Tested {
        name: test.name.clone(),
        label: test.label.clone(),
        why: test.help.clone(),
        controls: test.controls.clone(),
        threshold: test.threshold,
        digest: digest(test),
        outcome: report.outcome.into(),
        counted: report.counted,
        passed: report.passed,
        failed: report.failed,
        inconclusive: report.inconclusive,
        not_applicable: report.not_applicable,
        message: report.message,
        since: None,
    }
}

/// What a test asks, without what it says to people.
fn digest(test: &Test) -> Digest {
    let Test { scope, cases, threshold, when_empty, .. } = test;
    let conditions: Vec<_> = cases.iter().map(|it| &it.conditions).collect();
    // Plain values, so they always have a JSON form.
    Digest::of(&serde_json::to_vec(&(scope, conditions, threshold, when_empty)).unwrap_or_default())
}

impl From<Outcome> for Verdict {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Pass => Self::Pass,
            Outcome::Fail => Self::Fail,
            Outcome::Inconclusive => Self::Inconclusive,
            Outcome::NotApplicable => Self::NotApplicable,
        }
    }
}
