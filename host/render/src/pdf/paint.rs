//! Draws what was laid out, and tells what it means.

use std::io;

use krilla::Document;
use krilla::action::{Action, LinkAction};
use krilla::annotation::{Annotation, LinkAnnotation, Target};
use krilla::color::rgb;
use krilla::destination::XyzDestination;
use krilla::geom::{PathBuilder, Point, Rect};
use krilla::outline::{Outline, OutlineNode};
use krilla::page::PageSettings;
use krilla::paint::Fill;
use krilla::surface::Surface;
use krilla::tagging::{Artifact, ArtifactType, ContentTag, Identifier, SpanTag, TagGroup, TagTree};
use qrcode::{Color, QrCode};

use super::fonts::Fonts;
use super::layout::{HEIGHT, Layout, MARGIN, Node, Piece, Placed, WIDTH};
use super::lines::Style;

const FOOTER: Style = Style { size: 7.0, bold: false, colour: [90, 98, 112] };

/// Draws all pages into the document, each with this text and its number at its foot.
pub(super) fn paint(document: &mut Document, layout: Layout<'_>, foot: &str) -> io::Result<()> {
    let mut leaves: Vec<Vec<Identifier>> = vec![Vec::new(); layout.leaves];
    let count = layout.pages.len();
    for (number, pieces) in layout.pages.iter().enumerate() {
        let settings = PageSettings::from_wh(WIDTH, HEIGHT).ok_or_else(|| failed("a page has no size"))?;
        let mut page = document.start_page_with(settings);
        let mut surface = page.surface();
        for stretch in pieces.chunk_by(|one, other| one.leaf == other.leaf) {
            let leaf = stretch.first().and_then(|it| it.leaf);
            if !stretch.iter().any(|it| !matches!(it.piece, Piece::Link { .. })) {
                continue;
            }
            let identifier = surface.start_tagged(match leaf {
                Some(_) => ContentTag::Span(SpanTag::empty()),
                None => ContentTag::Artifact(Artifact::with_kind(ArtifactType::Layout)),
            });
            for Placed { piece, .. } in stretch {
                draw(&mut surface, layout.fonts, piece)?;
            }
            surface.end_tagged();
            if let Some(leaf) = leaf.and_then(|it| leaves.get_mut(it)) {
                leaf.push(identifier);
            }
        }
        surface.start_tagged(ContentTag::Artifact(Artifact::with_kind(ArtifactType::Footer)));
        let y = HEIGHT - MARGIN;
        text(&mut surface, layout.fonts, MARGIN, y, foot, FOOTER);
        let numbered = format!("Page {} of {count}", number + 1);
        let wide = super::lines::width(layout.fonts, &numbered, FOOTER);
        text(&mut surface, layout.fonts, WIDTH - MARGIN - wide, y, &numbered, FOOTER);
        surface.end_tagged();
        surface.finish();
        for Placed { leaf, piece } in pieces {
            let Piece::Link { x, y, width, height, url } = piece else { continue };
            let area = rectangle(*x, *y, *width, *height)?;
            let target = Target::Action(Action::Link(LinkAction::new(url.clone())));
            let link = Annotation::new_link(LinkAnnotation::new(area, target), Some(url.clone()));
            let identifier = page.add_tagged_annotation(link);
            if let Some(leaf) = leaf.and_then(|it| leaves.get_mut(it)) {
                leaf.push(identifier);
            }
        }
        page.finish();
    }
    let mut outline = Outline::new();
    for mark in layout.marks {
        let place = XyzDestination::new(mark.page, Point::from_xy(MARGIN, mark.y));
        outline.push_child(OutlineNode::new(mark.text, place));
    }
    document.set_outline(outline);
    let mut tree = TagTree::new().with_lang(Some("en".to_owned()));
    for node in layout.tree {
        tree.push(group(node, &mut leaves));
    }
    document.set_tag_tree(tree);
    Ok(())
}

fn group(node: Node, leaves: &mut [Vec<Identifier>]) -> krilla::tagging::Node {
    match node {
        Node::Leaf(leaf) => {
            let identifiers = leaves.get_mut(leaf).map(std::mem::take).unwrap_or_default();
            let mut group = TagGroup::new(krilla::tagging::Tag::Span);
            for identifier in identifiers {
                group.push(identifier);
            }
            group.into()
        }
        Node::Group(tag, nodes) => {
            let mut all = TagGroup::new(tag);
            for node in nodes {
                all.push(group(node, leaves));
            }
            all.into()
        }
    }
}

fn draw(surface: &mut Surface<'_>, fonts: &Fonts<'_>, piece: &Piece) -> io::Result<()> {
    match piece {
        Piece::Text { x, y, text: it, style } => text(surface, fonts, *x, *y, it, *style),
        Piece::Rectangle { x, y, width, height, colour } => {
            surface.set_fill(Some(fill(*colour)));
            let mut path = PathBuilder::new();
            path.push_rect(rectangle(*x, *y, *width, *height)?);
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Piece::Code { x, y, size, text } => {
            let code = QrCode::new(text).map_err(|error| failed(&error.to_string()))?;
            surface.set_fill(Some(fill([0; 3])));
            let module = size / code.width() as f32;
            let mut path = PathBuilder::new();
            for (place, colour) in code.to_colors().iter().enumerate() {
                let (row, column) = (place / code.width(), place % code.width());
                if *colour == Color::Dark {
                    let (left, top) = (x + column as f32 * module, y + row as f32 * module);
                    path.push_rect(rectangle(left, top, module, module)?);
                }
            }
            if let Some(path) = path.finish() {
                surface.draw_path(&path);
            }
        }
        Piece::Link { .. } => {}
    }
    Ok(())
}

fn text(surface: &mut Surface<'_>, fonts: &Fonts<'_>, x: f32, y: f32, line: &str, style: Style) {
    surface.set_fill(Some(fill(style.colour)));
    let mut x = x;
    // A blank at the end stays there, whichever way the rest is read.
    let end = line.trim_end_matches(' ').len();
    for part in [&line[..end], &line[end..]] {
        for run in fonts.runs(part, style.bold) {
            let start = Point::from_xy(x, y);
            surface.draw_glyphs(start, &run.glyphs, run.font, &part[run.range], style.size, false);
            x += run.width * style.size;
        }
    }
}

fn fill([red, green, blue]: [u8; 3]) -> Fill {
    Fill { paint: rgb::Color::new(red, green, blue).into(), ..Fill::default() }
}

fn rectangle(x: f32, y: f32, width: f32, height: f32) -> io::Result<Rect> {
    Rect::from_xywh(x, y, width, height).ok_or_else(|| failed("an area has no size"))
}

fn failed(what: &str) -> io::Error {
    io::Error::other(format!("the document cannot be drawn: {what}"))
}
