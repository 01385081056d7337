//! Fields and types for tests, here and in the crates that build on this one.

use exhibit_records::{ContentRecord, Digest, PartRecord};

use crate::contract::catalog::{self, ProofType};
use crate::contract::types::Kind;

pub fn field(name: &str, kind: Kind) -> catalog::Field {
    catalog::Field {
        name: name.to_owned(),
        aliases: vec![],
        label: name.to_owned(),
        kind,
        help: format!("What {name} is."),
        shown: true,
        personal: false,
    }
}

pub fn proof_type(fields: Vec<catalog::Field>) -> ProofType {
    ProofType {
        name: "assets".into(),
        label: "List of Assets".into(),
        help: "Hosts, and when they were scanned.".into(),
        key: vec![fields[0].name.clone()],
        fields,
        criteria: vec![],
        window: None,
        needs: vec!["API access".into()],
        link: None,
        schedule: "0 6 * * 1".into(),
        suggested: vec![],
    }
}

/// A text in a frame.
pub fn framed(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, crate::disk::LEVEL).expect("a frame")
}

/// The record of a text in a frame.
pub fn part(path: &str, text: &[u8]) -> PartRecord {
    let stored = framed(text);
    PartRecord {
        path: path.to_owned(),
        bytes: stored.len() as u64,
        digest: Digest::of(&stored),
        content: Some(ContentRecord { bytes: text.len() as u64, digest: Digest::of(text) }),
    }
}
