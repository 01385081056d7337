//! Tables over many pages: the headings are on each of them, and no row is torn apart.

use krilla::tagging::{TableHeaderScope, Tag};

use super::layout::{LEADING, Layout, MARGIN, Node, Piece, WIDTH};
use super::lines::{self, Style};

/// Around the text of a cell, in points.
const PADDING: f32 = 3.0;
/// A cell has no more lines than this: the evidence has the whole of a long text.
const CELL_LINES: usize = 12;
/// A column is no narrower than this, in points.
const NARROWEST: f32 = 26.0;
/// Of the page's width.
const NEARLY: f32 = 0.7;
const BAND: [u8; 3] = [232, 236, 242];
const RULE: [u8; 3] = [200, 205, 212];

#[derive(Debug)]
pub(super) struct Column {
    pub(super) label: String,
    pub(super) right: bool,
}

#[derive(Debug)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) style: Style,
}

/// Draws a table below what is there. Tells in how many cells a text is cut.
pub(super) fn table(layout: &mut Layout<'_>, columns: &[Column], heading: Style, rows: &[Vec<Cell>]) -> u64 {
    let widths = widths(layout, columns, heading, rows);
    let headings: Vec<Cell> =
        columns.iter().map(|it| Cell { text: it.label.clone(), style: heading }).collect();
    let head = Prepared::new(layout, &headings, &widths);
    let mut table = Table { layout, columns, widths, head, cut: 0 };
    let first = rows.first().map(|it| Prepared::new(table.layout, it, &table.widths).height);
    if !table.layout.fits(table.head.height + first.unwrap_or_default()) {
        table.layout.next_page();
    }
    let cells = table.headings(true);
    let mut nodes = vec![Node::Group(Tag::THead.into(), vec![Node::Group(Tag::TR.into(), cells)])];
    let rows: Vec<Node> = rows.iter().map(|it| table.row(it)).collect();
    if !rows.is_empty() {
        nodes.push(Node::Group(Tag::TBody.into(), rows));
    }
    let cut = table.cut;
    layout.tree.push(Node::Group(Tag::Table.into(), nodes));
    cut
}

struct Table<'l, 'a> {
    layout: &'l mut Layout<'a>,
    columns: &'l [Column],
    widths: Vec<f32>,
    head: Prepared,
    /// Cells whose text is cut.
    cut: u64,
}

/// A row in lines.
struct Prepared {
    cells: Vec<(Vec<String>, Style)>,
    height: f32,
    /// Cells whose text is cut.
    cut: u64,
}

impl Prepared {
    fn new(layout: &Layout<'_>, cells: &[Cell], widths: &[f32]) -> Self {
        let mut cut = 0;
        let wrap = |(cell, width): (&Cell, &f32)| {
            let width = width - 2.0 * PADDING;
            let (lines, is_cut) = lines::wrap(layout.fonts, &cell.text, cell.style, width, CELL_LINES);
            cut += u64::from(is_cut);
            (lines, cell.style)
        };
        let cells: Vec<_> = cells.iter().zip(widths).map(wrap).collect();
        let height = |(lines, style): &(Vec<String>, Style)| lines.len() as f32 * style.size * LEADING;
        let height = cells.iter().map(height).fold(0.0, f32::max) + 2.0 * PADDING;
        Self { cells, height, cut }
    }
}

impl Table<'_, '_> {
    /// The headings. What is there again on a further page is decoration.
    fn headings(&mut self, first: bool) -> Vec<Node> {
        let (y, height) = (self.layout.y, self.head.height);
        let width = self.widths.iter().sum();
        self.layout.place(None, Piece::Rectangle { x: MARGIN, y, width, height, colour: BAND });
        let mut nodes = Vec::new();
        let mut x = MARGIN;
        for ((lines, style), width) in self.head.cells.iter().zip(&self.widths) {
            let leaf = first.then(|| self.layout.leaf());
            self.layout.lines(leaf, x + PADDING, y + PADDING, lines, *style);
            nodes.extend(
                leaf.map(|it| Node::Group(Tag::TH(TableHeaderScope::Column).into(), vec![Node::Leaf(it)])),
            );
            x += width;
        }
        self.layout.y += height;
        nodes
    }

    fn row(&mut self, cells: &[Cell]) -> Node {
        let row = Prepared::new(self.layout, cells, &self.widths);
        self.cut += row.cut;
        if !self.layout.fits(row.height) {
            self.layout.next_page();
            self.headings(false);
        }
        let y = self.layout.y;
        let mut nodes = Vec::new();
        let mut x = MARGIN;
        for (((lines, style), width), column) in row.cells.iter().zip(&self.widths).zip(self.columns) {
            let leaf = self.layout.leaf();
            let mut left = x + PADDING;
            if column.right {
                let wide = lines.iter().map(|it| lines::width(self.layout.fonts, it, *style));
                left = x + width - PADDING - wide.fold(0.0, f32::max);
            }
            self.layout.lines(Some(leaf), left, y + PADDING, lines, *style);
            nodes.push(Node::Group(Tag::TD.into(), vec![Node::Leaf(leaf)]));
            x += width;
        }
        self.layout.y += row.height;
        let rule =
            Piece::Rectangle { x: MARGIN, y: self.layout.y, width: x - MARGIN, height: 0.4, colour: RULE };
        self.layout.place(None, rule);
        Node::Group(Tag::TR.into(), nodes)
    }
}

/// How wide columns are: as wide as they would like where all fit, and else the widest give way.
fn widths(layout: &Layout<'_>, columns: &[Column], heading: Style, rows: &[Vec<Cell>]) -> Vec<f32> {
    let all = WIDTH - 2.0 * MARGIN;
    let mut liked: Vec<f32> =
        columns.iter().map(|it| lines::width(layout.fonts, &it.label, heading).min(90.0)).collect();
    for row in rows {
        for (liked, cell) in liked.iter_mut().zip(row) {
            *liked = liked.max(lines::width(layout.fonts, &cell.text, cell.style));
        }
    }
    for liked in &mut liked {
        // A little more, since shaping may make a text wider than its characters.
        *liked = (*liked * 1.03 + 2.0 * PADDING + 1.0).max(NARROWEST);
    }
    let mut sorted = liked.clone();
    sorted.sort_by(f32::total_cmp);
    let mut left = all;
    let mut limit = all;
    for (place, width) in sorted.iter().enumerate() {
        let share = left / (sorted.len() - place) as f32;
        if *width > share {
            limit = share;
            break;
        }
        left -= width;
    }
    let widths = liked.into_iter().map(|it| it.min(limit));
    let used: f32 = widths.clone().sum();
    // What nearly fills the page is as wide as all else on it.
    let stretch = if used > all * NEARLY { all / used } else { 1.0 };
    widths.map(|it| it * stretch).collect()
}
