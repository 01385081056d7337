//! Web applications.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described};
use crate::qualys::blanked::{SIGN_INS, names};
use crate::qualys::qps::search::Search;
use crate::qualys::record::{Column, column, date};

pub(super) const LOOKUP: Lookup = Lookup { name: "web-applications", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 4] = [
    column("name", "Name", Kind::Text, |it| Ok(text(it.get("name")))),
    column("application-id", "Application ID", Kind::Integer, |it| integer(it.get("id"))),
    column("url", "Address", Kind::Text, |it| Ok(text(it.get("url")))),
    column("updated", "Updated", Kind::Instant, |it| date(it.get("updatedDate"))).hidden(),
];

fn describe() -> Described {
    let help = "The web applications that the account can see.";
    Described {
        needs: vec![
            "API access".to_owned(),
            "the WAS module, with access to the web applications".to_owned(),
        ],
        blanked: names(&[SIGN_INS]),
        ..described(LOOKUP.name, "Web applications", help, &COLUMNS, &["web-application"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Search::new(order, "/qps/rest/3.0/search/was/webapp", "WebApp", &COLUMNS)?))
}
