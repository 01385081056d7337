//! Identifiers that are made of what they identify.

use exhibit_records::{PluginRecord, Proof};
use uuid::Uuid;

use crate::order::Order;
use crate::{Subject, subject::KeptRun};

/// Of all identifiers that Exhibit makes; chosen once, by chance.
const NAMESPACE: Uuid = Uuid::from_u128(0xf306_fca3_641c_47fa_bd5a_9478_d9fc_d126);

/// Identifiers within one document.
pub(super) struct Identities {
    document: Uuid,
}

impl Identities {
    pub(super) fn of(subject: &Subject, run: &KeptRun, order: &Order) -> Self {
        let name = format!("document {} {}{}", subject.digest, run.digest, order.persons);
        Self { document: Uuid::new_v5(&NAMESPACE, name.as_bytes()) }
    }

    pub(super) fn document(&self) -> Uuid {
        self.document
    }

    /// Of something that is in this document alone.
    pub(super) fn within(&self, what: &str, name: &str) -> Uuid {
        Uuid::new_v5(&self.document, format!("{what} {name}").as_bytes())
    }
}

/// Of a plugin, the same in each document.
pub(super) fn tool(plugin: &PluginRecord) -> Uuid {
    Uuid::new_v5(&NAMESPACE, format!("plugin {}", plugin.digest).as_bytes())
}

/// Of what a row is about, the same in each proof of the same type from the same place. `key` as in
/// `findings.ndjson.zst`.
pub(super) fn row(proof: &Proof, key: &str) -> Uuid {
    let origins: Vec<&str> = proof.origins.iter().map(|it| it.url.as_str()).collect();
    let name = format!("row {} {} {} {key}", proof.plugin.id, origins.join(" "), proof.proof_type.name);
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}
