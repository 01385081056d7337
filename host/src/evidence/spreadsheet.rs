//! Rows of the contract as a spreadsheet reads them; how they look, and what keeps formulas
//! out, is in [`exhibit_rows::spreadsheet`].

use std::io;

use exhibit_rows::spreadsheet::Column;

use crate::contract::catalog;
use crate::contract::types::Value;

pub use exhibit_rows::spreadsheet::ABSENT;
pub(crate) use exhibit_rows::spreadsheet::{Lines, header};

/// Writes rows of one proof type.
#[derive(Debug)]
pub(crate) struct Encoder(exhibit_rows::spreadsheet::Encoder);

impl Encoder {
    pub(crate) fn new(fields: &[catalog::Field]) -> Self {
        let columns: Vec<_> = fields
            .iter()
            .map(|it| Column { label: &it.label, kind: it.kind.into(), shown: it.shown })
            .collect();
        Self(exhibit_rows::spreadsheet::Encoder::new(&columns))
    }

    /// Appends what comes before the first row.
    pub(super) fn header(&self, out: &mut Vec<u8>) -> io::Result<()> {
        self.0.header(out)
    }

    /// Appends rows.
    pub(super) fn rows(&self, rows: &[Vec<Value>], out: &mut Vec<u8>) -> io::Result<()> {
        self.0.rows(rows, Value::cell, out)
    }
}
