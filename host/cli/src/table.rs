//! Aligned tables, as wide as the terminal; where none is there, a line a row, so that what is searched finds it.

use comfy_table::{CellAlignment, ContentArrangement, ContentLineStyle, LineStyle, Row, Table, TableStyle};

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

/// The rows under their headings, in full, so wide at most. `None`: as wide as they are.
pub(super) fn render(columns: &[Column], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    draw(columns, rows, width, usize::MAX)
}

/// The same, with cells that are cut where they would fill the screen.
pub(super) fn glance(columns: &[Column], rows: Vec<Vec<String>>, width: Option<u16>) -> String {
    draw(columns, rows, width, GLANCE_LINES)
}

fn draw(columns: &[Column], rows: Vec<Vec<String>>, width: Option<u16>, lines: usize) -> String {
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
    for (column, said) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
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
    fn fits_the_terminal() {
        insta::assert_snapshot!(glance(&columns(), rows(), Some(50)), @"
        Asset                 Score  Tags
        ──────────────────────────────────────────────────
        web-01.corp.example.      7  prod, eu
        com
        漢字                  1,200  a very long list of
                                     tags that does not
                                     fit into the width…
        ");
    }
}
