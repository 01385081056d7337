//! The rows that did not pass, as far as a document names them.

use std::collections::HashMap;

use exhibit::format;
use uuid::Uuid;

use crate::error::RenderError;
use crate::names::{Named, Names};
use crate::order::Order;
use crate::subject::KeptRun;
use crate::{Subject, findings};

use super::identity;

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

/// The first rows that did not pass, in their order: by pseudonyms, or none of them, where they would name
/// persons.
pub(super) fn named(subject: &Subject, run: &KeptRun, order: &Order) -> Result<Vec<NamedRow>, RenderError> {
    let names = Names::of(subject, &order.persons);
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut places: HashMap<Uuid, usize> = HashMap::new();
    let mut all: Vec<NamedRow> = Vec::new();
    findings::each(subject, run, |found| {
        let count = counts.entry(found.test.clone()).or_default();
        *count += 1;
        if *count > NAMED_ROWS {
            return Ok(());
        }
        let Some(Named { key, row }) = names.of_row(&found.key, &found.row)? else { return Ok(()) };
        let uuid = identity::row(&subject.proof, &key);
        let place = *places.entry(uuid).or_insert_with(|| {
            all.push(NamedRow { uuid, label: label(&row), tests: vec![] });
            all.len() - 1
        });
        if let Some(row) = all.get_mut(place) {
            row.tests.push(found.test);
        }
        Ok(())
    })?;
    Ok(all)
}

/// OSCAL has no empty names.
fn label(row: &str) -> String {
    let label = format::line(row);
    if label.trim().is_empty() { "(no name)".to_owned() } else { label }
}
