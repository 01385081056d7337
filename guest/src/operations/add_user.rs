//! Adds a user. Qualys sends the new user an e-mail with a link to sign in; no password is ever shown or read.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Row;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Assignment, Error, Procedure, Value};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::flow;
use super::found::{Found, check_name_is_enough};
use super::launch::{GROUP_ATTRIBUTES, all_groups, group_owner};
use super::operation::Operation;
use super::parameters;
use super::rights::Right;
use super::steps::{Ending, Seen, Sight, Steps};
use super::user::{self, CONTROL, User, UserReport};
use crate::names::{Named as _, What, choose, listed, nearest};
use crate::qualys::blanked::{NEW_USERS, names};
use crate::qualys::reading::{Accepted, Stop};
use crate::qualys::settings::{ASSET_GROUP_VERSION, version_of};

pub(super) const OPERATION: Operation = Operation { name: "add-user", describe, right: Right::Users, open };

const UNASSIGNED: &str = "Unassigned";
/// A contact cannot sign in, so that no e-mail about signing in is sent.
const CONTACT: &str = "contact";
/// The roles that the API can give, and what a person reads.
const ROLES: [(&str, &str); 6] = [
    ("manager", "Manager"),
    ("unit_manager", "Unit Manager"),
    ("scanner", "Scanner"),
    ("reader", "Reader"),
    (CONTACT, "Contact"),
    ("administrator", "Administrator"),
];
/// The roles that can be given asset groups.
const ROLES_WITH_GROUPS: [&str; 3] = ["scanner", "reader", CONTACT];
/// The countries for which Qualys wants a state.
const COUNTRIES_WITH_STATES: [&str; 4] = ["United States of America", "Australia", "Canada", "India"];

/// A parameter that is sent as it is: its name, what Qualys calls it, its label, what it is, and whether Qualys wants it.
struct Plain {
    name: &'static str,
    sent_as: &'static str,
    label: &'static str,
    help: &'static str,
    required: bool,
}

const fn plain(name: &'static str, sent_as: &'static str, label: &'static str, help: &'static str) -> Plain {
    Plain { name, sent_as, label, help, required: true }
}

const fn optional(it: Plain) -> Plain {
    Plain { required: false, ..it }
}

#[rustfmt::skip]
const PLAIN: [Plain; 14] = [
    plain("first-name", "first_name", "First name", "The first name."),
    plain("last-name", "last_name", "Last name", "The last name."),
    plain("title", "title", "Job title", "The job title."),
    plain("email", "email", "E-mail address", "Where Qualys sends the link to sign in for the first time."),
    plain("phone", "phone", "Phone", "The phone number."),
    plain("address", "address1", "Address", "Street and number."),
    plain("city", "city", "City", "The city."),
    plain("country", "country", "Country", "The full name of the country, in English, such as United States of America."),
    optional(plain("state", "state", "State", "The full name of the state. Needed for the United States of America, Australia, Canada and India.")),
    optional(plain("address-2", "address2", "Address, second line", "The second line of the address.")),
    optional(plain("zip-code", "zip_code", "Postal code", "The postal code. It is that of the collecting account where none is given.")),
    optional(plain("fax", "fax", "Fax", "The fax number.")),
    optional(plain("external-id", "external_id", "External ID", "An ID of your own, of up to 256 characters. No other user may have it.")),
    optional(plain("time-zone", "time_zone_code", "Time zone", "A time zone code of Qualys, such as US-NY. It is that of the browser where none is given.")),
];

fn describe() -> catalog::Operation {
    let mut parameters: Vec<Parameter> = PLAIN
        .iter()
        .map(|it| Parameter { required: it.required, ..Parameter::text(it.name, it.label, it.help) })
        .collect();
    parameters.extend([
        Parameter::text("role", "Role", "The role. The API can give no other one.").required().choices(ROLES),
        Parameter::text("business-unit", "Business unit", "The title of the business unit.")
            .default(Value::Text(UNASSIGNED.to_owned())),
        Parameter::texts(
            "asset-groups",
            "Asset groups",
            "Titles of asset groups that the user may see; only for the roles scanner, reader and contact.",
        ),
    ]);
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Add a user".to_owned(),
        help: "Adds a user, who gets access to the console and to the API. Qualys sends the user an e-mail with a link that \
               works once; no password is shown."
            .to_owned(),
        parameters,
        fields: user::fields(),
        confirm: "email".to_owned(),
        needs: user::needs(),
        blanked: names(&[NEW_USERS]),
    }
}

#[derive(Serialize, Deserialize)]
struct AddUser {
    /// What is sent as a person gave it.
    plain: Vec<(String, String)>,
    role: String,
    unit: String,
    /// Units of which a user is listed, the nearest first, where the one that is meant is not among them.
    other_units: Option<Vec<String>>,
    groups: Vec<String>,
    groups_path: String,
    has_groups: bool,
    has_users: bool,
    email: String,
    external_id: String,
    seen: Option<User>,
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    flow::open(assignment, saved, None, |assignment| {
        let given = &assignment.parameters;
        let mut plain = Vec::new();
        for it in &PLAIN {
            if let Some(text) = parameters::text(given, it.name)? {
                plain.push((it.sent_as.to_owned(), text.to_owned()));
            }
        }
        let value = |name: &str| plain.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
        let role = parameters::required(given, "role")?.to_owned();
        let groups = parameters::texts(given, "asset-groups")?;
        if !groups.is_empty() && !ROLES_WITH_GROUPS.contains(&role.as_str()) {
            return Err(
                invalid(format!("the role {role:?} cannot be given asset groups")).about("asset-groups")
            );
        }
        let country = value("country").unwrap_or_default();
        let wants_state = COUNTRIES_WITH_STATES.iter().any(|it| it.eq_ignore_ascii_case(&country));
        if wants_state && value("state").is_none() {
            return Err(invalid(format!("for {country} Qualys wants the state, too")).about("state"));
        }
        let email = value("email").unwrap_or_default();
        if !email.contains('@') {
            return Err(invalid(format!("{email:?} is no e-mail address")).about("email"));
        }
        let version = version_of(&assignment.settings, ASSET_GROUP_VERSION)?;
        Ok(AddUser {
            role,
            unit: parameters::text(given, "business-unit")?.unwrap_or(UNASSIGNED).to_owned(),
            other_units: None,
            has_groups: groups.is_empty(),
            groups,
            groups_path: format!("/api/{version}/fo/asset/group/"),
            has_users: false,
            email,
            external_id: value("external_id").unwrap_or_default(),
            seen: None,
            plain,
        })
    })
}

impl AddUser {
    /// Whether a listed user is the one that is to be added.
    fn is_it(&self, user: &User) -> bool {
        let same_id = !self.external_id.is_empty() && user.external_id == self.external_id;
        same_id || user.email.eq_ignore_ascii_case(&self.email)
    }

    fn learn_users(&mut self, users: &[User]) -> Result<(), Error> {
        if let Some(user) = users.iter().find(|it| self.is_it(it)) {
            let (what, about) = if user.email.eq_ignore_ascii_case(&self.email) {
                ("e-mail address", "email")
            } else {
                ("external ID", "external-id")
            };
            return Err(invalid(format!("a user with this {what} is there already: {}", user.in_words()))
                .about(about));
        }
        let mut units: Vec<&str> =
            users.iter().map(|it| it.unit.as_str()).filter(|it| !it.is_empty()).collect();
        units.push(UNASSIGNED);
        units.sort_unstable();
        units.dedup();
        // No list has the units: one without a user that the account sees is not known to be wrong.
        let is_similar = units.iter().any(|it| it.eq_ignore_ascii_case(&self.unit));
        if is_similar {
            let what = What { one: "business unit", parameter: "business-unit" };
            self.unit = (*choose(what, &self.unit, &units)?.one).to_owned();
        } else {
            self.other_units =
                Some(nearest(&self.unit, &units, |it| it).into_iter().map(|it| (*it).to_owned()).collect());
        }
        self.has_users = true;
        Ok(())
    }

    /// The new user, as far as it is known without Qualys.
    fn asked(&self) -> User {
        let value = |name: &str| self.plain.iter().find(|(it, _)| it == name).map(|(_, it)| it.clone());
        User {
            first_name: value("first_name").unwrap_or_default(),
            last_name: value("last_name").unwrap_or_default(),
            email: self.email.clone(),
            external_id: self.external_id.clone(),
            role: label(&self.role).to_owned(),
            unit: self.unit.clone(),
            ..User::default()
        }
    }
}

fn label(role: &str) -> &str {
    ROLES.iter().find(|(it, _)| *it == role).map_or(role, |(_, label)| label)
}

impl Steps for AddUser {
    fn question(&self) -> Option<Call> {
        if !self.has_users {
            return Some(user::list());
        }
        (!self.has_groups).then(|| all_groups(&self.groups_path, GROUP_ATTRIBUTES))
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        if !self.has_users {
            let users = reply.records(User::read)?.records;
            return Ok(self.learn_users(&users)?);
        }
        let read = |it: &Element<'_>| {
            let title = it.get("TITLE").filter(|it| !it.is_empty())?;
            Some(Found::new(title, it.get("ID").unwrap_or_default(), group_owner(it)))
        };
        let all = reply.records(read)?.records;
        let what = What { one: "asset group", parameter: "asset-groups" };
        for group in &mut self.groups {
            let found = Found::choose(what, group, &all)?;
            check_name_is_enough(what, &found, &all)?;
            *group = found.name;
        }
        self.has_groups = true;
        Ok(())
    }

    fn write(&self) -> Write {
        let mut details = Vec::new();
        for it in &PLAIN {
            if let Some((_, text)) = self.plain.iter().find(|(name, _)| name == it.sent_as) {
                details.push((it.label.to_owned(), text.clone()));
            }
        }
        let mut add = |label: &str, text: String| details.push((label.to_owned(), text));
        add("Role", label(&self.role).to_owned());
        let unchecked = self.other_units.as_ref().map(|units| {
            let units = listed(units.iter().cloned());
            format!(
                " (no user of it is listed: Qualys refuses what it does not know; units of users: {units})"
            )
        });
        add("Business unit", format!("{}{}", self.unit, unchecked.unwrap_or_default()));
        if !self.groups.is_empty() {
            add("Asset groups", self.groups.join(", "));
        }
        let mut form = vec![("action".to_owned(), "add".to_owned())];
        form.extend(self.plain.iter().cloned());
        form.push(("user_role".to_owned(), self.role.clone()));
        form.push(("business_unit".to_owned(), self.unit.clone()));
        if !self.groups.is_empty() {
            form.push(("asset_groups".to_owned(), self.groups.join(",")));
        }
        if self.role == CONTACT {
            add("Access", "none: a contact cannot sign in".to_owned());
        } else {
            add("Access", "console and API".to_owned());
            add("E-mail", format!("Qualys sends a link to sign in to {}", self.email));
            // Otherwise the answer would have the password.
            form.push(("send_email".to_owned(), "1".to_owned()));
        }
        Write::form(CONTROL, form, Change { summary: "Adds a user to the subscription.".to_owned(), details })
    }

    fn accepted(&mut self, _: Accepted) {}

    fn look(&self) -> Call {
        user::list()
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let users = reply.records(|it| User::read(it).filter(|it| self.is_it(it)))?;
        let seen = users.records.into_iter().next();
        let sight = Sight { seen: if seen.is_some() { Seen::Done } else { Seen::NotYet }, at: users.at };
        self.seen = seen;
        Ok(sight)
    }

    fn done(&self) -> String {
        let asked = self.asked();
        let user = self.seen.as_ref().unwrap_or(&asked);
        let mail = if self.role == CONTACT {
            String::new()
        } else {
            format!("; Qualys sends a link to sign in to {}", user.email)
        };
        format!("{} was added as {} of the business unit {}{mail}", user.who(), user.role, user.unit)
    }

    fn where_to_look(&self) -> String {
        format!(
            "look in the console, in the list of users, for {}, before the user is added again",
            self.email
        )
    }

    fn row(&self, ending: &Ending) -> Row {
        let asked = self.asked();
        UserReport { user: self.seen.as_ref().unwrap_or(&asked), ending }.row()
    }
}
