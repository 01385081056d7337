//! Files that commands wrote, and keys.

use std::path::Path;

use exhibit_records::Digest;
use exhibit_render::{KeptRun, RunSigned};
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
    /// The run of tests that is in it. `None` where the evidence has none.
    pub(crate) run: Option<ExportedRunOutput<'a>>,
}

/// A run of tests, and who is said to have signed it, which is another question than who signed the evidence.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct ExportedRunOutput<'a> {
    /// Its number.
    number: u32,
    /// The ids of the keys that it names as its signers; none where it is not signed. Nothing is checked here.
    signed_by: Vec<&'a str>,
    /// Whether that is the signature of the evidence, as the run came with it.
    with_evidence: bool,
}

impl<'a> From<&'a KeptRun> for ExportedRunOutput<'a> {
    fn from(run: &'a KeptRun) -> Self {
        let with_evidence = matches!(run.signed, RunSigned::WithEvidence(_));
        Self { number: run.number, signed_by: run.signed.keys(), with_evidence }
    }
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
