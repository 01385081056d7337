//! What a test comes to over all rows.

use super::compile::{ALL, Compiled};
use crate::contract::testing::{EmptyRule, Outcome, Report};

/// Rows of one test, counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) inconclusive: u64,
    pub(super) not_applicable: u64,
}

impl Counts {
    pub(super) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.passed += 1,
            Outcome::Fail => self.failed += 1,
            Outcome::Inconclusive => self.inconclusive += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }

    fn counted(&self) -> u64 {
        self.passed + self.failed + self.inconclusive
    }

    /// What they come to. Rows that could not be judged decide nothing by themselves: the
    /// test passes where it would if all of them failed, fails where it would if all of
    /// them passed, and else it cannot be told.
    pub(super) fn outcome(&self, threshold: u32, when_empty: EmptyRule) -> Outcome {
        let reached = |passed: u64| {
            u128::from(passed) * u128::from(ALL) >= u128::from(threshold) * u128::from(self.counted())
        };
        match when_empty {
            EmptyRule::Fail if self.counted() == 0 => Outcome::Fail,
            EmptyRule::Pass if self.counted() == 0 => Outcome::Pass,
            EmptyRule::Inconclusive if self.counted() == 0 => Outcome::Inconclusive,
            _ if reached(self.passed) => Outcome::Pass,
            _ if !reached(self.passed + self.inconclusive) => Outcome::Fail,
            _ => Outcome::Inconclusive,
        }
    }
}

pub(super) fn report(test: &Compiled, counts: &Counts) -> Report {
    let outcome = counts.outcome(test.threshold, test.when_empty);
    Report {
        test: test.name.clone(),
        outcome,
        counted: counts.counted(),
        passed: counts.passed,
        failed: counts.failed,
        inconclusive: counts.inconclusive,
        not_applicable: counts.not_applicable,
        message: message(test, counts),
    }
}

fn message(test: &Compiled, counts: &Counts) -> String {
    let counted = counts.counted();
    if counted == 0 {
        let why = match counts.not_applicable {
            0 => "The proof has no row".to_owned(),
            1 => "The only row is out of scope".to_owned(),
            some => format!("All {some} rows are out of scope"),
        };
        let so = match test.when_empty {
            EmptyRule::Fail => "which counts as a failure",
            EmptyRule::Pass => "which counts as a pass",
            EmptyRule::Inconclusive => "so nothing can be told",
        };
        return format!("{why}, {so}.");
    }
    let mut parts = Vec::new();
    for (count, what) in [(counts.failed, "fail"), (counts.inconclusive, "cannot be judged")] {
        if count > 0 {
            parts.push(format!("{count} {what}"));
        }
    }
    let passed = match parts.as_slice() {
        [] if counted == 1 => return "The one row in scope passes.".to_owned(),
        [] => return format!("All {counted} rows in scope pass."),
        parts => parts.join(" and "),
    };
    let wanted = match test.threshold {
        ALL => "all".to_owned(),
        threshold => percent(threshold.into()),
    };
    let share = u128::from(counts.passed) * u128::from(ALL) / u128::from(counted);
    format!("Of {counted} rows in scope {passed}; {} pass, {wanted} must.", percent(share))
}

/// Hundredths of a percent, cut rather than rounded: what is not all must not read so.
fn percent(hundredths: u128) -> String {
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
