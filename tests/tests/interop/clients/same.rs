//! Records of a client and rows of Exhibit, from the same source: whether they are the same.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;

/// Records and rows that are of the same things.
pub(super) struct Same {
    /// The name of the client's records.
    pub(super) records: &'static str,
    /// The name of the rows.
    pub(super) rows: &'static str,
    /// Fields by the names of the client and by ours; the first tells which record is which row.
    pub(super) fields: &'static [(&'static str, &'static str)],
}

impl Same {
    /// Compares each field of each record. Gives the number of fields.
    ///
    /// # Errors
    /// Where a record has no row, a row no record, or a field differs.
    pub(super) fn compare(&self, records: &Json, rows: &[Json]) -> Result<u64> {
        let name = self.records;
        let (key, ours) = self.fields[0];
        let mut by_key = BTreeMap::new();
        for row in rows {
            let twice = by_key.insert(plain(&row[ours]).context("a row without a key")?, row);
            ensure!(twice.is_none(), "{name}: two rows are one record: {row}");
        }
        let records = records[name].as_array().with_context(|| format!("records of {name}"))?;
        ensure!(records.len() == rows.len(), "{name}: {} records, {} rows", records.len(), rows.len());
        let mut fields = 0;
        for record in records {
            let found = plain(&record[key]).and_then(|it| by_key.remove(&it));
            let row = found.with_context(|| format!("{name}: no row for {record}"))?;
            for (theirs, ours) in self.fields {
                let (record, row) = (plain(&record[*theirs]), plain(&row[*ours]));
                ensure!(
                    record == row,
                    "{name}: {theirs} is {record:?}, {ours} is {row:?} of {key} {found:?}",
                    found = row
                );
                fields += 1;
            }
        }
        println!("{name}: {fields} fields of {} records are those of {}", records.len(), self.rows);
        Ok(fields)
    }
}

/// A value without the type that one or the other gives it; what is empty counts as absent.
pub(super) fn plain(value: &Json) -> Option<String> {
    let text = match value {
        Json::Null => return None,
        Json::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}
