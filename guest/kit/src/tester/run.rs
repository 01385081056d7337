//! Tests under way.

use super::check::Check;
use super::compile::{Compiled, Compiler};
use super::report::{Counts, report};
use super::truth::Truth;
use crate::catalog::ProofType;
use crate::problem::invalid;
use crate::testing::{Finding, Observation, Outcome, Report, Test};
use crate::types::{Error, Instant, Row, Value};

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
        for (number, row) in rows.iter().enumerate() {
            if row.len() != self.fields.len() {
                let (has, needs) = (row.len(), self.fields.len());
                return Err(invalid(format!(
                    "a row has {has} values, where the tests look at {needs} fields"
                )));
            }
            for (at, test) in self.tests.iter().enumerate() {
                let outcome = test.judge(row);
                self.counts[at].add(outcome);
                observation.outcomes.push(outcome);
                if matches!(outcome, Outcome::Fail | Outcome::Inconclusive) {
                    let findings =
                        test.stumbles(row).map(|check| finding(number, at, check, row, &self.fields));
                    observation.findings.extend(findings);
                }
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
    fn judge(&self, row: &[Value]) -> Outcome {
        let all = |checks: &[Check]| Truth::all(checks.iter().map(|it| it.ask(row)));
        match all(&self.scope) {
            Truth::No => Outcome::NotApplicable,
            Truth::Unknown => Outcome::Inconclusive,
            Truth::Yes => match Truth::any(self.cases.iter().map(|it| all(it))) {
                Truth::Yes => Outcome::Pass,
                Truth::No => Outcome::Fail,
                Truth::Unknown => Outcome::Inconclusive,
            },
        }
    }

    /// The conditions that a row which did not pass stumbled on: of the scope, where it
    /// cannot be told; else the first of each case, a plain no before what cannot be told.
    fn stumbles<'a>(&'a self, row: &'a [Value]) -> impl Iterator<Item = &'a Check> {
        let first = |checks: &'a [Check], truth| checks.iter().find(|it| it.ask(row) == truth);
        let scope = first(&self.scope, Truth::Unknown);
        let cases = if scope.is_some() { &[] } else { self.cases.as_slice() };
        let case = move |it: &'a Vec<Check>| first(it, Truth::No).or_else(|| first(it, Truth::Unknown));
        scope.into_iter().chain(cases.iter().filter_map(case))
    }
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
