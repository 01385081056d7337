//! Files that commands wrote, and keys.

use std::path::Path;

use exhibit_records::Digest;
use schemars::JsonSchema;
use serde::Serialize;

/// What `exhibit bundle` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct BundleOutput {
    /// The file that was written.
    pub(crate) bundle: String,
}

/// What `exhibit export` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ExportOutput<'a> {
    /// The file that was written.
    pub(crate) file: &'a Path,
    /// How many rows are in it.
    pub(crate) rows: u64,
    /// How many the evidence has.
    pub(crate) of: u64,
    /// The digest of the evidence's `proof.json`.
    pub(crate) evidence: Digest,
}

/// What `exhibit keys new` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct NewKeyOutput {
    /// The SHA-256 of the public key, as its SubjectPublicKeyInfo: 64 lower-case hex digits.
    pub(crate) id: String,
    /// The file with the private half.
    pub(crate) private: String,
    /// The file with the public half.
    pub(crate) public: String,
}

/// What `exhibit keys show` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct KeyOutput {
    /// The SHA-256 of the public key, as its SubjectPublicKeyInfo: 64 lower-case hex digits.
    pub(crate) id: String,
    /// The public half, in PEM.
    pub(crate) public: String,
}
