//! Option profiles of VM scans.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::{boolean, integer, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::lookup::{Lookup, described, listing};
use crate::qualys::blanked::{self, names};
use crate::qualys::fo::listing::parameters;
use crate::qualys::record::{Column, column, date};
use crate::qualys::settings::{OPTION_PROFILE_VERSION, version};

pub(super) const LOOKUP: Lookup = Lookup { name: "option-profiles", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 6] = [
    column("title", "Title", Kind::Text, |it| Ok(text(it.get("GROUP_NAME")))),
    column("profile-id", "Profile ID", Kind::Integer, |it| integer(it.get("ID"))),
    column("type", "Type", Kind::Text, |it| Ok(text(it.get("GROUP_TYPE")))),
    column("default", "Default", Kind::Boolean, |it| boolean(it.get("IS_DEFAULT"))),
    column("global", "Global", Kind::Boolean, |it| boolean(it.get("IS_GLOBAL"))).hidden(),
    column("updated", "Updated", Kind::Instant, |it| date(it.get("UPDATE_DATE"))).hidden(),
];

fn describe() -> Described {
    let help = "The option profiles for VM scans that the account can see, by their titles; nothing of what is set in them.";
    Described {
        blanked: names(&[blanked::OPTION_PROFILES]),
        ..described(LOOKUP.name, "Option profiles", help, &COLUMNS, &["option-profile"])
    }
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let version = version(order, OPTION_PROFILE_VERSION)?;
    let path = format!("/api/{version}/fo/subscription/option_profile/vm/");
    let mut listing = listing(order, path, "OPTION_PROFILES", "BASIC_INFO", &COLUMNS)?;
    listing.parameters = parameters([("action", "list")]);
    Ok(Box::new(listing))
}
