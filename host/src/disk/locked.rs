//! Whether a file is of this user and no process has it locked any more.

use std::fs::{self, File};
use std::path::Path;

/// Whether a process of this user has left this file: a regular file that is locked by none. Where locks do not work, that
/// cannot be known, and it is not.
pub(super) fn is_left(path: &Path) -> bool {
    let Ok(metadata) = path.symlink_metadata() else { return false };
    // To open a pipe is to wait for another process.
    metadata.is_file() && is_own(&metadata) && File::open(path).is_ok_and(|it| it.try_lock().is_ok())
}

/// Whether it is of the user that this process runs as.
pub(super) fn is_own(metadata: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        std::os::unix::fs::MetadataExt::uid(metadata) == rustix::process::geteuid().as_raw()
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        true
    }
}
