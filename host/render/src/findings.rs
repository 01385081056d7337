//! Why rows did not pass, as a run of tests has written it down.

use std::io::{BufRead as _, Read as _};

use exhibit::format;
use exhibit_records::Verdict;
use exhibit_rows::{Kind, Value, instant};
use serde::Deserialize;
use serde_json::Value as Json;
use serde_json::value::RawValue;

use super::error::{RenderError, invalid};
use super::names::Names;
use super::order::Order;
use super::persons::REDACTED;
use super::subject::{KeptRun, Subject};
use super::{entries, subject};

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

/// A field that a row stumbled on, for people.
pub(super) struct Stumble {
    /// Of the run's tests.
    pub(super) test: usize,
    pub(super) verdict: Verdict,
    pub(super) row: String,
    pub(super) field: String,
    pub(super) seen: String,
    pub(super) wanted: String,
}

/// Calls for all of them, in their order.
pub(super) fn each(
    subject: &Subject,
    run: &KeptRun,
    mut call: impl FnMut(Finding) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let path = format!("{}/{FILE}", run.folder);
    let mut lines = entries::open(subject, &path, run.part(FILE)?)?;
    let mut line = Vec::new();
    loop {
        line.clear();
        lines.by_ref().take(LONGEST).read_until(b'\n', &mut line).map_err(RenderError::Evidence)?;
        if line.is_empty() {
            return entries::check(&path, run.part(FILE)?, lines);
        }
        call(serde_json::from_slice(&line).map_err(|error| {
            RenderError::Evidence(invalid(format!("{path}: this is no finding: {error}")))
        })?)?;
    }
}

/// What the first rows of each test stumbled on: of so many rows.
pub(super) fn first(
    subject: &Subject,
    run: &KeptRun,
    order: &Order,
    rows: usize,
) -> Result<Vec<Stumble>, RenderError> {
    let names = Names::of(subject, &order.persons);
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
        for found in finding.found {
            let (field, seen, wanted) = found.said(subject, order)?;
            all.push(Stumble { test, verdict: finding.verdict, row: row.clone(), field, seen, wanted });
        }
        Ok(())
    })?;
    all.sort_by_key(|it| it.test);
    Ok(all)
}

impl Found {
    /// The field, what was seen in it, and what was wanted.
    fn said(self, subject: &Subject, order: &Order) -> Result<(String, String, String), RenderError> {
        let field = subject.fields().iter().find(|it| it.name == self.field);
        let (label, kind) = match field {
            Some(it) => (it.label.as_str(), subject::kind(it)?),
            // It had another name when the evidence was collected.
            None => (self.field.as_str(), Kind::Text),
        };
        let mut seen = value(self.seen, kind);
        let mut wanted = format::line(&self.wanted);
        if order.persons.are_hidden() && field.is_none_or(|it| it.personal) {
            seen = order.persons.value(seen);
            // It may say who should be there.
            wanted = REDACTED.to_owned();
        }
        Ok((format::line(label), format::value(seen.cell()), wanted))
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
