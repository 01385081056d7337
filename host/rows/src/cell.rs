//! The contract's vocabulary, as far as rows need it.

use crate::Instant;

/// One cell of a row, for as long as it is being written. The cases are those of the contract.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Cell<'a> {
    /// The source did not say.
    Absent,
    /// The source said that there is nothing.
    Empty,
    /// Any text.
    Text(&'a str),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A point in time.
    Instant(Instant),
    /// Seconds.
    Duration(u64),
    /// Several texts.
    Texts(&'a [String]),
}

/// One cell of a row that was read. The cases are those of the contract.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The source did not say.
    Absent,
    /// The source said that there is nothing.
    Empty,
    /// Any text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Boolean(bool),
    /// A point in time.
    Instant(Instant),
    /// Seconds.
    Duration(u64),
    /// Several texts.
    Texts(Vec<String>),
}

/// What a field holds when it holds something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// See [`Value::Text`].
    Text,
    /// See [`Value::Integer`].
    Integer,
    /// See [`Value::Number`].
    Number,
    /// See [`Value::Boolean`].
    Boolean,
    /// See [`Value::Instant`].
    Instant,
    /// See [`Value::Duration`].
    Duration,
    /// See [`Value::Texts`].
    Texts,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 7] =
        [Self::Text, Self::Integer, Self::Number, Self::Boolean, Self::Instant, Self::Duration, Self::Texts];

    /// The kind's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Instant => "instant",
            Self::Duration => "duration",
            Self::Texts => "texts",
        }
    }
}

impl Value {
    /// The same, to be written.
    pub fn cell(&self) -> Cell<'_> {
        match self {
            Self::Absent => Cell::Absent,
            Self::Empty => Cell::Empty,
            Self::Text(it) => Cell::Text(it),
            Self::Integer(it) => Cell::Integer(*it),
            Self::Number(it) => Cell::Number(*it),
            Self::Boolean(it) => Cell::Boolean(*it),
            Self::Instant(it) => Cell::Instant(*it),
            Self::Duration(it) => Cell::Duration(*it),
            Self::Texts(it) => Cell::Texts(it),
        }
    }
}

/// The places of the fields that a table shows, given whether each of them is to be shown:
/// all of them where none is.
pub fn shown_fields(fields: impl ExactSizeIterator<Item = bool>) -> Vec<usize> {
    let all = 0..fields.len();
    let shown: Vec<usize> =
        all.clone().zip(fields).filter_map(|(place, shown)| shown.then_some(place)).collect();
    if shown.is_empty() { all.collect() } else { shown }
}
