//! What can be collected: one file a proof type, with its request, its columns, and
//! how each cell is read.

mod assets;
mod pc_scans;
mod scans;
#[cfg(test)]
mod tests;
mod tickets;
mod users;
mod vm_scans;

use exhibit_plugin::Error;
use exhibit_plugin::catalog::{Link, ProofType};
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;

use crate::qualys::Column;
use crate::qualys::listing::Listing;
use crate::qualys::platforms::API;

/// A proof type: what it is, and how it is collected.
pub struct Proof {
    /// Its name.
    pub name: &'static str,
    /// What people and hosts are told of it.
    pub describe: fn() -> ProofType,
    /// What is asked for such an order.
    pub listing: fn(&Order) -> Result<Listing, Error>,
}

/// All of them, in the order in which people see them.
pub const ALL: [Proof; 5] = [assets::PROOF, users::PROOF, vm_scans::PROOF, pc_scans::PROOF, tickets::PROOF];

/// What is asked for an order of any proof type.
pub fn listing(order: &Order) -> Result<Listing, Error> {
    let name = order.proof_type.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(proof) => (proof.listing)(order),
        None => Err(invalid(format!("there is no proof type {name:?}")).about(name)),
    }
}

/// A proof type with these columns; the rest is filled in by whoever calls.
fn proof_type(name: &str, label: &str, help: &str, columns: &[Column], key: &[&str]) -> ProofType {
    ProofType {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        fields: columns.iter().map(Column::field).collect(),
        key: key.iter().map(|it| (*it).to_owned()).collect(),
        criteria: Vec::new(),
        window: None,
        needs: Vec::new(),
        link: None,
        schedule: "0 6 * * 1".to_owned(),
        suggested: Vec::new(),
    }
}

/// A page of the console, and how it differs from the proof.
fn console(path: &str, note: &str) -> Option<Link> {
    Some(Link { origin: API.to_owned(), path: path.to_owned(), note: Some(note.to_owned()) })
}

/// Whether Qualys counts an edge of a window in is not documented: so a second more is
/// asked for at either, and what lies outside is left out here.
const EDGE_MILLIS: i64 = 1_000;

/// API calls an hour that are left to others.
fn reserve(order: &Order) -> Result<u32, Error> {
    let reserve = order.settings.integer("quota-reserve").unwrap_or(0);
    u32::try_from(reserve).map_err(|_| {
        invalid("the setting \"quota-reserve\" must be a number of calls, 0 or more").about("quota-reserve")
    })
}

/// An API version out of the settings, fit to stand in a path.
fn version<'a>(order: &'a Order, setting: &str) -> Result<&'a str, Error> {
    let version = order.settings.text(setting).unwrap_or_default();
    let number = |it: &str| (1..=3).contains(&it.len()) && it.bytes().all(|it| it.is_ascii_digit());
    if version.split('.').count() == 2 && version.split('.').all(number) {
        Ok(version)
    } else {
        Err(invalid(format!("the setting {setting:?} must be a version such as 2.0")).about(setting))
    }
}

/// Adds what a criterion says, as Qualys' parameter of another name, with commas.
fn narrow(listing: &mut Listing, order: &Order, criterion: &str, parameter: &str) -> Result<(), Error> {
    let texts = order.criteria.texts(criterion);
    if let Some(text) = texts.iter().find(|it| it.is_empty() || it.contains(',')) {
        let message = format!(
            "the criterion {criterion:?} cannot be {text:?}: Qualys takes no empty one, and commas divide them"
        );
        return Err(invalid(message).about(criterion));
    }
    if !texts.is_empty() {
        listing.parameters.push((parameter.to_owned(), texts.join(",")));
    }
    Ok(())
}
