//! The small files of a spool.

use std::io;
use std::path::Path;

use crate::disk::{at, invalid, write_private};

/// What a collection was asked for.
pub(super) const TERMS: &str = "terms.json";

/// Writes a file for its owner alone; with `sync`, for good.
pub(super) fn write(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    // A link that others have put there would lead elsewhere.
    if path.symlink_metadata().is_ok_and(|it| !it.is_file()) {
        return Err(at(path, invalid("this is no file".to_owned())));
    }
    let file = write_private(path, bytes)?;
    if sync { file.sync_all().map_err(|error| at(path, error)) } else { Ok(()) }
}
