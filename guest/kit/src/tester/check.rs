//! One compiled condition.

use std::cmp::Ordering;

use super::expression::Expression;
use super::truth::Truth;
use crate::contract::types::{Instant, Kind, Value};

const DAY_MILLIS: i64 = 86_400_000;

/// A condition, compiled: the column, the predicate, and its text.
#[derive(Debug)]
pub(super) struct Check {
    /// The column, among those that the tester names.
    pub(super) column: usize,
    pub(super) kind: Kind,
    pub(super) predicate: Predicate,
    /// Whether the predicate must not hold.
    pub(super) negated: bool,
    /// For people: what is required of the value.
    pub(super) wanted: String,
}

/// What must hold of a value.
#[derive(Debug)]
pub(super) enum Predicate {
    IsEmpty,
    IsTrue,
    IsFalse,
    /// Equal to the comparand.
    Same(Comparand),
    /// Ordered relative to the comparand in this way, or in the second.
    Ordered(Comparand, Ordering, Option<Ordering>),
    Contains(String),
    Matches(Expression),
    /// A date before this day, counted from 1970.
    BeforeDay(i64),
    /// A date on this day or later.
    FromDay(i64),
}

/// What a value is compared with.
#[derive(Debug)]
pub(super) enum Comparand {
    Value(Value),
    Column(usize),
}

impl Check {
    /// Evaluates it on a row. A value that is absent, or of another kind than its field,
    /// makes it unknown.
    pub(super) fn evaluate(&self, row: &[Value]) -> Truth {
        let Some(value) = row.get(self.column).filter(|it| tells(it, self.kind)) else {
            return Truth::Unknown;
        };
        let truth = self.predicate.of(value, self.kind, row);
        if self.negated { truth.not() } else { truth }
    }
}

impl Predicate {
    fn of(&self, value: &Value, kind: Kind, row: &[Value]) -> Truth {
        match self {
            Self::IsEmpty => matches!(value, Value::Empty).into(),
            Self::IsTrue => matches!(value, Value::Boolean(true)).into(),
            Self::IsFalse => matches!(value, Value::Boolean(false)).into(),
            Self::Same(other) => match other.of(row, kind) {
                Some(other) => same(value, other).into(),
                None => Truth::Unknown,
            },
            Self::Ordered(other, wanted, or) => match other.of(row, kind) {
                Some(other) => {
                    let found = order(value, other);
                    found.is_some_and(|it| it == *wanted || Some(it) == *or).into()
                }
                None => Truth::Unknown,
            },
            Self::Contains(part) => match value {
                Value::Text(text) => text.contains(part.as_str()).into(),
                Value::Texts(texts) => texts.contains(part).into(),
                _ => Truth::No,
            },
            Self::Matches(expression) => match value {
                Value::Text(text) => expression.is_match(text).into(),
                Value::Texts(texts) => texts.iter().any(|it| expression.is_match(it)).into(),
                _ => Truth::No,
            },
            Self::BeforeDay(border) => date(value).is_some_and(|it| it < *border).into(),
            Self::FromDay(border) => date(value).is_some_and(|it| it >= *border).into(),
        }
    }
}

impl Comparand {
    fn of<'a>(&'a self, row: &'a [Value], kind: Kind) -> Option<&'a Value> {
        match self {
            Self::Value(value) => Some(value),
            Self::Column(at) => row.get(*at).filter(|it| tells(it, kind)),
        }
    }
}

/// The day of an instant, counted from 1970, in UTC.
pub(super) fn day(instant: Instant) -> i64 {
    instant.div_euclid(DAY_MILLIS)
}

fn date(value: &Value) -> Option<i64> {
    match value {
        Value::Instant(at) => Some(day(*at)),
        _ => None,
    }
}

fn tells(value: &Value, kind: Kind) -> bool {
    match value {
        Value::Absent => false,
        Value::Empty => true,
        value => value.kind() == Some(kind),
    }
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Instant(a), Value::Instant(b)) => day(*a) == day(*b),
        (a, b) => a == b,
    }
}

/// The order of two values of a kind; `None` where one of them is empty.
fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Integer(a), Value::Integer(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => a.partial_cmp(b),
        (Value::Duration(a), Value::Duration(b)) => Some(a.cmp(b)),
        (Value::Instant(a), Value::Instant(b)) => Some(day(*a).cmp(&day(*b))),
        _ => None,
    }
}
