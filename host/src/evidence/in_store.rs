//! Where evidence is in a store, and what it shares there with other evidence.

use std::fs;
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, STORE_FILE};

/// The folder of all evidence, in a store's.
pub(crate) const EVIDENCE: &str = "evidence";
/// The folder of plugins, each once for all evidence.
pub(crate) const PLUGINS: &str = "plugins";

/// The folder of the store that evidence in this folder is kept in, where it is kept in one.
pub fn store_of(evidence: &Path) -> Option<PathBuf> {
    let evidence = fs::canonicalize(evidence).ok()?;
    let parent = evidence.parent().filter(|it| it.file_name().is_some_and(|it| it == EVIDENCE))?;
    let store = parent.parent()?;
    store.join(STORE_FILE).is_file().then(|| store.to_owned())
}

/// The file of the plugin whose kept file has this digest, in a store's folder.
pub(crate) fn plugin(store: &Path, digest: Digest) -> PathBuf {
    store.join(PLUGINS).join(format!("{}.wasm.zst", digest.hex()))
}
