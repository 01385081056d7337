//! What killed processes have left, and how it goes.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use exhibit_rows::ShowPath as _;

use super::super::folders::names;
use super::form::{
    LAST, LOCK, MOVING, PARTS, RESUME, WITHIN, WRITTEN, is_own, is_plain, owner, owner_of, remove, staged,
};
use super::staging_dir::StagingDir;

/// Removes what killed processes have left in this folder that wrote something of this name, and what others have left
/// with nothing in it. Whatever cannot be removed stays. Evidence is left as it is.
pub(crate) fn clean_up_stale(folder: &Path, name: &str) {
    if folder.join(LAST).symlink_metadata().is_ok() {
        return;
    }
    for path in left_in(folder) {
        clean_up(&path, owner_of(&path) == Some(name));
    }
}

/// The same of all names, in a folder that has nothing that others put there.
pub(crate) fn clean_up_all(folder: &Path) {
    for path in left_in(folder) {
        clean_up(&path, true);
    }
}

/// Removes what killed processes have left that wrote into this folder, where nothing else is in it.
pub(crate) fn clean_up_within(folder: &Path) {
    if has_only_staged(folder) {
        clean_up_all(folder);
    }
}

/// Whether all that is in this folder is on its way into it, so that it is as empty as it was.
pub(crate) fn has_only_staged(folder: &Path) -> bool {
    names(folder).is_ok_and(|it| it.iter().all(|it| it.to_str().and_then(owner) == Some(WITHIN)))
}

/// What is complete, and was on its way into this folder when its process was killed: some of it is in its place then.
pub(crate) fn unmoved(folder: &Path) -> Option<PathBuf> {
    if folder.join(LAST).symlink_metadata().is_ok() {
        return None;
    }
    let mut within = left_in(folder).into_iter().filter(|it| owner_of(it) == Some(WITHIN));
    within
        .find(|it| it.join(MOVING).join(LAST).is_file() && !StagingDir::is_locked(it))
        .map(|it| it.join(MOVING))
}

/// The same as [`staged`], where that this machine cannot read a folder keeps no command from its work.
fn left_in(folder: &Path) -> Vec<PathBuf> {
    staged(folder).unwrap_or_else(|error| {
        tracing::warn!(folder = %folder.shown(), %error, "leftovers cannot be looked for");
        Vec::new()
    })
}

fn clean_up(path: &Path, with_contents: bool) {
    match clear(path, with_contents) {
        Ok(()) => {}
        // Others sweep, too.
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(folder = %path.shown(), %error, "a leftover could not be removed"),
    }
}

/// Removes a leftover, where it is one.
fn clear(path: &Path, with_contents: bool) -> io::Result<()> {
    let lock = path.join(LOCK);
    match lock.symlink_metadata() {
        Ok(it) if it.is_file() => {}
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            // Killed before it had a lock, it has nothing at all; only then does this remove it.
            let _ = fs::remove_dir(path);
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    let file = File::open(&lock)?;
    match file.try_lock() {
        Ok(()) => {}
        // Another process has the lock, or that cannot be known.
        Err(TryLockError::WouldBlock | TryLockError::Error(_)) => return Ok(()),
    }
    let names = names(path)?;
    // The process that resumes the writing removes it, or one that finds it too old.
    if names.iter().any(|it| it == RESUME) && names.iter().any(|it| it == WRITTEN) {
        return Ok(());
    }
    if names.iter().any(|it| !PARTS.map(std::ffi::OsStr::new).contains(&it.as_os_str())) {
        return Ok(());
    }
    // It is whole, and kept for people: whether it belongs there, only its own process knew.
    if has_contents(&path.join(MOVING)) {
        return Ok(());
    }
    // A link, or another user's.
    if !is_plain(path)? || !is_own(path, &file) {
        return Ok(());
    }
    if !with_contents && has_contents(&path.join(WRITTEN)) {
        let folder = path.shown();
        tracing::warn!(%folder, "this seems to be left by a process that was killed: remove it, if it is not needed");
        return Ok(());
    }
    remove(path)
}

/// Whether there is anything in a folder; where that cannot be known, there may be.
fn has_contents(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

/// Moves all that is in a folder into another one, and what makes it evidence last. What is there
/// under the same name is never replaced. Gives what was moved, where that ended early.
pub(crate) fn move_all(from: &Path, to: &Path) -> io::Result<()> {
    let mut names = names(from)?;
    names.sort_by_key(|it| it == LAST);
    for (moved, name) in names.iter().enumerate() {
        let there = to.join(name);
        let taken = || io::Error::new(io::ErrorKind::AlreadyExists, format!("{} is there", there.shown()));
        let free = if there.symlink_metadata().is_ok() { Err(taken()) } else { Ok(()) };
        if let Err(error) = free.and_then(|()| fs::rename(from.join(name), &there)) {
            for name in &names[..moved] {
                // What cannot be moved back is not lost: it is where it should be.
                let _ = fs::rename(to.join(name), from.join(name));
            }
            return Err(error);
        }
    }
    Ok(())
}
