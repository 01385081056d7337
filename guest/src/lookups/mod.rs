//! What can be listed at Qualys to choose values from: one file a lookup, and one line in [`ALL`].

mod asset_groups;
mod connectors;
mod lookup;
mod option_profiles;
mod scanners;
mod tags;
#[cfg(test)]
mod tests;
mod users;
mod was_option_profiles;
mod web_applications;

use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

pub use lookup::Lookup;

/// All lookups, in the order in which people see them.
#[rustfmt::skip]
pub const ALL: &[Lookup] = &[
    scanners::LOOKUP,
    option_profiles::LOOKUP,
    asset_groups::LOOKUP,
    users::LOOKUP,
    tags::LOOKUP,
    connectors::LOOKUP,
    web_applications::LOOKUP,
    was_option_profiles::LOOKUP,
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
