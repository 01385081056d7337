//! Which rows of a list in no order came before.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::contract::types::{Row, Value};

/// Rows that are compared: 40 MB of memory or so. Lists that come in one answer are of users and of scans, and have
/// some thousands.
const MAX_ROWS: usize = 1_000_000;

/// Rows by their keys, as digests: whether they are equal, not what they are. That two of a million differ and have the
/// same digest is one chance in tens of millions, and would show as a duplicate in the counts.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// The digests of the key and of the whole row.
    rows: BTreeSet<(u64, u64)>,
}

/// What is known of a row.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen {
    /// Its key is new, or it has none.
    New,
    /// It is equal to one that came before.
    Repeated,
    /// Its key is that of another row, in words.
    SameKey(String),
}

impl Rows {
    /// Takes note of a row, whose key is at these positions.
    pub(super) fn add(&mut self, key: &[usize], row: &Row) -> Seen {
        let values: Vec<&Value> = key.iter().filter_map(|&at| row.get(at)).collect();
        if !values.iter().any(|it| is_known(it)) || self.rows.len() >= MAX_ROWS {
            return Seen::New;
        }
        let (digest, whole) = (digest(values.iter().copied()), digest(row));
        let has_key = self.rows.range((digest, 0)..=(digest, u64::MAX)).next().is_some();
        match (self.rows.insert((digest, whole)), has_key) {
            (false, _) => Seen::Repeated,
            (true, false) => Seen::New,
            (true, true) => Seen::SameKey(
                values.into_iter().filter(|it| is_known(it)).map(shown).collect::<Vec<_>>().join(", "),
            ),
        }
    }
}

/// Whether a value of a key tells a row from others.
pub(super) fn is_known(value: &Value) -> bool {
    !matches!(value, Value::Absent | Value::Empty)
}

fn digest<'a>(values: impl IntoIterator<Item = &'a Value>) -> u64 {
    // With fixed keys: the same in every run.
    let mut hasher = DefaultHasher::new();
    for value in values {
        std::mem::discriminant(value).hash(&mut hasher);
        match value {
            Value::Absent | Value::Empty => {}
            Value::Text(it) => it.hash(&mut hasher),
            Value::Integer(it) => it.hash(&mut hasher),
            Value::Number(it) => it.to_bits().hash(&mut hasher),
            Value::Boolean(it) => it.hash(&mut hasher),
            Value::Instant(it) => it.hash(&mut hasher),
            Value::Duration(it) => it.hash(&mut hasher),
            Value::Texts(it) => it.hash(&mut hasher),
        }
    }
    hasher.finish()
}

/// The characters of a key that are shown: enough to find the record.
const SHOWN_CHARS: usize = 100;

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Text(it) => it.clone(),
        Value::Integer(it) => it.to_string(),
        other => format!("{other:?}"),
    };
    text.chars().take(SHOWN_CHARS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(login: &str, mail: &str) -> Row {
        let cell = |it: &str| if it.is_empty() { Value::Absent } else { Value::Text(it.to_owned()) };
        vec![cell(login), cell(mail), Value::Integer(1)]
    }

    #[test]
    fn tells_repeated_rows_from_rows_of_one_key() {
        let mut rows = Rows::default();
        let mut add = |row: Row| rows.add(&[0, 1], &row);
        assert_eq!(add(row("a", "a@x")), Seen::New);
        assert_eq!(add(row("a", "b@x")), Seen::New, "both make the key");
        assert_eq!(add(row("a", "a@x")), Seen::Repeated);
        let mut other = row("a", "a@x");
        other[2] = Value::Integer(2);
        assert_eq!(add(other.clone()), Seen::SameKey("a, a@x".to_owned()));
        assert_eq!(
            (add(row("a", "a@x")), add(other)),
            (Seen::Repeated, Seen::Repeated),
            "whatever came in between"
        );
        assert_eq!(
            (add(row("", "")), add(row("", ""))),
            (Seen::New, Seen::New),
            "without a key, nothing is known"
        );
    }
}
