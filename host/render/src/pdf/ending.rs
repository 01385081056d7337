//! The end of a document: what it is an export of, for people and for cameras, and where a reviewer signs.

use exhibit::format;
use krilla::tagging::Tag;

use super::layout::{Layout, MARGIN, Node, Piece, WIDTH};
use super::style::{BETWEEN, CELL, HEADING, QUIET, RULE, TERM, TEXT, heading};
use crate::Subject;

/// A QR code is so many points wide.
const CODE: f32 = 110.0;
/// What a code is for takes at most so many lines, which stay on its page.
const LINES: f32 = 2.0;
/// Between a line to write on and what is above it, in points: a signature by hand needs that.
const ROOM: f32 = 30.0;
/// What a reviewer writes, and which share of the width it has.
const SIGN_OFF: [(&str, f32); 4] =
    [("Reviewed by", 0.3), ("Date", 0.15), ("Decision and remarks", 0.3), ("Signature", 0.25)];
/// Between two lines to write on, in points.
const GAP: f32 = 14.0;

/// What this is an export of, and what the code is for.
pub(super) fn digest(layout: &mut Layout<'_>, subject: &Subject) {
    let text = format!(
        "{}: the source did not say, or a note says why it is missing; that is not the same as nothing ({}). This \
         document is an export. The evidence is the folder whose proof.json has the digest {}.",
        exhibit_rows::spreadsheet::ABSENT,
        format::EMPTY,
        subject.digest
    );
    layout.paragraph(Tag::P.into(), None, &text, TEXT, 0.0);
    layout.y += BETWEEN;
    let signed = if subject.signature.is_some() { ", and the signature" } else { "" };
    let use_of_it = format!(
        "The code has this digest{signed}, so that a printed page can be held against the evidence without typing it."
    );
    if !layout.fits(LINES * TERM.size + QUIET + CODE) {
        layout.next_page();
    }
    layout.paragraph(Tag::P.into(), None, &use_of_it, TERM, 0.0);
    layout.y += QUIET;
    let leaf = layout.leaf();
    let signature = subject.signature.iter().map(|it| format!("\nkey {}\n{}", it.key, it.base64));
    let text = format!("{}{}", subject.digest, signature.collect::<String>());
    let alternative = format!("A QR code that says {text}");
    let code = Piece::Code { x: MARGIN, y: layout.y, size: CODE, text };
    layout.place(Some(leaf), code);
    layout.y += CODE;
    layout.tree.push(Node::Group(Tag::Figure(Some(alternative)).into(), vec![Node::Leaf(leaf)]));
}

/// Lines for a reviewer to sign on paper.
pub(super) fn sign_off(layout: &mut Layout<'_>) {
    heading(layout, 2, "Sign-off", HEADING);
    if !layout.fits(ROOM + 2.0 * CELL.size) {
        layout.next_page();
    }
    layout.y += ROOM;
    let all = WIDTH - 2.0 * MARGIN;
    let mut x = MARGIN;
    let mut nodes = Vec::new();
    for (label, share) in SIGN_OFF {
        let width = all * share - GAP;
        layout.place(None, Piece::Rectangle { x, y: layout.y, width, height: 0.6, colour: RULE });
        let leaf = layout.leaf();
        let shown = layout.fonts.legible(label);
        layout.lines(Some(leaf), x, layout.y + BETWEEN, &[shown], CELL);
        nodes.push(Node::Leaf(leaf));
        x += width + GAP;
    }
    layout.y += 2.0 * CELL.size;
    layout.tree.push(Node::Group(Tag::P.into(), nodes));
}
