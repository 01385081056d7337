//! Aligned tables, as wide as the terminal; where none is there, a line a row, so that what is searched finds it.

use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, ContentLineStyle, LineStyle, Row, Table, TableStyle,
    Width,
};
use unicode_width::UnicodeWidthStr;

use super::wrap::wrap;

/// At a glance, a cell takes so many lines at most: names are seen whole, essays are not.
const GLANCE_LINES: usize = 3;

/// A line under the headings, blanks between the columns, and nothing else.
const PLAIN: TableStyle = TableStyle::new()
    .header_lines(ContentLineStyle::none())
    .header_separator(LineStyle::none().fill('─'))
    .content_lines(ContentLineStyle::none());

/// A column: its heading, and whether it lines up at its right.
#[derive(Debug, Clone)]
pub(super) struct Column {
    heading: String,
    numeric: bool,
}

impl Column {
    pub(super) fn new(heading: impl Into<String>) -> Self {
        Self { heading: heading.into(), numeric: false }
    }

    pub(super) fn numeric(self, numeric: bool) -> Self {
        Self { numeric, ..self }
    }
}

/// A cell that is this short is never broken: dates with their times, numbers, names, states.
const WHOLE: usize = 20;
/// A longer word is broken where there is no room for it.
const LONGEST_WORD: usize = 40;
/// Blanks between two columns.
const BETWEEN: usize = 2;

/// The rows under their headings, in full, so wide at most. `None`: as wide as they are. Where words would be broken,
/// each row is a list of its cells.
pub(super) fn render(columns: &[Column], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let least = least(columns, &rows);
    match width {
        Some(it) if fitting(&least, it) < columns.len() => lists(columns, &rows, width),
        _ => draw(columns, rows, &least, width, usize::MAX),
    }
}

/// The same, with cells that are cut where they would fill the screen. Where words would be broken, columns are left
/// out, and named in the last line.
pub(super) fn glance(columns: &[Column], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    let least = least(columns, &rows);
    let shown = width.map_or(columns.len(), |it| fitting(&least, it).max(1));
    let (shown, left_out) = columns.split_at(shown);
    let rows = rows.into_iter().map(|mut it| {
        it.truncate(shown.len());
        it
    });
    let table = draw(shown, rows.collect(), &least, width, GLANCE_LINES);
    if left_out.is_empty() {
        return table;
    }
    let names: Vec<&str> = left_out.iter().map(|it| it.heading.as_str()).collect();
    format!("{table}\nNot shown, for want of width: {}", names.join(", "))
}

/// The width that each column needs so that no word is broken.
fn least(columns: &[Column], rows: &[Vec<String>]) -> Vec<usize> {
    let of_words =
        |it: &str| it.split_whitespace().map(UnicodeWidthStr::width).max().unwrap_or(0).min(LONGEST_WORD);
    let of_cell = |cell: &str| match cell.width() {
        short if short <= WHOLE => short,
        _ => of_words(cell),
    };
    let of_column = |(at, column): (usize, &Column)| {
        let cells = rows.iter().filter_map(|it| it.get(at)).map(String::as_str);
        cells.map(of_cell).max().unwrap_or(0).max(of_words(&column.heading))
    };
    columns.iter().enumerate().map(of_column).collect()
}

/// How many columns fit, from the first on.
fn fitting(least: &[usize], width: u16) -> usize {
    let mut used = 0;
    let fits = |it: &&usize| {
        used += **it + BETWEEN;
        used <= usize::from(width) + BETWEEN
    };
    least.iter().take_while(fits).count()
}

/// Each row as a list of its cells.
fn lists(columns: &[Column], rows: &[Vec<String>], width: Option<u16>) -> String {
    let widest = columns.iter().map(|it| it.heading.width()).max().unwrap_or(0);
    let cell = |(column, cell): (&Column, &String)| {
        let blanks = " ".repeat(widest - column.heading.width() + BETWEEN);
        wrap(format!("{}{blanks}{cell}", column.heading).trim_end(), width)
    };
    let row = |it: &Vec<String>| columns.iter().zip(it).map(cell).collect::<Vec<_>>().join("\n");
    rows.iter().map(row).collect::<Vec<_>>().join("\n\n")
}

fn draw(
    columns: &[Column],
    rows: Vec<Vec<String>>,
    least: &[usize],
    width: Option<u16>,
    lines: usize,
) -> String {
    let mut table = Table::new();
    table.load_style(PLAIN).set_header(columns.iter().map(|it| it.heading.clone()));
    match width {
        Some(width) => table.set_content_arrangement(ContentArrangement::Dynamic).set_width(width),
        None => table.set_content_arrangement(ContentArrangement::Disabled),
    };
    table.set_truncation_indicator("…");
    for cells in rows {
        let mut row = Row::from(cells);
        row.max_height(lines);
        table.add_row(row);
    }
    for ((column, said), least) in table.column_iter_mut().zip(columns).zip(least) {
        column.set_padding((0, BETWEEN as u16));
        let least = u16::try_from(least + BETWEEN).unwrap_or(u16::MAX);
        column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(least)));
        if said.numeric {
            column.set_cell_alignment(CellAlignment::Right);
        }
    }
    table.trim_fmt()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<Vec<String>> {
        let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        vec![
            row(["web-01.corp.example.com", "7", "prod, eu"]),
            row([
                "漢字",
                "1,200",
                "a very long list of tags that does not fit into the width of this terminal at all",
            ]),
        ]
    }

    fn columns() -> [Column; 3] {
        [Column::new("Asset"), Column::new("Score").numeric(true), Column::new("Tags")]
    }

    #[test]
    fn is_no_wider_than_its_content() {
        insta::assert_snapshot!(render(&columns(), rows(), Some(140)), @"
        Asset                    Score  Tags
        ───────────────────────────────────────────────────────────────────────────────────────────────────────────────────
        web-01.corp.example.com      7  prod, eu
        漢字                     1,200  a very long list of tags that does not fit into the width of this terminal at all
        ");
    }

    #[test]
    fn is_never_broken_or_cut_where_there_is_no_terminal() {
        let long = "a-name-that-is-searched-for-".repeat(40);
        let rows = || vec![vec!["web-01".to_owned(), "7".to_owned(), long.clone()]];
        for table in [render(&columns(), rows(), None), glance(&columns(), rows(), None)] {
            assert_eq!(table.lines().last(), Some(format!("web-01      7  {long}").as_str()));
            assert_eq!(table.lines().count(), 3);
        }
    }

    #[test]
    fn fits_the_terminal_and_breaks_no_word() {
        insta::assert_snapshot!(glance(&columns(), rows(), Some(50)), @"
        Asset                    Score  Tags
        ──────────────────────────────────────────────────
        web-01.corp.example.com      7  prod, eu
        漢字                     1,200  a very long list
                                        of tags that
                                        does not fit…
        ");
    }

    #[test]
    fn names_what_does_not_fit_at_a_glance_and_lists_the_rest() {
        insta::assert_snapshot!(glance(&columns(), rows(), Some(32)), @"
        Asset                    Score
        ────────────────────────────────
        web-01.corp.example.com      7
        漢字                     1,200
        Not shown, for want of width: Tags
        ");
        insta::assert_snapshot!(render(&columns(), rows(), Some(32)), @"
        Asset  web-01.corp.example.com
        Score  7
        Tags   prod, eu

        Asset  漢字
        Score  1,200
        Tags   a very long list of tags
               that does not fit into
               the width of this
               terminal at all
        ");
    }

    #[test]
    fn a_date_keeps_its_time() {
        let columns = [Column::new("Launch Date"), Column::new("Status")];
        let rows = || vec![vec!["2026-09-07 18:46".to_owned(), "it is still under way".to_owned()]];
        for width in 10..60 {
            let table = glance(&columns, rows(), Some(width));
            assert!(table.contains("2026-09-07 18:46"), "{width}: {table}");
        }
    }
}
