//! All fields as CSV, for spreadsheets and scripts; how cells look, and what keeps formulas out, is in
//! [`exhibit_rows::spreadsheet`]. A column for each test follows.
//!
//! CSV has no place for what a reader must know, so it has a file beside it: a description by the
//! W3C's "Metadata Vocabulary for Tabular Data", which tools find by its name.

use std::io::Write as _;

use exhibit_rows::spreadsheet::{ABSENT, Lines, header};
use exhibit_rows::{Cell, Kind};
use serde_json::{Value as Json, json};

use super::entries::Entries;
use super::error::RenderError;
use super::order::{Order, Out};
use super::subject::{Subject, kind};
use super::{about, veil};

/// Written out in pieces of about this many bytes.
const PIECE: usize = 64 << 10;

pub(super) fn write(subject: &Subject, entries: &mut Entries, out: &mut Out<'_>) -> Result<(), RenderError> {
    let headings = headings(subject)?;
    let mut piece = Vec::with_capacity(PIECE + PIECE / 4);
    header(headings.iter().map(String::as_str), &mut piece).map_err(RenderError::Write)?;
    loop {
        let more = lines(entries, &mut piece)?;
        out.write_all(&piece).map_err(RenderError::Write)?;
        piece.clear();
        if !more {
            return Ok(());
        }
    }
}

/// Appends lines until the piece is full. Tells whether there may be more.
fn lines(entries: &mut Entries, piece: &mut Vec<u8>) -> Result<bool, RenderError> {
    let mut size = piece.len();
    let mut lines = Lines::new(piece);
    while size < PIECE {
        let Some(entry) = entries.next() else {
            lines.flush().map_err(RenderError::Write)?;
            return Ok(false);
        };
        let entry = entry?;
        let words = entry.verdicts.iter().map(|it| Cell::Text(it.word()));
        for cell in entry.values.iter().map(exhibit_rows::Value::cell).chain(words) {
            size += match cell {
                Cell::Text(it) => it.len(),
                Cell::Texts(it) => it.iter().map(String::len).sum(),
                _ => size_of::<u64>(),
            };
            lines.cell(cell).map_err(RenderError::Write)?;
        }
        lines.end().map_err(RenderError::Write)?;
    }
    lines.flush().map_err(RenderError::Write)?;
    Ok(true)
}

/// Headings as in `proof.csv`, and one for each test.
fn headings(subject: &Subject) -> Result<Vec<String>, RenderError> {
    let mut all = Vec::new();
    for field in subject.fields() {
        all.push(match kind(field)? {
            Kind::Duration => format!("{} (seconds)", field.label),
            _ => field.label.clone(),
        });
    }
    let tests = subject.run.iter().flat_map(|it| &it.run.tests);
    all.extend(tests.map(|it| format!("Test: {}", it.name)));
    Ok(all)
}

/// What the CSV file of this name holds, for a file of that name and `-metadata.json` beside it.
pub fn description(subject: &Subject, order: &Order, name: &str) -> Result<Json, RenderError> {
    let veiled = veil::veiled(subject, &order.persons)?;
    let subject = &*veiled;
    let proof = &subject.proof;
    let headings = headings(subject)?;
    let mut columns = Vec::new();
    for (field, heading) in subject.fields().iter().zip(&headings) {
        let datatype = datatype(order.kind(field)?);
        let mut column = json!({
            "name": column_name(&field.name),
            "titles": heading,
            "dc:description": field.help,
            "datatype": datatype,
            "null": ["", ABSENT],
        });
        if kind(field)? == Kind::Texts {
            column["separator"] = json!("; ");
        }
        columns.push(column);
    }
    let tests = subject.run.iter().flat_map(|it| &it.run.tests);
    for (test, heading) in tests.zip(headings.iter().skip(subject.fields().len())) {
        columns.push(json!({
            "name": format!("test_{}", column_name(&test.name)),
            "titles": heading,
            "dc:description": test.label,
            "datatype": "string",
        }));
    }
    let facts = about::facts(subject, order);
    let notes: Vec<String> = facts.iter().map(|it| format!("{}: {}", it.term, it.text)).collect();
    Ok(json!({
        "@context": "http://www.w3.org/ns/csvw",
        "url": name,
        "dc:title": proof.proof_type.label,
        "dc:identifier": subject.digest,
        "dc:created": proof.last_answer,
        "notes": notes,
        "dialect": { "header": true, "encoding": "utf-8" },
        "tableSchema": { "columns": columns },
    }))
}

/// A column's name there may have letters, digits and underscores.
fn column_name(name: &str) -> String {
    name.replace('-', "_")
}

fn datatype(kind: Kind) -> &'static str {
    match kind {
        Kind::Text | Kind::Texts => "string",
        Kind::Integer => "integer",
        Kind::Number => "double",
        Kind::Boolean => "boolean",
        Kind::Instant => "dateTime",
        Kind::Duration => "nonNegativeInteger",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::examples::{evidence, rendered};
    use crate::{Format, Persons};

    #[test]
    fn all_fields_and_tests_are_columns_and_no_cell_is_a_formula() {
        let order = Order::new(Format::Csv);
        let (text, _) = rendered(&evidence(), &order).expect("a table");
        let mut table = ::csv::Reader::from_reader(&text["\u{feff}".len()..]);
        let headings = "Name,Owner,Last Seen,Last Scan,Score,Share,Active,Scan Took (seconds),Tags,\
                        Test: scanned,Test: owned";
        assert_eq!(table.headers().expect("headings"), headings.split(',').collect::<Vec<_>>());
        let rows: Vec<_> = table.records().map(|it| it.expect("a row")).collect();
        assert_eq!(rows.len(), 6);
        assert!(rows.iter().flatten().all(|it| !it.starts_with(['=', '+', '-', '@'])));
        assert_eq!(&rows[0][0], "'=HYPERLINK(\"http://evil.example\")");
        assert_eq!(&rows[5][2], ABSENT);
    }

    #[test]
    fn the_description_names_the_evidence_and_what_is_left_out() {
        let folder = evidence();
        let subject = Subject::open(folder.path(), None).expect("evidence");
        let order = Order { persons: Persons::LeftOut, rows: Some(2), ..Order::new(Format::Csv) };
        let said = description(&subject, &order, "hosts.csv").expect("a description");
        assert_eq!(said["dc:identifier"], json!(subject.digest));
        assert_eq!(said["tableSchema"]["columns"].as_array().map(Vec::len), Some(11));
        let notes = said["notes"].to_string();
        assert!(
            notes.contains("the first 2 of 6 rows") && notes.contains("(redacted) in their place: Owner"),
            "{notes}"
        );
    }
}
