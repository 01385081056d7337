//! A field and how its cells are read, in one place, so that a row always has
//! the width and the order of its proof type.

use crate::contract::catalog::Field;
use crate::contract::types::{Instant, Kind, Row, Value};
use crate::session::Page;

/// A column: how it is described to people, and how a cell of it is read out of a record.
#[derive(Debug, Clone, Copy)]
pub struct Column<F> {
    /// Lower-case, `a-z0-9-`.
    pub name: &'static str,
    /// Names that it used to have, which tests may still use.
    pub aliases: &'static [&'static str],
    /// The heading.
    pub label: &'static str,
    /// What its cells hold.
    pub kind: Kind,
    /// For people: where it comes from, and what empty and absent mean.
    pub help: &'static str,
    /// Shown in a table by default.
    pub shown: bool,
    /// Names or addresses of persons.
    pub personal: bool,
    /// Reads the cell: a function from a record to a [`Cell`].
    pub cell: F,
}

/// A cell, or what is there instead of one.
pub type Cell = Result<Value, Misread>;

/// A value of the source that is not what the column holds. The cell is left absent,
/// and a note says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misread;

/// A column of this name, kind and reader: shown, not personal.
pub const fn column<F: Copy>(name: &'static str, label: &'static str, kind: Kind, cell: F) -> Column<F> {
    Column { name, aliases: &[], label, kind, help: "", shown: true, personal: false, cell }
}

/// A type of columns whose cells are read from such a record, and the function that makes one: in a call of it, a closure is
/// taken as the function that the type wants.
///
/// ```
/// use exhibit_plugin::{Value, types::Kind};
/// struct Host<'a> { name: &'a str }
/// exhibit_plugin::columns_of!(type HostColumn, fn host_column(Host<'_>) -> Value);
/// const NAME: HostColumn = host_column("name", "Name", Kind::Text, |it| Value::Text(it.name.to_owned()));
/// assert_eq!((NAME.cell)(&Host { name: "db-1" }), Value::Text("db-1".to_owned()));
/// ```
#[macro_export]
macro_rules! columns_of {
    ($visibility:vis type $columns:ident, fn $column:ident($record:ty) -> $cell:ty) => {
        /// A column, whose cells are read from a record.
        $visibility type $columns = $crate::Column<fn(&$record) -> $cell>;

        /// A column: its name, heading, kind, and how its cells are read.
        $visibility const fn $column(
            name: &'static str,
            label: &'static str,
            kind: $crate::types::Kind,
            cell: fn(&$record) -> $cell,
        ) -> $columns {
            $crate::column::column(name, label, kind, cell)
        }
    };
}

impl<F: Copy> Column<F> {
    /// Where it comes from, and what empty and absent mean.
    #[must_use]
    pub const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Kept in the data, but not shown by default.
    #[must_use]
    pub const fn hidden(self) -> Self {
        Self { shown: false, ..self }
    }

    /// Holds names or addresses of persons.
    #[must_use]
    pub const fn personal(self) -> Self {
        Self { personal: true, ..self }
    }

    /// Names that it used to have: tests that use one of them still work.
    #[must_use]
    pub const fn formerly(self, aliases: &'static [&'static str]) -> Self {
        Self { aliases, ..self }
    }

    /// The column, as the contract says it.
    pub fn field(&self) -> Field {
        Field {
            name: self.name.to_owned(),
            aliases: self.aliases.iter().map(|it| (*it).to_owned()).collect(),
            label: self.label.to_owned(),
            kind: self.kind,
            help: self.help.to_owned(),
            shown: self.shown,
            personal: self.personal,
        }
    }
}

/// The contract's bound of a text, in bytes.
const MAX_TEXT: usize = 1 << 20;
/// The contract's last instant: 9999-12-31T23:59:59.999Z. Its first is as far from any source.
const MAX_INSTANT: Instant = 253_402_300_799_999;

/// The row that these columns read, `read` applying a column's function to the record
/// that is called `subject`.
pub fn row<F: Copy>(columns: &[Column<F>], subject: &str, page: &mut Page, read: impl Fn(F) -> Cell) -> Row {
    let mut row = Vec::with_capacity(columns.len());
    for column in columns {
        let cell = read(column.cell);
        if let Some(bytes) = cell.as_ref().ok().and_then(longest).filter(|it| *it > MAX_TEXT) {
            page.too_long(column.label, bytes, subject);
            row.push(Value::Absent);
            continue;
        }
        row.push(cell.and_then(fitting).unwrap_or_else(|Misread| {
            page.misread(column.label, column.kind.in_words(), subject);
            Value::Absent
        }));
    }
    row
}

/// The bytes of a value's longest text.
fn longest(value: &Value) -> Option<usize> {
    match value {
        Value::Text(text) => Some(text.len()),
        Value::Texts(texts) => texts.iter().map(String::len).max(),
        _ => None,
    }
}

/// Rejects values that a host refuses: one absurd cell must not end a collection.
fn fitting(value: Value) -> Cell {
    match &value {
        Value::Instant(at) if *at > MAX_INSTANT => Err(Misread),
        Value::Number(number) if !number.is_finite() => Err(Misread),
        _ => Ok(value),
    }
}
