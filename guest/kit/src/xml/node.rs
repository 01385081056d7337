//! An element of a parsed record: where its parts stand in the source.

use std::ops::Range;

use super::bytes::same;

#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) name: Place,
    pub(super) hint: NameHint,
    /// What stands between the name and the end of the tag.
    pub(super) attributes: Place,
    pub(super) text: Text,
    /// The node after the last one inside this: so also the next sibling, if there is one.
    pub(super) end: u32,
}

/// A part of a text, by bytes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) start: u32,
    pub(super) end: u32,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum Text {
    None,
    /// As it stands in the source.
    Source(Place),
    /// Put together out of several pieces, in the tree's `pieced`.
    Pieced(Place),
}

/// What a name looks like at a glance, without regard to case: its length, and three of
/// its letters. Names with different hints differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NameHint(pub(super) u32);

impl Place {
    pub(super) fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }
}

impl NameHint {
    pub(super) fn of(name: &[u8]) -> Self {
        let letter = |at: usize| u32::from(name.get(at).copied().unwrap_or(0) | 0x20);
        let length = name.len();
        Self(
            letter(0)
                | letter(length / 2) << 8
                | letter(length.wrapping_sub(1)) << 16
                | u32::from(length as u8) << 24,
        )
    }
}

impl Node {
    /// Whether it has this name, with this hint, without regard to case.
    pub(super) fn is(&self, source: &str, hint: NameHint, name: &[u8]) -> bool {
        let written = &source.as_bytes()[self.name.range()];
        self.hint == hint && (same(written, name) || written.eq_ignore_ascii_case(name))
    }
}
