//! Files that people name, in memory: regular ones, and never more of one than there may be.

use std::io::{self, Read as _};
use std::path::Path;

use exhibit::disk;

/// Why a file is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    /// What the system says.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// A folder, a pipe, a device.
    #[error("it is not a regular file")]
    NotAFile,
    /// More than there may be.
    #[error("it is larger than the limit of {0} bytes")]
    TooLarge(usize),
}

/// All of this file, where it has at most this many bytes.
pub(super) fn read(path: &Path, limit: usize) -> Result<Vec<u8>, ReadError> {
    let file = disk::regular_file(path)?.ok_or(ReadError::NotAFile)?;
    if file.metadata()?.len() > limit as u64 {
        return Err(ReadError::TooLarge(limit));
    }
    let mut bytes = vec![];
    // One that grows while it is read, or has no length of its own.
    file.take(limit as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > limit { Err(ReadError::TooLarge(limit)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regular_files_are_read_up_to_their_limit() -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("file");
        std::fs::write(&file, "four")?;
        assert_eq!(read(&file, 4)?, b"four");
        assert!(matches!(read(&file, 3), Err(ReadError::TooLarge(3))));
        assert!(matches!(read(&folder.path().join("none"), 4), Err(ReadError::Io(_))));
        Ok(())
    }

    #[test]
    fn nothing_else_is_read() {
        let folder = std::env::temp_dir();
        assert!(matches!(read(&folder, 4), Err(ReadError::NotAFile)));
        #[cfg(unix)]
        assert!(matches!(read(Path::new("/dev/zero"), 4), Err(ReadError::NotAFile)));
        // A file that says that it is empty, and is not.
        #[cfg(target_os = "linux")]
        assert!(matches!(read(Path::new("/proc/self/maps"), 4), Err(ReadError::TooLarge(4))));
    }
}
