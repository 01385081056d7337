//! Where evidence is in a store, and what it shares there with other evidence.

use std::path::{Path, PathBuf};
use std::{fs, io};

use exhibit_records::{Digest, STORE_FILE};

use crate::disk;

/// The folder of all evidence, in a store's.
pub(crate) const EVIDENCE: &str = "evidence";
/// The folder of plugins, each once for all evidence.
pub(crate) const PLUGINS: &str = "plugins";

/// The folder of the store that evidence in this folder is kept in, where it is kept in one.
///
/// # Errors
/// Where this machine does not say so.
pub fn store_of(evidence: &Path) -> io::Result<Option<PathBuf>> {
    let evidence = match fs::canonicalize(evidence) {
        Ok(evidence) => evidence,
        Err(error) if disk::is_of_this_machine(&error) => return Err(disk::at(evidence, error)),
        Err(_) => return Ok(None),
    };
    let parent = evidence.parent().filter(|it| it.file_name().is_some_and(|it| it == EVIDENCE));
    let Some(store) = parent.and_then(Path::parent) else { return Ok(None) };
    Ok(disk::is_file(&store.join(STORE_FILE))?.then(|| store.to_owned()))
}

/// The file of the plugin whose kept file has this digest, in a store's folder.
pub(crate) fn plugin(store: &Path, digest: Digest) -> PathBuf {
    store.join(PLUGINS).join(format!("{}.wasm.zst", digest.hex()))
}
