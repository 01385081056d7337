//! What is done to folders wherever something is kept for good.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::files::at;

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    fs::read_dir(folder)?.map(|entry| Ok(entry?.file_name())).collect()
}

/// How many bytes the files below a folder have. What links lead to is not among them.
pub(crate) fn bytes_below(folder: &Path) -> io::Result<u64> {
    let mut bytes = 0;
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                open.push(entry.path());
            } else if kind.is_file() {
                bytes += entry.metadata()?.len();
            }
        }
    }
    Ok(bytes)
}

/// A file, or the names in a folder, on the disk for good.
pub(crate) fn sync(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        File::open(path).and_then(|it| it.sync_all()).map_err(|error| at(path, error))
    } else {
        Ok(())
    }
}
