//! What a proof type is, to the plugin and to people.

use exhibit_plugin::catalog::{Field, Link, ProofType};
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

use crate::qualys::platforms::API;

/// A proof type: what it is, and how it is collected.
pub struct Proof {
    /// Its name.
    pub name: &'static str,
    /// How it is described to people and to hosts.
    pub describe: fn() -> ProofType,
    /// What collects such an order.
    pub open: fn(&Order) -> Result<Box<dyn Source>, Error>,
}

/// A proof type with these fields; the caller fills in the rest.
pub(super) fn proof_type(name: &str, label: &str, help: &str, fields: Vec<Field>, key: &[&str]) -> ProofType {
    ProofType {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        fields,
        key: key.iter().map(|it| (*it).to_owned()).collect(),
        criteria: Vec::new(),
        window: None,
        // Those of scans: what happened in a window.
        changes: Err("Its window proves events: a later window follows on an earlier one.".to_owned()),
        needs: Vec::new(),
        link: None,
        schedule: "0 6 * * 1".to_owned(),
        suggested: Vec::new(),
        blanked: Vec::new(),
    }
}

/// A page of the console, and how it differs from the proof.
pub(super) fn console(path: &str, note: &str) -> Option<Link> {
    Some(Link { origin: API.to_owned(), path: path.to_owned(), note: Some(note.to_owned()) })
}
