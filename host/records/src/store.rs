//! `store.json`: what a store says that it is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::version::{self, ReadError};

/// Its name in a store's folder.
pub const STORE_FILE: &str = "store.json";
/// The layout that this version writes. Grows with any change that a reader must know.
pub const STORE_FORMAT: u32 = 3;
/// The formats that are read: each that was released stays in this list.
const READ: &[u32] = &[1, 2, 3];

/// The whole of `store.json`. It is not signed: the keys are those that the store says it is signed with, and a
/// verifier brings its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "Identity")]
pub struct StoreRecord {
    /// The layout's version.
    pub format: u32,
    /// The log's name.
    pub name: String,
    /// Public keys, in PEM.
    pub keys: Vec<String>,
}

impl StoreRecord {
    /// Reads the bytes of a `store.json`.
    ///
    /// # Errors
    /// Where it is no such record, or of a format that no version up to this one has written.
    pub fn parse(json: &[u8]) -> Result<Self, ReadError> {
        version::parse(json, STORE_FILE, READ)
    }
}
