//! The rows of the evidence, each with what the tests made of it, read once and in their order.

use std::collections::HashMap;
use std::io::{self, BufRead as _, BufReader, Read as _};

use exhibit::evidence::Content;
use exhibit::testing::VERDICTS;
use exhibit_records::{PartRecord, Verdict};
use exhibit_rows::Value;
use exhibit_rows::read::Rows;
use serde::Deserialize;

use super::error::{RenderError, invalid};
use super::order::Order;
use super::persons::Persons;
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
}

/// As many rows as are to be rendered. Ends after the first error.
pub(super) struct Entries {
    rows: Rows<Source>,
    kept: PartRecord,
    personal: Vec<bool>,
    persons: Persons,
    left: u64,
    verdicts: Option<Verdicts>,
}

pub(super) type Source = BufReader<Content>;

/// What the tests made of the rows.
struct Verdicts {
    lines: Source,
    path: String,
    kept: PartRecord,
    /// Where in an entry each test's verdict goes.
    places: HashMap<String, usize>,
    line: Vec<u8>,
}

/// A line of [`VERDICTS`], as far as it is needed.
#[derive(Deserialize)]
struct Line {
    verdicts: HashMap<String, Verdict>,
}

impl Entries {
    pub(super) fn open(subject: &Subject, order: &Order) -> Result<Self, RenderError> {
        let verdicts = match &subject.run {
            Some(run) => Some(Verdicts {
                lines: open(subject, &format!("{}/{VERDICTS}", run.folder), run.part(VERDICTS)?)?,
                path: format!("{}/{VERDICTS}", run.folder),
                kept: run.part(VERDICTS)?.clone(),
                places: run.run.tests.iter().zip(0..).map(|(it, place)| (it.name.clone(), place)).collect(),
                line: Vec::new(),
            }),
            None => None,
        };
        Ok(Self {
            rows: rows(subject)?,
            kept: subject.part(ROWS)?.clone(),
            personal: subject.fields().iter().map(|it| it.personal).collect(),
            persons: order.persons.clone(),
            left: order.rows_of(subject.proof.rows),
            verdicts,
        })
    }

    /// Reads what was not rendered, too. Tells whether all of it is what was kept.
    pub(super) fn finish(self) -> Result<(), RenderError> {
        check(ROWS, &self.kept, self.rows.into_lines())?;
        self.verdicts.map_or(Ok(()), |it| check(&it.path, &it.kept, it.lines))
    }

    fn read(&mut self) -> io::Result<Entry> {
        let row =
            self.rows.next().unwrap_or_else(|| Err(invalid("there are fewer rows than proof.json says")));
        let mut values = row.map_err(|error| invalid(format!("{ROWS}: {error}")))?;
        for (value, _) in values.iter_mut().zip(&self.personal).filter(|it| *it.1) {
            *value = self.persons.value(std::mem::replace(value, Value::Absent));
        }
        let verdicts = self.verdicts.as_mut().map_or(Ok(vec![]), Verdicts::read)?;
        Ok(Entry { values, verdicts })
    }
}

impl Iterator for Entries {
    type Item = Result<Entry, RenderError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.left = self.left.checked_sub(1)?;
        Some(self.read().map_err(|error| {
            self.left = 0;
            RenderError::Evidence(error)
        }))
    }
}

impl Verdicts {
    fn read(&mut self) -> io::Result<Vec<Verdict>> {
        // Without a test no row was looked at.
        let mut verdicts = vec![Verdict::NotApplicable; self.places.len()];
        if self.places.is_empty() {
            return Ok(verdicts);
        }
        self.line.clear();
        self.lines.by_ref().take(LONGEST_VERDICTS).read_until(b'\n', &mut self.line)?;
        let line: Line = serde_json::from_slice(&self.line)
            .map_err(|error| invalid(format!("{}: this is no line of verdicts: {error}", self.path)))?;
        for (test, verdict) in line.verdicts {
            if let Some(place) = self.places.get(&test) {
                verdicts[*place] = verdict;
            }
        }
        Ok(verdicts)
    }
}

/// All rows, as they were kept: with what they say of persons.
pub(super) fn rows(subject: &Subject) -> Result<Rows<Source>, RenderError> {
    let fields = subject.fields().iter().map(|it| Ok((it.name.clone(), subject::kind(it)?)));
    let lines = open(subject, ROWS, subject.part(ROWS)?)?;
    Ok(Rows::new(lines, fields.collect::<Result<_, RenderError>>()?))
}

/// A file of the evidence, to be read and then checked.
pub(super) fn open(subject: &Subject, path: &str, part: &PartRecord) -> Result<Source, RenderError> {
    Content::open(&subject.folder.join(path), part).map_err(RenderError::Evidence)
}

/// Reads what is left of it. Tells whether it is what was kept.
pub(super) fn check(path: &str, part: &PartRecord, rest: Source) -> Result<(), RenderError> {
    let (kept, found) = (part.meaning(), rest.into_inner().finish().map_err(RenderError::Evidence)?);
    if found == kept { Ok(()) } else { Err(RenderError::Altered { path: path.to_owned(), kept, found }) }
}
