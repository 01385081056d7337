//! What a store says that it is.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::evidence::{at, found};
use crate::log::Origin;
use crate::signing::PublicKey;

use super::error::StoreError;

/// Where it is said.
pub(super) const FILE: &str = "store.json";
/// The layout that this version writes. Grows with any change that a reader must know.
const FORMAT: u32 = 1;

/// The whole of `store.json`. Nobody vouches for it: the keys are those that the store says it is
/// signed with, and whoever checks it brings their own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The layout's version.
    format: u32,
    /// The log's name.
    name: String,
    /// Public keys, in PEM.
    keys: Vec<String>,
}

impl Identity {
    /// Of a store of this name, whose log this key signs.
    pub(super) fn new(name: &Origin, key: &PublicKey) -> Self {
        Self { format: FORMAT, name: name.to_string(), keys: vec![key.to_pem()] }
    }

    /// Of the store in this folder.
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(FILE);
        let bytes = match found::record(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoStore(folder.to_owned()));
            }
            bytes => bytes?,
        };
        let damaged = |why: String| StoreError::Identity { file: path.clone(), why };
        let identity: Self = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        if identity.format != FORMAT {
            return Err(damaged(format!(
                "its format is {}, and {FORMAT} is what is known here",
                identity.format
            )));
        }
        Ok(identity)
    }

    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// What the store is called.
    pub fn name(&self) -> Result<Origin, StoreError> {
        self.name.parse().map_err(|error| StoreError::Identity { file: FILE.into(), why: format!("{error}") })
    }

    /// The keys that it says its log is signed with.
    pub fn keys(&self) -> Result<Vec<PublicKey>, StoreError> {
        let keys = self.keys.iter().map(|it| PublicKey::from_pem(it));
        let keys = keys.collect::<Result<Vec<_>, _>>();
        keys.map_err(|error| StoreError::Identity { file: FILE.into(), why: error.to_string() })
    }
}

/// The folder of the store that evidence in this folder is kept in, where it is kept in one.
pub fn store_of(evidence: &Path) -> Option<PathBuf> {
    let evidence = fs::canonicalize(evidence).map_err(|error| at(evidence, error)).ok()?;
    let parent =
        evidence.parent().filter(|it| it.file_name().is_some_and(|it| it == super::folder::EVIDENCE))?;
    let store = parent.parent()?;
    store.join(FILE).is_file().then(|| store.to_owned())
}
