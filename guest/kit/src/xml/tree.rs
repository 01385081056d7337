//! One record, parsed: flat, and reused for the next, so that a record costs no allocation.

use std::cell::Cell;

use super::index::Index;
use super::input::is_xml;
use super::leaf::leaf;
use super::node::{NameHint, Node, Place, Text};
use super::plain::{Tag, tag};

/// No known source has a record with more elements; memory is bounded by it.
const MAX_NODES: usize = 100_000;
/// No source nests deeper than ten.
const MAX_DEPTH: usize = 64;

/// The elements of a record in document order, and the texts that are not as they
/// stand in the source.
#[derive(Debug, Default)]
pub(super) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// Texts put together out of several pieces.
    pub(super) pieced: String,
    /// Places of the elements that are still open.
    open: Vec<u32>,
    /// The record's own children by name.
    pub(super) index: Index,
    /// Characters that were replaced.
    pub(super) repaired: u64,
    /// References to entities that XML does not define.
    pub(super) undefined: u64,
    /// An element that was asked for as the only one of its name, and stands beside another one that says something else.
    pub(super) contradicted: Cell<Option<u32>>,
}

/// More than a record may have.
#[derive(Debug)]
pub(super) struct TooMuch(pub(super) &'static str);

impl Tree {
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.pieced.clear();
        self.open.clear();
        self.index.clear();
        self.contradicted.set(None);
    }

    pub(super) fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn start(&mut self, source: &str, name: Place, attributes: Place) -> Result<(), TooMuch> {
        if self.open.len() >= MAX_DEPTH {
            return Err(TooMuch("is nested too deeply"));
        }
        if self.nodes.len() >= MAX_NODES {
            return Err(TooMuch("has too many elements"));
        }
        let at = self.next();
        let written = &source.as_bytes()[name.range()];
        if self.open.len() == 1 {
            self.index.insert(source, &self.nodes, at, written);
        }
        self.open.push(at);
        self.nodes.push(Node { name, hint: NameHint::of(written), attributes, text: Text::None, end: 0 });
        Ok(())
    }

    /// The innermost open element, where there is one.
    pub(super) fn innermost(&self) -> Option<&Node> {
        self.nodes.get(*self.open.last()? as usize)
    }

    pub(super) fn close(&mut self) {
        let end = self.next();
        if let Some(at) = self.open.pop() {
            self.nodes[at as usize].end = end;
        }
    }

    /// Reads what follows a tag in a record, from `at` on, as long as it is plain: elements that hold
    /// only a text, and tags without attributes. Returns where that ends, or where the record itself is to
    /// be closed.
    pub(super) fn plain(&mut self, source: &str, at: usize, begun: bool) -> Result<usize, TooMuch> {
        let bytes = source.as_bytes();
        let mut end = at;
        let mut begun = begun;
        loop {
            if begun {
                end += self.leaf(source, end);
            }
            let Some(name) = self.innermost().map(|it| it.name.range()) else { return Ok(end) };
            match tag(&bytes[end..], &bytes[name]) {
                Some(Tag::Start { name, empty, length }) => {
                    // Within `source`, whose offsets fit.
                    let place = |(from, to): (usize, usize)| Place {
                        start: (end + from) as u32,
                        end: (end + to) as u32,
                    };
                    self.start(source, place(name), place((name.1, name.1)))?;
                    if empty {
                        self.close();
                    }
                    (begun, end) = (!empty, end + length);
                }
                Some(Tag::End { length }) if self.open.len() > 1 => {
                    self.close();
                    (begun, end) = (false, end + length);
                }
                _ => return Ok(end),
            }
        }
    }

    /// If the innermost open element holds only a text, takes it and closes the element.
    /// Returns how many bytes of `source` that took, from `at` on; 0 for anything else.
    fn leaf(&mut self, source: &str, at: usize) -> usize {
        let Some(name) = self.innermost().map(|it| it.name.range()) else { return 0 };
        let bytes = source.as_bytes();
        let Some(leaf) = leaf(&bytes[at..], &bytes[name]) else { return 0 };
        // Within `source`, whose offsets fit.
        let place =
            |(start, end): (usize, usize)| Place { start: (at + start) as u32, end: (at + end) as u32 };
        self.text(source, place(leaf.text));
        self.close();
        leaf.length
    }

    /// A piece of text as it stands at `place` in the source.
    pub(super) fn text(&mut self, source: &str, place: Place) {
        let Some(at) = self.taking_text() else { return };
        let blank = || source.as_bytes()[place.range()].trim_ascii_start().is_empty();
        match self.nodes[at].text {
            Text::None if blank() => {}
            Text::None => self.nodes[at].text = Text::Source(place),
            Text::Source(_) | Text::Pieced(_) => self.piece(source, &source[place.range()]),
        }
    }

    /// The innermost open element, unless it has children already: what stands between
    /// these is layout, and collecting it would cost the square of its length.
    fn taking_text(&self) -> Option<usize> {
        let at = *self.open.last()?;
        (self.next() == at + 1).then_some(at as usize)
    }

    /// A reference, by what stands between `&` and `;`.
    pub(super) fn reference(&mut self, source: &str, name: &str) {
        let character = match name.strip_prefix('#') {
            Some(number) => Some(numbered(number).unwrap_or_else(|| {
                self.repaired += 1;
                char::REPLACEMENT_CHARACTER
            })),
            None => named(name),
        };
        match character {
            Some(character) => self.piece(source, character.encode_utf8(&mut [0; 4])),
            None => {
                // No entity can be defined here, so this one is not: it stays as it was written.
                self.undefined += 1;
                self.piece(source, &format!("&{name};"));
            }
        }
    }

    fn piece(&mut self, source: &str, piece: &str) {
        let Some(at) = self.taking_text() else { return };
        let start = match self.nodes[at].text {
            Text::Pieced(place) => place.start,
            Text::Source(place) => {
                let start = self.pieced.len() as u32;
                self.pieced.push_str(&source[place.range()]);
                start
            }
            Text::None => self.pieced.len() as u32,
        };
        self.pieced.push_str(piece);
        self.nodes[at].text = Text::Pieced(Place { start, end: self.pieced.len() as u32 });
    }

    fn next(&self) -> u32 {
        // At most MAX_NODES, so it fits.
        self.nodes.len() as u32
    }
}

/// What a numeric reference stands for, where XML has such a character.
fn numbered(number: &str) -> Option<char> {
    let code = match number.strip_prefix('x') {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => number.parse(),
    };
    char::from_u32(code.ok()?).filter(|it| is_xml(*it))
}

/// The five entities that need no definition.
fn named(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}
