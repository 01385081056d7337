//! Scanner appliances.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described, listing};
use crate::qualys::blanked::{APPLIANCES, names};
use crate::qualys::fo::listing::parameters;
use crate::qualys::record::{Column, column};

pub(super) const LOOKUP: Lookup = Lookup { name: "scanners", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 7] = [
    column("name", "Name", Kind::Text, |it| Ok(text(it.get("NAME")))),
    column("scanner-id", "Scanner ID", Kind::Integer, |it| integer(it.get("ID"))),
    column("status", "Status", Kind::Text, |it| Ok(text(it.get("STATUS"))))
        .help("Online or Offline."),
    column("type", "Type", Kind::Text, |it| Ok(text(it.get("TYPE")))),
    column("scans", "Scans Running", Kind::Integer, |it| integer(it.get("RUNNING_SCAN_COUNT"))),
    column("region", "Region", Kind::Text, |it| Ok(text(it.at(&["CLOUD_INFO", "EC2_INFO", "INSTANCE_REGION"]))))
        .help("The AWS region of an appliance that runs there."),
    column("vpc", "VPC", Kind::Text, |it| Ok(text(it.at(&["CLOUD_INFO", "EC2_INFO", "INSTANCE_VPC_ID"])))).hidden(),
];

fn describe() -> Described {
    let help = "The scanner appliances that the account can see. The scanners of Qualys in the Internet are not listed: name \
                External for them.";
    Described {
        blanked: names(&[APPLIANCES]),
        ..described(LOOKUP.name, "Scanner appliances", help, &COLUMNS, &["scanner"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let mut listing =
        listing(order, "/api/2.0/fo/appliance/".to_owned(), "APPLIANCE_LIST_OUTPUT", "APPLIANCE", &COLUMNS)?;
    listing.parameters =
        parameters([("action", "list"), ("output_mode", "full"), ("include_cloud_info", "1")]);
    listing.empty_marker = Some("DATETIME");
    Ok(Box::new(listing))
}
