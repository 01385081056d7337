//! Which rows of a list in no order came before.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::hash::{DefaultHasher, Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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

/// Records that are remembered over all pages of a list: 4 MB of a checkpoint, which may have 8 MiB with all else.
const MAX_KNOWN: usize = 200_000;
/// Digits of one of them in a checkpoint: 64 bits of its identity and 16 of its values.
const KNOWN_DIGITS: usize = 20;
const IDENTITY_DIGITS: usize = 16;
/// The contract's bound of a checkpoint. As much again is left to a row that is held back, and to notes.
const CHECKPOINT_BYTES: usize = 8 << 20;
const _: () = assert!(MAX_KNOWN * KNOWN_DIGITS <= CHECKPOINT_BYTES / 2);

/// The records of a list that comes in several pages and in no order: whether one came before, not what it is. That two of
/// 200,000 have the same 64 bits is one chance in a billion, and would show as a duplicate in the counts.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Known(BTreeMap<u64, u16>);

/// What is known of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// It did not come before.
    New,
    /// It did not come before, as far as is known: too many did to remember this one.
    Unknown,
    /// It came before, with the same values.
    Repeated,
    /// It came before, with other values.
    Changed,
}

impl Known {
    /// Takes note of a record.
    pub(super) fn add(&mut self, identity: &str, row: &Row) -> Before {
        self.add_within(MAX_KNOWN, identity, row)
    }

    fn add_within(&mut self, limit: usize, identity: &str, row: &Row) -> Before {
        let identity = digest_of(identity);
        // The lowest bits of a good digest are one, too.
        let values = (digest(row) & u64::from(u16::MAX)) as u16;
        match self.0.get(&identity) {
            Some(before) if *before == values => Before::Repeated,
            Some(_) => Before::Changed,
            None if self.0.len() >= limit => Before::Unknown,
            None => {
                self.0.insert(identity, values);
                Before::New
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// As one text: JSON of so many numbers would be twice as long.
impl Serialize for Known {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::with_capacity(self.0.len() * KNOWN_DIGITS);
        for (identity, values) in &self.0 {
            // Nothing can go wrong with a text in memory.
            let _ = write!(text, "{identity:016x}{values:04x}");
        }
        serializer.serialize_str(&text)
    }
}

impl<'de> Deserialize<'de> for Known {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let unreadable = || de::Error::custom("the records that came before cannot be read");
        let is_whole = text.len().is_multiple_of(KNOWN_DIGITS) && text.len() <= MAX_KNOWN * KNOWN_DIGITS;
        if !is_whole || !text.bytes().all(|it| it.is_ascii_hexdigit()) {
            return Err(unreadable());
        }
        let read = |digits: &[u8]| {
            let (identity, values) = std::str::from_utf8(digits).ok()?.split_at_checked(IDENTITY_DIGITS)?;
            Some((u64::from_str_radix(identity, 16).ok()?, u16::from_str_radix(values, 16).ok()?))
        };
        text.as_bytes().chunks(KNOWN_DIGITS).map(read).collect::<Option<_>>().map(Self).ok_or_else(unreadable)
    }
}

fn digest_of(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
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
    fn records_are_known_over_pages_and_a_checkpoint_and_no_more_than_so_many() {
        let mut known = Known::default();
        let (one, other) = (row("a", "a@x"), row("a", "b@x"));
        assert_eq!(known.add("1", &one), Before::New);
        assert_eq!(known.add("2", &one), Before::New, "another record with the same values");
        let written = serde_json::to_string(&known).expect("writes");
        assert_eq!(written.len(), 2 + 2 * KNOWN_DIGITS);
        let mut known: Known = serde_json::from_str(&written).expect("reads");
        assert_eq!(known.add("1", &one), Before::Repeated);
        assert_eq!(known.add("1", &other), Before::Changed);
        assert_eq!(known.add_within(2, "3", &one), Before::Unknown);
        assert_eq!(known.add_within(2, "3", &one), Before::Unknown, "it was not remembered");
        assert_eq!(known.add_within(2, "2", &one), Before::Repeated);
        for text in ["\"0\"", "\"000000000000000000000\"", "\"+000000000000000+000\"", "\"ää\"", "7"] {
            assert!(serde_json::from_str::<Known>(text).is_err(), "{text}");
        }
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
