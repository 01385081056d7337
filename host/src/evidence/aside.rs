//! Puts a folder in place in one step: it is written under another name beside its
//! destination, synced, and renamed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::folder::KeepError;
use super::part::at;

/// So many names are tried for the folder aside: leftovers of killed runs with the same
/// process id, as in containers, are stepped over.
const NAMES_ASIDE: u32 = 1_000;

/// The folder beside the destination that all is written into. Removed when dropped.
#[derive(Debug)]
pub(super) struct Aside {
    destination: PathBuf,
    path: PathBuf,
    in_place: bool,
}

impl Aside {
    /// Beside a destination that is not there or empty. The folders above it are made.
    pub(super) fn create(destination: &Path) -> Result<Self, KeepError> {
        check(destination)?;
        let parent = parent(destination);
        fs::create_dir_all(parent).map_err(|error| at(parent, error))?;
        let name = destination.file_name().unwrap_or_default().to_string_lossy();
        for attempt in 0..NAMES_ASIDE {
            let path = parent.join(format!(".{name}.partial-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { destination: destination.to_owned(), path, in_place: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(at(&path, error).into()),
            }
        }
        let problem = format!("{}: remove its folders named .{name}.partial-*", parent.display());
        Err(io::Error::new(io::ErrorKind::AlreadyExists, problem).into())
    }

    /// Where to write.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// A small file, on the disk for good.
    pub(super) fn write(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.path.join(name);
        let mut file = fs::File::create_new(&path).map_err(|error| at(&path, error))?;
        file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| at(&path, error))
    }

    /// The names in one of its folders, on the disk for good.
    pub(super) fn sync(&self, folder: &str) -> io::Result<()> {
        sync(&self.path.join(folder))
    }

    /// Puts it in place, unless something has come there in the meantime.
    pub(super) fn put(mut self) -> Result<(), KeepError> {
        check(&self.destination)?;
        sync(&self.path)?;
        // An empty folder at the destination is in the way on some systems.
        match fs::remove_dir(&self.destination) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(at(&self.destination, error).into());
            }
            _ => {}
        }
        fs::rename(&self.path, &self.destination).map_err(|error| at(&self.destination, error))?;
        self.in_place = true;
        Ok(sync(parent(&self.destination))?)
    }
}

impl Drop for Aside {
    fn drop(&mut self) {
        if !self.in_place
            && let Err(error) = fs::remove_dir_all(&self.path)
        {
            tracing::warn!(folder = %self.path.display(), %error, "unfinished evidence could not be removed");
        }
    }
}

fn check(destination: &Path) -> Result<(), KeepError> {
    let name = || destination.display().to_string();
    match fs::read_dir(destination) {
        Ok(mut entries) => match entries.next() {
            None => Ok(()),
            Some(_) => Err(KeepError::Occupied(name())),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Err(KeepError::NotAFolder(name())),
        Err(error) => Err(at(destination, error).into()),
    }
}

/// The folder that it is in.
fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) {
        fs::File::open(folder).and_then(|it| it.sync_all()).map_err(|error| at(folder, error))
    } else {
        Ok(())
    }
}
