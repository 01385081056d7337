//! Folders for temporary contents, in the system's place for such. They may hold what
//! evidence holds, so what a killed process left there goes when the next one comes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::files::at;
use super::folders::names;

/// What their names begin with.
const PREFIX: &str = "exhibit-scratch-";
/// Held by the process that needs it.
const LOCK: &str = "lock";
/// The same, before it is held.
const MAKING: &str = "lock.new";
/// What is there for use.
const WITHIN: &str = "within";
/// So often another process may take a new one for a leftover: it is unlikely to happen once.
const ATTEMPTS: usize = 20;
/// Names that are looked at for leftovers. Beyond it they stay.
const LOOKED_AT: usize = 10_000;

/// An empty folder for this user alone. Removed when dropped.
#[derive(Debug)]
pub struct Scratch {
    /// `None` once it is kept.
    folder: Option<TempDir>,
    path: PathBuf,
    _lock: File,
}

impl Scratch {
    /// In the system's place for such.
    pub fn new() -> io::Result<Self> {
        Self::in_folder(&tempfile::env::temp_dir())
    }

    fn in_folder(place: &Path) -> io::Result<Self> {
        for _ in 0..ATTEMPTS {
            if let Some(scratch) = Self::attempt(place)? {
                return Ok(scratch);
            }
        }
        let problem = format!("other processes remove what begins with {PREFIX} there");
        Err(at(place, io::Error::new(io::ErrorKind::ResourceBusy, problem)))
    }

    /// `None` where another process took it for what a killed one had left, before it was locked.
    fn attempt(place: &Path) -> io::Result<Option<Self>> {
        let folder = TempDir::with_prefix_in(PREFIX, place)?;
        let making = folder.path().join(MAKING);
        let lock = match File::create_new(&making) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&making, error)),
        };
        match lock.try_lock() {
            // Held before anybody can see it.
            Ok(()) => match fs::rename(&making, folder.path().join(LOCK)) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                renamed => renamed.map_err(|error| at(&making, error))?,
            },
            Err(TryLockError::WouldBlock) => return Ok(None),
            // Without locks it cannot be known whether it is still needed, and it is never swept.
            Err(TryLockError::Error(_)) => {}
        }
        sweep(place, folder.path());
        // Last: what has none yet holds nothing.
        let path = folder.path().join(WITHIN);
        fs::create_dir(&path).map_err(|error| at(&path, error))?;
        Ok(Some(Self { folder: Some(folder), path, _lock: lock }))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves it where it is, for people to look into. Gives where that is.
    pub fn keep(mut self) -> PathBuf {
        if let Some(folder) = self.folder.take() {
            // One that cannot be removed lets the next process remove all of it; that is no worse than the
            // system's own sweeping.
            let _ = fs::remove_file(folder.path().join(LOCK));
            let _ = folder.keep();
        }
        self.path.clone()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if self.folder.is_some() {
            // Before its lock: a process killed in between leaves what the next one recognises.
            let _ = fs::remove_dir_all(&self.path);
        }
    }
}

/// Removes what killed processes of this user have left in a folder. `own` is a new one, and this user's.
fn sweep(place: &Path, own: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.take(LOOKED_AT).flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|it| it.starts_with(PREFIX));
        let path = entry.path();
        if is_one && path != own && same_owner(&path, own) {
            // What cannot be removed stays: it does no harm.
            let _ = remove_left(&path);
        }
    }
}

fn remove_left(path: &Path) -> io::Result<()> {
    let lock = match File::open(path.join(LOCK)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return remove_begun(path),
        lock => lock?,
    };
    if lock.try_lock().is_ok() {
        // The lock's file last: a process killed in between leaves what the next one recognises.
        match fs::remove_dir_all(path.join(WITHIN)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => fs::remove_dir_all(path)?,
        }
    }
    Ok(())
}

/// Removes one whose process was killed before it held its lock. There is nothing in it yet.
fn remove_begun(path: &Path) -> io::Result<()> {
    let making = path.join(MAKING);
    match File::open(&making) {
        Ok(lock) if lock.try_lock().is_ok() && names(path)? == [MAKING] => fs::remove_file(&making)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        _ => return Ok(()),
    }
    // What is not empty stays: it was kept for people.
    fs::remove_dir(path)
}

/// Whether both are folders, and of the same user.
fn same_owner(a: &Path, b: &Path) -> bool {
    let (Ok(a), Ok(b)) = (a.symlink_metadata(), b.symlink_metadata()) else { return false };
    #[cfg(unix)]
    let same = std::os::unix::fs::MetadataExt::uid(&a) == std::os::unix::fs::MetadataExt::uid(&b);
    #[cfg(not(unix))]
    let same = true;
    same && a.is_dir() && b.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_left_goes_and_what_is_used_or_kept_stays() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let used = Scratch::in_folder(place.path())?;
        let left = place.path().join(format!("{PREFIX}left"));
        fs::create_dir_all(left.join(WITHIN))?;
        fs::write(left.join(LOCK), "")?;
        fs::write(left.join(WITHIN).join("rows"), "names")?;
        // Killed before it held its lock.
        for (begun, has_lock) in [("empty", false), ("begun", true)] {
            let begun = place.path().join(format!("{PREFIX}{begun}"));
            fs::create_dir(&begun)?;
            if has_lock {
                fs::write(begun.join(MAKING), "")?;
            }
        }
        let other = place.path().join("exhibit-demo");
        fs::create_dir(&other)?;
        fs::write(other.join(LOCK), "")?;
        let kept = Scratch::in_folder(place.path())?.keep();
        assert!(!left.exists(), "no process holds its lock");
        for begun in ["empty", "begun"] {
            assert!(!place.path().join(format!("{PREFIX}{begun}")).exists(), "{begun}");
        }
        let next = Scratch::in_folder(place.path())?.path().to_owned();
        assert!(used.path().is_dir() && kept.is_dir() && other.is_dir());
        assert!(!next.exists(), "it was dropped");
        Ok(())
    }
}
