//! Asset tags.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described};
use crate::qualys::qps::search::Search;
use crate::qualys::record::{Column, column, date};

pub(super) const LOOKUP: Lookup = Lookup { name: "tags", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 4] = [
    column("name", "Name", Kind::Text, |it| Ok(text(it.get("name")))),
    column("tag-id", "Tag ID", Kind::Integer, |it| integer(it.get("id"))),
    column("rule", "Rule", Kind::Text, |it| Ok(text(it.get("ruleType"))))
        .help("How assets get the tag, such as STATIC, CLOUD_ASSET or NETWORK_RANGE."),
    column("created", "Created", Kind::Instant, |it| date(it.get("created"))).hidden(),
];

fn describe() -> Described {
    let help = "The asset tags of the subscription.";
    Described {
        needs: vec!["API access".to_owned(), "permission to read asset tags".to_owned()],
        ..described(LOOKUP.name, "Asset tags", help, &COLUMNS, &["tags"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Search::new(order, "/qps/rest/2.0/search/am/tag", "Tag", &COLUMNS)?))
}
