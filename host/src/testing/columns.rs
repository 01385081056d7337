//! Rows on their way from the evidence to the plugin.

use std::io;
use std::path::Path;

use exhibit_records::{Digest, Proof};
use exhibit_rows::shown_fields;
use tokio::sync::mpsc::Sender;

use crate::contract::catalog::ProofType;
use crate::contract::types::{Kind, Row, Value};
use crate::disk::at;
use crate::evidence::{ROWS, format_instant, ndjson, read};

use super::error::TestError;
use super::files::Name;

/// Rows that the plugin is handed at once: enough that the call itself does not count.
const BATCH_ROWS: usize = 1_000;
/// Of text in them: a small part of the plugin's memory.
const BATCH_BYTES: usize = 4 << 20;

/// Some rows on their way to the plugin.
#[derive(Debug)]
pub(super) struct Batch {
    /// Of the fields that the plugin looks at.
    pub(super) rows: Vec<Row>,
    pub(super) names: Vec<Name>,
}

/// Which columns of the evidence are wanted, and what for.
#[derive(Debug)]
pub(super) struct Columns {
    fields: Vec<(String, Kind)>,
    /// Those that are read: first those that the plugin looks at.
    wanted: Vec<String>,
    looked_at: usize,
    /// Where in `wanted` the key is.
    key: Vec<usize>,
    /// Where in `wanted` it is what people call a row.
    label: usize,
}

impl Columns {
    /// The evidence may have been collected when fields had other names.
    pub(super) fn find(
        proof: &Proof,
        proof_type: &ProofType,
        looked_at: &[String],
    ) -> Result<Self, TestError> {
        let fields = read::fields(proof).map_err(TestError::Evidence)?;
        let has = |name: &str| fields.iter().any(|(it, _)| it == name);
        let mut wanted = Vec::with_capacity(looked_at.len() + 2);
        for name in looked_at {
            let aliases = proof_type.fields.iter().filter(|it| it.name == *name).flat_map(|it| &it.aliases);
            let found = std::iter::once(name).chain(aliases).find(|it| has(it));
            wanted.push(found.ok_or_else(|| TestError::NoField(name.clone()))?.clone());
        }
        let looked_at = wanted.len();
        let mut place = |name: &str| {
            wanted.iter().position(|it| it == name).unwrap_or_else(|| {
                wanted.push(name.to_owned());
                wanted.len() - 1
            })
        };
        let key = proof.proof_type.key.iter().map(|it| place(it)).collect();
        let shown = shown_fields(proof.proof_type.fields.iter().map(|it| it.shown));
        let label = shown.first().and_then(|it| proof.proof_type.fields.get(*it));
        let label = place(label.map_or("", |it| &it.name));
        Ok(Self { fields, wanted, looked_at, key, label })
    }

    /// Reads all rows. Gives the digest of their text. Ends early where they are no longer wanted.
    pub(crate) fn read(self, folder: &Path, proof: &Proof, batches: &Sender<Batch>) -> io::Result<Digest> {
        let path = folder.join(ROWS);
        let lines = read::lines(folder, proof)?;
        let names: Vec<&str> = self.wanted.iter().map(String::as_str).collect();
        let mut rows = read::Rows::new(lines, self.fields.clone()).only(&names);
        let mut batch = Batch::new();
        let mut bytes = 0;
        for row in &mut rows {
            let mut row = row.map_err(|error| at(&path, error))?;
            bytes += row.iter().map(text_bytes).sum::<usize>();
            let key: Row = self.key.iter().map(|it| row[*it].clone()).collect();
            let label = label(&row[self.label], &key);
            batch.names.push(Name::new(key, label)?);
            row.truncate(self.looked_at);
            batch.rows.push(row);
            if batch.rows.len() == BATCH_ROWS || bytes >= BATCH_BYTES {
                bytes = 0;
                if batches.blocking_send(std::mem::replace(&mut batch, Batch::new())).is_err() {
                    break;
                }
            }
        }
        // A receiver that no longer listens has its own reason.
        let _ = batches.blocking_send(batch);
        rows.into_lines().into_inner().finish().map_err(|error| at(&path, error))
    }
}

impl Batch {
    fn new() -> Self {
        Self { rows: Vec::with_capacity(BATCH_ROWS), names: Vec::with_capacity(BATCH_ROWS) }
    }
}

/// What people call a row; its key, where that says nothing.
fn label(value: &Value, key: &[Value]) -> String {
    let text = |value: &Value| match value {
        Value::Absent | Value::Empty => None,
        Value::Text(it) => Some(it.clone()),
        Value::Texts(it) => Some(it.join(", ")),
        Value::Instant(it) => Some(format_instant(*it)),
        Value::Integer(_) | Value::Number(_) | Value::Boolean(_) | Value::Duration(_) => {
            let mut out = Vec::new();
            ndjson::value(value, &mut out).ok()?;
            String::from_utf8(out).ok()
        }
    };
    text(value).unwrap_or_else(|| key.iter().filter_map(text).collect::<Vec<_>>().join(" "))
}

/// Bytes that a value's texts take in memory, which are what makes it large.
pub(super) fn text_bytes(value: &Value) -> usize {
    match value {
        Value::Text(it) => it.len(),
        // Empty ones take memory, too.
        Value::Texts(it) => it.iter().map(|it| it.len() + size_of::<String>()).sum(),
        _ => 0,
    }
}
