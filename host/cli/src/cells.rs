//! Values as a table in a terminal has room for them.

use exhibit::contract::types::Value;
use exhibit::evidence::format_instant;
use exhibit::format;

/// Longer texts are cut: the whole of them is in the files.
const CELL_CHARS: usize = 160;

/// The value, on one line.
pub(super) fn cell(value: &Value) -> String {
    match value {
        Value::Instant(it) => minutes(&format_instant(*it)),
        Value::Text(_) | Value::Texts(_) => cut(&format::value(value.cell())),
        other => format::value(other.cell()),
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
    fn a_table_has_minutes_and_the_beginnings_of_long_texts() {
        let values = [
            Value::Text("x".repeat(500)),
            Value::Texts(vec!["a".into(), "b".into()]),
            Value::Instant(1_793_491_259_999),
            Value::Duration(3_723),
        ];
        let cells: Vec<String> = values.iter().map(cell).collect();
        insta::assert_snapshot!(cells.join("\n"), @r"
        xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
        a, b
        2026-11-01 00:00
        1h 02m 03s
        ");
    }
}
