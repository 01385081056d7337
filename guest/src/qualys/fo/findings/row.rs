//! A detection as a row: read, distinguished from others, written to be held, and completed.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use exhibit_plugin::column::Cell;
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Row, Value};

use super::super::knowledge_base::Entry;

/// Between the cells of a row that is held, and between the texts of one. No answer has these characters: they are
/// replaced where one does.
const CELL: char = '\u{FFFF}';
const TEXT: char = '\u{FFFE}';

/// A detection, and what its cells may depend on beside it.
#[derive(Debug)]
pub struct Finding<'a> {
    /// The texts of the host's elements.
    pub host: &'a BTreeMap<&'static str, String>,
    /// The detection itself.
    pub element: &'a Element<'a>,
    /// See [`crate::qualys::record::Record::selected`].
    pub selected: u8,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// Whether its results were asked for.
    pub has_results: bool,
}

exhibit_plugin::columns_of!(pub type Column, fn column(Finding<'_>) -> Cell);

/// Where a row has its key, and what is joined into it.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The fields of its key.
    pub key: Vec<usize>,
    /// What the KnowledgeBase is asked by.
    pub qid: usize,
    /// The title of the vulnerability.
    pub title: usize,
    /// Its CVEs.
    pub cves: usize,
    /// Whether there is a patch.
    pub patchable: usize,
    /// Whether the KnowledgeBase lists it.
    pub is_listed: usize,
}

impl<'a> Finding<'a> {
    /// The text of a child of the detection.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.element.get(name)
    }

    /// The text of a child of the host.
    pub fn of_host(&self, name: &str) -> Option<&'a str> {
        self.host.get(name).map(String::as_str)
    }
}

impl Joined {
    /// The places of these fields. A name that is no field is at the end, where no row has anything.
    pub fn of(columns: &[Column], key: &[&str]) -> Self {
        let at = |name: &str| columns.iter().position(|it| it.name == name).unwrap_or(columns.len());
        Self {
            key: key.iter().map(|it| at(it)).collect(),
            qid: at("qid"),
            title: at("title"),
            cves: at("cves"),
            patchable: at("patchable"),
            is_listed: at("in-knowledge-base"),
        }
    }

    /// The QID of a row.
    pub(super) fn qid(&self, row: &Row) -> Option<u64> {
        match row.get(self.qid) {
            Some(Value::Integer(it)) => u64::try_from(*it).ok(),
            _ => None,
        }
    }

    /// A number for the key of a row, the same for equal ones.
    pub(super) fn digest(&self, row: &Row) -> u64 {
        digest(&packed(self.key.iter().filter_map(|&at| row.get(at))))
    }

    /// Its key for people.
    pub(super) fn shown(&self, row: &Row) -> String {
        let known = |it: &&Value| !matches!(it, Value::Absent | Value::Empty);
        let cells = self.key.iter().filter_map(|&at| row.get(at)).filter(known);
        cells.map(|it| packed([it])).collect::<Vec<_>>().join(", ")
    }

    /// The row with what the KnowledgeBase says: `None` where it does not list the QID.
    pub(super) fn complete(&self, mut row: Row, entry: Option<&Entry>) -> Row {
        let mut put = |at: usize, value: Value| {
            if let Some(cell) = row.get_mut(at) {
                *cell = value;
            }
        };
        put(self.is_listed, Value::Boolean(entry.is_some()));
        if let Some(entry) = entry {
            put(self.title, entry.title());
            put(self.cves, entry.cves());
            put(self.patchable, entry.patchable());
        }
        row
    }
}

pub(super) fn digest(text: &str) -> u64 {
    // With fixed keys: the same in every run.
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Cells as one text, shorter than in JSON.
pub(super) fn packed<'a>(cells: impl IntoIterator<Item = &'a Value>) -> String {
    let mut out = String::new();
    for (at, cell) in cells.into_iter().enumerate() {
        if at > 0 {
            out.push(CELL);
        }
        // Writing to a string cannot fail.
        let _ = match cell {
            Value::Absent => Ok(()),
            Value::Empty => out.write_char(TEXT),
            Value::Text(it) => out.write_str(it),
            Value::Integer(it) | Value::Instant(it) => write!(out, "{it}"),
            Value::Number(it) => write!(out, "{it}"),
            Value::Duration(it) => write!(out, "{it}"),
            Value::Boolean(it) => write!(out, "{it}"),
            Value::Texts(it) => it.iter().try_for_each(|it| write!(out, "{TEXT}{it}")),
        };
    }
    out
}

/// The row that [`packed`] wrote; `None` where it is no row of these columns.
pub(super) fn unpacked(text: &str, columns: &[Column]) -> Option<Row> {
    let cells: Vec<&str> = text.split(CELL).collect();
    if cells.len() != columns.len() {
        return None;
    }
    let cell = |(cell, column): (&str, &Column)| {
        if cell.is_empty() {
            return Some(Value::Absent);
        }
        if cell.len() == TEXT.len_utf8() && cell.starts_with(TEXT) {
            return Some(Value::Empty);
        }
        Some(match column.kind {
            Kind::Text => Value::Text(cell.to_owned()),
            Kind::Integer => Value::Integer(cell.parse().ok()?),
            Kind::Instant => Value::Instant(cell.parse().ok()?),
            Kind::Number => Value::Number(cell.parse().ok()?),
            Kind::Duration => Value::Duration(cell.parse().ok()?),
            Kind::Boolean => Value::Boolean(cell.parse().ok()?),
            Kind::Texts => Value::Texts(cell.strip_prefix(TEXT)?.split(TEXT).map(str::to_owned).collect()),
        })
    };
    cells.into_iter().zip(columns).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_was_held_is_the_same() {
        const fn of(kind: Kind) -> Column {
            column("x", "X", kind, |_| Ok(Value::Absent))
        }
        let columns = [
            of(Kind::Text),
            of(Kind::Text),
            of(Kind::Text),
            of(Kind::Integer),
            of(Kind::Instant),
            of(Kind::Number),
            of(Kind::Duration),
            of(Kind::Boolean),
            of(Kind::Texts),
            of(Kind::Texts),
        ];
        let text = |it: &str| it.to_owned();
        let row = vec![
            Value::Absent,
            Value::Empty,
            Value::Text(text("tab\there \"quoted\"")),
            Value::Integer(-7),
            Value::Instant(1_793_491_200_000),
            Value::Number(0.1),
            Value::Duration(60),
            Value::Boolean(false),
            Value::Texts(vec![text("a"), text("b")]),
            Value::Texts(vec![text("a")]),
        ];
        assert_eq!(unpacked(&packed(&row), &columns), Some(row.clone()));
        assert_eq!(unpacked(&packed(&row[1..]), &columns), None);
        assert_eq!(unpacked("a\u{FFFF}b", &[of(Kind::Integer), of(Kind::Text)]), None);
    }
}
