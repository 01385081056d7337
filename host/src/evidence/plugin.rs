//! The plugin that made a proof, kept with it: so the proof can be made again wherever it is.

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, PLUGIN_FILE, PartRecord, Proof};

use crate::disk::{self, at, write_private};
use crate::plugin::COMPONENT_BYTES;

use super::content::unpacked;
use super::{in_store, read};

/// zstd's own default: code gains by it, and there is little of it.
const LEVEL: i32 = 3;

/// Keeps a component in this folder.
pub(super) fn keep(folder: &Path, component: &[u8]) -> io::Result<PartRecord> {
    let path = folder.join(PLUGIN_FILE);
    let bytes = zstd::encode_all(component, LEVEL)?;
    write_private(&path, &bytes)?.sync_all().map_err(|error| at(&path, error))?;
    Ok(PartRecord::new(PLUGIN_FILE, (bytes.len() as u64, Digest::of(&bytes))))
}

/// The plugin's file in the evidence's own folder, and its digest, where it is kept there.
///
/// # Errors
/// Where this machine does not say whether it is.
pub(crate) fn plugin_in(folder: &Path, proof: &Proof) -> io::Result<Option<(PathBuf, Digest)>> {
    let Some(part) = proof.parts.iter().find(|it| it.is_plugin()) else { return Ok(None) };
    let file = folder.join(PLUGIN_FILE);
    Ok(disk::is_file(&file)?.then_some((file, part.digest)))
}

/// The file of a part: in the evidence's folder or, for the plugin, in the store that has it once for
/// all evidence.
///
/// # Errors
/// Where this machine does not say where it is.
pub(crate) fn file_of(folder: &Path, part: &PartRecord) -> io::Result<PathBuf> {
    let own = folder.join(&part.path);
    if !part.is_plugin() || disk::is_there(&own)? {
        return Ok(own);
    }
    Ok(in_store::store_of(folder)?.map_or(own, |it| in_store::plugin(&it, part.digest)))
}

/// The component that is kept with the evidence in this folder, or for it in its store. `None` where
/// no plugin is kept.
pub fn kept(folder: &Path) -> io::Result<Option<Vec<u8>>> {
    let Some(part) = read::proof(folder)?.parts.into_iter().find(PartRecord::is_plugin) else {
        return Ok(None);
    };
    let path = file_of(folder, &part)?;
    let file = match disk::open_regular_file(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut component = Vec::new();
    // One byte more than any plugin has: loading it says that it is too large.
    let mut read = unpacked(file)?.take(COMPONENT_BYTES as u64 + 1);
    read.read_to_end(&mut component).map_err(|error| at(&path, error))?;
    Ok(Some(component))
}
