//! What a tester gives back.

use std::collections::HashSet;

use exhibit_rows::Shown;

use crate::contract::catalog::Field;
use crate::contract::testing::{EmptyRule, Finding, Observation, Outcome, Report, Test};
use crate::contract::types::Row;

use super::{Checked, bounded};

/// A sentence for people.
const MESSAGE_BYTES: usize = 4 << 10;
/// What was wanted of a value: an operator in words, and an operand that a person wrote.
const WANTED_BYTES: usize = 64 << 10;
/// All rows, in hundredths of a percent.
const ALL: u128 = 10_000;

/// Rows of one test, counted by result.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    passed: u64,
    failed: u64,
    inconclusive: u64,
    not_applicable: u64,
}

impl Tally {
    pub(crate) fn add(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Pass => self.passed += 1,
            Outcome::Fail => self.failed += 1,
            Outcome::Inconclusive => self.inconclusive += 1,
            Outcome::NotApplicable => self.not_applicable += 1,
        }
    }

    /// What it comes to by the contract's rule: rows that could not be judged decide nothing.
    fn outcome(&self, test: &Test) -> Outcome {
        let counted = self.passed + self.failed + self.inconclusive;
        let reached =
            |passed: u64| u128::from(passed) * ALL >= u128::from(test.threshold) * u128::from(counted);
        match test.when_empty {
            EmptyRule::Fail if counted == 0 => Outcome::Fail,
            EmptyRule::Pass if counted == 0 => Outcome::Pass,
            EmptyRule::Inconclusive if counted == 0 => Outcome::Inconclusive,
            _ if reached(self.passed) => Outcome::Pass,
            _ if reached(self.passed + self.inconclusive) => Outcome::Inconclusive,
            _ => Outcome::Fail,
        }
    }
}

/// The fields that a tester asks for are fields of its proof type, each once.
pub(crate) fn looked_at(fields: &[String], known: &[Field]) -> Checked {
    let mut seen = HashSet::new();
    for name in fields {
        if !known.iter().any(|it| it.name == *name) {
            return Err(format!(
                "it asks for the field `{}`, which the proof type has not",
                Shown::line(name)
            ));
        }
        if !seen.insert(name) {
            return Err(format!("it asks for the field `{name}` twice"));
        }
    }
    Ok(())
}

/// There is an outcome for each row and test; findings are of rows that did not pass, and
/// each of these has one.
pub(crate) fn observation(it: &Observation, rows: &[Row], tests: &[Test], fields: &[String]) -> Checked {
    let expected = rows.len() * tests.len();
    if it.outcomes.len() != expected {
        return Err(format!(
            "it gave {} outcomes for {} rows and {} tests",
            it.outcomes.len(),
            rows.len(),
            tests.len()
        ));
    }
    let most: usize = tests.iter().map(|it| it.cases.len().max(1)).sum::<usize>() * rows.len();
    bounded("the list of findings", it.findings.len(), most)?;
    let mut explained = vec![false; expected];
    for finding in &it.findings {
        let (row, index) = place(finding, rows, tests.len())?;
        if !matches!(it.outcomes[index], Outcome::Fail | Outcome::Inconclusive) {
            return Err(format!("it has a finding about row {}, which it does not fault", finding.row));
        }
        explained[index] = true;
        let name = || Shown::line(&finding.field);
        let Some(column) = fields.iter().position(|it| *it == finding.field) else {
            return Err(format!("it has a finding about the field `{}`, which it was not given", name()));
        };
        if row.get(column) != Some(&finding.seen) {
            return Err(format!("it says to have seen in `{}` what is not there", name()));
        }
        bounded("what a finding wants", finding.wanted.len(), WANTED_BYTES)?;
    }
    let unexplained = |(outcome, explained): (&Outcome, &bool)| {
        matches!(outcome, Outcome::Fail | Outcome::Inconclusive) && !explained
    };
    if it.outcomes.iter().zip(&explained).any(unexplained) {
        return Err("it faults a row and does not say why".to_owned());
    }
    Ok(())
}

/// The row that a finding is about, and where its outcome is.
fn place<'a>(finding: &Finding, rows: &'a [Row], tests: usize) -> Result<(&'a Row, usize), String> {
    let number = usize::try_from(finding.row).unwrap_or(usize::MAX);
    let test = usize::try_from(finding.test).ok().filter(|it| *it < tests);
    match (rows.get(number), test) {
        (Some(row), Some(test)) => Ok((row, number * tests + test)),
        _ => Err(format!(
            "it has a finding about row {} and test {} of {} rows and {tests} tests",
            finding.row,
            finding.test,
            rows.len()
        )),
    }
}

/// There is a report for each test, and it is what follows from the rows' outcomes.
pub(crate) fn reports(reports: &[Report], tests: &[Test], tallies: &[Tally]) -> Checked {
    if reports.len() != tests.len() {
        return Err(format!("it gave {} reports for {} tests", reports.len(), tests.len()));
    }
    for ((report, test), tally) in reports.iter().zip(tests).zip(tallies) {
        let name = &test.name;
        if report.test != *name {
            let other = Shown::line(&report.test);
            return Err(format!("it reports on `{other}` where `{name}` is expected"));
        }
        let counts = Tally {
            passed: report.passed,
            failed: report.failed,
            inconclusive: report.inconclusive,
            not_applicable: report.not_applicable,
        };
        let sum = tally.passed + tally.failed + tally.inconclusive;
        if counts != *tally || report.counted != sum {
            return Err(format!("its report on `{name}` counts other rows than it judged"));
        }
        if report.outcome != tally.outcome(test) {
            return Err(format!("its report on `{name}` does not follow from what the rows came to"));
        }
        bounded("a report's message", report.message.len(), MESSAGE_BYTES)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::testing::TestCase;
    use crate::contract::types::Value;

    fn test() -> Test {
        Test {
            name: "finished".into(),
            label: String::new(),
            help: String::new(),
            scope: vec![],
            cases: vec![TestCase { label: String::new(), conditions: vec![] }],
            threshold: 10_000,
            when_empty: EmptyRule::Fail,
            controls: vec![],
        }
    }

    fn rows() -> Vec<Row> {
        vec![vec![Value::Text("a".into())], vec![Value::Empty]]
    }

    fn finding(row: u32) -> Finding {
        Finding { row, test: 0, field: "state".into(), seen: Value::Empty, wanted: "something".into() }
    }

    fn seen(outcomes: &[Outcome], findings: Vec<Finding>) -> String {
        let it = Observation { outcomes: outcomes.to_vec(), findings };
        observation(&it, &rows(), &[test()], &["state".to_owned()]).err().unwrap_or("fine".into())
    }

    #[test]
    fn every_row_has_an_outcome_and_every_fault_a_reason() {
        use Outcome::{Fail, Pass};
        let other = |change: fn(&mut Finding)| {
            let mut it = finding(1);
            change(&mut it);
            seen(&[Pass, Fail], vec![it])
        };
        let said = [
            seen(&[Pass, Fail], vec![finding(1)]),
            seen(&[Pass], vec![]),
            seen(&[Pass, Fail], vec![]),
            seen(&[Pass, Pass], vec![finding(1)]),
            seen(&[Pass, Fail], vec![finding(2)]),
            seen(&[Pass, Fail], vec![finding(1), finding(1), finding(1)]),
            other(|it| it.field = "status".into()),
            other(|it| it.seen = Value::Absent),
            other(|it| it.wanted = "a".repeat(WANTED_BYTES + 1)),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        fine
        it gave 1 outcomes for 2 rows and 1 tests
        it faults a row and does not say why
        it has a finding about row 1, which it does not fault
        it has a finding about row 2 and test 0 of 2 rows and 1 tests
        the list of findings has the size 3; at most 2 is allowed
        it has a finding about the field `status`, which it was not given
        it says to have seen in `state` what is not there
        what a finding wants has the size 65537; at most 65536 is allowed
        ");
    }

    #[test]
    fn a_report_follows_from_the_rows() {
        let mut tally = Tally::default();
        for outcome in [Outcome::Pass, Outcome::Fail, Outcome::NotApplicable] {
            tally.add(outcome);
        }
        let told = |change: fn(&mut Report)| {
            let mut report = Report {
                test: "finished".into(),
                outcome: Outcome::Fail,
                counted: 2,
                passed: 1,
                failed: 1,
                inconclusive: 0,
                not_applicable: 1,
                message: String::new(),
            };
            change(&mut report);
            reports(&[report], &[test()], &[tally]).err().unwrap_or("fine".into())
        };
        let said = [
            told(|_| ()),
            told(|it| it.outcome = Outcome::Pass),
            told(|it| it.passed = 2),
            told(|it| it.counted = 3),
            told(|it| it.test = "other".into()),
            told(|it| it.message = "a".repeat(MESSAGE_BYTES + 1)),
        ];
        insta::assert_snapshot!(said.join("\n"), @"
        fine
        its report on `finished` does not follow from what the rows came to
        its report on `finished` counts other rows than it judged
        its report on `finished` counts other rows than it judged
        it reports on `other` where `finished` is expected
        a report's message has the size 4097; at most 4096 is allowed
        ");
    }
}
