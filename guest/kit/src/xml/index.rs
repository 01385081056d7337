//! A record's children by name: a mapping asks for a few dozen of them, half of which
//! are most often not there, and to look through all children each time took a seventh of
//! all time.

use super::node::{NameHint, Node};

/// Slots of the table: a power of two, with room for all children that are indexed.
const SLOTS: usize = 128;
/// Records have about forty kinds of children. One with more is searched in order.
const MOST: usize = 96;

/// Where the first child of each name is.
#[derive(Debug)]
pub(super) struct Index {
    /// Nodes, counted from 1; 0 is free.
    slots: [u16; SLOTS],
    used: usize,
    /// Whether a name stood there before.
    has_repeated: bool,
    /// Whether there were more children than can be indexed.
    overflowed: bool,
}

impl Default for Index {
    fn default() -> Self {
        Self { slots: [0; SLOTS], used: 0, has_repeated: false, overflowed: false }
    }
}

impl Index {
    pub(super) fn clear(&mut self) {
        if self.used > 0 {
            *self = Self::default();
        }
    }

    /// Adds the child at `at`, which is not among `nodes` yet, unless an earlier one has the
    /// same name.
    pub(super) fn insert(&mut self, source: &str, nodes: &[Node], at: u32, name: &[u8]) {
        let Ok(number) = u16::try_from(at + 1) else {
            self.overflowed = true;
            return;
        };
        match self.slot(source, nodes, name) {
            _ if self.used == MOST => self.overflowed = true,
            (_, Some(_)) => self.has_repeated = true,
            (slot, None) => {
                self.slots[slot] = number;
                self.used += 1;
            }
        }
    }

    /// The first child of this name: `None` where there are too many children to be indexed;
    /// `Some(None)` where no child has the name.
    pub(super) fn find(&self, source: &str, nodes: &[Node], name: &str) -> Option<Option<u32>> {
        (!self.overflowed).then(|| self.slot(source, nodes, name.as_bytes()).1)
    }

    /// Whether two children may have the same name.
    pub(super) fn has_repeated(&self) -> bool {
        self.has_repeated || self.overflowed
    }

    /// The slot that a name has or would have in the table, and the child in it.
    fn slot(&self, source: &str, nodes: &[Node], name: &[u8]) -> (usize, Option<u32>) {
        let hint = NameHint::of(name);
        let mut slot = first_slot(hint);
        // There always is a free one: MOST is less than SLOTS.
        while let Some(at) = self.slots[slot].checked_sub(1) {
            if nodes[usize::from(at)].is(source, hint, name) {
                return (slot, Some(u32::from(at)));
            }
            slot = (slot + 1) % SLOTS;
        }
        (slot, None)
    }
}

/// Where the search for a name begins.
fn first_slot(hint: NameHint) -> usize {
    // Fibonacci hashing: the upper bits of the product depend on all bits of the hint.
    (hint.0.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.trailing_zeros())) as usize
}
