//! List of VM Scans: which vulnerability scans were launched, and their status.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

use super::proof::{Proof, proof_type};
use super::scans;
use crate::qualys::settings::{SCAN_LIST_VERSION, version};

pub(super) const PROOF: Proof = Proof { name: "vm-scans", describe, open };

fn describe() -> ProofType {
    let help = "The vulnerability scans launched in the window that the collecting account can see. Deleted scans are \
                not included.";
    ProofType {
        criteria: scans::criteria(),
        window: scans::window(),
        needs: vec!["API access".to_owned(), "the VM module".to_owned()],
        link: scans::link(),
        suggested: scans::suggested(),
        ..proof_type("vm-scans", "List of VM Scans", help, scans::fields(), &["reference"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    scans::open(order, format!("/api/{}/fo/scan/", version(order, SCAN_LIST_VERSION)?), "scan/")
}
