//! Locks between processes: on a file that only those can open who may write beside it, so that a reader holds up no writer.
//! Waiting for one ends: when it is had, when a person stops it, or when it takes too long. Meanwhile it is said who has it.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use exhibit_rows::instant;
use serde::Serialize;

use super::files::at;
use super::lock_wait::{LockHolder, LockWait, on_this_wait};
use super::private::private_or_there;

/// So long a lock is waited for: longer than it takes to prune years of evidence, which is what takes longest.
const PATIENCE: Duration = Duration::from_secs(600);
/// How long it is before a lock is tried again. It doubles, from the first to the second of these.
const PAUSE: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));
/// A holder says no more of itself.
const HOLDER_BYTES: u64 = 4 << 10;

/// What is in the file.
#[derive(Serialize)]
struct Introduction {
    #[serde(flatten)]
    holder: LockHolder,
    /// Tells two locks of one process apart.
    taken: u64,
}

/// Locks that this process has taken.
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// How long it was waited, and for whom, where that ended without the lock.
#[derive(Debug, thiserror::Error)]
enum NotHad {
    #[error("{}; waited for {} s, which is the limit", .0, .0.waited.as_secs())]
    TooLong(LockWait),
    #[error("stopped while waiting: {0}")]
    Stopped(LockWait),
}

/// A lock, until it is dropped. The system takes it back from processes that end.
#[derive(Debug)]
pub struct FileLock {
    file: File,
    /// What this process wrote into the file, for those who wait.
    said: Vec<u8>,
}

/// Who may have it at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Sharing {
    /// Only this one.
    Alone,
    /// All that share it.
    Shared,
}

impl FileLock {
    /// Waits for the lock on this file, which is made where it is not there.
    ///
    /// # Errors
    /// Where the file cannot be opened for writing, locks do not work there, it was waited for too long
    /// ([`io::ErrorKind::TimedOut`]), or the waiting was stopped ([`io::ErrorKind::Interrupted`]).
    pub fn take(path: &Path, sharing: Sharing) -> io::Result<Self> {
        check(path)?;
        let file = private_or_there(path).map_err(|error| at(path, error))?;
        // Where it cannot be changed it belongs to another user, who changes it.
        let _ = close_to_readers(&file, path);
        Self::of(file, path, sharing).map_err(|error| named(path, error))
    }

    /// The same for a process that only reads: it makes nothing. `None` where it could not write either, and so must not hold
    /// up those who can; where the file is not there, as in a copy; and where locks do not work.
    ///
    /// # Errors
    /// As [`Self::take`], but for those.
    pub fn take_to_read(path: &Path, sharing: Sharing) -> io::Result<Option<Self>> {
        use io::ErrorKind as Kind;

        let can_do_without =
            [Kind::NotFound, Kind::PermissionDenied, Kind::ReadOnlyFilesystem, Kind::Unsupported];
        check(path)?;
        let opened = File::options().read(true).write(true).open(path);
        match opened.and_then(|file| Self::of(file, path, sharing)) {
            Ok(lock) => Ok(Some(lock)),
            Err(error) if can_do_without.contains(&error.kind()) || are_no_locks(&error) => Ok(None),
            Err(error) => Err(named(path, error)),
        }
    }

    fn of(file: File, path: &Path, sharing: Sharing) -> io::Result<Self> {
        let observer = on_this_wait();
        let on_wait = |wait: &LockWait| observer.map_or(ControlFlow::Continue(()), |it| (it.1)(wait));
        acquire(&file, path, sharing, PATIENCE, &on_wait)?;
        let mut lock = Self { file, said: Vec::new() };
        lock.introduce(observer.map(|it| it.0.clone()));
        Ok(lock)
    }

    /// Says who has it. Where that cannot be written, others do not know.
    fn introduce(&mut self, command: Option<String>) {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let holder = LockHolder {
            process: std::process::id(),
            machine: machine(),
            command,
            since: Some(instant::format(
                i64::try_from(now.as_secs()).unwrap_or_default().saturating_mul(1000),
            )),
        };
        let said = Introduction { holder, taken: TAKEN.fetch_add(1, Ordering::Relaxed) };
        let Ok(said) = serde_json::to_vec(&said) else { return };
        let written = self.file.set_len(0).and_then(|()| {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(&said)
        });
        self.said = written.map(|()| said).unwrap_or_default();
    }
}

impl Drop for FileLock {
    fn drop(&mut self) {
        // Another one that shares it may have written over it.
        if !self.said.is_empty() && written(&self.file).is_ok_and(|it| it == self.said) {
            let _ = self.file.set_len(0);
        }
    }
}

/// The error with the file, where it does not name that already.
fn named(path: &Path, error: io::Error) -> io::Error {
    match error.kind() {
        io::ErrorKind::TimedOut | io::ErrorKind::Interrupted => error,
        _ => at(path, error),
    }
}

/// To open a pipe is to wait for another process, and what a link leads to is not ours.
fn check(path: &Path) -> io::Result<()> {
    if path.symlink_metadata().is_ok_and(|it| !it.is_file()) {
        return Err(at(path, io::Error::new(io::ErrorKind::InvalidData, "this is no file")));
    }
    Ok(())
}

/// Whether the file system, or the server that it is on, has no locks.
fn are_no_locks(error: &io::Error) -> bool {
    #[cfg(unix)]
    {
        error.raw_os_error() == Some(rustix::io::Errno::NOLCK.raw_os_error())
    }
    #[cfg(not(unix))]
    {
        let _ = error;
        false
    }
}

/// A process that may open the file can lock it, so that right is given with that to write beside it: programs of before, and
/// commands that open up all of a folder for readers, gave it to those, too.
#[cfg(unix)]
fn close_to_readers(file: &File, path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let folder = path.parent().filter(|it| *it != Path::new("")).unwrap_or(Path::new("."));
    let may_write = folder.metadata()?.permissions().mode() & 0o022;
    let rights = 0o600 | may_write | may_write << 1;
    if file.metadata()?.permissions().mode() & 0o777 == rights {
        return Ok(());
    }
    file.set_permissions(fs::Permissions::from_mode(rights))
}

#[cfg(not(unix))]
fn close_to_readers(_: &File, _: &Path) -> io::Result<()> {
    Ok(())
}

fn acquire(
    file: &File,
    path: &Path,
    sharing: Sharing,
    limit: Duration,
    on_wait: &dyn Fn(&LockWait) -> ControlFlow<()>,
) -> io::Result<()> {
    let since = Instant::now();
    let mut pause = PAUSE.0;
    loop {
        let tried = if sharing == Sharing::Alone { file.try_lock() } else { file.try_lock_shared() };
        match tried {
            Ok(()) => return Ok(()),
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => {}
        }
        let said = written(file).ok().and_then(|it| serde_json::from_slice(&it).ok());
        let holder = said.or_else(|| known_to_system(file));
        let wait = LockWait { file: path.to_owned(), holder, waited: since.elapsed(), limit };
        if on_wait(&wait).is_break() {
            return Err(io::Error::new(io::ErrorKind::Interrupted, NotHad::Stopped(wait)));
        }
        if wait.waited >= limit {
            return Err(io::Error::new(io::ErrorKind::TimedOut, NotHad::TooLong(wait)));
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(PAUSE.1);
    }
}

/// What the one that has it wrote.
fn written(file: &File) -> io::Result<Vec<u8>> {
    let (mut file, mut bytes) = (file, Vec::new());
    file.seek(SeekFrom::Start(0))?;
    file.take(HOLDER_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The process that has the lock, where that does not say so and the system does.
#[cfg(target_os = "linux")]
fn known_to_system(file: &File) -> Option<LockHolder> {
    use std::os::unix::fs::MetadataExt as _;

    let (device, inode) = file.metadata().map(|it| (it.dev(), it.ino())).ok()?;
    let major = (device >> 8 & 0xfff) | (device >> 32 & !0xfff);
    let minor = (device & 0xff) | (device >> 12 & !0xff);
    let own = format!("{major:02x}:{minor:02x}:{inode}");
    let locks = fs::read_to_string("/proc/locks").ok()?;
    // `1: FLOCK  ADVISORY  WRITE 123 08:01:456 0 EOF`; those that wait have `->` after the number.
    let process = locks.lines().find_map(|line| {
        let mut parts = line.split_whitespace().skip(1);
        let (kind, process, place) = (parts.next()?, parts.nth(2)?, parts.next()?);
        (kind == "FLOCK" && place == own).then(|| process.parse().ok())?
    })?;
    let command = fs::read_to_string(format!("/proc/{process}/comm")).ok();
    let command = command.map(|it| it.trim().to_owned());
    Some(LockHolder { process, machine: machine(), command, since: None })
}

#[cfg(not(target_os = "linux"))]
fn known_to_system(_: &File) -> Option<LockHolder> {
    None
}

/// The name of this machine, where the system says it in a file.
fn machine() -> Option<String> {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_owned()).filter(|it| !it.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHORT: Duration = Duration::from_millis(20);

    fn opened(path: &Path) -> io::Result<File> {
        File::options().read(true).write(true).open(path)
    }

    #[test]
    fn it_is_said_who_has_it_and_since_when() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        let held = FileLock::take(&path, Sharing::Alone)?;
        let file = opened(&path)?;
        let refused = acquire(&file, &path, Sharing::Shared, SHORT, &|_| ControlFlow::Continue(()));
        let error = refused.expect_err("it is held");
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        let process = format!("is held by process {}", std::process::id());
        assert!(error.to_string().contains(&process), "{error}");
        assert!(error.to_string().contains("Z; waited for 0 s, which is the limit"), "{error}");
        drop(held);
        assert_eq!(fs::read(&path)?, b"", "a store that is looked at is as it was");
        acquire(&file, &path, Sharing::Alone, SHORT, &|_| ControlFlow::Continue(()))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn one_that_does_not_say_who_it_is_is_known_to_the_system() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        fs::write(&path, "")?;
        let held = File::open(&path)?;
        held.lock()?;
        let refused = acquire(&opened(&path)?, &path, Sharing::Alone, SHORT, &|_| ControlFlow::Continue(()));
        let error = refused.expect_err("it is held").to_string();
        assert!(error.contains(&format!("is held by process {} (`", std::process::id())), "{error}");
        Ok(())
    }

    #[test]
    fn waiting_is_stopped_at_once() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        let _held = FileLock::take(&path, Sharing::Alone)?;
        let stop = |wait: &LockWait| {
            assert!(wait.holder.is_some());
            ControlFlow::Break(())
        };
        let refused = acquire(&opened(&path)?, &path, Sharing::Alone, PATIENCE, &stop);
        assert_eq!(refused.expect_err("it is held").kind(), io::ErrorKind::Interrupted);
        Ok(())
    }

    #[test]
    fn those_who_share_it_do_not_wait_for_each_other() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        let first = FileLock::take(&path, Sharing::Shared)?;
        let second = FileLock::take_to_read(&path, Sharing::Shared)?;
        assert!(second.is_some());
        drop(first);
        assert_ne!(fs::read(&path)?, b"", "the second one has it still");
        Ok(())
    }

    #[test]
    fn who_only_reads_makes_nothing() -> io::Result<()> {
        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        assert!(FileLock::take_to_read(&path, Sharing::Alone)?.is_none());
        assert!(!path.exists());
        Ok(())
    }

    #[cfg(unix)]
    #[test]
    fn who_may_not_write_there_cannot_open_it() -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt as _;

        let place = tempfile::tempdir()?;
        let path = place.path().join("lock");
        let set = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode));
        for (folder, before, rights) in [
            (0o755, None, 0o600),
            (0o755, Some(0o644), 0o600),
            (0o700, Some(0o666), 0o600),
            // A store that several users of a group write.
            (0o2775, None, 0o660),
            (0o2775, Some(0o664), 0o660),
        ] {
            set(place.path(), folder)?;
            let _ = fs::remove_file(&path);
            if let Some(before) = before {
                fs::write(&path, "")?;
                set(&path, before)?;
            }
            FileLock::take(&path, Sharing::Alone)?;
            assert_eq!(path.metadata()?.permissions().mode() & 0o777, rights, "{folder:o} {before:?}");
        }
        Ok(())
    }
}
