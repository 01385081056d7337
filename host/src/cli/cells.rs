//! Values as people read them in a terminal.

use crate::evidence::{ABSENT, format_instant};
use crate::plugin::contract::types::Value;

use super::terminal::shown;

/// Longer texts are cut: the whole of them is in the files.
const CELL_CHARS: usize = 160;
/// From here on, hours are counted in days.
const HOURS_WORTH_DAYS: u64 = 48;
/// What the source said is nothing.
const EMPTY: &str = "–";

/// The value, on one line.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Absent => ABSENT.to_owned(),
        Value::Empty => EMPTY.to_owned(),
        Value::Text(it) => cut(&shown(it)),
        Value::Texts(it) => cut(&shown(&it.join(", "))),
        Value::Integer(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Instant(it) => minutes(&format_instant(*it)),
        Value::Duration(it) => duration(*it),
    }
}

/// With separators of thousands.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count and its noun.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// Seconds in the units that fit.
pub(super) fn duration(seconds: u64) -> String {
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m {seconds:02}s"),
        (hours, minutes, seconds) if hours < HOURS_WORTH_DAYS => {
            format!("{hours}h {minutes:02}m {seconds:02}s")
        }
        (hours, minutes, _) => format!("{}d {:02}h {minutes:02}m", hours / 24, hours % 24),
    }
}

/// `2026-11-01T06:30:00Z` as `2026-11-01 06:30`: a table says once that it is UTC.
fn minutes(instant: &str) -> String {
    match (instant.get(..10), instant.get(11..16)) {
        (Some(date), Some(time)) if instant.ends_with('Z') => format!("{date} {time}"),
        _ => instant.to_owned(),
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(CELL_CHARS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_reads_well() {
        let values = [
            Value::Absent,
            Value::Empty,
            Value::Text("\u{1b}[31mred".into()),
            Value::Text("x".repeat(500)),
            Value::Texts(vec!["a".into(), "b".into()]),
            Value::Integer(-12_000),
            Value::Number(0.5),
            Value::Boolean(true),
            Value::Instant(1_793_491_259_999),
            Value::Duration(3_723),
            Value::Duration(59),
            Value::Duration(1_469_606),
        ];
        let cells: Vec<String> = values.iter().map(cell).collect();
        insta::assert_snapshot!(cells.join("\n"), @r"
        (absent)
        –
        \u{1b}[31mred
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        a, b
        -12000
        0.5
        yes
        2026-11-01 00:00
        1h 02m 03s
        59s
        17d 00h 13m
        ");
    }

    #[test]
    fn counts_have_thousands() {
        assert_eq!([0, 999, 1_000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "row", "rows"), "1 row");
    }
}
