//! What can be collected: one file a proof type, with its request, its columns, and
//! how each cell is read; and one line in [`ALL`].

mod assets;
mod certificates;
mod detections;
mod entering;
mod pc_scans;
mod proof;
mod scan_schedules;
mod scans;
#[cfg(test)]
mod tests;
mod tickets;
mod users;
mod vm_scans;
mod was_scans;

use exhibit_plugin::catalog::Inventory;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

pub use proof::Proof;

/// All proof types, in the order in which people see them.
#[rustfmt::skip]
pub const ALL: &[Proof] = &[
    assets::PROOF,
    users::PROOF,
    vm_scans::PROOF,
    pc_scans::PROOF,
    tickets::PROOF,
    was_scans::PROOF,
    certificates::PROOF,
    detections::PROOF,
    scan_schedules::PROOF,
];

/// What rows are kept as beyond a collection: certificates.
pub fn inventory() -> Inventory {
    certificates::inventory()
}

/// Begins the collection of an order's proof type.
///
/// # Errors
/// `invalid` where the order cannot be asked of Qualys.
pub fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let name = order.proof_type.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(proof) => (proof.open)(order),
        None => Err(invalid(format!("unknown proof type {name:?}")).about(name)),
    }
}
