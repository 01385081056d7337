//! A folder in the making, and the process that writes in it.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use super::super::files::{at, is_file, is_link, is_there};
use super::super::folders::sync;
use super::super::private::{private, private_file};
#[cfg(feature = "store")]
use super::form::ATTEMPTS;
use super::form::{
    BEGINNING, LOCK, MARK, MOVING, RESUME, WITHIN, WRITTEN, is_own, is_plain, is_resumable, owner_of, remove,
    staged,
};

/// The folder, and the lock on it.
#[derive(Debug)]
pub(crate) struct StagingDir {
    pub(super) path: PathBuf,
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
