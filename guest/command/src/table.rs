//! Writes rows to standard output, a page at a time: an interrupted page leaves nothing.

use std::io::{self, Write};

use exhibit_plugin::catalog::Field;
use exhibit_plugin::types::{Kind, Row, Value};
use exhibit_rows::spreadsheet::Column;
use exhibit_rows::{Cell, ndjson, spreadsheet};

use crate::failure::{Failure, written};
use crate::sink::Sink;

/// A page's rows are buffered until its end, up to this many bytes: several times the size of ten
/// thousand hosts. More are written at once, and cannot be rolled back.
const PAGE_BYTES: usize = 16 << 20;

/// Writes rows.
pub(crate) struct Table<'a> {
    form: Form,
    out: &'a mut dyn Write,
    /// The bytes of the current page that are not yet written.
    page: Vec<u8>,
    /// The rows of the current page.
    page_rows: u64,
    /// Whether a part of the current page is written.
    out_early: bool,
    /// The rows that are written.
    rows: u64,
}

enum Form {
    Lines(ndjson::Encoder),
    Csv(spreadsheet::Encoder),
}

impl<'a> Table<'a> {
    /// One JSON object a line.
    pub(crate) fn lines(fields: &[Field], out: &'a mut dyn Write) -> Self {
        Self::of(Form::Lines(ndjson::Encoder::new(fields.iter().map(|it| it.name.as_str()))), out)
    }

    /// For spreadsheets.
    pub(crate) fn csv(fields: &[Field], out: &'a mut dyn Write) -> Result<Self, Failure> {
        let columns: Vec<_> = fields
            .iter()
            .map(|it| Column { label: &it.label, kind: kind(it.kind), shown: it.shown })
            .collect();
        let encoder = spreadsheet::Encoder::new(&columns);
        let mut header = Vec::new();
        written(encoder.header(&mut header).and_then(|()| out.write_all(&header)))?;
        Ok(Self::of(Form::Csv(encoder), out))
    }

    fn of(form: Form, out: &'a mut dyn Write) -> Self {
        Self { form, out, page: Vec::new(), page_rows: 0, out_early: false, rows: 0 }
    }

    fn write_out(&mut self) -> Result<(), Failure> {
        written(self.out.write_all(&self.page))?;
        self.page.clear();
        self.rows += std::mem::take(&mut self.page_rows);
        Ok(())
    }
}

impl Sink for Table<'_> {
    fn rows(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let page = &mut self.page;
        match &mut self.form {
            Form::Lines(lines) => rows.iter().try_for_each(|row| lines.row(row.iter().map(cell), page)),
            Form::Csv(csv) => csv.rows(rows, cell, page),
        }
        .map_err(|error| Failure::source(format!("a row cannot be written: {error}")))?;
        self.page_rows += rows.len() as u64;
        if self.page.len() >= PAGE_BYTES {
            self.out_early = true;
            self.write_out()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        self.out_early = false;
        self.write_out()?;
        written(self.out.flush())
    }

    fn abandon(&mut self) -> bool {
        self.page.clear();
        self.page_rows = 0;
        !std::mem::take(&mut self.out_early)
    }

    fn count(&self) -> u64 {
        self.rows
    }
}

/// A value, as rows are written.
pub(crate) fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Absent => Cell::Absent,
        Value::Empty => Cell::Empty,
        Value::Text(it) => Cell::Text(it),
        Value::Integer(it) => Cell::Integer(*it),
        Value::Number(it) => Cell::Number(*it),
        Value::Boolean(it) => Cell::Boolean(*it),
        Value::Instant(it) => Cell::Instant(*it),
        Value::Duration(it) => Cell::Duration(*it),
        Value::Texts(it) => Cell::Texts(it),
    }
}

/// A value, as rows were read.
pub(crate) fn value(read: exhibit_rows::Value) -> Value {
    use exhibit_rows::Value as Read;
    match read {
        Read::Absent => Value::Absent,
        Read::Empty => Value::Empty,
        Read::Text(it) => Value::Text(it),
        Read::Integer(it) => Value::Integer(it),
        Read::Number(it) => Value::Number(it),
        Read::Boolean(it) => Value::Boolean(it),
        Read::Instant(it) => Value::Instant(it),
        Read::Duration(it) => Value::Duration(it),
        Read::Texts(it) => Value::Texts(it),
    }
}

/// A kind, as rows know it.
pub(crate) fn kind(kind: Kind) -> exhibit_rows::Kind {
    match kind {
        Kind::Text => exhibit_rows::Kind::Text,
        Kind::Integer => exhibit_rows::Kind::Integer,
        Kind::Number => exhibit_rows::Kind::Number,
        Kind::Boolean => exhibit_rows::Kind::Boolean,
        Kind::Instant => exhibit_rows::Kind::Instant,
        Kind::Duration => exhibit_rows::Kind::Duration,
        Kind::Texts => exhibit_rows::Kind::Texts,
    }
}

/// A value as it is in a line of JSON, for messages.
pub(crate) fn shown(value: &Value) -> io::Result<String> {
    let mut json = Vec::new();
    ndjson::value(cell(value), &mut json)?;
    Ok(String::from_utf8_lossy(&json).into_owned())
}
