//! Files that the runtime lets this component see.
//!
//! They are read and written by WASI itself: the C library under Rust's own files may be older than components, and
//! then does not know the folders that they are given.

#[cfg(any(test, target_arch = "wasm32"))]
mod folder;
#[cfg(not(target_arch = "wasm32"))]
mod native;
#[cfg(target_arch = "wasm32")]
mod wasi;

use std::io::{self, Read};
use std::path::Path;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use native::{
    make_folder, move_folder, names, open, remove_file, remove_folder, sync_folder, write,
};
#[cfg(target_arch = "wasm32")]
pub(crate) use wasi::{
    make_folder, move_folder, names, open, remove_file, remove_folder, sync_folder, write,
};

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

/// Makes a folder and those above it, as far as they are not there.
pub(crate) fn make_folders(path: &Path) -> io::Result<()> {
    let mut made = Path::new("").to_path_buf();
    for part in path.components() {
        made.push(part);
        match make_folder(&made) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists && made == path => return Err(error),
            // Those above may be out of this component's sight.
            _ => {}
        }
    }
    Ok(())
}

/// Removes a folder with all that is in it. One that is not there is no error.
pub(crate) fn remove_all(path: &Path) -> io::Result<()> {
    let Some(names) = names(path)? else { return Ok(()) };
    for name in names {
        let inner = path.join(name);
        match names_of_folder(&inner)? {
            true => remove_all(&inner)?,
            false => remove_file(&inner)?,
        }
    }
    remove_folder(path)
}

/// Whether it is a folder.
fn names_of_folder(path: &Path) -> io::Result<bool> {
    match names(path) {
        Ok(it) => Ok(it.is_some()),
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(false),
        Err(error) => Err(error),
    }
}
