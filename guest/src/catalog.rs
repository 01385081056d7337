//! The manifest.

use exhibit_plugin::catalog::Manifest;

use crate::qualys::{account, answer_headers, guide, settings};
use crate::{lookups, operations, proofs};

/// What the plugin offers and asks for.
pub fn manifest() -> Manifest {
    Manifest {
        id: "qualys".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        label: "Qualys".to_owned(),
        vendor: "Qualys, Inc.".to_owned(),
        settings: settings::all(),
        secrets: account::secrets(),
        auth: account::auth(),
        answer_headers: answer_headers::ALL.map(str::to_owned).to_vec(),
        proof_types: proofs::ALL.iter().map(|it| (it.describe)()).collect(),
        operations: operations::ALL.iter().map(|it| (it.describe)()).collect(),
        lookups: lookups::ALL.iter().map(|it| (it.describe)()).collect(),
        inventories: vec![proofs::inventory()],
        guide: guide::TEXT.to_owned(),
    }
}
