//! A user, as Qualys lists it, and what operations on users report.

use exhibit_plugin::catalog::Field;
use exhibit_plugin::operation::OUTCOME;
use exhibit_plugin::types::{Kind, Row};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Column, Value, cell};
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::steps::Ending;
use crate::names::{Named, with_facts};
use crate::qualys::fo::whole::List;
use crate::qualys::reading::short;

/// Where users are added and changed.
pub(super) const CONTROL: &str = "/msp/user.php";

/// A user.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct User {
    /// Empty where the account may not see it.
    pub(super) login: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    pub(super) email: String,
    pub(super) external_id: String,
    pub(super) role: String,
    pub(super) unit: String,
    pub(super) status: String,
    /// Whether it is the point of contact of the subscription.
    pub(super) is_contact: bool,
}

impl User {
    /// Reads a `USER`.
    pub(super) fn read(user: &Element<'_>) -> Option<Self> {
        let text = |name| short(user.get(name).unwrap_or_default());
        let contact = user.child("CONTACT_INFO");
        let contact = |name| short(contact.and_then(|it| it.get(name)).unwrap_or_default());
        Some(Self {
            login: text("USER_LOGIN"),
            first_name: contact("FIRSTNAME"),
            last_name: contact("LASTNAME"),
            email: contact("EMAIL"),
            external_id: text("EXTERNAL_ID"),
            role: text("USER_ROLE"),
            unit: text("BUSINESS_UNIT"),
            status: text("USER_STATUS"),
            is_contact: user.get("MANAGER_POC") == Some("1"),
        })
    }

    /// The user's name and login, to begin a sentence with.
    pub(super) fn who(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        match (name.trim(), self.login.as_str()) {
            ("", login) => login.to_owned(),
            (name, "") => name.to_owned(),
            (name, login) => format!("{name} ({login})"),
        }
    }
}

impl Named for User {
    fn name(&self) -> &str {
        &self.login
    }

    fn keys(&self) -> Vec<&str> {
        vec![&self.email, &self.external_id]
    }

    fn in_words(&self) -> String {
        let name = format!("{} {}", self.first_name, self.last_name);
        let unit = if self.unit.is_empty() { String::new() } else { format!("business unit {}", self.unit) };
        with_facts(&self.login, [name.trim(), &self.role, &unit, &self.status])
    }
}

/// The list of all users.
pub(super) fn list() -> Call {
    Call::new("/msp/user_list.php", List { root: "USER_LIST_OUTPUT", record: "USER" }, [])
}

/// What an operation on a user has to report.
pub(super) struct UserReport<'a> {
    pub(super) user: &'a User,
    pub(super) ending: &'a Ending,
}

exhibit_plugin::columns_of!(type UserColumn, fn col(UserReport<'_>) -> Value);

#[rustfmt::skip]
const COLUMNS: [UserColumn; 10] = [
    col("username", "Username", Kind::Text, |it| known(&it.user.login)).personal()
        .help("Absent where the user was not found."),
    col(OUTCOME, "Outcome", Kind::Text, |it| Value::Text(it.ending.outcome.in_words().to_owned()))
        .help("done, not done or unknown: whether the request took effect."),
    col("first-name", "First Name", Kind::Text, |it| known(&it.user.first_name)).personal(),
    col("last-name", "Last Name", Kind::Text, |it| known(&it.user.last_name)).personal(),
    col("email", "Email Address", Kind::Text, |it| known(&it.user.email)).personal(),
    col("external-id", "External ID", Kind::Text, |it| known(&it.user.external_id)).personal(),
    col("roles", "Roles", Kind::Text, |it| known(&it.user.role)),
    col("business-unit", "Business Unit", Kind::Text, |it| known(&it.user.unit)),
    col("status", "Status", Kind::Text, |it| if it.ending.is_current { known(&it.user.status) } else { Value::Absent })
        .help("Active, Inactive or Pending Activation, as Qualys lists it after the request."),
    col("message", "Message", Kind::Text, |it| cell::text(Some(&it.ending.message))),
];

fn known(text: &str) -> Value {
    cell::text(Some(text).filter(|it| !it.is_empty()))
}

/// The columns of a report.
pub(super) fn fields() -> Vec<Field> {
    COLUMNS.iter().map(Column::field).collect()
}

/// What an account needs that adds or changes users.
pub(super) fn needs() -> Vec<String> {
    vec![
        "API access".to_owned(),
        "the role Manager, Administrator for all roles but Manager and Administrator, or Unit Manager for a single \
         business unit: Scanner, Reader and Auditor have no permission"
            .to_owned(),
    ]
}

impl UserReport<'_> {
    /// The row of the report.
    pub(super) fn row(&self) -> Row {
        COLUMNS.iter().map(|it| (it.cell)(self)).collect()
    }
}
