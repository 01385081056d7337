//! Cells out of what a source wrote: `None` where it wrote nothing at all, and a
//! trimmed text where it did.

use crate::column::{Cell, Misread};
use crate::contract::types::Value;
use crate::instant;

/// A text.
pub fn text(written: Option<&str>) -> Value {
    match written {
        None => Value::Absent,
        Some("") => Value::Empty,
        Some(text) => Value::Text(text.to_owned()),
    }
}

/// A whole number.
pub fn integer(written: Option<&str>) -> Cell {
    read(written, |text| text.parse().ok().map(Value::Integer))
}

/// `1` or `0`, or in words.
pub fn boolean(written: Option<&str>) -> Cell {
    read(written, |text| match text {
        "1" | "true" => Some(Value::Boolean(true)),
        "0" | "false" => Some(Value::Boolean(false)),
        _ => None,
    })
}

/// A date, or a date and a time; see [`instant::parse`].
pub fn instant(written: Option<&str>) -> Cell {
    read(written, |text| instant::parse(text).map(Value::Instant))
}

/// Whole seconds.
pub fn seconds(written: Option<&str>) -> Cell {
    read(written, |text| text.parse().ok().map(Value::Duration))
}

/// Several texts; an empty list is `empty`.
pub fn texts(written: Vec<String>) -> Value {
    if written.is_empty() { Value::Empty } else { Value::Texts(written) }
}

/// Any value: `parse` sees a text that is not empty, and gives `None` where it is not
/// what it should be.
pub fn read(written: Option<&str>, parse: impl FnOnce(&str) -> Option<Value>) -> Cell {
    match written {
        None => Ok(Value::Absent),
        Some("") => Ok(Value::Empty),
        Some(text) => parse(text).ok_or(Misread),
    }
}
