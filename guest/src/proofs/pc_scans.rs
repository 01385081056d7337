//! List of PC Scans: which compliance scans were launched, and what came of them.

use exhibit_plugin::Error;
use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::session::Order;

use super::{Proof, proof_type, scans, version};
use crate::qualys::listing::Listing;

pub(super) const PROOF: Proof = Proof { name: "pc-scans", describe, listing };

fn describe() -> ProofType {
    let help = "The compliance scans that were launched in a window and still exist, as far as the account may see \
                them.";
    ProofType {
        criteria: scans::criteria(),
        window: scans::window(),
        needs: vec!["API access".to_owned(), "the PC module".to_owned()],
        link: scans::link(),
        suggested: scans::suggested(),
        ..proof_type("pc-scans", "List of PC Scans", help, &scans::COLUMNS, &["reference"])
    }
}

fn listing(order: &Order) -> Result<Listing, Error> {
    scans::listing(order, format!("/api/{}/fo/scan/compliance/", version(order, "pc-scan-list-version")?))
}
