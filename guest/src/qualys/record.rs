//! A record of an answer, and the columns that are read out of it.

use exhibit_plugin::Value;
use exhibit_plugin::cell::{text, texts};
use exhibit_plugin::column::Cell;
use exhibit_plugin::types::Instant;
use exhibit_plugin::xml::Element;

/// What [`Record::selected`] has where criteria select all.
pub const ALL_SELECTED: u8 = u8::MAX;

/// A record of an answer, and what its cells may depend on beside it.
#[derive(Debug)]
pub struct Record<'a> {
    /// The record itself.
    pub element: &'a Element<'a>,
    /// A bit for each of the states that the criteria select, in the order of the proof type's list of them; all bits where
    /// they select all.
    pub selected: u8,
    /// The instant that counts as now.
    pub as_of: Instant,
}

exhibit_plugin::columns_of!(pub type Column, fn column(Record<'_>) -> Cell);

impl<'a> Record<'a> {
    /// The text of the first child of this name; `None` where there is no such child.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        self.element.get(name)
    }

    /// The text at the end of this path of children.
    pub fn at(&self, path: &[&str]) -> Option<&'a str> {
        let (last, parents) = path.split_last()?;
        match parents {
            [] => self.get(last),
            [parent] => self.element.child(parent)?.get(last),
            [first, rest @ ..] => {
                let mut element = self.element.child(first)?;
                for name in rest {
                    element = element.child(name)?;
                }
                element.get(last)
            }
        }
    }
}

/// `None` for what Qualys writes where there is no date: `N/A`, or nothing.
pub fn date(written: Option<&str>) -> Cell {
    exhibit_plugin::cell::instant(written.map(|it| if it.eq_ignore_ascii_case("n/a") { "" } else { it }))
}

/// A date whose element Qualys leaves out where the thing never happened: no element is
/// `empty`, not `absent`.
pub fn date_or_never(written: Option<&str>) -> Cell {
    date(Some(written.unwrap_or_default()))
}

/// A text whose line breaks are layout: Qualys wraps long lists.
pub fn on_one_line(written: Option<&str>) -> Value {
    match written {
        Some(written) if written.contains(['\n', '\r', '\t']) => {
            Value::Text(written.split_whitespace().collect::<Vec<_>>().join(" "))
        }
        written => text(written),
    }
}

/// The texts of the items of a list; `absent` where the record has no such list.
pub fn titles(record: &Record<'_>, list: &str, item: &str) -> Value {
    match record.element.child(list) {
        None => Value::Absent,
        Some(list) => {
            texts(list.children().filter(|it| it.is(item)).map(|it| it.text().to_owned()).collect())
        }
    }
}
