//! A folder in the making: locked for as long as a process writes in it, and removed by the next
//! process where none does any more.
//!
//! ```text
//! .NAME.partial-PID-N/lock      held by the process that writes
//! .NAME.partial-PID-N/written   what it writes
//! .NAME.partial-PID-N/moving    the same, once it is whole and on its way into a folder that was there
//! .NAME.partial-PID-N/resume    what it takes to resume the writing: with that it is not removed, but for its owner
//! ```
//!
//! Anyone can put such a folder into what they hand on. So what it says of itself counts for nothing: only what is where a
//! process itself is about to write is removed, and what was on its way is moved by its own process alone.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::PROOF_FILE;
use exhibit_rows::ShowPath as _;

use super::files::at;
use super::folders::{names, sync};
use super::private::{private, private_file};

/// Between the name of what is written and what tells one attempt from another.
const MARK: &str = ".partial-";
const LOCK: &str = "lock";
const WRITTEN: &str = "written";
const MOVING: &str = "moving";
const RESUME: &str = "resume";
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
        let lock = path.join(LOCK);
        let file = match private_file(&lock) {
            Ok(file) => file,
            // A sweep took it for a leftover before it was locked.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let file = match file.try_lock() {
            // Once it is locked and still there, no other process removes it.
            Ok(()) if lock.exists() => Some(file),
            Ok(()) | Err(TryLockError::WouldBlock) => return Ok(None),
            Err(TryLockError::Error(_)) => {
                fs::remove_file(&lock).map_err(|error| at(&lock, error))?;
                None
            }
        };
        let it = Self { path, lock: file };
        private(&it.written()).map_err(|error| at(&it.path, error))?;
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
        fs::rename(self.written(), &moving)?;
        sync(&self.path)?;
        Ok(moving)
    }

    /// Makes the folder for what it takes to resume the writing. With that in it, it is not removed when this
    /// process is killed.
    pub(crate) fn keep_to_resume(&self) -> io::Result<PathBuf> {
        let resume = self.path.join(RESUME);
        private(&resume).map_err(|error| at(&resume, error))?;
        Ok(resume)
    }

    /// Those in this folder that can be resumed, with the name of what is written; `None` for what is written within the
    /// folder that it is in.
    pub(crate) fn resumable(folder: &Path) -> Vec<(PathBuf, Option<String>)> {
        let name = |path: PathBuf| {
            let owner = path.file_name().and_then(|it| owner(it.to_str()?)).map(str::to_owned);
            (path, owner.filter(|it| it != WITHIN))
        };
        staged(folder).into_iter().filter(|it| is_resumable(it)).map(name).collect()
    }

    /// Takes over what another process has left there. `None` where a process writes in it, or that cannot be known.
    pub(crate) fn take_over(path: &Path) -> io::Result<Option<Self>> {
        let lock = path.join(LOCK);
        // A link would lead elsewhere, and a pipe would be waited for.
        if !lock.symlink_metadata().is_ok_and(|it| it.is_file()) || !is_plain(path) {
            return Ok(None);
        }
        let file = File::open(&lock).map_err(|error| at(&lock, error))?;
        match file.try_lock() {
            // What another user has put there is not ours to go on with.
            Ok(()) if lock.exists() && is_own(path, &file) => {
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
            staging.keep_to_resume()?;
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
    for path in staged(folder) {
        clean_up(&path, owner_of(&path) == Some(name));
    }
}

/// The same of all names, in a folder that has nothing that others put there.
pub(crate) fn clean_up_all(folder: &Path) {
    for path in staged(folder) {
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
    let mut within = staged(folder).into_iter().filter(|it| owner_of(it) == Some(WITHIN));
    within
        .find(|it| it.join(MOVING).join(LAST).is_file() && !StagingDir::is_locked(it))
        .map(|it| it.join(MOVING))
}

/// All such folders in this folder.
fn staged(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let is_one = |it: &fs::DirEntry| {
        it.file_type().is_ok_and(|it| it.is_dir()) && it.file_name().to_str().is_some_and(is_ours)
    };
    entries.take(LOOKED_AT).flatten().filter(is_one).map(|it| it.path()).collect()
}

fn owner_of(path: &Path) -> Option<&str> {
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
    /// That cannot be known: locks do not work there.
    Unknown,
}

impl std::fmt::Display for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::UnderWay => "is under way: a process is writing it",
            Self::Left => "was left by a process that was killed; the next command that writes there removes it",
            Self::Resumable => {
                "was left by a process that was killed; the same command resumes it within a day, and the next one after that \
                 removes it"
            }
            Self::Unknown => "may be under way: locks do not work there, so it cannot be known",
        })
    }
}

/// What is in the making in this folder, by its name, in their order. Folders of another form are not among them: no
/// process of ours writes those.
pub(crate) fn found(folder: &Path) -> Vec<(String, State)> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let state = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().ok().filter(|it| is_ours(it))?;
        Some((name, state(&entry.path())?))
    };
    let mut found: Vec<_> = entries.take(LOOKED_AT).flatten().filter_map(state).collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// The state of such a folder. `None` where it has what no process of ours writes.
fn state(path: &Path) -> Option<State> {
    let parts = [LOCK, WRITTEN, MOVING, RESUME].map(std::ffi::OsStr::new);
    let is_dir = path.symlink_metadata().is_ok_and(|it| it.is_dir());
    let names = names(path).ok()?;
    if !is_dir || !is_plain(path) || names.iter().any(|it| !parts.contains(&it.as_os_str())) {
        return None;
    }
    let left = if is_resumable(path) { State::Resumable } else { State::Left };
    let file = match File::open(path.join(LOCK)) {
        Ok(file) => file,
        // Killed before it had a lock, or made where locks do not work.
        Err(_) => return Some(if names.is_empty() { State::Left } else { State::Unknown }),
    };
    Some(match file.try_lock() {
        Ok(()) => left,
        Err(TryLockError::WouldBlock) => State::UnderWay,
        Err(TryLockError::Error(_)) => State::Unknown,
    })
}

/// Whether there are only files and folders in it, as a process of ours writes them.
pub(crate) fn is_plain(folder: &Path) -> bool {
    let Ok(entries) = fs::read_dir(folder) else { return false };
    entries.take(LOOKED_AT).all(|entry| {
        let Ok(entry) = entry else { return false };
        entry.file_type().is_ok_and(|it| it.is_file() || (it.is_dir() && is_plain(&entry.path())))
    })
}

/// Whether a folder and its lock are of the user that this process runs as.
fn is_own(path: &Path, lock: &File) -> bool {
    let (Ok(folder), Ok(lock)) = (path.symlink_metadata(), lock.metadata()) else { return false };
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let user = rustix::process::geteuid().as_raw();
        folder.is_dir() && folder.uid() == user && lock.uid() == user
    }
    #[cfg(not(unix))]
    {
        folder.is_dir() && lock.is_file()
    }
}

fn is_resumable(path: &Path) -> bool {
    path.join(RESUME).is_dir() && path.join(WRITTEN).is_dir()
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
    if names
        .iter()
        .any(|it| ![LOCK, WRITTEN, MOVING, RESUME].map(std::ffi::OsStr::new).contains(&it.as_os_str()))
    {
        return Ok(());
    }
    // It is whole, and kept for people: whether it belongs there, only its own process knew.
    if has_contents(&path.join(MOVING)) {
        return Ok(());
    }
    // A link, or another user's.
    if !is_plain(path) || !is_own(path, &file) {
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
    for name in [WRITTEN, MOVING, RESUME] {
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
mod tests {
    use super::*;

    type Tested = io::Result<()>;

    fn left(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            names(folder).unwrap_or_default().iter().map(|it| it.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    /// What a process has left that was killed in the middle.
    fn leftover(place: &Path, name: &str) -> io::Result<PathBuf> {
        let partial = StagingDir::create(place, name, 0)?.expect("the name is free");
        fs::write(partial.written().join("half.txt"), "half")?;
        // The lock goes with the file; the folder stays.
        Ok(partial.path.clone())
    }

    #[test]
    fn what_was_left_is_removed_and_what_is_being_written_is_not() -> Tested {
        let place = tempfile::tempdir()?;
        let dead = leftover(place.path(), "dead")?;
        let alive = StagingDir::create(place.path(), "alive", 0)?.expect("the name is free");
        clean_up_stale(place.path(), "other");
        assert!(dead.join("written/half.txt").exists(), "another name");
        clean_up_stale(place.path(), "dead");
        clean_up_stale(place.path(), "alive");
        assert!(!dead.exists());
        assert!(alive.written().is_dir());
        alive.remove()?;
        assert_eq!(left(place.path()), [""; 0]);
        Ok(())
    }

    #[test]
    fn what_is_in_the_making_is_told_from_what_was_left_and_from_anything_else() -> Tested {
        let place = tempfile::tempdir()?;
        leftover(place.path(), "dead")?;
        let alive = StagingDir::create(place.path(), "alive", 0)?.expect("the name is free");
        let resumable = StagingDir::create(place.path(), "later", 0)?.expect("the name is free");
        resumable.keep_to_resume()?;
        drop(resumable);
        fs::create_dir(place.path().join(".empty.partial-7-0"))?;
        let strange = leftover(place.path(), "strange")?;
        fs::write(strange.join("mine.txt"), "mine")?;
        fs::create_dir(place.path().join(".no-leftover"))?;
        let states: Vec<State> = found(place.path()).into_iter().map(|it| it.1).collect();
        assert_eq!(states, [State::UnderWay, State::Left, State::Left, State::Resumable]);
        // Looking takes nothing away.
        assert_eq!(found(place.path()).len(), 4);
        alive.remove()
    }

    #[test]
    fn nothing_else_is_touched() -> Tested {
        let place = tempfile::tempdir()?;
        let keep =
            [".a.partial-1-2", ".a.partial-01-2", ".a.partial-1", "a.partial-1-2", ".partial-1-2", "b"];
        for name in keep {
            fs::create_dir(place.path().join(name))?;
            fs::write(place.path().join(name).join("mine.txt"), "mine")?;
        }
        // A folder with a lock and other contents is left alone, too.
        let dead = leftover(place.path(), "dead")?;
        fs::write(dead.join("mine.txt"), "mine")?;
        let before = left(place.path());
        clean_up_all(place.path());
        assert_eq!(left(place.path()), before);
        assert!(dead.join("written/half.txt").exists());
        for name in keep {
            assert!(place.path().join(name).join("mine.txt").exists(), "{name}");
        }
        Ok(())
    }

    #[test]
    fn one_that_was_killed_at_once_has_nothing_and_goes() -> Tested {
        let place = tempfile::tempdir()?;
        fs::create_dir(place.path().join(".a.partial-7-0"))?;
        // And one that had put all of it in its place.
        drop(StagingDir::create(place.path(), "b", 0)?);
        clean_up_stale(place.path(), "c");
        assert_eq!(left(place.path()), [""; 0]);
        Ok(())
    }

    #[test]
    fn evidence_of_others_is_left_as_it_is_whatever_is_in_it() -> Tested {
        let place = tempfile::tempdir()?;
        let theirs = place.path().join("theirs");
        let tests = theirs.join("tests");
        let mut all = Vec::new();
        for (folder, name) in [(&theirs, WITHIN), (&theirs, "notes"), (&tests, WITHIN)] {
            fs::create_dir_all(folder)?;
            for (attempt, part) in [WRITTEN, MOVING].into_iter().enumerate() {
                let partial = folder.join(format!(".{name}{MARK}1-{attempt}"));
                fs::create_dir_all(partial.join(part).join("tests/0001"))?;
                fs::write(partial.join(part).join("tests/0001/run.json"), "forged")?;
                fs::write(partial.join(LOCK), "")?;
                all.push(partial.join(part).join("tests/0001/run.json"));
            }
        }
        fs::write(theirs.join(LAST), LAST)?;
        let before = left(&theirs);
        // Commands that write beside it, and those that are refused for what is there.
        clean_up_stale(place.path(), "other");
        clean_up_stale(place.path(), "theirs");
        clean_up_stale(&theirs, "notes");
        clean_up_within(&theirs);
        assert_eq!(unmoved(&theirs), None, "it is whole");
        assert_eq!((left(&theirs), left(&tests).len()), (before, 2));
        assert!(all.iter().all(|it| it.exists()), "{all:?}");
        Ok(())
    }

    #[test]
    fn what_was_on_its_way_is_moved_by_no_other_process_and_kept() -> Tested {
        let place = tempfile::tempdir()?;
        let there = place.path().join("there");
        fs::create_dir(&there)?;
        let partial = StagingDir::create(&there, WITHIN, 0)?.expect("the name is free");
        for name in ["a.txt", "b.txt", LAST] {
            fs::write(partial.written().join(name), name)?;
        }
        let moving = partial.begin_moving()?;
        assert_eq!(unmoved(&there), None, "its process still moves it");
        drop(partial);
        for moved in ["", "a.txt"] {
            if !moved.is_empty() {
                fs::rename(moving.join(moved), there.join(moved))?;
            }
            clean_up_within(&there);
            clean_up_stale(place.path(), "there");
            assert_eq!(unmoved(&there), Some(moving.clone()));
        }
        assert_eq!(left(&moving), ["b.txt", LAST]);
        Ok(())
    }

    #[test]
    #[cfg(unix)]
    fn links_are_not_followed() -> Tested {
        let place = tempfile::tempdir()?;
        let mine = place.path().join("mine");
        fs::create_dir(&mine)?;
        fs::write(mine.join("mine.txt"), "mine")?;
        let dead = leftover(place.path(), "dead")?;
        std::os::unix::fs::symlink(&mine, dead.join("written/link"))?;
        let linked = place.path().join(".linked.partial-1-0");
        std::os::unix::fs::symlink(&mine, &linked)?;
        clean_up_all(place.path());
        assert!(dead.exists() && linked.is_symlink() && mine.join("mine.txt").exists());
        Ok(())
    }
}
