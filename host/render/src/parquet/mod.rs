//! A Parquet file: the fields in columns of their types, for databases and notebooks.
//!
//! | field | column |
//! |---|---|
//! | text | `STRING` |
//! | integer | `INT64` |
//! | number | `DOUBLE` |
//! | boolean | `BOOLEAN` |
//! | instant | `TIMESTAMP(MILLIS, UTC)` |
//! | duration | `INT64`, unsigned: seconds |
//! | texts | `LIST` of `STRING` |
//!
//! What is absent and what is empty are both null, as databases have one nothing. The column `_absent`
//! tells them apart: it lists the fields of the row of which the source did not say anything. A column
//! `test:NAME` for each test has the row's verdict. The file's metadata, under `exhibit.`, says what the
//! columns mean, what the evidence is and what a reader must know of it.

mod column;

use std::sync::Arc;

use ::parquet::basic::{Compression, ZstdLevel};
use ::parquet::errors::ParquetError;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::SerializedFileWriter;
use ::parquet::schema::types::Type;
use exhibit_rows::{Kind, Value};
use serde_json::{Value as Json, json};

use self::column::Column;
use super::entries::{Entries, Entry};
use super::error::RenderError;
use super::order::{Order, Out};
use super::{Subject, about};

/// Which fields of a row are absent. No field's name begins so.
const ABSENT: &str = "_absent";
/// Rows that are encoded together: readers take them up one group at a time.
const GROUP_ROWS: usize = 100_000;
/// Of values in a group, which wait in memory until it is full.
const GROUP_BYTES: usize = 64 << 20;

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let mut table = Table::new(subject, order)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::default()))
        .set_created_by(format!("exhibit {}", subject.proof.host))
        .set_key_value_metadata(Some(metadata(subject, order)?))
        .build();
    let schema = table.schema().map_err(refuse)?;
    let mut file = SerializedFileWriter::new(out, schema, Arc::new(properties)).map_err(refuse)?;
    for entry in entries {
        table.add(&entry?).map_err(refuse)?;
        if table.is_full() {
            table.flush(&mut file).map_err(refuse)?;
        }
    }
    table.flush(&mut file).map_err(refuse)?;
    file.close().map_err(refuse)?;
    Ok(())
}

fn refuse(error: ParquetError) -> RenderError {
    RenderError::Write(std::io::Error::other(error))
}

/// A group of rows, while it grows.
struct Table<'a> {
    names: Vec<&'a str>,
    /// The fields, what is absent of them, and the tests.
    columns: Vec<(String, Column)>,
    rows: usize,
    bytes: usize,
}

impl<'a> Table<'a> {
    fn new(subject: &'a Subject, order: &Order) -> Result<Self, RenderError> {
        let mut columns = Vec::new();
        for field in subject.fields() {
            columns.push((field.name.clone(), Column::of(order.kind(field)?)));
        }
        columns.push((ABSENT.to_owned(), Column::of(Kind::Texts)));
        let tests = subject.run.iter().flat_map(|it| &it.run.tests);
        columns.extend(tests.map(|it| (format!("test:{}", it.name), Column::of(Kind::Text))));
        let names = subject.fields().iter().map(|it| it.name.as_str()).collect();
        Ok(Self { names, columns, rows: 0, bytes: 0 })
    }

    fn schema(&self) -> Result<Arc<Type>, ParquetError> {
        let columns = self.columns.iter().map(|(name, column)| column.schema(name).map(Arc::new));
        let columns = columns.collect::<Result<_, _>>()?;
        Type::group_type_builder("rows").with_fields(columns).build().map(Arc::new)
    }

    fn add(&mut self, entry: &Entry) -> Result<(), ParquetError> {
        let fields = self.names.iter().zip(&entry.values);
        let absent = fields.filter(|it| matches!(it.1, Value::Absent)).map(|it| (*it.0).to_owned());
        let absent = Value::Texts(absent.collect());
        let verdicts = entry.verdicts.iter().map(|it| Value::Text(it.word().to_owned()));
        let verdicts: Vec<Value> = verdicts.collect();
        let values = entry.values.iter().chain([&absent]).chain(&verdicts);
        for ((_, column), value) in self.columns.iter_mut().zip(values) {
            self.bytes += column.add(value)?;
        }
        self.rows += 1;
        Ok(())
    }

    fn is_full(&self) -> bool {
        self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES
    }

    fn flush(&mut self, file: &mut SerializedFileWriter<&mut Out<'_>>) -> Result<(), ParquetError> {
        if self.rows == 0 {
            return Ok(());
        }
        let mut group = file.next_row_group()?;
        for (_, column) in &mut self.columns {
            if let Some(mut writer) = group.next_column()? {
                column.write(&mut writer)?;
                writer.close()?;
            }
        }
        group.close()?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }
}

/// What a reader must know.
fn metadata(subject: &Subject, order: &Order) -> Result<Vec<KeyValue>, RenderError> {
    let proof = &subject.proof;
    let facts = about::facts(subject, order);
    let facts: Vec<Json> = facts.iter().map(|it| json!({ "term": it.term, "text": it.text })).collect();
    let mut fields = Vec::new();
    for field in subject.fields() {
        fields.push(json!({
            "name": field.name,
            "label": field.label,
            "kind": order.kind(field)?.name(),
            "help": field.help,
            "personal": field.personal,
        }));
    }
    let mut all = vec![
        ("evidence", subject.digest.to_string()),
        ("type", proof.proof_type.name.clone()),
        ("label", proof.proof_type.label.clone()),
        ("as-of", proof.job.as_of.clone()),
        ("rows", proof.rows.to_string()),
        ("fields", json!(fields).to_string()),
        ("facts", json!(facts).to_string()),
    ];
    all.push(("proves", proof.proves().word().to_owned()));
    if let Some(window) = proof.proven_span() {
        all.push(("window-start", window.start));
        all.push(("window-end", window.end));
    }
    if let Some(filter) = proof.filter() {
        all.push(("filter-start", filter.start.clone()));
        all.push(("filter-end", filter.end.clone()));
    }
    Ok(all.into_iter().map(|(name, value)| KeyValue::new(format!("exhibit.{name}"), value)).collect())
}
