//! What a folder in the making is called, what may be in it, and how it goes.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::PROOF_FILE;

use super::super::files::{at, is_absent, is_dir};
use super::super::locked;

/// Between the name of what is written and what tells one attempt from another.
pub(super) const MARK: &str = ".partial-";
pub(super) const LOCK: &str = "lock";
pub(super) const WRITTEN: &str = "written";
pub(super) const MOVING: &str = "moving";
pub(super) const RESUME: &str = "resume";
pub(super) const BEGINNING: &str = "beginning";
/// All that is in such a folder.
pub(super) const PARTS: [&str; 5] = [LOCK, WRITTEN, MOVING, RESUME, BEGINNING];
/// What is written within a folder that was there before goes by this name.
pub(crate) const WITHIN: &str = "exhibit";
/// So many names are tried: those of processes with the same id, as in containers that share a
/// disk, are stepped over.
pub(crate) const ATTEMPTS: u32 = 1_000;
/// Names that are looked at for leftovers: years of daily proofs. Beyond it they stay.
pub(super) const LOOKED_AT: usize = 100_000;
/// What makes a folder evidence, and so comes last into one that was there before.
pub(crate) const LAST: &str = PROOF_FILE;

/// All such folders in this folder.
pub(super) fn staged(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(Vec::new()),
        Err(error) => return Err(at(folder, error)),
    };
    let is_one = |it: &fs::DirEntry| {
        it.file_type().is_ok_and(|it| it.is_dir()) && it.file_name().to_str().is_some_and(is_ours)
    };
    Ok(entries.take(LOOKED_AT).flatten().filter(is_one).map(|it| it.path()).collect())
}
pub(crate) fn owner_of(path: &Path) -> Option<&str> {
    owner(path.file_name()?.to_str()?)
}

/// Whether there are only files and folders in it, as a process of ours writes them.
///
/// # Errors
/// Where this machine cannot read it. What is not there is not plain.
pub(crate) fn is_plain(folder: &Path) -> io::Result<bool> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if is_absent(&error) => return Ok(false),
        Err(error) => return Err(at(folder, error)),
    };
    for entry in entries.take(LOOKED_AT) {
        let entry = entry.map_err(|error| at(folder, error))?;
        let kind = entry.file_type().map_err(|error| at(&entry.path(), error))?;
        let is_plain = kind.is_file() || (kind.is_dir() && is_plain(&entry.path())?);
        if !is_plain {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether a folder and its lock are of the user that this process runs as.
pub(super) fn is_own(path: &Path, lock: &File) -> bool {
    let (Ok(folder), Ok(lock)) = (path.symlink_metadata(), lock.metadata()) else { return false };
    folder.is_dir() && lock.is_file() && locked::is_own(&folder) && locked::is_own(&lock)
}

pub(super) fn is_resumable(path: &Path) -> io::Result<bool> {
    Ok(is_dir(&path.join(RESUME))? && is_dir(&path.join(WRITTEN))?)
}

/// What is in it goes first, then its lock, then the folder: a process killed in between leaves
/// what the next one recognises.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    for name in [WRITTEN, MOVING, RESUME, BEGINNING] {
        match fs::remove_dir_all(path.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    match fs::remove_file(path.join(LOCK)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    fs::remove_dir(path)
}

pub(super) fn is_ours(name: &str) -> bool {
    owner(name).is_some()
}

/// What is written in a folder of this name, if it is one of ours.
pub(super) fn owner(name: &str) -> Option<&str> {
    let (owner, attempt) = name.strip_prefix('.')?.rsplit_once(MARK)?;
    let (process, number) = attempt.split_once('-')?;
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|it| it.to_string() == text);
    (!owner.is_empty() && is_number(process) && is_number(number)).then_some(owner)
}
