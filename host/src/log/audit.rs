//! All of a log, looked through.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::disk::at;

use super::folder::{ASIDE, CHECKPOINT, LogError};
use super::frontier::Frontier;
use super::lock::LOCK;
use super::tile::{Of, Tile, WIDTH, read_entries};
use super::view::View;

/// Levels of the largest log that there can be: 2^64 entries.
const LEVELS: u32 = 8;
/// So many tiles after the last one of a log can be left by one append: thousands of entries.
const TILES_AHEAD: u64 = 8;

/// What came of looking through a log that is as its checkpoint says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Audit {
    /// How many entries it has.
    pub entries: u64,
    /// Files in the folder that are not part of the log, in order: what a killed process left,
    /// or somebody put there. A narrower tile is not listed as long as the log has all that it has:
    /// it stays until the next time that something is appended where the last time ended too early.
    pub strays: Vec<PathBuf>,
    /// Those of the strays that a process leaves which is killed, or cannot write, while it appends: what the log would have had,
    /// without the checkpoint that says so. The next append takes their places.
    pub left: Vec<PathBuf>,
}

impl View<'_> {
    /// Looks at every byte of every file: all tiles are made again from the entries, and the
    /// root with them. `each` is given every entry with its index as it comes by; what it was
    /// given is in the log if this returns `Ok`, and may be anything if it does not.
    ///
    /// # Errors
    ///
    /// [`LogError::Damaged`] with the first file that is missing or is not what the checkpoint says; [`LogError::Io`] where
    /// one cannot be read.
    pub fn audit(&self, mut each: impl FnMut(u64, &[u8])) -> Result<Audit, LogError> {
        let size = self.checkpoint().size;
        let mut frontier = Frontier::default();
        for bundle in 0..size.div_ceil(WIDTH) {
            let tile = Tile::of(Of::Entries, bundle, size);
            let bytes = self.log.read_tile(tile)?;
            let entries = read_entries(&bytes).filter(|it| it.len() as u64 == tile.width);
            for entry in entries.ok_or_else(|| self.damaged(&tile))? {
                let index = frontier.size();
                for (tile, bytes) in frontier.push(entry).map_err(|_| self.damaged(&tile))? {
                    self.compare(tile, &bytes)?;
                }
                each(index, entry);
            }
        }
        for (tile, bytes) in frontier.partial() {
            self.compare(tile, &bytes)?;
        }
        if frontier.root() != self.checkpoint().root {
            return Err(LogError::Damaged(self.log.folder().join("tile")));
        }
        let strays = self.strays()?;
        let left = strays.iter().filter(|it| self.is_left(it)).cloned().collect();
        Ok(Audit { entries: size, strays, left })
    }

    fn compare(&self, tile: Tile, bytes: &[u8]) -> Result<(), LogError> {
        if self.log.read_tile(tile)? == bytes { Ok(()) } else { Err(self.damaged(&tile)) }
    }

    fn damaged(&self, tile: &Tile) -> LogError {
        LogError::Damaged(self.log.folder().join(tile.path()))
    }

    fn strays(&self) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        list(self.log.folder(), &mut files)?;
        files.retain(|it| !self.is_part(it) && !self.is_earlier(it));
        files.sort();
        Ok(files)
    }

    fn is_part(&self, file: &Path) -> bool {
        let Ok(name) = file.strip_prefix(self.log.folder()) else { return false };
        if name == Path::new(ASIDE) {
            return false;
        }
        if name == Path::new(CHECKPOINT) || name == Path::new(LOCK) {
            return true;
        }
        let size = self.checkpoint().size;
        let index = tile_index(name);
        Of::all(size).any(|of| index.is_some_and(|it| name == Path::new(&Tile::of(of, it, size).path())))
    }

    /// Whether it is what a tile of the log was when it had fewer entries or hashes.
    fn is_earlier(&self, file: &Path) -> bool {
        let Ok(name) = file.strip_prefix(self.log.folder()) else { return false };
        let width = name.file_name().and_then(|it| it.to_str()?.parse().ok());
        let (Some(index), Some(width)) = (tile_index(name), width) else { return false };
        let size = self.checkpoint().size;
        Of::all(size).any(|of| {
            let (then, now) = (Tile { of, index, width }, Tile::of(of, index, size));
            let is_narrower = (1..now.width).contains(&width) && name == Path::new(&then.path());
            is_narrower && self.is_beginning(then, now).unwrap_or(false)
        })
    }

    /// Whether it is what an append leaves that has ended early: half a file, or a tile that goes on where the log ends.
    fn is_left(&self, file: &Path) -> bool {
        let Ok(name) = file.strip_prefix(self.log.folder()) else { return false };
        if name == Path::new(ASIDE) {
            return true;
        }
        let Some(index) = tile_index(name) else { return false };
        let parent = name.parent().and_then(|it| it.extension());
        let is_partial = parent.is_some_and(|it| it == "p");
        let named = || name.file_name().and_then(|it| it.to_str()?.parse().ok());
        let width = if is_partial { named() } else { Some(WIDTH) };
        let Some(width) = width.filter(|it| (1..=WIDTH).contains(it)) else { return false };
        let size = self.checkpoint().size;
        let mut kinds = std::iter::once(Of::Entries).chain((0..LEVELS).map(Of::Hashes));
        kinds.any(|of| {
            let (then, now) = (Tile { of, index, width }, Tile::of(of, index, size));
            let is_next = index <= of.count(size) / WIDTH + TILES_AHEAD;
            is_next
                && now.width < width
                && name == Path::new(&then.path())
                && self.goes_on(now, then).unwrap_or(false)
        })
    }

    /// Whether a tile has all that it has in the log, which may be nothing, and more of the same.
    fn goes_on(&self, now: Tile, then: Tile) -> Result<bool, LogError> {
        if now.width > 0 {
            let then_bytes = self.log.read_tile(then)?;
            let now_bytes = self.log.read_tile(now)?;
            return Ok(is_whole(then, &then_bytes) && then_bytes.starts_with(&now_bytes));
        }
        Ok(is_whole(then, &self.log.read_tile(then)?))
    }

    fn is_beginning(&self, then: Tile, now: Tile) -> Result<bool, LogError> {
        let (then_bytes, now_bytes) = (self.log.read_tile(then)?, self.log.read_tile(now)?);
        Ok(is_whole(then, &then_bytes) && now_bytes.starts_with(&then_bytes))
    }
}

/// Whether these bytes have as many hashes or entries as the tile.
fn is_whole(tile: Tile, bytes: &[u8]) -> bool {
    match tile.of {
        Of::Entries => read_entries(bytes).is_some_and(|it| it.len() as u64 == tile.width),
        // That was seen when it was read.
        Of::Hashes(_) => true,
    }
}

/// The index that a path of a tile has in it: all its digits but those of level and width.
fn tile_index(name: &Path) -> Option<u64> {
    let mut digits = String::new();
    for part in name.iter().skip(2) {
        let part = part.to_str()?;
        digits.push_str(part.trim_start_matches('x').trim_end_matches(".p"));
        if part.ends_with(".p") {
            break;
        }
    }
    digits.parse().ok()
}

fn list(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|error| at(folder, error))? {
        let entry = entry.map_err(|error| at(folder, error))?;
        if entry.file_type().map_err(|error| at(&entry.path(), error))?.is_dir() {
            list(&entry.path(), files)?;
        } else {
            files.push(entry.path());
        }
    }
    Ok(())
}
