//! Asset groups.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::{Lookup, described, listing};
use crate::qualys::fo::listing::{Paging, parameters};
use crate::qualys::record::{Column, column, date};
use crate::qualys::settings::{ASSET_GROUP_VERSION, version};

pub(super) const LOOKUP: Lookup = Lookup { name: "asset-groups", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 5] = [
    column("title", "Title", Kind::Text, |it| Ok(text(it.get("TITLE")))),
    column("group-id", "Group ID", Kind::Integer, |it| integer(it.get("ID"))),
    column("impact", "Business Impact", Kind::Text, |it| Ok(text(it.get("BUSINESS_IMPACT")))),
    column("owner", "Owner", Kind::Text, |it| Ok(text(it.get("OWNER_USER_NAME")))).personal(),
    column("updated", "Updated", Kind::Instant, |it| date(it.get("LAST_UPDATE"))).hidden(),
];

fn describe() -> Described {
    let help = "The asset groups that the account can see.";
    described(LOOKUP.name, "Asset groups", help, &COLUMNS, &["asset-groups"])
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let path = format!("/api/{}/fo/asset/group/", version(order, ASSET_GROUP_VERSION)?);
    let mut listing = listing(order, path, "ASSET_GROUP_LIST_OUTPUT", "ASSET_GROUP", &COLUMNS)?;
    let attributes = "TITLE,OWNER_USER_NAME,LAST_UPDATE,BUSINESS_IMPACT";
    listing.parameters =
        parameters([("action", "list"), ("truncation_limit", "1000"), ("show_attributes", attributes)]);
    listing.paging = Paging::IdMin;
    listing.empty_marker = Some("DATETIME");
    Ok(Box::new(listing))
}
