//! Fields and types for tests, here and in the crates that build on this one.

use exhibit_records::{AnswerRecord, ContentRecord, Counts, Digest, PartRecord, RequestRecord};

use crate::contract::catalog::{self, ProofType};
use crate::contract::collection::Summary;
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
        changes: Err("Its source is not asked for changes.".to_owned()),
        needs: vec!["API access".into()],
        link: None,
        schedule: "0 6 * * 1".into(),
        suggested: vec![],
        blanked: vec![],
    }
}

/// A `proof.json` without rows, of a type that has a window, as formats before 4 have it.
pub fn record() -> serde_json::Value {
    serde_json::json!({
        "format": 3,
        "type": { "name": "assets", "label": "", "help": "", "fields": [], "key": [], "needs": [], "link": null,
                  "window": "when" },
        "job": { "settings": [], "criteria": [], "window": null, "as-of": "2026-11-01T00:00:00Z" },
        "origins": [], "account": null, "host": "0.1.0",
        "plugin": { "id": "example", "version": "1.0.0", "digest": Digest::of(b"plugin") },
        "first-answer": null, "last-answer": null, "counts": Counts::default(), "pages": 1, "rows": 0,
        "completeness": { "declared": null, "complete": null, "received": 0, "kept": 0, "rejected": 0,
                          "duplicates": 0, "outside-window": 0 },
        "notes": [], "host-notes": [], "rejections": { "count": 0, "first": [] }, "parts": [],
        "expires": null, "signed-by": null, "timestamped-by": null,
    })
}

/// Of a page without a record.
pub fn summary() -> Summary {
    Summary {
        pages: 1,
        rows: 0,
        declared: None,
        rejected: 0,
        duplicates: 0,
        outside_window: 0,
        point: None,
        outcome: None,
        repeated_keys: None,
        window: None,
        notes: vec![],
    }
}

/// Of an empty answer to a request for the list, whose body is not kept.
pub fn answer() -> AnswerRecord {
    AnswerRecord {
        answer: 1,
        request: RequestRecord {
            origin: "api".to_owned(),
            method: "GET".to_owned(),
            path: "/".to_owned(),
            query: vec![],
            headers: vec![],
            body: None,
            auth: None,
            effect: "read".to_owned(),
        },
        origin: "https://api.example".to_owned(),
        redirected: vec![],
        received: "2026-11-01T00:00:00Z".to_owned(),
        status: 200,
        headers: vec![],
        bytes: 0,
        digest: None,
        file: None,
        stored: None,
        broken: None,
        redacted: None,
        blanked: std::collections::BTreeMap::new(),
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
