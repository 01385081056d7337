//! AWS connectors.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{boolean, integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described};
use crate::qualys::blanked::{CONNECTORS, names};
use crate::qualys::qps::search::Search;
use crate::qualys::record::{Column, column, date};

pub(super) const LOOKUP: Lookup = Lookup { name: "connectors", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 6] = [
    column("name", "Name", Kind::Text, |it| Ok(text(it.get("name")))),
    column("connector-id", "Connector ID", Kind::Integer, |it| integer(it.get("id"))),
    column("state", "State", Kind::Text, |it| Ok(text(it.get("connectorState")))),
    column("disabled", "Disabled", Kind::Boolean, |it| boolean(it.get("disabled"))),
    column("account", "AWS Account", Kind::Text, |it| Ok(text(it.get("awsAccountId")))),
    column("synchronized", "Last Synchronized", Kind::Instant, |it| date(it.get("lastSync"))),
];

fn describe() -> Described {
    let help = "The AWS connectors of the subscription.";
    Described {
        needs: vec!["API access".to_owned(), "the role Manager, with full scope".to_owned()],
        blanked: names(&[CONNECTORS]),
        ..described(LOOKUP.name, "AWS connectors", help, &COLUMNS, &["connector"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Search::new(
        order,
        "/qps/rest/3.0/search/am/awsassetdataconnector",
        "AwsAssetDataConnector",
        &COLUMNS,
    )?))
}
