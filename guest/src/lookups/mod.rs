//! What can be listed at Qualys to choose values from: one file a lookup, and one line in [`ALL`].

mod asset_groups;
mod option_profiles;
mod scanners;
#[cfg(test)]
mod tests;
mod users;

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

use crate::qualys::fo::listing::{Listing, Paging};
use crate::qualys::record::Column;
use crate::qualys::settings::reserve;

/// A lookup: what it is, and how it is listed.
pub struct Lookup {
    /// Its name.
    pub name: &'static str,
    /// How it is described to people and to hosts.
    pub describe: fn() -> Described,
    /// What lists it.
    pub open: fn(&Order) -> Result<Box<dyn Source>, Error>,
}

/// All lookups, in the order in which people see them.
#[rustfmt::skip]
pub const ALL: &[Lookup] = &[
    scanners::LOOKUP,
    option_profiles::LOOKUP,
    asset_groups::LOOKUP,
    users::LOOKUP,
];

/// Begins the lookup of an order.
///
/// # Errors
/// `invalid` where the order cannot be asked of Qualys.
pub fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let name = order.proof_type.name.as_str();
    match ALL.iter().find(|it| it.name == name) {
        Some(lookup) => (lookup.open)(order),
        None => Err(invalid(format!("unknown lookup {name:?}")).about(name)),
    }
}

/// A lookup with these columns, whose first one is the value; `parameters` take it.
fn described(name: &str, label: &str, help: &str, columns: &[Column], parameters: &[&str]) -> Described {
    Described {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        fields: columns.iter().map(Column::field).collect(),
        value: columns.first().map(|it| it.name.to_owned()).unwrap_or_default(),
        parameters: parameters.iter().map(|it| (*it).to_owned()).collect(),
        criteria: Vec::new(),
        needs: vec!["API access".to_owned()],
    }
}

/// A list of the older kind: all in one answer.
fn listing(
    order: &Order,
    path: String,
    root: &'static str,
    record: &'static str,
    columns: &'static [Column],
) -> Result<Listing, Error> {
    Ok(Listing {
        path,
        parameters: Vec::new(),
        root,
        record,
        empty_marker: None,
        paging: Paging::Whole,
        columns,
        identity: |it| it.get("ID"),
        remark: |_, _| {},
        notes: Vec::new(),
        prefix: None,
        window_filter: None,
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    })
}
