//! Criteria that a record comes to meet without being updated: changes would leave it out, and all proofs together would lack what a
//! whole list has.

use exhibit_plugin::Error;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;

/// Refuses such a criterion where changes are asked for. `what`: how a record comes to meet it.
pub(super) fn refuse(order: &Order, criterion: &'static str, what: &str) -> Result<(), Error> {
    let is_given = !order.criteria.texts(criterion).is_empty() || order.criteria.text(criterion).is_some();
    if order.since.is_none() || !is_given {
        return Ok(());
    }
    let message = format!("the criterion {criterion:?} and changes exclude each other: {what}");
    Err(invalid(message).remedy("collect changes without it, or the whole list with it").about(criterion))
}

/// How a host comes to meet a criterion that people and rules change.
pub(super) const TAGGED: &str = "a host is given a tag without being scanned";
/// The same.
pub(super) const GROUPED: &str = "a host is moved to an asset group without being scanned";
