//! Why rows did not pass, as a run of tests has written it down.

use std::collections::HashMap;
use std::io::{BufRead as _, Read as _};

use exhibit::format;
use exhibit_records::{Field, PartRecord, Verdict};
use exhibit_rows::{Kind, Value, instant};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::error::{RenderError, invalid};
use super::names::Names;
use super::order::Order;
use super::persons::{Persons, REDACTED};
use super::source::{self, Source};
use super::subject::{self, KeptRun, Subject};

/// Where they are, in a run's folder.
use exhibit::testing::FINDINGS as FILE;

/// A longer line is no finding: a row of 4 MiB and what was wanted of it are below.
const LONGEST: u64 = 16 << 20;

/// A row that did not pass a test.
#[derive(Deserialize)]
pub(super) struct Finding {
    pub(super) test: String,
    pub(super) key: Box<RawValue>,
    pub(super) row: String,
    verdict: Verdict,
    found: Vec<Found>,
}

/// What it stumbled on.
#[derive(Deserialize)]
struct Found {
    field: String,
    /// No key where the source did not say.
    #[serde(default, deserialize_with = "there")]
    seen: Option<Json>,
    wanted: String,
}

/// Why a row did not pass a test, for people.
#[derive(Debug)]
pub(super) struct Reason {
    /// Of the run's tests.
    pub(super) test: usize,
    pub(super) verdict: Verdict,
    /// What it stumbled on. Several are alternatives: any of them would have been enough.
    pub(super) found: Vec<Stumble>,
}

/// A field that a row stumbled on.
#[derive(Debug)]
pub(super) struct Stumble {
    /// Its label, on one line.
    pub(super) field: String,
    pub(super) seen: Value,
    /// On one line.
    pub(super) wanted: String,
}

/// The lines of a run's findings, one by one.
struct Lines {
    lines: Source,
    path: String,
    kept: PartRecord,
    line: Vec<u8>,
}

/// What a run found of rows, as they are read one by one.
pub(super) struct Reasons {
    lines: Lines,
    speaker: Speaker,
    /// Of the run's tests, by their names.
    tests: HashMap<String, usize>,
    /// What was read and is of a row still to come.
    next: Option<Finding>,
}

/// Says what was found in the labels of the fields, and no more of persons than the export does.
struct Speaker {
    fields: Vec<(String, String, Kind, bool)>,
    persons: Persons,
}

/// Calls for all of them, in their order.
pub(super) fn each(
    subject: &Subject,
    run: &KeptRun,
    mut call: impl FnMut(Finding) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let mut lines = Lines::open(subject, run)?;
    while let Some(finding) = lines.next()? {
        call(finding)?;
    }
    lines.finish()
}

/// Why the first rows of each test did not pass it, and what each row is called: so many rows of each.
pub(super) fn first(
    subject: &Subject,
    run: &KeptRun,
    order: &Order,
    rows: usize,
) -> Result<Vec<(String, Reason)>, RenderError> {
    let names = Names::of(subject, &order.persons);
    let speaker = Speaker::new(subject, order)?;
    let mut counts = vec![0; run.run.tests.len()];
    let mut all = Vec::new();
    each(subject, run, |finding| {
        let Some(test) = run.run.tests.iter().position(|it| it.name == finding.test) else { return Ok(()) };
        counts[test] += 1;
        if counts[test] > rows {
            return Ok(());
        }
        let named = names.of_row(&finding.key, &finding.row)?;
        let row = named.map_or_else(|| REDACTED.to_owned(), |it| format::line(&it.row));
        all.push((row, speaker.reason(test, finding)));
        Ok(())
    })?;
    all.sort_by_key(|it| it.1.test);
    Ok(all)
}

impl Lines {
    fn open(subject: &Subject, run: &KeptRun) -> Result<Self, RenderError> {
        let path = format!("{}/{FILE}", run.folder);
        let kept = run.part(FILE)?.clone();
        Ok(Self { lines: source::open(subject, &path, &kept)?, path, kept, line: Vec::new() })
    }

    fn next(&mut self) -> Result<Option<Finding>, RenderError> {
        self.line.clear();
        let read = self.lines.by_ref().take(LONGEST).read_until(b'\n', &mut self.line);
        if read.map_err(RenderError::Evidence)? == 0 {
            return Ok(None);
        }
        let parsed = serde_json::from_slice(&self.line);
        parsed.map(Some).map_err(|error| self.refuse(&format!("this is no finding: {error}")))
    }

    fn refuse(&self, problem: &str) -> RenderError {
        RenderError::Evidence(invalid(format!("{}: {problem}", self.path)))
    }

    /// Reads what is left. Tells whether all of it is what was kept.
    fn finish(self) -> Result<(), RenderError> {
        source::check(&self.path, &self.kept, self.lines)
    }
}

impl Reasons {
    pub(super) fn open(subject: &Subject, run: &KeptRun, order: &Order) -> Result<Self, RenderError> {
        let mut lines = Lines::open(subject, run)?;
        Ok(Self {
            next: lines.next()?,
            lines,
            speaker: Speaker::new(subject, order)?,
            tests: run.run.tests.iter().zip(0..).map(|(it, place)| (it.name.clone(), place)).collect(),
        })
    }

    /// Why the next row did not pass, which has this key and these verdicts, in the order of the tests.
    pub(super) fn of_row(&mut self, key: &str, verdicts: &[Verdict]) -> Result<Vec<Reason>, RenderError> {
        let mut reasons: Vec<Reason> = Vec::new();
        while let Some(finding) = &self.next
            && finding.key.get() == key
        {
            let test = self.tests.get(&finding.test).copied();
            let test = test.ok_or_else(|| self.lines.refuse("it names a test that the run does not have"))?;
            // Two rows may share a key: what is of an earlier test again, or of another verdict, is of the next row.
            let is_next = reasons.last().is_none_or(|it| it.test < test);
            if !is_next || verdicts.get(test) != Some(&finding.verdict) {
                break;
            }
            let next = self.lines.next()?;
            if let Some(finding) = std::mem::replace(&mut self.next, next) {
                reasons.push(self.speaker.reason(test, finding));
            }
        }
        Ok(reasons)
    }

    /// Reads what was not asked for, too. With `all`, every row was asked for, and nothing may be left.
    pub(super) fn finish(self, all: bool) -> Result<(), RenderError> {
        let left = all && self.next.is_some();
        let refusal = self.lines.refuse("it is not in the order of the rows");
        self.lines.finish()?;
        if left { Err(refusal) } else { Ok(()) }
    }
}

impl Reason {
    /// In a sentence, without the test's name.
    pub(super) fn in_words(&self) -> String {
        let said = self
            .found
            .iter()
            .zip(0..)
            .map(|(it, at)| format!("{}{}", format::alternative(at, self.found.len()), it.in_words()));
        said.collect::<Vec<_>>().join("; ")
    }

    /// What was wanted at this place, for a table.
    pub(super) fn wanted(&self, at: usize) -> String {
        let wanted = self.found.get(at).map_or("", |it| &it.wanted);
        format!("{}{wanted}", format::alternative(at, self.found.len()))
    }
}

impl Stumble {
    /// In a sentence.
    pub(super) fn in_words(&self) -> String {
        format!("{} is {}, wanted: {}", self.field, format::value(self.seen.cell()), self.wanted)
    }
}

impl Speaker {
    fn new(subject: &Subject, order: &Order) -> Result<Self, RenderError> {
        let field = |it: &Field| Ok((it.name.clone(), it.label.clone(), subject::kind(it)?, it.personal));
        let fields = subject.fields().iter().map(field).collect::<Result<_, RenderError>>()?;
        Ok(Self { fields, persons: order.persons.clone() })
    }

    fn reason(&self, test: usize, finding: Finding) -> Reason {
        let found = finding.found.into_iter().map(|it| self.stumble(it)).collect();
        Reason { test, verdict: finding.verdict, found }
    }

    fn stumble(&self, found: Found) -> Stumble {
        let field = self.fields.iter().find(|it| it.0 == found.field);
        let (label, kind, personal) = match field {
            Some((_, label, kind, personal)) => (label.as_str(), *kind, *personal),
            // It had another name when the evidence was collected.
            None => (found.field.as_str(), Kind::Text, true),
        };
        let mut seen = value(found.seen, kind);
        let mut wanted = format::line(&found.wanted);
        if self.persons.are_hidden() && personal {
            seen = self.persons.value(seen);
            // It may say who should be there.
            wanted = REDACTED.to_owned();
        }
        Stumble { field: format::line(label), seen, wanted }
    }
}

/// A value as `findings.ndjson` has it, which is as in the rows.
fn value(json: Option<Json>, kind: Kind) -> Value {
    match (json, kind) {
        (None, _) => Value::Absent,
        (Some(Json::Null), _) => Value::Empty,
        (Some(Json::String(text)), Kind::Instant) => {
            instant::parse(&text).map_or(Value::Text(text), Value::Instant)
        }
        (Some(Json::Number(it)), Kind::Duration) if it.is_u64() => {
            Value::Duration(it.as_u64().unwrap_or_default())
        }
        (Some(Json::Number(it)), Kind::Integer) if it.is_i64() => {
            Value::Integer(it.as_i64().unwrap_or_default())
        }
        (Some(Json::Number(it)), Kind::Number) if it.as_f64().is_some() => {
            Value::Number(it.as_f64().unwrap_or_default())
        }
        (Some(Json::String(text)), _) => Value::Text(text),
        (Some(Json::Bool(it)), _) => Value::Boolean(it),
        (Some(Json::Array(all)), _) => {
            let text = |it: Json| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
            Value::Texts(all.into_iter().map(text).collect())
        }
        (Some(other), _) => Value::Text(other.to_string()),
    }
}

/// What is there, `null` too.
fn there<'de, D: serde::Deserializer<'de>>(json: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(json).map(Some)
}
