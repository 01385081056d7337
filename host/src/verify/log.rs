//! Whether the log of a store has the evidence.

use std::path::Path;

use super::ALTERED;
use crate::checks::Verdict;
use crate::digest::Digest;
use crate::evidence::{found, read};
use crate::signing::PublicKey;
use crate::store::{Store, StoreError, store_of};

/// The log of the store that it is kept in has this very evidence. `None` where it is in no store.
pub(super) fn has(folder: &Path, keys: &[PublicKey]) -> Option<Verdict> {
    let store = store_of(folder)?;
    Some(entry(&store, folder, keys).unwrap_or_else(|error| Verdict::failed(error.to_string(), ALTERED)))
}

fn entry(store: &Path, folder: &Path, keys: &[PublicKey]) -> Result<Verdict, StoreError> {
    let opened = if keys.is_empty() { Store::open(store)? } else { Store::open_with(store, keys.to_vec())? };
    let catalog = opened.catalog()?;
    let folder = folder.canonicalize()?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let Some(package) = catalog.find(&name) else {
        return Ok(Verdict::failed("the log of its store does not have it", ALTERED));
    };
    if package.kept.proof != Digest::of(&found::record(&folder.join(read::PROOF))?) {
        return Ok(Verdict::failed("the log of its store has other evidence of this name", ALTERED));
    }
    let said = format!("entry {} of {}", package.index, opened.log().origin());
    Ok(if keys.is_empty() {
        Verdict::Skipped {
            why: format!("{said}, if its log is signed by the right key: name that key's file with --key"),
        }
    } else {
        Verdict::of(vec![], said)
    })
}
