//! The rows that did not pass, as far as a document names them.

use std::collections::HashMap;
use std::io::{BufRead as _, Read as _};

use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::render::error::RenderError;
use crate::render::subject::KeptRun;
use crate::render::{Order, Subject, entries, invalid, words};
use crate::testing::FINDINGS;

use super::identity;

/// A longer line is no finding: a row of 4 MiB and what was wanted of it are below.
const LONGEST_FINDING: u64 = 16 << 20;
/// Of each test, so many rows are named: a document is read whole by whatever reads it. All of them are
/// in the evidence.
const NAMED_ROWS: usize = 1_000;

/// A row that did not pass some tests.
pub(super) struct NamedRow {
    pub(super) uuid: Uuid,
    pub(super) label: String,
    /// The tests' names.
    pub(super) tests: Vec<String>,
}

#[derive(Deserialize)]
struct Line<'a> {
    test: String,
    #[serde(borrow)]
    key: &'a RawValue,
    row: String,
}

/// The first rows that did not pass, in their order. None of them where they might name persons.
pub(super) fn named(subject: &Subject, run: &KeptRun, order: &Order) -> Result<Vec<NamedRow>, RenderError> {
    let path = format!("{}/{FINDINGS}", run.folder);
    let mut lines = entries::open(subject, &path, run.part(FINDINGS)?)?;
    let unnamed = order.redact && subject.fields().iter().any(|it| it.personal);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut all: Vec<NamedRow> = Vec::new();
    let mut line = Vec::new();
    loop {
        line.clear();
        lines.by_ref().take(LONGEST_FINDING).read_until(b'\n', &mut line).map_err(RenderError::Evidence)?;
        if line.is_empty() || unnamed {
            break;
        }
        let found: Line<'_> = serde_json::from_slice(&line).map_err(|error| {
            RenderError::Evidence(invalid(format!("{path}: this is no finding: {error}")))
        })?;
        let count = counts.entry(found.test.clone()).or_default();
        *count += 1;
        if *count > NAMED_ROWS {
            continue;
        }
        let uuid = identity::row(&subject.proof, found.key.get());
        let place = *places.entry(uuid).or_insert_with(|| {
            all.push(NamedRow { uuid, label: label(&found.row), tests: vec![] });
            all.len() - 1
        });
        if let Some(row) = all.get_mut(place) {
            row.tests.push(found.test);
        }
    }
    entries::check(&path, run.part(FINDINGS)?, lines)?;
    Ok(all)
}

/// OSCAL has no empty names.
fn label(row: &str) -> String {
    let label = words::line(row);
    if label.trim().is_empty() { "(no name)".to_owned() } else { label }
}
