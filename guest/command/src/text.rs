//! Values and lists as text for people, on lines of their own.

use exhibit_plugin::catalog::Parameter;
use exhibit_plugin::types::Value;
use exhibit_rows::{Shown, instant};

use crate::table;

/// Wider cells do not move what is behind them.
const WIDEST: usize = 40;

/// Lines of cells, one below the other. Nothing in them can act on a terminal.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let shown: Vec<Vec<String>> =
        lines.iter().map(|line| line.iter().map(|it| Shown::line(it).to_string()).collect()).collect();
    let columns = shown.iter().map(Vec::len).max().unwrap_or_default();
    let width = |at: usize| {
        let cells = shown.iter().filter_map(|line| line.get(at)).map(|it| it.chars().count());
        cells.filter(|it| *it <= WIDEST).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in &shown {
        let cells: Vec<String> = line.iter().zip(&widths).map(|(it, width)| format!("{it:width$}")).collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// A value on one line.
pub(crate) fn value(value: &Value) -> String {
    match value {
        Value::Absent | Value::Empty => String::new(),
        Value::Text(it) => it.clone(),
        Value::Texts(it) => it.join(", "),
        Value::Integer(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::Boolean(it) => if *it { "yes" } else { "no" }.to_owned(),
        Value::Instant(it) => instant::format(*it),
        Value::Duration(it) => exhibit_rows::duration(*it),
    }
}

/// What can be given, and what must be.
pub(crate) fn parameters(all: &[Parameter]) -> String {
    let line = |it: &Parameter| {
        let kind = table::kind(it.kind).name();
        let need = match (&it.default, it.required) {
            (Some(default), _) => format!("{kind}, else {}", value(default)),
            (None, true) => format!("{kind}, required"),
            (None, false) => kind.to_owned(),
        };
        vec![format!("  {}", it.name), need, it.help.clone()]
    };
    aligned(&all.iter().map(line).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other_and_do_nothing_to_a_terminal() {
        let line = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
        let wide = "w".repeat(WIDEST + 1);
        let text = aligned(&[line(["a", "one"]), line(["long", "\u{1b}[2J"]), line([&wide, "x"])]);
        assert_eq!(text, format!("a     one\nlong  \\u{{1b}}[2J\n{wide}  x\n"));
    }
}
