//! All of a log, looked through.

use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::disk::at;

use super::folder::{ASIDE, CHECKPOINT, LogError};
use super::frontier::Frontier;
use super::lock::LOCK;
use super::tile::{Of, Tile, WIDTH, read_entries};
use super::view::View;

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
        Ok(Audit { entries: size, strays: self.strays()? })
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

    fn is_beginning(&self, then: Tile, now: Tile) -> Result<bool, LogError> {
        let (then_bytes, now_bytes) = (self.log.read_tile(then)?, self.log.read_tile(now)?);
        let is_whole = match then.of {
            Of::Entries => read_entries(&then_bytes).is_some_and(|it| it.len() as u64 == then.width),
            Of::Hashes(_) => true,
        };
        Ok(is_whole && now_bytes.starts_with(&then_bytes))
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
