//! Whether a file is of this user and no process has it locked any more, and what goes then.

use std::fs::{self, File};
use std::path::Path;

/// Names that are looked at for leftovers. Beyond it they stay.
pub(super) const LOOKED_AT: usize = 10_000;

/// Whether a process of this user has left this file: a regular file that is locked by none. Where locks do not work, that
/// cannot be known, and it is not.
pub(super) fn is_left(path: &Path) -> bool {
    let Ok(metadata) = path.symlink_metadata() else { return false };
    // To open a pipe is to wait for another process.
    metadata.is_file() && is_own(&metadata) && File::open(path).is_ok_and(|it| it.try_lock().is_ok())
}

/// Removes files in this folder whose names begin so, which processes of this user have left, and of which `is_old` says
/// that they may go. What cannot be removed stays: it does no harm.
pub(super) fn remove_left_files(folder: &Path, prefix: &str, is_old: &dyn Fn(&fs::DirEntry) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries.take(LOOKED_AT).flatten() {
        let is_one = entry.file_name().to_str().is_some_and(|it| it.starts_with(prefix));
        if is_one && is_old(&entry) && is_left(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
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
