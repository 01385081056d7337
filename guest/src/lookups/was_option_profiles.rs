//! Option profiles of web application scans.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described};
use crate::qualys::blanked::{SIGN_INS, names};
use crate::qualys::qps::search::Search;
use crate::qualys::record::{Column, column};

pub(super) const LOOKUP: Lookup = Lookup { name: "was-option-profiles", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 2] = [
    column("name", "Name", Kind::Text, |it| Ok(text(it.get("name")))),
    column("profile-id", "Profile ID", Kind::Integer, |it| integer(it.get("id"))),
];

fn describe() -> Described {
    let help = "The option profiles for web application scans that the account can see.";
    Described {
        needs: vec!["API access".to_owned(), "the WAS module".to_owned()],
        blanked: names(&[SIGN_INS]),
        ..described(LOOKUP.name, "WAS option profiles", help, &COLUMNS, &["was-option-profile"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Search::new(order, "/qps/rest/3.0/search/was/optionprofile", "OptionProfile", &COLUMNS)?))
}
