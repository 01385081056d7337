//! The rows of the evidence, each with what the tests made of it, read once and in their order.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read};

use exhibit_rows::Value;
use exhibit_rows::read::Rows;
use serde::Deserialize;

use crate::digest::{Digest, Digester};
use crate::testing::Verdict;

use super::error::RenderError;
use super::subject::{self, Subject};
use super::{BUFFER, Order, REDACTED, invalid};

/// The rows, in the evidence's folder.
pub(super) const ROWS: &str = "rows.ndjson";
/// What every row came to, in a run's folder.
const VERDICTS: &str = "verdicts.ndjson";
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
    kept: Digest,
    redacted: Vec<bool>,
    left: u64,
    verdicts: Option<Verdicts>,
}

pub(super) type Source = BufReader<Digesting>;

/// What the tests made of the rows.
struct Verdicts {
    lines: Source,
    path: String,
    kept: Digest,
    /// Where in an entry each test's verdict goes.
    places: HashMap<String, usize>,
    line: Vec<u8>,
}

/// A line of [`VERDICTS`], as far as it is needed.
#[derive(Deserialize)]
struct Line {
    verdicts: HashMap<String, Verdict>,
}

/// A file, digested as it is read.
#[derive(Debug)]
pub(super) struct Digesting {
    file: File,
    digester: Digester,
}

impl Entries {
    pub(super) fn open(subject: &Subject, order: &Order) -> Result<Self, RenderError> {
        let fields = subject.fields().iter().map(|it| Ok((it.name.clone(), subject::kind(it)?)));
        let fields = fields.collect::<Result<Vec<_>, RenderError>>()?;
        let verdicts = match &subject.run {
            Some(run) => Some(Verdicts {
                lines: open(subject, &format!("{}/{VERDICTS}", run.folder))?,
                path: format!("{}/{VERDICTS}", run.folder),
                kept: run.part(VERDICTS)?.digest,
                places: run.run.tests.iter().zip(0..).map(|(it, place)| (it.name.clone(), place)).collect(),
                line: Vec::new(),
            }),
            None => None,
        };
        Ok(Self {
            rows: Rows::new(open(subject, ROWS)?, fields),
            kept: subject.part(ROWS)?.digest,
            redacted: subject.fields().iter().map(|it| order.redact && it.personal).collect(),
            left: order.rows_of(subject.proof.rows),
            verdicts,
        })
    }

    /// Reads what was not rendered, too. Tells whether all of it is what was kept.
    pub(super) fn finish(self) -> Result<(), RenderError> {
        check(ROWS, self.kept, self.rows.into_lines())?;
        self.verdicts.map_or(Ok(()), |it| check(&it.path, it.kept, it.lines))
    }

    fn read(&mut self) -> io::Result<Entry> {
        let row =
            self.rows.next().unwrap_or_else(|| Err(invalid("there are fewer rows than proof.json says")));
        let mut values = row.map_err(|error| invalid(format!("{ROWS}: {error}")))?;
        for (value, redacted) in values.iter_mut().zip(&self.redacted) {
            // That there is nothing names nobody.
            if *redacted && !matches!(value, Value::Absent | Value::Empty) {
                *value = Value::Text(REDACTED.to_owned());
            }
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

impl Read for Digesting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.digester.update(&buffer[..read]);
        Ok(read)
    }
}

/// A file of the evidence, to be read and then checked.
pub(super) fn open(subject: &Subject, path: &str) -> Result<Source, RenderError> {
    let path = subject.folder.join(path);
    let file = File::open(&path).map_err(|error| {
        RenderError::Evidence(io::Error::new(error.kind(), format!("{}: {error}", path.display())))
    })?;
    Ok(BufReader::with_capacity(BUFFER, Digesting { file, digester: Digester::default() }))
}

/// Reads what is left of it. Tells whether it is what was kept.
pub(super) fn check(path: &str, kept: Digest, mut rest: Source) -> Result<(), RenderError> {
    io::copy(&mut rest, &mut io::sink()).map_err(RenderError::Evidence)?;
    let found = rest.into_inner().digester.finish();
    if found == kept { Ok(()) } else { Err(RenderError::Altered { path: path.to_owned(), kept, found }) }
}
