//! Tests under way.

use super::check::Check;
use super::compile::{Compiled, Compiler};
use super::report::{Counts, report};
use super::truth::Truth;
use crate::contract::catalog::ProofType;
use crate::contract::testing::{Finding, Observation, Outcome, Report, Test};
use crate::contract::types::{Error, Instant, Row, Value};
use crate::problem::invalid;

/// Some tests, looking at rows of one proof type. Keeps counts, and no row.
#[derive(Debug)]
pub struct Tester {
    fields: Vec<String>,
    tests: Vec<Compiled>,
    counts: Vec<Counts>,
}

impl Tester {
    /// Compiles the tests. One that makes no sense is `invalid`, and the error's subject
    /// points at the place.
    pub fn open(proof_type: &ProofType, tests: &[Test], as_of: Instant) -> Result<Self, Error> {
        let mut compiler = Compiler::new(proof_type, as_of);
        let tests = compiler.tests(tests)?;
        let fields = compiler.looked_at.iter().map(|at| proof_type.fields[*at].name.clone()).collect();
        let counts = vec![Counts::default(); tests.len()];
        Ok(Self { fields, tests, counts })
    }

    /// The fields that the tests look at, in the order that rows must have.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Looks at some rows, of the fields that [`Self::fields`] names.
    pub fn observe(&mut self, rows: &[Row]) -> Result<Observation, Error> {
        let mut observation =
            Observation { outcomes: Vec::with_capacity(rows.len() * self.tests.len()), findings: Vec::new() };
        let mut stumbled = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            if row.len() != self.fields.len() {
                let (has, needs) = (row.len(), self.fields.len());
                return Err(invalid(format!(
                    "a row has {has} values, where the tests look at {needs} fields"
                )));
            }
            for (at, test) in self.tests.iter().enumerate() {
                let outcome = test.judge(row, &mut stumbled);
                self.counts[at].add(outcome);
                observation.outcomes.push(outcome);
                let findings = stumbled.drain(..).map(|check| finding(number, at, check, row, &self.fields));
                observation.findings.extend(findings);
            }
        }
        Ok(observation)
    }

    /// What the tests come to so far, in their order.
    pub fn finish(&self) -> Vec<Report> {
        self.tests.iter().zip(&self.counts).map(|(test, counts)| report(test, counts)).collect()
    }
}

impl Compiled {
    /// What a row comes to. Adds the conditions that it stumbled on, where it did not pass: of the
    /// scope, where that cannot be told; else one of each case.
    fn judge<'a>(&'a self, row: &[Value], stumbled: &mut Vec<&'a Check>) -> Outcome {
        match all(&self.scope, row) {
            (Truth::No, _) => return Outcome::NotApplicable,
            (Truth::Unknown, on) => {
                stumbled.extend(on);
                return Outcome::Inconclusive;
            }
            (Truth::Yes, _) => {}
        }
        let mut outcome = Outcome::Fail;
        for case in &self.cases {
            let (truth, on) = all(case, row);
            match truth {
                Truth::Yes => {
                    stumbled.clear();
                    return Outcome::Pass;
                }
                Truth::Unknown => outcome = Outcome::Inconclusive,
                Truth::No => {}
            }
            stumbled.extend(on);
        }
        outcome
    }
}

/// Yes where all hold; no where any does not, whatever the others. With the first that does not
/// hold, else the first that cannot be told. Each is asked once: an expression takes its time.
fn all<'a>(checks: &'a [Check], row: &[Value]) -> (Truth, Option<&'a Check>) {
    let mut unknown = None;
    for check in checks {
        match check.ask(row) {
            Truth::No => return (Truth::No, Some(check)),
            Truth::Unknown => unknown = unknown.or(Some(check)),
            Truth::Yes => {}
        }
    }
    (if unknown.is_some() { Truth::Unknown } else { Truth::Yes }, unknown)
}

fn finding(row: usize, test: usize, check: &Check, values: &[Value], fields: &[String]) -> Finding {
    Finding {
        // A batch and its tests are bounded far below.
        row: u32::try_from(row).unwrap_or(u32::MAX),
        test: u32::try_from(test).unwrap_or(u32::MAX),
        field: fields[check.column].clone(),
        seen: values[check.column].clone(),
        wanted: check.wanted.clone(),
    }
}
