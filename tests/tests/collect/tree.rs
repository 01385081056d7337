//! Folders, with all that is in them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;

/// All files in a folder and below, in their order.
pub(crate) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { folders.push(path) } else { files.push(path) }
        }
    }
    files.sort();
    Ok(files)
}

/// The same folder once more.
pub(crate) fn copy(from: &Path, to: &Path) -> Result<()> {
    for file in files(from)? {
        let there = to.join(file.strip_prefix(from)?);
        fs::create_dir_all(there.parent().unwrap_or(to))?;
        fs::copy(file, there)?;
    }
    Ok(())
}
