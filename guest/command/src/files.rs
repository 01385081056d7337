//! Files that the runtime lets this component see.
//!
//! They are read by WASI itself: the C library under Rust's own files may be older than components, and
//! then does not know the folders that they are given.

#[cfg(any(test, target_arch = "wasm32"))]
mod folder;
#[cfg(target_arch = "wasm32")]
mod wasi;

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
