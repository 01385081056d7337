//! The same on the machine itself, for tests.

use std::fs::{self, File};
use std::io::{self, Read, Write as _};
use std::path::Path;

/// Opens a file to be read from its beginning.
pub(crate) fn open(path: &Path) -> io::Result<impl Read + use<>> {
    File::open(path)
}

/// The names of what is in a folder. `None` where it is not there.
pub(crate) fn names(path: &Path) -> io::Result<Option<Vec<String>>> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let names = entries.map(|it| Ok(it?.file_name().to_string_lossy().into_owned()));
    names.collect::<io::Result<_>>().map(Some)
}

/// Makes a folder in one that is there.
pub(crate) fn make_folder(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}

/// Writes a file, whatever was there, and has it on the disk for good.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a folder or a file another name. Fails where a folder with something in it has that name.
pub(crate) fn move_folder(from: &Path, to: &Path) -> io::Result<()> {
    fs::rename(from, to)
}

/// Has the names in a folder on the disk for good.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Removes a file.
pub(crate) fn remove_file(path: &Path) -> io::Result<()> {
    fs::remove_file(path)
}

/// Removes an empty folder.
pub(crate) fn remove_folder(path: &Path) -> io::Result<()> {
    fs::remove_dir(path)
}
