//! Where in the folder of a log what is: tiles of hashes, and bundles of entries.

use super::hash::{HASH_BYTES, Hash};

/// Hashes in a full tile, and entries in a full bundle.
pub(super) const WIDTH: u64 = 256;

/// The levels of the tree that a tile spans: 2^8 is [`WIDTH`].
pub(super) const HEIGHT: u32 = 8;

/// A file of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    /// What is in it.
    pub(super) of: Of,
    /// Which one of its level.
    pub(super) index: u64,
    /// How many hashes or entries are in it: 1 to [`WIDTH`].
    pub(super) width: u64,
}

/// What is in a tile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    /// The entries themselves.
    Entries,
    /// At level 0 the hashes of entries, above it those of the full tiles one level below.
    Hashes(u32),
}

impl Of {
    /// Entries and every level that a log of this size has.
    pub(super) fn all(size: u64) -> impl Iterator<Item = Self> {
        let levels = (0..).take_while(move |&it| count(size, it) > 0).map(Self::Hashes);
        (size > 0).then_some(Self::Entries).into_iter().chain(levels)
    }

    /// How many hashes or entries there are of it in a log of this size.
    pub(super) fn count(self, size: u64) -> u64 {
        match self {
            Self::Entries => size,
            Self::Hashes(level) => count(size, level),
        }
    }
}

fn count(size: u64, level: u32) -> u64 {
    size.checked_shr(level * HEIGHT).unwrap_or(0)
}

impl Tile {
    /// The tile of this index, as wide as it is in a log of this size.
    pub(super) fn of(of: Of, index: u64, size: u64) -> Self {
        let width = of.count(size).saturating_sub(index.saturating_mul(WIDTH)).min(WIDTH);
        Self { of, index, width }
    }

    /// The tile of this kind that is not full in a log of this size; of width 0 where all are.
    pub(super) fn last(of: Of, size: u64) -> Self {
        Self::of(of, of.count(size) / WIDTH, size)
    }

    /// Its path in the folder, with `/` on every system.
    pub(super) fn path(&self) -> String {
        let full = self.full_path();
        if self.width == WIDTH { full } else { format!("{full}.p/{}", self.width) }
    }

    /// Where narrower ones of the same index are, while it is not full.
    pub(super) fn partials(&self) -> String {
        format!("{}.p", self.full_path())
    }

    fn full_path(&self) -> String {
        let mut path = match self.of {
            Of::Entries => "tile/entries".to_owned(),
            Of::Hashes(level) => format!("tile/{level}"),
        };
        let mut groups = vec![format!("{:03}", self.index % 1000)];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(format!("x{:03}", rest % 1000));
            rest /= 1000;
        }
        for group in groups.iter().rev() {
            path.push('/');
            path.push_str(group);
        }
        path
    }
}

/// Hashes as a tile has them.
pub(super) fn write_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|it| *it.as_bytes()).collect()
}

/// The hashes of a tile.
pub(super) fn read_hashes(bytes: &[u8]) -> Vec<Hash> {
    bytes.as_chunks::<HASH_BYTES>().0.iter().map(|it| Hash::from(*it)).collect()
}

/// Adds an entry to a bundle, after its length in two bytes.
pub(super) fn write_entry(bundle: &mut Vec<u8>, length: u16, entry: &[u8]) {
    bundle.extend(length.to_be_bytes());
    bundle.extend(entry);
}

/// The entries of a bundle; `None` where it ends within one.
pub(super) fn read_entries(mut bundle: &[u8]) -> Option<Vec<&[u8]>> {
    let mut entries = Vec::new();
    while !bundle.is_empty() {
        let (length, rest) = bundle.split_first_chunk::<2>()?;
        let (entry, rest) = rest.split_at_checked(u16::from_be_bytes(*length).into())?;
        entries.push(entry);
        bundle = rest;
    }
    Some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_those_of_the_specification() {
        let path = |of, index, width| Tile { of, index, width }.path();
        assert_eq!(path(Of::Hashes(0), 1_234_067, 256), "tile/0/x001/x234/067");
        assert_eq!(path(Of::Hashes(2), 0, 1), "tile/2/000.p/1");
        assert_eq!(path(Of::Entries, 999, 255), "tile/entries/999.p/255");
        assert_eq!(path(Of::Entries, 1000, 256), "tile/entries/x001/000");
    }

    #[test]
    fn a_log_of_70_000_has_the_tiles_of_the_specification() {
        let last = |level| {
            let tile = Tile::last(Of::Hashes(level), 70_000);
            (tile.index, tile.width)
        };
        assert_eq!([last(0), last(1), last(2)], [(273, 112), (1, 17), (0, 1)]);
        assert_eq!(Of::all(70_000).count(), 4);
        assert_eq!(Of::all(0).count(), 0);
        assert_eq!(Tile::last(Of::Hashes(0), 256).width, 0);
        assert_eq!(Tile::last(Of::Hashes(1), 256).width, 1);
    }

    #[test]
    fn entries_read_back() {
        let mut bundle = Vec::new();
        for entry in [&b"one"[..], b"", b"three"] {
            write_entry(&mut bundle, entry.len() as u16, entry);
        }
        assert_eq!(read_entries(&bundle), Some(vec![&b"one"[..], b"", b"three"]));
        assert_eq!(read_entries(&bundle[..bundle.len() - 1]), None);
        assert_eq!(read_entries(&bundle[..1]), None);
    }
}
