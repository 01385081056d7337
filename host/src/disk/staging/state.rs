//! What becomes of folders in the making, as far as others can tell.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::super::files::{at, is_absent, is_dir, is_file, is_link};
use super::super::folders::names_if_any;
use super::form::{LAST, LOCK, LOOKED_AT, MOVING, PARTS, WRITTEN, is_ours, is_plain, is_resumable};

/// What becomes of a folder in the making.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// A process writes in it.
    UnderWay,
    /// The process that wrote in it was killed.
    Left,
    /// The same, and another one can resume it.
    Resumable,
    /// All of it is there, and could not be put in its place.
    Stranded,
    /// That cannot be known: locks do not work there.
    Unknown,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UnderWay => "is under way: a process is writing it",
            Self::Left => {
                "was left by a process that was killed or failed; the next command that writes there removes it"
            },
            Self::Resumable => {
                "was left by a process that was killed or failed; the same command resumes it within a day, and the next one after that \
                 removes it"
            }
            Self::Stranded => {
                "is complete, and could not be put in its place: what it is, is in its folder `written`, to be moved there"
            }
            Self::Unknown => "may be under way: locks do not work there, so it cannot be known",
        })
    }
}

/// What is in the making in this folder, by its name, in their order. Folders of another form are not among them: no
/// process of ours writes those.
///
/// # Errors
/// Where this machine cannot read it. That it may be gone by now is none.
pub(crate) fn found(folder: &Path) -> io::Result<Vec<(String, State)>> {
    let mut found = Vec::new();
    for name in names_if_any(folder)?.into_iter().take(LOOKED_AT) {
        let Some(name) = name.into_string().ok().filter(|it| is_ours(it)) else { continue };
        if let Some(state) = state(&folder.join(&name))? {
            found.push((name, state));
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(found)
}

/// The state of such a folder. `None` where it has what no process of ours writes.
fn state(path: &Path) -> io::Result<Option<State>> {
    let parts = PARTS.map(std::ffi::OsStr::new);
    let is_dir = is_dir(path)? && !is_link(path)?;
    let names = names_if_any(path)?;
    if !is_dir || !is_plain(path)? || names.iter().any(|it| !parts.contains(&it.as_os_str())) {
        return Ok(None);
    }
    let left = if is_resumable(path)? { State::Resumable } else { State::Left };
    let lock = path.join(LOCK);
    let file = match File::open(&lock) {
        Ok(file) => file,
        Err(error) if !is_absent(&error) => return Err(at(&lock, error)),
        // Killed before it had a lock, or on its way out.
        Err(_) if names.is_empty() => return Ok(Some(State::Left)),
        // Whole, and kept when it could not be put in its place; or made where locks do not work.
        Err(_) if is_whole(path)? => return Ok(Some(State::Stranded)),
        Err(_) => return Ok(Some(State::Unknown)),
    };
    Ok(Some(match file.try_lock() {
        Ok(()) => left,
        Err(TryLockError::WouldBlock) => State::UnderWay,
        Err(TryLockError::Error(_)) => State::Unknown,
    }))
}

/// Whether all is in it that makes it evidence, or a run of tests.
fn is_whole(path: &Path) -> io::Result<bool> {
    for part in [WRITTEN, MOVING] {
        for record in [LAST, exhibit_records::RUN_FILE] {
            if is_file(&path.join(part).join(record))? {
                return Ok(true);
            }
        }
    }
    Ok(false)
}
