//! What an operation reports, in the forms of its evidence.

use exhibit_plugin::catalog::Field;
use exhibit_plugin::types::Row;
use exhibit_rows::ndjson;
use exhibit_rows::spreadsheet::{self, Column};

use crate::failure::Failure;
use crate::sink::Sink;
use crate::table::{cell, kind};

/// An operation reports a row, or some. They are kept in memory until it has ended.
const MAX_BYTES: usize = 64 << 20;
/// So many of them are shown.
const SHOWN_ROWS: usize = 10;

/// Rows in the making.
pub(super) struct Report {
    lines: ndjson::Encoder,
    sheet: spreadsheet::Encoder,
    page: Vec<u8>,
    page_rows: Vec<Row>,
    /// The rows of each page, as JSON lines.
    pub(super) pages: Vec<Vec<u8>>,
    /// All of them as a table.
    pub(super) table: Vec<u8>,
    /// The first ones.
    pub(super) first: Vec<Row>,
    bytes: usize,
    count: u64,
}

impl Report {
    pub(super) fn new(fields: &[Field]) -> Result<Self, Failure> {
        let columns: Vec<_> = fields
            .iter()
            .map(|it| Column { label: &it.label, kind: kind(it.kind), shown: it.shown })
            .collect();
        let sheet = spreadsheet::Encoder::new(&columns);
        let mut table = Vec::new();
        sheet.header(&mut table).map_err(|error| unwritten(&error))?;
        Ok(Self {
            lines: ndjson::Encoder::new(fields.iter().map(|it| it.name.as_str())),
            sheet,
            page: Vec::new(),
            page_rows: Vec::new(),
            pages: Vec::new(),
            table,
            first: Vec::new(),
            bytes: 0,
            count: 0,
        })
    }
}

impl Sink for Report {
    fn rows(&mut self, rows: &[Row]) -> Result<(), Failure> {
        let Self { lines, page, .. } = self;
        let written = rows.iter().try_for_each(|row| lines.row(row.iter().map(cell), page));
        written.map_err(|error| unwritten(&error))?;
        if self.bytes + self.page.len() > MAX_BYTES {
            return Err(Failure::source(format!("the plugin reports more than {} MiB", MAX_BYTES >> 20)));
        }
        self.page_rows.extend_from_slice(rows);
        Ok(())
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let rows = std::mem::take(&mut self.page_rows);
        self.sheet.rows(&rows, cell, &mut self.table).map_err(|error| unwritten(&error))?;
        self.count += rows.len() as u64;
        self.bytes += self.page.len();
        self.pages.push(std::mem::take(&mut self.page));
        let room = SHOWN_ROWS - self.first.len();
        self.first.extend(rows.into_iter().take(room));
        Ok(())
    }

    fn abandon(&mut self) -> bool {
        self.page.clear();
        self.page_rows.clear();
        true
    }

    fn count(&self) -> u64 {
        self.count
    }
}

fn unwritten(error: &std::io::Error) -> Failure {
    Failure::source(format!("a row cannot be written: {error}"))
}
