//! What a store is about to take in, and where it goes: see [`super::begun`].

use std::path::Path;

use exhibit_records::{Digest, PROOF_FILE, RUN_FILE};
use serde::{Deserialize, Serialize};

use crate::log::Origin;

use super::catalog::Catalog;

/// What the names of their files end with.
pub(super) const ENDING: &str = ".json";

/// What is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    /// The name of the evidence.
    pub(super) evidence: String,
    /// The run of tests, such as `tests/0002`; `None` for the evidence itself.
    pub(super) run: Option<String>,
    /// Of its `proof.json`, or of the run's `run.json`.
    pub(super) digest: Digest,
}

impl Intent {
    /// To take in evidence.
    pub(super) fn evidence(name: &str, digest: Digest) -> Self {
        Self { evidence: name.to_owned(), run: None, digest }
    }

    /// To take in the run of tests that goes into this folder, over the evidence around it.
    pub(super) fn run(folder: &Path, digest: Digest) -> Self {
        // The run itself is not there yet, and the evidence may be named by another path.
        let evidence = folder.parent().and_then(Path::parent).unwrap_or(folder);
        let found = evidence.canonicalize().unwrap_or_else(|_| evidence.to_owned());
        let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let run = format!("{}/{}", crate::testing::earlier::RUNS, name(folder));
        Self { evidence: name(&found), run: Some(run), digest }
    }

    /// Whether nothing can be entered any more where it says: the log lists this, or something else there.
    pub(super) fn is_over(&self, catalog: &Catalog) -> bool {
        catalog.find(&self.evidence).is_some_and(|it| match &self.run {
            None => true,
            Some(run) => it.pruned.is_some() || it.knows(run),
        })
    }

    /// The record of what it is of, from the folder of a store's evidence on.
    pub(super) fn record(&self) -> String {
        match &self.run {
            None => format!("{}/{PROOF_FILE}", self.evidence),
            Some(run) => format!("{}/{run}/{RUN_FILE}", self.evidence),
        }
    }

    /// The name of its file.
    pub(super) fn file(&self) -> String {
        format!("{}{ENDING}", self.digest.hex())
    }

    /// What the key of the store whose log has this name signs of it.
    pub(super) fn statement(&self, log: &Origin) -> Vec<u8> {
        let run = self.run.as_deref().unwrap_or_default();
        format!("exhibit-intent/v1\n{log}\n{}\n{run}\n{}\n", self.evidence, self.digest).into_bytes()
    }
}
