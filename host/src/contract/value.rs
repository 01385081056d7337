//! Values and their kinds, and what tasks are called.

use exhibit_rows::Cell;

use super::collection::Task;
use super::types::{Kind, Value};

impl Task {
    /// The name of the proof type, operation or lookup.
    pub fn name(&self) -> &str {
        let (Self::Collect(name) | Self::Probe(name) | Self::Operate(name) | Self::LookUp(name)) = self;
        name
    }
}

impl Kind {
    /// The kind's name in the contract.
    pub fn name(self) -> &'static str {
        exhibit_rows::Kind::from(self).name()
    }
}

impl From<Kind> for exhibit_rows::Kind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Text => Self::Text,
            Kind::Integer => Self::Integer,
            Kind::Number => Self::Number,
            Kind::Boolean => Self::Boolean,
            Kind::Instant => Self::Instant,
            Kind::Duration => Self::Duration,
            Kind::Texts => Self::Texts,
        }
    }
}

impl From<exhibit_rows::Value> for Value {
    fn from(value: exhibit_rows::Value) -> Self {
        match value {
            exhibit_rows::Value::Absent => Self::Absent,
            exhibit_rows::Value::Empty => Self::Empty,
            exhibit_rows::Value::Text(it) => Self::Text(it),
            exhibit_rows::Value::Integer(it) => Self::Integer(it),
            exhibit_rows::Value::Number(it) => Self::Number(it),
            exhibit_rows::Value::Boolean(it) => Self::Boolean(it),
            exhibit_rows::Value::Instant(it) => Self::Instant(it),
            exhibit_rows::Value::Duration(it) => Self::Duration(it),
            exhibit_rows::Value::Texts(it) => Self::Texts(it),
        }
    }
}

impl From<Value> for exhibit_rows::Value {
    fn from(value: Value) -> Self {
        match value {
            Value::Absent => Self::Absent,
            Value::Empty => Self::Empty,
            Value::Text(it) => Self::Text(it),
            Value::Integer(it) => Self::Integer(it),
            Value::Number(it) => Self::Number(it),
            Value::Boolean(it) => Self::Boolean(it),
            Value::Instant(it) => Self::Instant(it),
            Value::Duration(it) => Self::Duration(it),
            Value::Texts(it) => Self::Texts(it),
        }
    }
}

impl Value {
    /// What kind of thing it holds; none, where it says that there is nothing.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Text(_) => Some(Kind::Text),
            Self::Integer(_) => Some(Kind::Integer),
            Self::Number(_) => Some(Kind::Number),
            Self::Boolean(_) => Some(Kind::Boolean),
            Self::Instant(_) => Some(Kind::Instant),
            Self::Duration(_) => Some(Kind::Duration),
            Self::Texts(_) => Some(Kind::Texts),
        }
    }

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
