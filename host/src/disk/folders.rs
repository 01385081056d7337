//! What is done to folders wherever something is kept for good.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::files::{at, is_absent};

/// A folder for its owner alone, where the system supports that: evidence names persons.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// The same, with those that it is in, as far as they are not there yet.
pub fn private_all(path: &Path) -> io::Result<()> {
    // Of a folder that cannot be looked at, making it would say that it is there already.
    match fs::metadata(path) {
        Ok(it) if it.is_dir() => return Ok(()),
        Err(error) if !is_absent(&error) => return Err(error),
        _ => {}
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// A new file for its owner alone, where the system supports that.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(|error| at(path, error))
}

/// A folder and those that it is in, as far as they are not there yet, with the rights that the user's mask leaves.
///
/// # Errors
/// Where one cannot be made, or it cannot be known whether it is there.
pub(crate) fn create_all(path: &Path) -> io::Result<()> {
    // Of a folder that cannot be looked at, making it would say that it is there already.
    match fs::metadata(path) {
        Ok(it) if it.is_dir() => Ok(()),
        Err(error) if !is_absent(&error) => Err(at(path, error)),
        _ => fs::create_dir_all(path).map_err(|error| at(path, error)),
    }
}

/// The names in a folder.
pub(crate) fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    let entries = fs::read_dir(folder).map_err(|error| at(folder, error))?;
    entries.map(|entry| Ok(entry.map_err(|error| at(folder, error))?.file_name())).collect()
}

/// The same; none, where there is no such folder.
pub(crate) fn names_if_any(folder: &Path) -> io::Result<Vec<OsString>> {
    match names(folder) {
        Err(error) if is_absent(&error) => Ok(Vec::new()),
        names => names,
    }
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
