//! The plugin that made a proof, kept with it: so the proof can be made again wherever it is.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;

use crate::digest::Digest;
use crate::plugin::COMPONENT_BYTES;

use super::answers::LEVEL;
use super::part::at;
use super::proof::PartRecord;

/// Where it is, in the evidence's folder.
const FILE: &str = "plugin.wasm.zst";

/// Keeps a component in this folder.
pub(super) fn keep(folder: &Path, component: &[u8]) -> io::Result<PartRecord> {
    let path = folder.join(FILE);
    let bytes = zstd::encode_all(component, LEVEL)?;
    fs::write(&path, &bytes)
        .and_then(|()| File::open(&path)?.sync_all())
        .map_err(|error| at(&path, error))?;
    Ok(PartRecord::new(FILE, (bytes.len() as u64, Digest::of(&bytes))))
}

/// The component that is kept with the evidence in this folder. `None` where there is none.
pub fn kept(folder: &Path) -> io::Result<Option<Vec<u8>>> {
    let path = folder.join(FILE);
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(&path, error)),
    };
    let mut component = Vec::new();
    // One byte more than any plugin has: loading it says that it is too large.
    let mut read = zstd::Decoder::new(file)?.take(COMPONENT_BYTES as u64 + 1);
    read.read_to_end(&mut component).map_err(|error| at(&path, error))?;
    Ok(Some(component))
}
