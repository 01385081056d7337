//! A record's children by name: a mapping asks for a few dozen of them, half of which
//! are most often not there, and to look through all children each time took a seventh of
//! all time.

use super::tree::Node;

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
    /// Whether there were more children than can be indexed.
    overflowed: bool,
}

/// What a name looks like at a glance, without regard to case: its length, and three of
/// its letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Look(u32);

impl Look {
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

    fn slot(self) -> usize {
        // Fibonacci hashing: the upper bits of the product depend on all of the name's.
        (self.0.wrapping_mul(0x9E37_79B1) >> (32 - SLOTS.trailing_zeros())) as usize
    }
}

impl Default for Index {
    fn default() -> Self {
        Self { slots: [0; SLOTS], used: 0, overflowed: false }
    }
}

impl Index {
    pub(super) fn clear(&mut self) {
        if self.used > 0 {
            *self = Self::default();
        }
    }

    /// Takes in the child at `at`, which is not among `nodes` yet, unless one of its name
    /// came before.
    pub(super) fn insert(&mut self, source: &str, nodes: &[Node], at: u32, name: &[u8]) {
        let Ok(number) = u16::try_from(at + 1) else {
            self.overflowed = true;
            return;
        };
        match self.slot(source, nodes, name) {
            _ if self.used == MOST => self.overflowed = true,
            (_, Some(_)) => {}
            (slot, None) => {
                self.slots[slot] = number;
                self.used += 1;
            }
        }
    }

    /// The first child of this name: `None` where the index does not know, for there are
    /// too many; `Some(None)` where there is none.
    pub(super) fn find(&self, source: &str, nodes: &[Node], name: &str) -> Option<Option<u32>> {
        (!self.overflowed).then(|| self.slot(source, nodes, name.as_bytes()).1)
    }

    /// Where a name is in the table, or could be, and the child that is there.
    fn slot(&self, source: &str, nodes: &[Node], name: &[u8]) -> (usize, Option<u32>) {
        let look = Look::of(name);
        let mut slot = look.slot();
        // There always is a free one: MOST is less than SLOTS.
        while let Some(at) = self.slots[slot].checked_sub(1) {
            if nodes[usize::from(at)].is(source, look, name) {
                return (slot, Some(u32::from(at)));
            }
            slot = (slot + 1) % SLOTS;
        }
        (slot, None)
    }
}
