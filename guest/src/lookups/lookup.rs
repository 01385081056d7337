//! What a lookup is, to the plugin and to people.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::session::Order;
use exhibit_plugin::{Error, Source};

use crate::qualys::fo::listing::{ALL_SELECTED, Listing, Paging};
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

/// A lookup with these columns, whose first one is the value; `parameters` take it.
pub(super) fn described(
    name: &str,
    label: &str,
    help: &str,
    columns: &[Column],
    parameters: &[&str],
) -> Described {
    Described {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        fields: columns.iter().map(Column::field).collect(),
        value: columns.first().map(|it| it.name.to_owned()).unwrap_or_default(),
        parameters: parameters.iter().map(|it| (*it).to_owned()).collect(),
        criteria: Vec::new(),
        needs: vec!["API access".to_owned()],
        blanked: Vec::new(),
    }
}

/// A list of the older kind: all in one answer.
pub(super) fn listing(
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
        changes: None,
        selected: ALL_SELECTED,
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    })
}
