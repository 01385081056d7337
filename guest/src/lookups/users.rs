//! Users.

use exhibit_plugin::catalog::Lookup as Described;
use exhibit_plugin::cell::text;
use exhibit_plugin::session::Order;
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Source};

use super::{Lookup, described, listing};
use crate::qualys::record::{Column, column};

pub(super) const LOOKUP: Lookup = Lookup { name: "users", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 7] = [
    column("username", "Username", Kind::Text, |it| Ok(text(it.get("USER_LOGIN")))).personal(),
    column("first-name", "First Name", Kind::Text, |it| Ok(text(it.at(&["CONTACT_INFO", "FIRSTNAME"])))).personal(),
    column("last-name", "Last Name", Kind::Text, |it| Ok(text(it.at(&["CONTACT_INFO", "LASTNAME"])))).personal(),
    column("email", "Email Address", Kind::Text, |it| Ok(text(it.at(&["CONTACT_INFO", "EMAIL"])))).personal(),
    column("roles", "Roles", Kind::Text, |it| Ok(text(it.get("USER_ROLE")))),
    column("business-unit", "Business Unit", Kind::Text, |it| Ok(text(it.get("BUSINESS_UNIT")))),
    column("status", "Status", Kind::Text, |it| Ok(text(it.get("USER_STATUS")))),
];

fn describe() -> Described {
    let help = "The users that the account can see, by their user names.";
    described(LOOKUP.name, "Users", help, &COLUMNS, &["user"])
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let mut listing = listing(order, "/msp/user_list.php".to_owned(), "USER_LIST_OUTPUT", "USER", &COLUMNS)?;
    listing.identity = |it| it.get("USER_LOGIN").filter(|it| !it.is_empty());
    Ok(Box::new(listing))
}
