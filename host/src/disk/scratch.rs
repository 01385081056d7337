//! Folders for temporary contents, in the system's place for such. They may hold what
//! evidence holds, so what a killed process left there goes when the next one comes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::files::at;
use super::folders::names;
#[cfg(feature = "store")]
use super::locked::remove_left_files;
use super::locked::{LOOKED_AT, is_own};
use super::private::{private, private_file, temporary};

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
        clean_up(place);
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
        let folder = temporary(PREFIX, place)?;
        let making = folder.path().join(MAKING);
        let lock = match private_file(&making) {
            Ok(lock) => lock,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
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
        // Last: what has none yet holds nothing.
        let path = folder.path().join(WITHIN);
        private(&path).map_err(|error| at(&path, error))?;
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

/// Removes what processes of this user that were killed have left in the system's place for temporary folders. What
/// cannot be removed stays.
pub fn clean_up_scratch() {
    clean_up(&tempfile::env::temp_dir());
}

fn clean_up(place: &Path) {
    let Ok(entries) = fs::read_dir(place) else { return };
    for entry in entries.take(LOOKED_AT).flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|it| it.starts_with(PREFIX));
        let path = entry.path();
        if is_one && path.symlink_metadata().is_ok_and(|it| it.is_dir() && is_own(&it)) {
            // What cannot be removed stays: it does no harm.
            let _ = remove_left(&path);
        }
    }
}

/// Removes empty files in the system's place for temporary ones whose names begin so, which say as long as they are locked
/// that a process of this user lives, and which none has locked for so long.
#[cfg(feature = "store")]
pub(crate) fn clean_up_markers(prefix: &str, after: std::time::Duration) {
    let is_old = |it: &fs::DirEntry| {
        let metadata = it.metadata().ok();
        let modified = metadata.filter(|it| it.len() == 0).and_then(|it| it.modified().ok());
        modified.and_then(|it| it.elapsed().ok()).is_some_and(|it| it > after)
    };
    remove_left_files(&tempfile::env::temp_dir(), prefix, &is_old);
}

fn remove_left(path: &Path) -> io::Result<()> {
    let lock = path.join(LOCK);
    // A link would lead elsewhere, and a pipe would be waited for.
    match lock.symlink_metadata() {
        Ok(it) if it.is_file() => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return remove_begun(path),
        Err(error) => return Err(error),
    }
    let lock = File::open(lock)?;
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
    match making.symlink_metadata() {
        Ok(it) if it.is_file() => {
            if File::open(&making)?.try_lock().is_err() || names(path)? != [MAKING] {
                return Ok(());
            }
            fs::remove_file(&making)?;
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        _ => return Ok(()),
    }
    // What is not empty stays: it was kept for people.
    fs::remove_dir(path)
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
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let mode = |it: &Path| Ok::<_, io::Error>(it.metadata()?.permissions().mode() & 0o777);
            let around = used.path().parent().expect("it is in a folder");
            assert_eq!([mode(used.path())?, mode(around)?], [0o700; 2], "the umask counts for nothing");
        }
        Ok(())
    }
}
