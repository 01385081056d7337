//! Made-up rows: the same each time, with values of every kind in every way that a source has them.

use exhibit::contract::catalog::{Field, ProofType};
use exhibit::contract::types::{Instant, Kind, Row, Value};

use super::rng::Dice;

/// The instant that counts as now where no evidence says another: 2026-01-01T00:00:00Z.
pub(super) const AS_OF: Instant = 1_767_225_600_000;

/// What the contract lets every language rely on: whole numbers below two to the power of so much.
const WHOLE_BITS: usize = 53;
/// Instants lie so many days before and after now, so that rules of days find both.
const AROUND_DAYS: usize = 400;
const DAY_MILLIS: usize = 24 * 60 * 60 * 1000;
/// Texts that testers are likely to look for, and some that are easily got wrong.
const TEXTS: [&str; 6] = ["a", "Active", "zürich", "", "1", "=1+1"];

/// So many rows of these fields. Some values are absent, and some empty.
pub(super) fn rows(proof: &ProofType, fields: &[String], count: usize) -> Vec<Row> {
    let known = |name: &String| proof.fields.iter().find(|it| it.name == *name);
    let kinds: Vec<Kind> = fields.iter().filter_map(known).map(|it| it.kind).collect();
    let mut rng = Dice::new(1);
    (0..count).map(|_| kinds.iter().map(|kind| cell(*kind, &mut rng)).collect()).collect()
}

/// A row of these fields in which `field` holds this, and all others are absent.
pub(super) fn row(fields: &[String], field: &Field, value: &Value) -> Row {
    let cell = |name: &String| if *name == field.name { value.clone() } else { Value::Absent };
    fields.iter().map(cell).collect()
}

/// A value that is clearly not empty.
pub(super) fn something(kind: Kind) -> Value {
    match kind {
        Kind::Text => Value::Text("a".to_owned()),
        Kind::Integer => Value::Integer(1),
        Kind::Number => Value::Number(1.5),
        Kind::Boolean => Value::Boolean(true),
        Kind::Instant => Value::Instant(AS_OF),
        Kind::Duration => Value::Duration(60),
        Kind::Texts => Value::Texts(vec!["a".to_owned()]),
    }
}

fn cell(kind: Kind, rng: &mut Dice) -> Value {
    match rng.below(6) {
        0 => Value::Absent,
        1 => Value::Empty,
        _ => value(kind, rng),
    }
}

fn value(kind: Kind, rng: &mut Dice) -> Value {
    match kind {
        Kind::Text => Value::Text(text(rng)),
        Kind::Integer => {
            let whole = i64::try_from(whole(rng)).unwrap_or(0);
            Value::Integer(if rng.below(2) == 0 { whole } else { -whole })
        }
        Kind::Number => Value::Number((rng.below(2_000) as f64 - 1_000.0) / 8.0),
        Kind::Boolean => Value::Boolean(rng.below(2) == 0),
        Kind::Instant => {
            let millis = |count: usize| Instant::try_from(count * DAY_MILLIS).unwrap_or(0);
            let days = rng.below(2 * AROUND_DAYS);
            let time = Instant::try_from(rng.below(DAY_MILLIS)).unwrap_or(0);
            Value::Instant(AS_OF - millis(AROUND_DAYS) + millis(days) + time)
        }
        Kind::Duration => Value::Duration(whole(rng)),
        Kind::Texts => Value::Texts((0..rng.below(3)).map(|_| text(rng)).collect()),
    }
}

/// Small numbers and large ones, each size as often as any other.
fn whole(rng: &mut Dice) -> u64 {
    let bits = rng.below(WHOLE_BITS + 1);
    rng.next() & ((1 << bits) - 1)
}

fn text(rng: &mut Dice) -> String {
    TEXTS.get(rng.below(TEXTS.len())).copied().unwrap_or_default().to_owned()
}
