//! One writer at a time, and no writer while somebody reads.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use crate::disk::{self, at};

/// The file that locks are held on. Nothing is ever in it.
pub(super) const LOCK: &str = "lock";

/// A lock, until it is dropped. The system takes it back from processes that end.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "held, and never looked at")] Option<File>);

impl Lock {
    /// For writing: waits until no other process writes or reads.
    pub(super) fn write(folder: &Path) -> io::Result<Self> {
        let path = folder.join(LOCK);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let file = file.and_then(|it| it.lock().map(|()| it)).map_err(|error| at(&path, error))?;
        Ok(Self(Some(file)))
    }

    /// For reading: waits until no process writes. Where none could have written, as in a copy
    /// without the file or on a medium without locks, there is nothing to wait for.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        let path = folder.join(LOCK);
        match disk::open_regular_file(&path).and_then(|it| it.lock_shared().map(|()| it)) {
            Ok(file) => Ok(Self(Some(file))),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::Unsupported) => {
                Ok(Self(None))
            }
            Err(error) => Err(at(&path, error)),
        }
    }
}
