//! The nodes of a log's tree, by its tiles.

use std::collections::HashMap;

use super::folder::{Log, LogError};
use super::hash::Hash;
use super::tile::{HEIGHT, Of, Tile, WIDTH, read_hashes};

/// Tiles in memory, of 8 KiB each: those of 16,000 entries.
const KEPT_TILES: usize = 64;

/// The nodes of a log of one size. Each tile is read once. They are not trusted: the code that
/// makes a proof of them checks that it proves something.
#[derive(Debug)]
pub(super) struct Nodes<'a> {
    log: &'a Log,
    size: u64,
    tiles: HashMap<(u32, u64), Vec<Hash>>,
}

impl<'a> Nodes<'a> {
    pub(crate) fn new(log: &'a Log, size: u64) -> Self {
        Self { log, size, tiles: HashMap::new() }
    }

    /// Forgets what was read, where that has become much.
    pub(super) fn keep_few(&mut self) {
        if self.tiles.len() > KEPT_TILES {
            self.tiles.clear();
        }
    }

    /// The node with this index, as ct-merkle counts them: those of a tree in an array, where
    /// leaf `n` is at `2n` and each node between its two subtrees.
    pub(super) fn get(&mut self, index: u64) -> Result<Hash, LogError> {
        let level = index.trailing_ones();
        let first = (index >> (level + 1)) << level;
        self.span(first, (first + (1 << level)).min(self.size))
    }

    /// The hash of the tree over the entries from `start` to before `end`. `start` is a multiple
    /// of the smallest power of two that is no smaller than their number.
    fn span(&mut self, start: u64, end: u64) -> Result<Hash, LogError> {
        let length = end - start;
        if length.is_power_of_two() {
            return self.full(start, length.trailing_zeros());
        }
        let left = start + (1 << length.ilog2());
        Ok(Hash::node(self.span(start, left)?, self.span(left, end)?))
    }

    /// The hash of a full tree of 2^`height` entries from `start` on.
    fn full(&mut self, start: u64, height: u32) -> Result<Hash, LogError> {
        let level = height / HEIGHT;
        let first = start >> (level * HEIGHT);
        let (tile, within) = (first / WIDTH, (first % WIDTH) as usize);
        let key = (level, tile);
        if !self.tiles.contains_key(&key) {
            let hashes = self.log.read_tile(Tile::of(Of::Hashes(level), tile, self.size))?;
            self.tiles.insert(key, read_hashes(&hashes));
        }
        let hashes = self.tiles.get(&key).and_then(|it| it.get(within..within + (1 << (height % HEIGHT))));
        hashes.map(Hash::full).ok_or_else(|| LogError::Damaged(self.log.folder().join("tile")))
    }
}
