//! The result of a test over all rows.

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

    /// The outcome. Inconclusive rows decide nothing by themselves: the test passes if it
    /// would pass with all of them failed, fails if it would fail with all of them passed,
    /// and is inconclusive otherwise.
    pub(super) fn outcome(&self, threshold: u32, when_empty: EmptyRule) -> Outcome {
        let reached = |passed: u64| {
            u128::from(passed) * u128::from(ALL) >= u128::from(threshold) * u128::from(self.counted())
        };
        if self.counted() == 0 {
            return match when_empty {
                EmptyRule::Fail => Outcome::Fail,
                EmptyRule::Pass => Outcome::Pass,
                EmptyRule::Inconclusive => Outcome::Inconclusive,
            };
        }
        if reached(self.passed) {
            Outcome::Pass
        } else if reached(self.passed + self.inconclusive) {
            Outcome::Inconclusive
        } else {
            Outcome::Fail
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
            0 => "The proof has no rows".to_owned(),
            1 => "The only row is out of scope".to_owned(),
            some => format!("All {some} rows are out of scope"),
        };
        let so = match test.when_empty {
            EmptyRule::Fail => "the test fails",
            EmptyRule::Pass => "the test passes",
            EmptyRule::Inconclusive => "the test is inconclusive",
        };
        return format!("{why}, so {so}.");
    }
    let rows = if counted == 1 { "row" } else { "rows" };
    let be = |count: u64| if count == 1 { "is" } else { "are" };
    let findings = match (counts.failed, counts.inconclusive) {
        (0, 0) if counted == 1 => return "The only row in scope passes.".to_owned(),
        (0, 0) => return format!("All {counted} rows in scope pass."),
        (0, unclear) => format!("{unclear} of {counted} {rows} {} inconclusive", be(unclear)),
        (1, 0) => format!("1 of {counted} {rows} fails"),
        (failed, 0) => format!("{failed} of {counted} {rows} fail"),
        (failed, unclear) => {
            let fail = if failed == 1 { "fails" } else { "fail" };
            format!("{failed} of {counted} {rows} {fail} and {unclear} {} inconclusive", be(unclear))
        }
    };
    let required = match test.threshold {
        ALL => "100 %".to_owned(),
        threshold => percent(threshold.into()),
    };
    let share = u128::from(counts.passed) * u128::from(ALL) / u128::from(counted);
    format!("{findings} ({} pass; {required} required).", percent(share))
}

/// Hundredths of a percent, truncated and not rounded: less than all must not read as 100 %.
fn percent(hundredths: u128) -> String {
    format!("{}.{:02} %", hundredths / 100, hundredths % 100)
}
