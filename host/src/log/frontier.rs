//! The right frontier of a tree: all of it that changes when an entry is appended.

use super::hash::Hash;
use super::tile::{Of, Tile, WIDTH, read_entries, read_hashes, write_entry, write_hashes};

/// An entry has at most so many bytes: a bundle gives their number in two bytes.
pub const ENTRY_BYTES: usize = u16::MAX as usize;

/// The tiles that are not full yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Frontier {
    size: u64,
    /// The bundle that is not full.
    bundle: Vec<u8>,
    /// The hashes of each level's tile that is not full. The topmost has at least one.
    levels: Vec<Vec<Hash>>,
}

/// The entry has more than [`ENTRY_BYTES`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

impl Frontier {
    /// Of a log of this size, by its tiles. They are not believed: [`Frontier::root`] is what they
    /// come to, and `None` is what does not fit together.
    pub(super) fn load<E>(
        size: u64,
        mut read: impl FnMut(Tile) -> Result<Vec<u8>, E>,
    ) -> Result<Option<Self>, E> {
        let mut read = |of| {
            let tile = Tile::last(of, size);
            if tile.width == 0 { Ok(Vec::new()) } else { read(tile) }
        };
        let mut frontier = Self { size, ..Self::default() };
        for of in Of::all(size) {
            match of {
                Of::Entries => frontier.bundle = read(of)?,
                Of::Hashes(_) => frontier.levels.push(read_hashes(&read(of)?)),
            }
        }
        let entries = read_entries(&frontier.bundle).unwrap_or_default();
        let leaves: Vec<Hash> = entries.into_iter().map(Hash::leaf).collect();
        let fits = leaves == *frontier.levels.first().unwrap_or(&Vec::new());
        Ok(fits.then_some(frontier))
    }

    /// How many entries there are.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// Appends an entry. Gives each tile that is full now, with its bytes.
    pub(super) fn push(&mut self, entry: &[u8]) -> Result<Vec<(Tile, Vec<u8>)>, TooLong> {
        let length = u16::try_from(entry.len()).map_err(|_| TooLong)?;
        write_entry(&mut self.bundle, length, entry);
        self.size += 1;
        let mut full = Vec::new();
        if self.size.is_multiple_of(WIDTH) {
            let tile = Tile { of: Of::Entries, index: self.size / WIDTH - 1, width: WIDTH };
            full.push((tile, std::mem::take(&mut self.bundle)));
        }
        let mut carried = Hash::leaf(entry);
        for level in 0.. {
            if self.levels.len() == level as usize {
                self.levels.push(Vec::new());
            }
            let hashes = &mut self.levels[level as usize];
            hashes.push(carried);
            if (hashes.len() as u64) < WIDTH {
                break;
            }
            let of = Of::Hashes(level);
            carried = Hash::full(hashes);
            full.push((
                Tile { of, index: of.count(self.size) / WIDTH - 1, width: WIDTH },
                write_hashes(hashes),
            ));
            hashes.clear();
        }
        Ok(full)
    }

    /// The tiles that are not full, with their bytes.
    pub(super) fn partial(&self) -> Vec<(Tile, Vec<u8>)> {
        let bytes = |of| match of {
            Of::Entries => self.bundle.clone(),
            Of::Hashes(level) => write_hashes(&self.levels[level as usize]),
        };
        let last = Of::all(self.size).map(|of| Tile::last(of, self.size));
        last.filter(|it| it.width > 0).map(|it| (it, bytes(it.of))).collect()
    }

    /// The root of the whole tree.
    pub(super) fn root(&self) -> Hash {
        let mut root = None;
        for hashes in &self.levels {
            // From the right: the full trees that the hashes make up, the smallest first.
            let mut rest = &hashes[..];
            while !rest.is_empty() {
                let (before, tree) = rest.split_at(rest.len() - (1 << rest.len().trailing_zeros()));
                let tree = Hash::full(tree);
                root = Some(root.map_or(tree, |right| Hash::node(tree, right)));
                rest = before;
            }
        }
        root.unwrap_or_else(Hash::empty)
    }
}
