//! Folders for temporary contents, in the system's place for such. They may hold what
//! evidence holds, so what a killed process left there goes when the next one comes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

use super::locked::{is_left, is_own};
use super::private::{private, private_file, temporary};

/// What their names begin with.
const PREFIX: &str = "exhibit-scratch-";
/// Held by the process that needs it.
const LOCK: &str = "lock";
/// The same, before it is held.
const MAKING: &str = "lock.new";
/// What is there for use.
const WITHIN: &str = "within";
/// So long one may be without its lock: it is locked at once, unless the machine stands still.
const BEING_MADE: Duration = Duration::from_secs(60);
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
        clean_up(place);
        let folder = temporary(PREFIX, place)?;
        let path = folder.path().join(WITHIN);
        private(&path)?;
        let making = folder.path().join(MAKING);
        let lock = private_file(&making)?;
        // Without locks it cannot be known whether it is still needed, and it is never swept.
        if lock.try_lock().is_ok() {
            // Held before anybody can see it.
            fs::rename(&making, folder.path().join(LOCK))?;
        }
        Ok(Self { folder: Some(folder), path, _lock: lock })
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
pub(crate) fn clean_up_markers(prefix: &str, after: Duration) {
    let Ok(entries) = fs::read_dir(tempfile::env::temp_dir()) else { return };
    let is_old = |it: &fs::DirEntry| {
        let metadata = it.metadata().ok();
        let modified = metadata.filter(|it| it.len() == 0).and_then(|it| it.modified().ok());
        modified.and_then(|it| it.elapsed().ok()).is_some_and(|it| it > after)
    };
    for entry in entries.take(LOOKED_AT).flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|it| it.starts_with(prefix));
        if is_one && is_old(&entry) && is_left(&entry.path()) {
            // What cannot be removed stays: it does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn remove_left(path: &Path) -> io::Result<()> {
    let lock = path.join(LOCK);
    // A link would lead elsewhere, and a pipe would be waited for.
    match lock.symlink_metadata() {
        Ok(it) if it.is_file() => {}
        Ok(_) => return Ok(()),
        Err(_) => return remove_unlocked(path),
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

/// Removes one whose process was killed before it had the lock, as long as there is nothing in it.
fn remove_unlocked(path: &Path) -> io::Result<()> {
    let making = path.join(MAKING);
    let is_locked = making.symlink_metadata().is_ok() && !is_left(&making);
    let age = path.symlink_metadata()?.modified()?.elapsed().unwrap_or_default();
    if age < BEING_MADE || is_locked {
        return Ok(());
    }
    let absent = |error: &io::Error| error.kind() == io::ErrorKind::NotFound;
    fs::remove_dir(path.join(WITHIN)).or_else(|error| if absent(&error) { Ok(()) } else { Err(error) })?;
    fs::remove_file(making).or_else(|error| if absent(&error) { Ok(()) } else { Err(error) })?;
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
        let other = place.path().join("exhibit-demo");
        fs::create_dir(&other)?;
        fs::write(other.join(LOCK), "")?;
        // Of a process that was killed before it had the lock, and of one that is about to have it.
        let [early, being_made] = ["early", "made"].map(|it| place.path().join(format!("{PREFIX}{it}")));
        for folder in [&early, &being_made] {
            fs::create_dir_all(folder.join(WITHIN))?;
            fs::write(folder.join(MAKING), "")?;
        }
        let before = std::time::SystemTime::now() - 2 * BEING_MADE;
        File::open(&early)?.set_modified(before)?;
        let kept = Scratch::in_folder(place.path())?.keep();
        assert!(!early.exists() && being_made.exists());
        assert!(!left.exists(), "no process holds its lock");
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
