//! How a document looks: colours, sizes, distances.

use std::num::NonZeroU16;

use krilla::tagging::Tag;

use super::layout::{Layout, Mark};
use super::lines::Style;

/// What cameras need free around one: four of its modules, and some more.
pub(super) const QUIET: f32 = 12.0;
/// Between two facts, in points.
pub(super) const BETWEEN: f32 = 1.5;

/// Lines to write on.
pub(super) const RULE: [u8; 3] = [120, 126, 136];

pub(super) const INK: [u8; 3] = [26, 29, 33];
pub(super) const SOFT: [u8; 3] = [90, 98, 112];
pub(super) const LINK: [u8; 3] = [11, 87, 194];
pub(super) const GOOD: [u8; 3] = [20, 108, 46];
pub(super) const BAD: [u8; 3] = [168, 7, 26];
pub(super) const OPEN: [u8; 3] = [122, 75, 0];

pub(super) const TITLE: Style = Style { size: 20.0, bold: true, colour: INK };
pub(super) const VERDICT: Style = Style { size: 12.0, bold: true, colour: INK };
pub(super) const HEADING: Style = Style { size: 13.0, bold: true, colour: INK };
pub(super) const TEXT: Style = Style { size: 9.0, bold: false, colour: INK };
pub(super) const TERM: Style = Style { size: 9.0, bold: false, colour: SOFT };
pub(super) const WARNING: Style = Style { size: 9.0, bold: true, colour: OPEN };
pub(super) const CELL: Style = Style { size: 7.5, bold: false, colour: INK };
pub(super) const CELL_HEADING: Style = Style { size: 7.5, bold: true, colour: INK };

/// A heading, which is a mark of the document, too.
pub(super) fn heading(layout: &mut Layout<'_>, level: u16, text: &str, style: Style) {
    // A heading alone at the end of a page would lead nowhere.
    if level > 1 {
        layout.y += style.size;
        if !layout.fits(style.size * 6.0) {
            layout.next_page();
        }
    }
    let shown = layout.fonts.legible(text);
    let tag = Tag::Hn(NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN), Some(shown.clone()));
    layout.marks.push(Mark { text: shown, page: layout.pages.len() - 1, y: layout.y });
    layout.paragraph(tag.into(), None, text, style, 0.0);
    layout.y += style.size * 0.4;
}
