//! Rows of the contract as canonical JSON; how they look is in [`exhibit_rows::ndjson`].

use std::io;

use crate::contract::catalog;
use crate::contract::types::Value;

/// Writes rows of one proof type.
#[derive(Debug)]
pub struct Encoder(exhibit_rows::ndjson::Encoder);

impl Encoder {
    /// For rows with these fields.
    pub fn new(fields: &[catalog::Field]) -> Self {
        Self(exhibit_rows::ndjson::Encoder::new(fields.iter().map(|it| it.name.as_str())))
    }

    /// Appends one line. Refuses what JSON cannot say, and a row of another width.
    pub fn row(&self, row: &[Value], out: &mut Vec<u8>) -> io::Result<()> {
        self.0.row(row.iter().map(Value::cell), out)
    }
}

/// Appends one value; an absent one, which has no JSON of its own, as `null`.
pub(crate) fn value(value: &Value, out: &mut Vec<u8>) -> io::Result<()> {
    exhibit_rows::ndjson::value(value.cell(), out)
}

/// Appends a text.
pub(crate) fn text(text: &str, out: &mut Vec<u8>) {
    exhibit_rows::ndjson::text(text, out);
}
