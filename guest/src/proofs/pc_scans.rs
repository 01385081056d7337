//! List of PC Scans: which compliance scans were launched, and their status.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

use super::proof::{Proof, proof_type};
use super::scans;
use crate::qualys::settings::{PC_SCAN_LIST_VERSION, version};

pub(super) const PROOF: Proof = Proof { name: "pc-scans", describe, open };

fn describe() -> ProofType {
    let help = "The compliance scans launched in the window that the collecting account can see. Deleted scans are \
                not included.";
    ProofType {
        criteria: scans::criteria(),
        window: scans::window(),
        needs: vec!["API access".to_owned(), "the PC module".to_owned()],
        link: scans::link(),
        suggested: scans::suggested(),
        ..proof_type("pc-scans", "List of PC Scans", help, scans::fields(), &["reference"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    scans::open(
        order,
        format!("/api/{}/fo/scan/compliance/", version(order, PC_SCAN_LIST_VERSION)?),
        "compliance/",
    )
}
