//! Values and verdicts as people read them.

use exhibit_rows::spreadsheet::ABSENT;
use exhibit_rows::{Shown, Value, instant};

use crate::testing::{Tested, Verdict};

/// What the source said is nothing.
pub(super) const EMPTY: &str = "–";
/// From here on, hours are counted in days.
const HOURS_WORTH_DAYS: u64 = 48;

/// The value on one line; what acts on a screen or hides is made visible, and overlong text is cut.
pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Absent => ABSENT.to_owned(),
        Value::Empty => EMPTY.to_owned(),
        Value::Text(it) => line(it),
        Value::Texts(it) => line(&it.join(", ")),
        Value::Integer(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::Boolean(true) => "yes".to_owned(),
        Value::Boolean(false) => "no".to_owned(),
        Value::Instant(it) => time(&instant::format(*it)),
        Value::Duration(it) => duration(*it),
    }
}

/// Text from outside, on one line.
pub(super) fn line(text: &str) -> String {
    Shown::line(text).to_string()
}

/// `2026-11-01T06:30:00Z` as `2026-11-01 06:30:00`, without the time where a day begins.
pub(super) fn time(instant: &str) -> String {
    let Some((date, time)) = instant.strip_suffix('Z').and_then(|it| it.split_once('T')) else {
        return line(instant);
    };
    if time == "00:00:00" { date.to_owned() } else { format!("{date} {time}") }
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

/// What a verdict is marked with. Never alone: not everybody sees it.
pub(super) fn mark(verdict: Verdict) -> char {
    match verdict {
        Verdict::Pass => '✔',
        Verdict::Fail => '✘',
        Verdict::Inconclusive => '?',
        Verdict::NotApplicable => '–',
    }
}

/// The worst of what tests made of a row, and why: `fail: managers-are-few`.
pub(super) fn verdict(tests: &[Tested], verdicts: &[Verdict]) -> (Verdict, String) {
    let named = |wanted: Verdict| {
        let names: Vec<&str> = tests
            .iter()
            .zip(verdicts)
            .filter(|(_, it)| **it == wanted)
            .map(|(it, _)| it.name.as_str())
            .collect();
        names.join(", ")
    };
    let mut reasons = Vec::new();
    for wanted in [Verdict::Fail, Verdict::Inconclusive] {
        if verdicts.contains(&wanted) {
            reasons.push(format!("{}: {}", wanted.word(), named(wanted)));
        }
    }
    let worst = [Verdict::Fail, Verdict::Inconclusive, Verdict::Pass];
    let worst = worst.into_iter().find(|it| verdicts.contains(it)).unwrap_or(Verdict::NotApplicable);
    (worst, if reasons.is_empty() { worst.word().to_owned() } else { reasons.join("; ") })
}
