//! Fields and types for the tests of this crate.

use crate::plugin::contract::catalog::{self, ProofType};
use crate::plugin::contract::types::Kind;

pub(crate) fn field(name: &str, kind: Kind) -> catalog::Field {
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

pub(crate) fn proof_type(fields: Vec<catalog::Field>) -> ProofType {
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
