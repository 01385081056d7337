//! Certificates as comma-separated values.

use std::io;

use exhibit_inventory::Item;
use exhibit_rows::{Cell, spreadsheet};

use super::columns::Column;
use super::opened::Opened;

/// As comma-separated values, nothing in them that a spreadsheet would run as a formula.
pub(super) fn csv(columns: &[Column], items: &[Item], opened: &Opened) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let headings: Vec<String> = columns.iter().map(|it| it.heading(opened)).collect();
    spreadsheet::header(headings.iter().map(String::as_str), &mut out)?;
    let mut lines = spreadsheet::Lines::new(&mut out);
    for item in items {
        for column in columns {
            lines.cell(Cell::Text(&column.whole(item, opened)))?;
        }
        lines.end()?;
    }
    lines.flush()?;
    Ok(out)
}
