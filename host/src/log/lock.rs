//! One writer at a time, and no writer while a process reads that could write, too. Others read without the lock: they see
//! that the log was written to meanwhile, and look again.

use std::io;
use std::path::Path;

use crate::disk::{FileLock, Sharing};

/// The file that locks are held on.
pub(super) const LOCK: &str = "lock";

/// A lock, until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(Option<FileLock>);

impl Lock {
    /// For writing: waits until no other process writes or reads.
    pub(super) fn write(folder: &Path) -> io::Result<Self> {
        Ok(Self(Some(FileLock::take(&folder.join(LOCK), Sharing::Alone)?)))
    }

    /// For reading: waits until no process writes, where this one could write itself.
    pub(super) fn read(folder: &Path) -> io::Result<Self> {
        Ok(Self(FileLock::take_to_read(&folder.join(LOCK), Sharing::Shared)?))
    }

    /// Whether others may write meanwhile.
    pub(super) fn is_without(&self) -> bool {
        self.0.is_none()
    }
}
