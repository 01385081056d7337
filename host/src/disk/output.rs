//! A file that a person has named for a result, put in its place once it is whole.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::locked::remove_left_files;
use super::staging::ATTEMPTS;

/// What their names begin with until they are whole.
const PREFIX: &str = ".exhibit-unfinished-";

/// The file in the making: beside its place, and locked. Removed when dropped, and by the next one in the same folder where
/// this process is killed.
///
/// It is for its owner alone. One that takes the place of another has the rights that this has.
#[derive(Debug)]
pub struct OutputFile {
    path: PathBuf,
    aside: NamedTempFile,
}

impl OutputFile {
    /// For this place, where nothing is or a regular file.
    ///
    /// # Errors
    /// Where something else is there, or nothing can be written beside it.
    pub fn create(path: &Path) -> io::Result<Self> {
        // A process that may replace it would replace a device or a pipe for all other programs.
        if path.symlink_metadata().is_ok_and(|it| !it.is_file()) {
            let problem = "it is there, and is no regular file";
            return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
        }
        let folder = path.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."));
        // What processes of this user have left here that were killed.
        remove_left_files(folder, PREFIX, &|_| true);
        for _ in 0..ATTEMPTS {
            let aside = tempfile::Builder::new().prefix(PREFIX).tempfile_in(folder)?;
            // Without locks it cannot be known whether it is still written, and no other process removes it.
            let _ = aside.as_file().try_lock();
            // Once it is locked and still there, no other process removes it.
            if aside.path().exists() {
                return Ok(Self { path: path.to_owned(), aside });
            }
        }
        Err(io::Error::new(io::ErrorKind::AlreadyExists, "others remove what is written there"))
    }

    /// Where to write.
    pub fn file(&self) -> &File {
        self.aside.as_file()
    }

    /// It is whole: it gets its place, on the disk for good.
    ///
    /// # Errors
    /// Where it cannot be put there. It is removed then.
    pub fn commit(self) -> io::Result<()> {
        if let Ok(there) = self.path.symlink_metadata()
            && there.is_file()
        {
            self.file().set_permissions(there.permissions())?;
        }
        self.file().sync_all()?;
        self.aside.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::io::Write as _;

    use super::*;

    #[test]
    fn what_a_killed_process_left_goes_and_what_is_being_written_stays() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let left = place.path().join(format!("{PREFIX}left"));
        fs::write(&left, "half")?;
        let other = OutputFile::create(&place.path().join("other"))?;
        assert!(!left.exists());
        let out = place.path().join("out");
        let written = OutputFile::create(&out)?;
        written.file().write_all(b"all of it")?;
        assert!(!out.exists(), "it is not whole");
        written.commit()?;
        assert_eq!(fs::read(&out)?, b"all of it");
        other.commit()?;
        assert_eq!(fs::read_dir(place.path())?.count(), 2);
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn it_is_for_its_owner_alone_unless_the_one_before_was_not() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;

        let place = tempfile::tempdir()?;
        let out = place.path().join("out");
        let mode = || Ok::<_, io::Error>(out.metadata()?.permissions().mode() & 0o777);
        OutputFile::create(&out)?.commit()?;
        assert_eq!(mode()?, 0o600);
        fs::set_permissions(&out, fs::Permissions::from_mode(0o640))?;
        OutputFile::create(&out)?.commit()?;
        assert_eq!(mode()?, 0o640);
        Ok(())
    }
}
