//! The manifest.

use std::hint::black_box;

use exhibit_plugin::catalog::Manifest;

use crate::qualys::{account, answer_headers, guide, settings};
use crate::{lookups, operations, proofs};

/// The id and the version. One text, which the compiler leaves as it is: a test makes a component of another id of this one, and
/// where else the linker puts six letters differs from build to build.
const IDENTITY: &str = concat!("qualys@", env!("CARGO_PKG_VERSION"));

/// What the plugin offers and asks for.
pub fn manifest() -> Manifest {
    let (id, version) = black_box(IDENTITY).split_once('@').unwrap_or((IDENTITY, ""));
    Manifest {
        id: id.to_owned(),
        version: version.to_owned(),
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
