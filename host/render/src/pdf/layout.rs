//! What is where on which page, and its structure for screen readers.

use krilla::tagging::TagKind;

use super::fonts::Fonts;
use super::lines::{self, Style};

/// A4 across, in points.
pub(super) const WIDTH: f32 = 841.89;
pub(super) const HEIGHT: f32 = 595.28;
pub(super) const MARGIN: f32 = 36.0;
/// Where text ends, above the footer.
const BOTTOM: f32 = HEIGHT - MARGIN - 14.0;
/// How high a line is, in sizes of its text.
pub(super) const LEADING: f32 = 1.35;
/// How high above its baseline a text reaches, in sizes.
const ASCENT: f32 = 1.0;

/// Something to draw.
#[derive(Debug)]
pub(super) enum Piece {
    /// At a baseline.
    Text {
        x: f32,
        y: f32,
        text: String,
        style: Style,
    },
    Rectangle {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        colour: [u8; 3],
    },
    /// Leads to an address.
    Link {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        url: String,
    },
    /// A QR code, of so many points.
    Code {
        x: f32,
        y: f32,
        size: f32,
        text: String,
    },
}

/// Something to draw, and which leaf of the tree it belongs to. None where it is decoration.
#[derive(Debug)]
pub(super) struct Placed {
    pub(super) leaf: Option<usize>,
    pub(super) piece: Piece,
}

/// The elements of a document, for screen readers.
#[derive(Debug)]
pub(super) enum Node {
    Group(TagKind, Vec<Self>),
    Leaf(usize),
}

/// Something that a reader may jump to.
#[derive(Debug)]
pub(super) struct Mark {
    pub(super) text: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

pub(super) struct Layout<'a> {
    pub(super) fonts: &'a Fonts<'a>,
    pub(super) pages: Vec<Vec<Placed>>,
    pub(super) tree: Vec<Node>,
    pub(super) marks: Vec<Mark>,
    /// Leaves so far.
    pub(super) leaves: usize,
    /// How far down the last page is used.
    pub(super) y: f32,
}

impl<'a> Layout<'a> {
    pub(super) fn new(fonts: &'a Fonts<'a>) -> Self {
        Self { fonts, pages: vec![vec![]], tree: vec![], marks: vec![], leaves: 0, y: MARGIN }
    }

    /// Whether so many points are left on the page.
    pub(super) fn fits(&self, height: f32) -> bool {
        self.y + height <= BOTTOM
    }

    pub(super) fn next_page(&mut self) {
        self.pages.push(vec![]);
        self.y = MARGIN;
    }

    pub(super) fn leaf(&mut self) -> usize {
        self.leaves += 1;
        self.leaves - 1
    }

    pub(super) fn place(&mut self, leaf: Option<usize>, piece: Piece) {
        if let Some(page) = self.pages.last_mut() {
            page.push(Placed { leaf, piece });
        }
    }

    /// Lines of a text from `y` on.
    pub(super) fn lines(&mut self, leaf: Option<usize>, x: f32, y: f32, lines: &[String], style: Style) {
        let mut baseline = y + style.size * ASCENT;
        for line in lines {
            // A blank between lines, so that what is copied has its words apart.
            let text = format!("{line} ");
            self.place(leaf, Piece::Text { x, y: baseline, text, style });
            baseline += style.size * LEADING;
        }
    }

    /// A paragraph over the whole width, from the left margin and `indent` on; `label` stands before it.
    pub(super) fn paragraph(
        &mut self,
        tag: TagKind,
        label: Option<(&str, Style)>,
        text: &str,
        style: Style,
        indent: f32,
    ) -> Option<(f32, f32)> {
        let (lines, _) = lines::wrap(self.fonts, text, style, WIDTH - 2.0 * MARGIN - indent, usize::MAX);
        let mut nodes = Vec::new();
        let mut first = None;
        for (number, line) in lines.iter().enumerate() {
            let height = style.size * LEADING;
            if !self.fits(height) {
                self.next_page();
            }
            if let Some((label, style)) = label.filter(|_| number == 0) {
                let leaf = self.leaf();
                self.lines(Some(leaf), MARGIN, self.y, &[self.fonts.legible(label)], style);
                nodes.push(Node::Leaf(leaf));
            }
            let leaf = self.leaf();
            first.get_or_insert((self.y, height));
            self.lines(Some(leaf), MARGIN + indent, self.y, std::slice::from_ref(line), style);
            nodes.push(Node::Leaf(leaf));
            self.y += height;
        }
        self.tree.push(Node::Group(tag, nodes));
        first
    }
}
