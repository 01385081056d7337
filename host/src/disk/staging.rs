//! A folder in the making: locked for as long as a process writes in it, and removed by the next
//! process where none does any more.
//!
//! ```text
//! .NAME.partial-PID-N/lock      held by the process that writes
//! .NAME.partial-PID-N/written   what it writes
//! .NAME.partial-PID-N/moving    the same, once it is whole and on its way into a folder that was there
//! .NAME.partial-PID-N/resume    what it takes to resume the writing: with that it is not removed, but for its owner
//! .NAME.partial-PID-N/beginning the same, before all is in it that it takes at least
//! ```
//!
//! Anyone can put such a folder into what they hand on. So what it says of itself counts for nothing: only what is where a
//! process itself is about to write is removed, and what was on its way is moved by its own process alone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::PROOF_FILE;
use exhibit_rows::ShowPath as _;

use super::files::{at, is_absent, is_dir, is_file, is_link, is_there};
use super::folders::{names, names_if_any, sync};
use super::locked;
use super::private::{private, private_file};

/// Between the name of what is written and what tells one attempt from another.
const MARK: &str = ".partial-";
const LOCK: &str = "lock";
const WRITTEN: &str = "written";
const MOVING: &str = "moving";
const RESUME: &str = "resume";
const BEGINNING: &str = "beginning";
/// All that is in such a folder.
const PARTS: [&str; 5] = [LOCK, WRITTEN, MOVING, RESUME, BEGINNING];
/// What is written within a folder that was there before goes by this name.
pub(crate) const WITHIN: &str = "exhibit";
/// So many names are tried: those of processes with the same id, as in containers that share a
/// disk, are stepped over.
pub(crate) const ATTEMPTS: u32 = 1_000;
/// Names that are looked at for leftovers: years of daily proofs. Beyond it they stay.
const LOOKED_AT: usize = 100_000;
/// What makes a folder evidence, and so comes last into one that was there before.
pub(crate) const LAST: &str = PROOF_FILE;

/// The folder, and the lock on it.
#[derive(Debug)]
pub(crate) struct StagingDir {
    path: PathBuf,
    /// `None` where the system has no locks. Such a folder is never swept.
    lock: Option<File>,
}

impl StagingDir {
    /// For something of this name, in this folder. `None` where the name of this attempt is taken.
    pub(crate) fn create(parent: &Path, name: &str, attempt: u32) -> io::Result<Option<Self>> {
        let path = parent.join(format!(".{name}{MARK}{}-{attempt}", std::process::id()));
        match private(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(at(&path, error)),
        }
        let made = Self::begin(&path);
        if made.is_err() {
            // It has nothing yet, and the next process need not take it for that of one that was killed.
            let _ = remove(&path);
        }
        made
    }

    /// In a new folder of this process.
    fn begin(path: &Path) -> io::Result<Option<Self>> {
        let lock = path.join(LOCK);
        let file = match private_file(&lock) {
            Ok(file) => file,
            // A sweep took it for a leftover before it was locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let file = match file.try_lock() {
            // Once it is locked and still there, no other process removes it.
            Ok(()) if is_there(&lock)? => Some(file),
            Ok(()) | Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(_)) => {
                fs::remove_file(&lock).map_err(|error| at(&lock, error))?;
                None
            }
        };
        let it = Self { path: path.to_owned(), lock: file };
        private(&it.written()).map_err(|error| at(&it.written(), error))?;
        Ok(Some(it))
    }

    /// Where to write.
    pub(crate) fn written(&self) -> PathBuf {
        self.path.join(WRITTEN)
    }

    /// All is written, and goes into the folder around this one. From here on no other process removes it. Gives where
    /// it is now.
    pub(crate) fn begin_moving(&self) -> io::Result<PathBuf> {
        let moving = self.path.join(MOVING);
        fs::rename(self.written(), &moving).map_err(|error| at(&moving, error))?;
        sync(&self.path)?;
        Ok(moving)
    }

    /// Makes the folder for what it takes to resume the writing, with what `fill` writes into it. With that in it, it is
    /// not removed when this process is killed.
    pub(crate) fn keep_to_resume(&self, fill: impl FnOnce(&Path) -> io::Result<()>) -> io::Result<PathBuf> {
        // Under another name until all is there: what cannot be resumed goes with the rest.
        let (beginning, resume) = (self.path.join(BEGINNING), self.path.join(RESUME));
        private(&beginning).map_err(|error| at(&beginning, error))?;
        fill(&beginning)?;
        fs::rename(&beginning, &resume).map_err(|error| at(&resume, error))?;
        Ok(resume)
    }

    /// Those in this folder that can be resumed, with the name of what is written; `None` for what is written within the
    /// folder that it is in.
    ///
    /// # Errors
    /// Where this machine cannot read what is there: to begin again would lose what is kept.
    pub(crate) fn resumable(folder: &Path) -> io::Result<Vec<(PathBuf, Option<String>)>> {
        let mut found = Vec::new();
        let staged = match staged(folder) {
            // One may write into a folder that one may not list.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => return Ok(found),
            staged => staged?,
        };
        for path in staged {
            if is_resumable(&path)? {
                let name = owner_of(&path).filter(|it| *it != WITHIN).map(str::to_owned);
                found.push((path, name));
            }
        }
        Ok(found)
    }

    /// Takes over what another process has left there. `None` where a process writes in it, or that cannot be known.
    pub(crate) fn take_over(path: &Path) -> io::Result<Option<Self>> {
        let lock = path.join(LOCK);
        // A link would lead elsewhere, and a pipe would be waited for.
        if is_link(&lock)? || !is_file(&lock)? || !is_plain(path)? {
            return Ok(None);
        }
        let file = File::open(&lock).map_err(|error| at(&lock, error))?;
        match file.try_lock() {
            // What another user has put there is not ours to go on with.
            Ok(()) if is_there(&lock)? && is_own(path, &file) => {
                Ok(Some(Self { path: path.to_owned(), lock: Some(file) }))
            }
            _ => Ok(None),
        }
    }

    /// Whether a process writes in it, as far as that can be known.
    pub(crate) fn is_locked(path: &Path) -> bool {
        let lock = path.join(LOCK);
        if !lock.symlink_metadata().is_ok_and(|it| it.is_file()) {
            return false;
        }
        File::open(&lock).is_ok_and(|it| matches!(it.try_lock(), Err(TryLockError::WouldBlock)))
    }

    /// Where that is which it takes to resume the writing in such a folder.
    pub(crate) fn resume_in(path: &Path) -> PathBuf {
        path.join(RESUME)
    }

    /// The same, of this one.
    pub(crate) fn resume(&self) -> PathBuf {
        Self::resume_in(&self.path)
    }

    /// Whether it is locked.
    pub(crate) fn has_lock(&self) -> bool {
        self.lock.is_some()
    }

    /// Its own name.
    pub(crate) fn name(&self) -> Option<&std::ffi::OsStr> {
        self.path.file_name()
    }

    /// What is in it stays, and is never removed.
    pub(crate) fn abandon(self) -> io::Result<()> {
        match self.lock {
            Some(_) => {
                if let Err(error) = fs::remove_dir_all(self.path.join(RESUME))
                    && error.kind() != io::ErrorKind::NotFound
                {
                    return Err(error);
                }
                fs::remove_file(self.path.join(LOCK))
            }
            None => Ok(()),
        }
    }

    /// Removes it with all that is in it.
    pub(crate) fn remove(self) -> io::Result<()> {
        remove(&self.path)
    }
}

/// A new folder that looks like what a killed process has left for `destination`, to be filled with that.
#[cfg(feature = "store")]
pub(crate) fn resumable_folder(destination: &Path) -> io::Result<PathBuf> {
    let name = destination.file_name().unwrap_or_default().to_string_lossy();
    let parent = destination.parent().unwrap_or(Path::new("."));
    for attempt in 0..ATTEMPTS {
        if let Some(staging) = StagingDir::create(parent, &name, attempt)? {
            staging.keep_to_resume(|_| Ok(()))?;
            // The lock goes here.
            return Ok(staging.path);
        }
    }
    Err(at(
        parent,
        io::Error::new(io::ErrorKind::AlreadyExists, format!("remove its folders named .{name}.partial-*")),
    ))
}

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

/// All such folders in this folder.
fn staged(folder: &Path) -> io::Result<Vec<PathBuf>> {
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

/// The name of what is written in such a folder.
pub(crate) fn owner_of(path: &Path) -> Option<&str> {
    owner(path.file_name()?.to_str()?)
}

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
fn is_own(path: &Path, lock: &File) -> bool {
    let (Ok(folder), Ok(lock)) = (path.symlink_metadata(), lock.metadata()) else { return false };
    folder.is_dir() && lock.is_file() && locked::is_own(&folder) && locked::is_own(&lock)
}

fn is_resumable(path: &Path) -> io::Result<bool> {
    Ok(is_dir(&path.join(RESUME))? && is_dir(&path.join(WRITTEN))?)
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

/// What is in it goes first, then its lock, then the folder: a process killed in between leaves
/// what the next one recognises.
fn remove(path: &Path) -> io::Result<()> {
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

fn is_ours(name: &str) -> bool {
    owner(name).is_some()
}

/// What is written in a folder of this name, if it is one of ours.
fn owner(name: &str) -> Option<&str> {
    let (owner, attempt) = name.strip_prefix('.')?.rsplit_once(MARK)?;
    let (process, number) = attempt.split_once('-')?;
    let is_number = |text: &str| text.parse::<u32>().is_ok_and(|it| it.to_string() == text);
    (!owner.is_empty() && is_number(process) && is_number(number)).then_some(owner)
}

#[cfg(test)]
mod tests;
