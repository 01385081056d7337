//! The rows of the evidence, each with its test results, read once and in their order.

use std::collections::HashMap;
use std::io::{BufRead as _, Read as _};

use exhibit::testing::VERDICTS;
use exhibit_records::{PartRecord, Verdict};
use exhibit_rows::Value;
use exhibit_rows::read::Rows;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::error::{RenderError, invalid};
use super::findings::{Reason, Reasons};
use super::order::Order;
use super::persons::Persons;
use super::source::{self, Source, check};
use super::subject::{self, Subject};

pub(super) use exhibit::evidence::ROWS;

/// A longer line says no verdicts: 200 tests and a key of 4 MiB are below.
const LONGEST_VERDICTS: u64 = 8 << 20;

/// A row.
#[derive(Debug)]
pub(super) struct Entry {
    /// In the order of the fields. What was left out is a text that says so.
    pub(super) values: Vec<Value>,
    /// In the order of the run's tests. Empty where there was no run.
    pub(super) verdicts: Vec<Verdict>,
    /// Why it did not pass, a reason for each such test, in their order. Empty where the format has no place for them.
    pub(super) reasons: Vec<Reason>,
}

/// As many rows as are to be rendered. Ends after the first error.
pub(super) struct Entries {
    rows: Rows<Source>,
    kept: PartRecord,
    personal: Vec<bool>,
    persons: Persons,
    left: u64,
    /// Whether all rows are rendered.
    all: bool,
    verdicts: Option<Verdicts>,
}

/// The test results of the rows.
struct Verdicts {
    lines: Source,
    path: String,
    kept: PartRecord,
    /// Where in an entry each test's verdict goes.
    places: HashMap<String, usize>,
    line: Vec<u8>,
    /// Why rows did not pass, where that is to be said.
    reasons: Option<Reasons>,
}

/// A line of [`VERDICTS`], as far as it is needed.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    key: &'a RawValue,
    verdicts: HashMap<String, Verdict>,
}

impl Entries {
    pub(super) fn open(subject: &Subject, order: &Order) -> Result<Self, RenderError> {
        let rows = order.rows_of(subject.proof.rows);
        let verdicts = match &subject.run {
            Some(run) => Some(Verdicts {
                lines: source::open(subject, &format!("{}/{VERDICTS}", run.folder), run.part(VERDICTS)?)?,
                path: format!("{}/{VERDICTS}", run.folder),
                kept: run.part(VERDICTS)?.clone(),
                places: run.run.tests.iter().zip(0..).map(|(it, place)| (it.name.clone(), place)).collect(),
                line: Vec::new(),
                reasons: match order.format.says_reasons() {
                    true => Some(Reasons::open(subject, run, order)?),
                    false => None,
                },
            }),
            None => None,
        };
        Ok(Self {
            rows: self::rows(subject)?,
            kept: subject.part(ROWS)?.clone(),
            personal: subject.fields().iter().map(|it| it.personal).collect(),
            persons: order.persons.clone(),
            left: rows,
            all: rows == subject.proof.rows,
            verdicts,
        })
    }

    /// Reads what was not rendered, too. Tells whether all of it is what was kept.
    pub(super) fn finish(self) -> Result<(), RenderError> {
        check(ROWS, &self.kept, self.rows.into_lines())?;
        let Some(verdicts) = self.verdicts else { return Ok(()) };
        check(&verdicts.path, &verdicts.kept, verdicts.lines)?;
        verdicts.reasons.map_or(Ok(()), |it| it.finish(self.all))
    }

    fn read(&mut self) -> Result<Entry, RenderError> {
        let fewer = || Err(invalid("there are fewer rows than proof.json says"));
        let row = self.rows.next().unwrap_or_else(fewer);
        let row = row.map_err(|error| invalid(format!("{ROWS}: {error}")));
        let mut values = row.map_err(RenderError::Evidence)?;
        for (value, _) in values.iter_mut().zip(&self.personal).filter(|it| *it.1) {
            *value = self.persons.value(std::mem::replace(value, Value::Absent));
        }
        let (verdicts, reasons) = self.verdicts.as_mut().map_or(Ok((vec![], vec![])), Verdicts::read)?;
        Ok(Entry { values, verdicts, reasons })
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, RenderError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.read().inspect_err(|_| self.left = 0))
    }
}

impl Verdicts {
    /// Those of the next row, and why it did not pass.
    fn read(&mut self) -> Result<(Vec<Verdict>, Vec<Reason>), RenderError> {
        // Without a test no row was looked at.
        let mut verdicts = vec![Verdict::NotApplicable; self.places.len()];
        if self.places.is_empty() {
            return Ok((verdicts, vec![]));
        }
        self.line.clear();
        let read = self.lines.by_ref().take(LONGEST_VERDICTS).read_until(b'\n', &mut self.line);
        read.map_err(RenderError::Evidence)?;
        let line: Line<'_> = serde_json::from_slice(&self.line).map_err(|error| {
            RenderError::Evidence(invalid(format!("{}: this is no line of verdicts: {error}", self.path)))
        })?;
        for (test, verdict) in line.verdicts {
            if let Some(place) = self.places.get(&test) {
                verdicts[*place] = verdict;
            }
        }
        let reasons = match &mut self.reasons {
            Some(reasons) => reasons.of_row(line.key.get(), &verdicts)?,
            None => vec![],
        };
        Ok((verdicts, reasons))
    }
}

/// All rows, as they were kept: with what they say of persons.
pub(super) fn rows(subject: &Subject) -> Result<Rows<Source>, RenderError> {
    let fields = subject.fields().iter().map(|it| Ok((it.name.clone(), subject::kind(it)?)));
    let lines = source::open(subject, ROWS, subject.part(ROWS)?)?;
    Ok(Rows::new(lines, fields.collect::<Result<_, RenderError>>()?))
}
