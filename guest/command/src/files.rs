//! Files that the runtime lets this component see.
//!
//! Asked of WASI itself: the C library under Rust's own files may be of before components, and
//! then knows none of the folders that they are given.

use std::io::{self, Read};
use std::path::Path;

#[cfg(target_arch = "wasm32")]
pub(crate) use wasi::open;

/// Opens a file to be read from its beginning.
#[cfg(not(target_arch = "wasm32"))]
pub(crate) fn open(path: &Path) -> io::Result<impl Read + use<>> {
    std::fs::File::open(path)
}

/// All of a file that has at most `limit` bytes.
pub(crate) fn read(path: &Path, limit: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    open(path)?.take(most).read_to_end(&mut bytes)?;
    if bytes.len() > limit {
        return Err(io::Error::other(format!("it has more than {limit} bytes")));
    }
    Ok(bytes)
}

/// What of the path lies within a folder that the component sees by this name.
#[cfg(any(test, target_arch = "wasm32"))]
fn within<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    let path = path.strip_prefix("./").unwrap_or(path);
    let folder = folder.strip_prefix("./").unwrap_or(folder).trim_end_matches('/');
    if folder.is_empty() && path.starts_with('/') {
        return Some(path.trim_start_matches('/'));
    }
    if folder == "." {
        return (!path.starts_with('/')).then_some(path);
    }
    path.strip_prefix(folder)?.strip_prefix('/')
}

#[cfg(target_arch = "wasm32")]
mod wasi {
    use super::{Path, Read, io, within};
    use wasip2::filesystem::preopens;
    use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
    use wasip2::io::streams::{InputStream, StreamError};

    /// What is read at a time.
    const CHUNK_BYTES: u64 = 64 << 10;

    /// Opens a file to be read from its beginning.
    pub(crate) fn open(path: &Path) -> io::Result<impl Read + use<>> {
        let path = path.to_str().ok_or_else(|| io::Error::other("its name is no text"))?;
        let folders = preopens::get_directories();
        // The longest name is the nearest folder.
        let found = folders
            .iter()
            .filter_map(|(folder, name)| Some((folder, within(path, name)?)))
            .min_by_key(|(_, rest)| rest.len());
        let Some((folder, rest)) = found else {
            return Err(io::Error::new(io::ErrorKind::NotFound, "it is in no folder that is seen from here"));
        };
        let file = folder
            .open_at(PathFlags::SYMLINK_FOLLOW, rest, OpenFlags::empty(), DescriptorFlags::READ)
            .map_err(|code| io::Error::other(code.message()))?;
        let stream = file.read_via_stream(0).map_err(|code| io::Error::other(code.message()))?;
        Ok(File { stream, chunk: Vec::new(), at: 0, _file: file })
    }

    /// The stream must go before what it is of: fields are dropped in their order.
    struct File {
        stream: InputStream,
        chunk: Vec<u8>,
        at: usize,
        _file: Descriptor,
    }

    impl Read for File {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            while self.at == self.chunk.len() {
                match self.stream.blocking_read(CHUNK_BYTES) {
                    Ok(chunk) => (self.chunk, self.at) = (chunk, 0),
                    Err(StreamError::Closed) => return Ok(0),
                    Err(StreamError::LastOperationFailed(_)) => {
                        return Err(io::Error::other("it cannot be read"));
                    }
                }
            }
            let size = out.len().min(self.chunk.len() - self.at);
            out[..size].copy_from_slice(&self.chunk[self.at..self.at + size]);
            self.at += size;
            Ok(size)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_lies_in_the_folder_that_is_seen() {
        assert_eq!(within("users/rows.ndjson", "users"), Some("rows.ndjson"));
        assert_eq!(within("./users/rows.ndjson", "users/"), Some("rows.ndjson"));
        assert_eq!(within("users/rows.ndjson", "."), Some("users/rows.ndjson"));
        assert_eq!(within("/run/secrets/api", "/run/secrets"), Some("api"));
        assert_eq!(within("/run/secrets/api", "/"), Some("run/secrets/api"));
        assert_eq!(within("/run/secrets/api", "."), None);
        assert_eq!(within("users-2/rows.ndjson", "users"), None);
        assert_eq!(within("users", "users"), None);
    }
}
