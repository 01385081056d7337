//! The one place where folders and files are made: for their owner alone, from the moment they are there, whatever the umask
//! grants to others. Evidence names persons, and so do the folders and files that it passes through.
//!
//! What is there already keeps the rights that its owner gave it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;

use super::files::at;

/// Rights of a folder: all for its owner.
#[cfg(unix)]
const FOLDER: u32 = 0o700;
/// Rights of a file: its owner reads and writes.
#[cfg(unix)]
const FILE: u32 = 0o600;

/// Makes a folder. The error does not name it.
pub(crate) fn private(path: &Path) -> io::Result<()> {
    builder().create(path)
}

/// The same, with those that it is in, as far as they are not there yet.
///
/// # Errors
/// Where one of them cannot be made, or is something else. The error does not name it.
pub fn private_all(path: &Path) -> io::Result<()> {
    builder().recursive(true).create(path)
}

/// A file that was not there.
///
/// # Errors
/// Where something of that name is there, or it cannot be made.
pub fn private_file(path: &Path) -> io::Result<File> {
    options().write(true).create_new(true).open(path).map_err(|error| at(path, error))
}

/// A file instead of the one that is there: what a process that was killed has left in its place, wherever a link leads, is
/// not written to.
pub(crate) fn private_again(path: &Path) -> io::Result<File> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(path, error)),
        _ => private_file(path),
    }
}

/// The same with these bytes.
///
/// # Errors
/// Where it cannot be made or written.
pub fn write_private(path: &Path, bytes: &[u8]) -> io::Result<File> {
    let mut file = private_again(path)?;
    file.write_all(bytes).map_err(|error| at(path, error))?;
    Ok(file)
}

/// A file that is read and written from its beginning: the one that is there, or else a new one. The error does not name it.
///
/// # Errors
/// Where it cannot be opened for both.
pub(crate) fn private_or_there(path: &Path) -> io::Result<File> {
    options().read(true).write(true).create(true).truncate(false).open(path)
}

/// A file that a person has named for a result: a new one is for its owner alone, and one that is there keeps its rights. What
/// it had is gone. The error does not name it.
///
/// # Errors
/// Where it cannot be made or written.
pub fn result_file(path: &Path) -> io::Result<File> {
    options().write(true).create(true).truncate(true).open(path)
}

/// A folder in the system's place for temporary ones, or in `place`. Removed when dropped.
pub(super) fn temporary(prefix: &str, place: &Path) -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(prefix);
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(FOLDER));
    builder.tempdir_in(place)
}

fn builder() -> fs::DirBuilder {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, FOLDER);
    builder
}

fn options() -> OpenOptions {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut options = File::options();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, FILE);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn mode(path: &Path) -> io::Result<u32> {
        Ok(path.symlink_metadata()?.permissions().mode() & 0o777)
    }

    #[test]
    fn what_is_made_is_for_its_owner_alone() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let at = |name: &str| place.path().join(name);
        private(&at("folder"))?;
        private_all(&at("outer/inner"))?;
        let scratch = temporary("scratch-", place.path())?;
        for folder in [&at("folder"), &at("outer"), &at("outer/inner"), scratch.path()] {
            assert_eq!(mode(folder)?, 0o700, "{}", folder.display());
        }
        private_file(&at("new"))?;
        private_again(&at("again"))?;
        write_private(&at("written"), b"bytes")?;
        private_or_there(&at("lock"))?;
        result_file(&at("report"))?;
        for file in ["new", "again", "written", "lock", "report"] {
            assert_eq!(mode(&at(file))?, 0o600, "{file}");
        }
        Ok(())
    }

    #[test]
    fn what_was_left_wider_does_not_stay_so_and_a_result_that_was_opened_up_does() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let wide = |name: &str| -> io::Result<_> {
            let path = place.path().join(name);
            fs::write(&path, "of before")?;
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
            Ok(path)
        };
        let (left, report) = (wide("left")?, wide("report")?);
        write_private(&left, b"new")?;
        assert_eq!((mode(&left)?, fs::read(&left)?), (0o600, b"new".to_vec()));
        result_file(&report)?;
        assert_eq!((mode(&report)?, fs::read(&report)?), (0o644, vec![]));
        Ok(())
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_replaced_and_not_followed() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let (mine, link) = (place.path().join("mine"), place.path().join("aside"));
        fs::write(&mine, "mine")?;
        std::os::unix::fs::symlink(&mine, &link)?;
        write_private(&link, b"new")?;
        assert_eq!((fs::read(&mine)?, fs::read(&link)?), (b"mine".to_vec(), b"new".to_vec()));
        Ok(())
    }
}
