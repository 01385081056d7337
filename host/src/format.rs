//! Values, times and counts as people read them, in a terminal and in documents.

pub use exhibit_rows::duration;
use exhibit_rows::spreadsheet::ABSENT;
use exhibit_rows::{Cell, Shown, instant};

/// What the source said is nothing.
pub const EMPTY: &str = "–";

/// The value on one line; what acts on a screen or hides is made visible, and overlong text is cut.
pub fn value(value: Cell<'_>) -> String {
    match value {
        Cell::Absent => ABSENT.to_owned(),
        Cell::Empty => EMPTY.to_owned(),
        Cell::Text(it) => line(it),
        Cell::Texts(it) => line(&it.join(", ")),
        Cell::Integer(it) => it.to_string(),
        Cell::Number(it) => it.to_string(),
        Cell::Boolean(true) => "yes".to_owned(),
        Cell::Boolean(false) => "no".to_owned(),
        Cell::Instant(it) => time(&instant::format(it)),
        Cell::Duration(it) => duration(it),
    }
}

/// Text from outside, on one line.
pub fn line(text: &str) -> String {
    Shown::line(text).to_string()
}

/// `2026-11-01T06:30:00Z` as `2026-11-01 06:30:00`, without the time where a day begins.
pub fn time(instant: &str) -> String {
    let Some((date, time)) = instant.strip_suffix('Z').and_then(|it| it.split_once('T')) else {
        return line(instant);
    };
    if time == "00:00:00" { date.to_owned() } else { format!("{date} {time}") }
}

/// The same, of a bound or a wait that may be below a second.
pub fn wait(it: std::time::Duration) -> String {
    if it.subsec_millis() == 0 || it.as_secs() >= 60 {
        return duration(it.as_secs());
    }
    format!("{}s", it.as_secs_f64())
}

/// With separators of thousands.
pub fn count(count: u64) -> String {
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
pub fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// What stands before the condition at place `at` of the `of` conditions that a row stumbled on in one test. Several are
/// of that many alternatives, and a row that meets any of them passes: a list of them must not read as if all were
/// required.
pub fn alternative(at: usize, of: usize) -> &'static str {
    match (at, of) {
        (_, 0 | 1) => "",
        (0, _) => "any of: ",
        _ => "or: ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alternatives_are_said_to_be_some() {
        assert_eq!(alternative(0, 1), "");
        assert_eq!([0, 1, 2].map(|at| alternative(at, 3)), ["any of: ", "or: ", "or: "]);
    }

    #[test]
    fn each_kind_reads_well() {
        let texts = ["a".to_owned(), "b".to_owned()];
        let values = [
            Cell::Absent,
            Cell::Empty,
            Cell::Text("\u{1b}[31mred"),
            Cell::Texts(&texts),
            Cell::Integer(-12_000),
            Cell::Number(0.5),
            Cell::Boolean(true),
            Cell::Instant(1_793_491_259_999),
            Cell::Instant(1_793_491_200_000),
            Cell::Duration(3_723),
            Cell::Duration(59),
            Cell::Duration(1_469_606),
        ];
        insta::assert_snapshot!(values.map(value).join("\n"), @r"
        (absent)
        –
        \u{1b}[31mred
        a, b
        -12000
        0.5
        yes
        2026-11-01 00:00:59.999
        2026-11-01
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
