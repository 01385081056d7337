//! Checks that were made.

use exhibit::checks::{Check, Fault, Report, Verdict};
use schemars::JsonSchema;
use serde::Serialize;

use super::super::remedy;

/// What `exhibit verify` and `exhibit plugin check` print: all checks, in the order in which they were made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Checks {
    checks: Vec<CheckOutput>,
    /// How many failed.
    failed: usize,
    /// How many could not be made.
    skipped: usize,
    /// How many of these are required.
    missing: usize,
    /// Whether all that matters passed: what the exit code says, too.
    holds: bool,
    /// What anyone who relies on the result must know.
    warnings: Vec<String>,
}

/// A check that was made.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckOutput {
    /// Its name, lower-case.
    name: &'static str,
    /// What of the whole it is about; all of it where this is null.
    about: Option<String>,
    /// For people: what should be so.
    asks: &'static str,
    /// Whether all of it holds only where this check passed.
    required: bool,
    #[serde(flatten)]
    verdict: VerdictOutput,
}

/// What a check found.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "verdict", rename_all = "kebab-case")]
enum VerdictOutput {
    /// All is well.
    Passed {
        /// For people: what was tried.
        tried: String,
    },
    /// Something is wrong.
    Failed {
        /// How many things.
        count: usize,
        /// The first of them.
        faults: Vec<FaultOutput>,
    },
    /// The check could not be made.
    Skipped {
        /// For people: why, and what makes it possible.
        why: String,
    },
}

/// Something that is wrong.
#[derive(Debug, Serialize, JsonSchema)]
struct FaultOutput {
    /// For people: what happened, and where.
    what: String,
    /// For people: what to do.
    next: String,
}

impl From<&Report> for Checks {
    fn from(report: &Report) -> Self {
        Self {
            checks: checks(report),
            failed: report.failed(),
            skipped: report.skipped(),
            missing: report.missing(),
            holds: report.holds(),
            warnings: report.warnings.clone(),
        }
    }
}

/// All checks of a report.
pub(crate) fn checks(report: &Report) -> Vec<CheckOutput> {
    report.checks.iter().map(CheckOutput::from).collect()
}

impl From<&Check> for CheckOutput {
    fn from(it: &Check) -> Self {
        Self {
            name: it.name,
            about: it.about.clone(),
            asks: it.asks,
            required: it.required,
            verdict: (&it.verdict).into(),
        }
    }
}

impl From<&Verdict> for VerdictOutput {
    fn from(it: &Verdict) -> Self {
        match it {
            Verdict::Passed { tried } => Self::Passed { tried: tried.clone() },
            Verdict::Failed { count, faults } => {
                let fault =
                    |it: &Fault| FaultOutput { what: it.what.clone(), next: remedy::sentence(&it.next) };
                Self::Failed { count: *count, faults: faults.iter().map(fault).collect() }
            }
            Verdict::Skipped { why, next } => Self::Skipped { why: remedy::reason(why, next.as_ref()) },
        }
    }
}
