//! What statements are about: parts, named by their digests.

use std::collections::BTreeMap;

use exhibit_records::Digest;
use serde::{Deserialize, Serialize};

/// A part that something is said of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "Described", try_from = "Described")]
pub struct Subject {
    /// Its path within what it is a part of, or another name that no other subject has.
    pub name: String,
    /// Its SHA-256.
    pub digest: Digest,
}

/// in-toto's ResourceDescriptor, as far as it is used here.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Described {
    name: String,
    digest: BTreeMap<String, String>,
}

impl From<Subject> for Described {
    fn from(subject: Subject) -> Self {
        Self { name: subject.name, digest: [("sha256".to_owned(), subject.digest.hex())].into() }
    }
}

impl TryFrom<Described> for Subject {
    type Error = String;

    fn try_from(it: Described) -> Result<Self, String> {
        let digest = it.digest.get("sha256").ok_or_else(|| format!("{:?} has no sha256", it.name))?;
        let digest = format!("sha256:{digest}").parse().map_err(|_| format!("{digest:?} is no SHA-256"))?;
        Ok(Self { name: it.name, digest })
    }
}
