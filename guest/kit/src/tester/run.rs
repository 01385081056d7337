//! Evaluates tests on rows.

use super::check::Check;
use super::compile::{Compiled, Compiler};
use super::report::{Counts, report};
use super::truth::Truth;
use crate::contract::catalog::ProofType;
use crate::contract::testing::{Finding, Observation, Outcome, Report, Test};
use crate::contract::types::{Error, Instant, Row, Value};
use crate::problem::invalid;

/// Tests of the rows of one proof type. Keeps counts, but no row.
#[derive(Debug)]
pub struct Tester {
    fields: Vec<String>,
    tests: Vec<Compiled>,
    counts: Vec<Counts>,
}

impl Tester {
    /// Compiles the tests.
    ///
    /// # Errors
    /// `invalid` for a test that makes no sense; the error's subject points at the place.
    pub fn open(proof_type: &ProofType, tests: &[Test], as_of: Instant) -> Result<Self, Error> {
        let mut compiler = Compiler::new(proof_type, as_of);
        let tests = compiler.tests(tests)?;
        let fields = compiler.columns.iter().map(|at| proof_type.fields[*at].name.clone()).collect();
        let counts = vec![Counts::default(); tests.len()];
        Ok(Self { fields, tests, counts })
    }

    /// The fields that the tests look at, in the order that rows must have.
    pub fn fields(&self) -> &[String] {
        &self.fields
    }

    /// Evaluates the tests on some rows, which have the fields that [`Self::fields`] names.
    pub fn observe(&mut self, rows: &[Row]) -> Result<Observation, Error> {
        let mut observation =
            Observation { outcomes: Vec::with_capacity(rows.len() * self.tests.len()), findings: Vec::new() };
        let mut decisive = Vec::new();
        for (number, row) in rows.iter().enumerate() {
            if row.len() != self.fields.len() {
                let (has, needs) = (row.len(), self.fields.len());
                return Err(invalid(format!(
                    "a row has {has} values, where the tests look at {needs} fields"
                )));
            }
            for (at, test) in self.tests.iter().enumerate() {
                let outcome = test.evaluate(row, &mut decisive);
                self.counts[at].add(outcome);
                observation.outcomes.push(outcome);
                let findings = decisive.drain(..).map(|check| finding(number, at, check, row, &self.fields));
                observation.findings.extend(findings);
            }
        }
        Ok(observation)
    }

    /// The results so far, in the order of the tests.
    pub fn finish(&self) -> Vec<Report> {
        self.tests.iter().zip(&self.counts).map(|(test, counts)| report(test, counts)).collect()
    }
}

impl Compiled {
    /// The outcome for a row. Where it did not pass, adds the decisive conditions: the first unknown one of
    /// the scope, or one of each case.
    fn evaluate<'a>(&'a self, row: &[Value], decisive: &mut Vec<&'a Check>) -> Outcome {
        match all(&self.scope, row) {
            (Truth::No, _) => return Outcome::NotApplicable,
            (Truth::Unknown, on) => {
                decisive.extend(on);
                return Outcome::Inconclusive;
            }
            (Truth::Yes, _) => {}
        }
        let mut outcome = Outcome::Fail;
        for case in &self.cases {
            let (truth, on) = all(case, row);
            match truth {
                Truth::Yes => {
                    decisive.clear();
                    return Outcome::Pass;
                }
                Truth::Unknown => outcome = Outcome::Inconclusive,
                Truth::No => {}
            }
            decisive.extend(on);
        }
        outcome
    }
}

/// Yes where all hold; no where any does not, regardless of the others. Returns also the first that does not
/// hold, or else the first that is unknown. Each is evaluated once: an expression is slow.
fn all<'a>(checks: &'a [Check], row: &[Value]) -> (Truth, Option<&'a Check>) {
    let mut unknown = None;
    for check in checks {
        match check.evaluate(row) {
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
