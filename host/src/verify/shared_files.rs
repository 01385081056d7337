//! Files that evidence shares with others, read once.

use std::collections::HashMap;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use exhibit_records::Digest;

use crate::disk::{self, Extent};

/// So many plugins of a store are remembered: it has one of each release.
const SHARED: usize = 1_000;

/// What was read of the files that a store keeps once for all its evidence, which are plugins: a call that verifies all of it reads
/// each once.
#[derive(Debug, Default)]
pub struct SharedFiles(Mutex<HashMap<(PathBuf, u64), (u64, Digest)>>);

impl SharedFiles {
    pub(super) fn digest(&self, path: &Path, bytes: u64) -> io::Result<(u64, Digest)> {
        let known = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), bytes);
        if let Some(found) = known().get(&key) {
            return Ok(*found);
        }
        let found = digest(path, bytes)?;
        let mut known = known();
        if known.len() < SHARED {
            known.insert(key, found);
        }
        Ok(found)
    }
}

/// Size and digest of a file that should have so many bytes. Of a larger one they are those of its beginning,
/// which has one byte too many.
pub(super) fn digest(path: &Path, bytes: u64) -> io::Result<(u64, Digest)> {
    let file = disk::open_regular_file(path)?.take(bytes.saturating_add(1));
    Ok(Extent::read(file)?.finish())
}
