//! What activating and deactivating a user have in common.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Row;
use exhibit_plugin::{Assignment, Error, Procedure};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::flow;
use super::parameters;
use super::steps::{Ending, Seen, Sight, Steps};
use super::user::{self, CONTROL, User, UserReport};
use crate::names::{What, choose};
use crate::qualys::reading::{Accepted, Stop};

const ACTIVE: &str = "Active";
const INACTIVE: &str = "Inactive";

#[derive(Serialize, Deserialize)]
struct UserStatus {
    activates: bool,
    wanted: String,
    /// The user before.
    found: Option<User>,
    seen: Option<User>,
}

/// How such an operation is described.
pub(super) fn describe(name: &str, label: &str, help: &str) -> catalog::Operation {
    catalog::Operation {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        parameters: vec![
            Parameter::text("user", "User", "The user name, the e-mail address or the external ID.")
                .required(),
        ],
        fields: user::fields(),
        confirm: "user".to_owned(),
        needs: user::needs(),
        blanked: Vec::new(),
    }
}

/// Carries it out.
pub(super) fn open(
    assignment: &Assignment,
    saved: Option<&str>,
    activates: bool,
) -> Result<Box<dyn Procedure>, Error> {
    flow::open(assignment, saved, None, |assignment| {
        let wanted = parameters::required(&assignment.parameters, "user")?.to_owned();
        Ok(UserStatus { activates, wanted, found: None, seen: None })
    })
}

impl UserStatus {
    fn status_before(&self) -> &'static str {
        if self.activates { INACTIVE } else { ACTIVE }
    }

    fn status_after(&self) -> &'static str {
        if self.activates { ACTIVE } else { INACTIVE }
    }

    fn verb(&self) -> &'static str {
        if self.activates { "activate" } else { "deactivate" }
    }
}

impl Steps for UserStatus {
    fn question(&self) -> Option<Call> {
        self.found.is_none().then(user::list)
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let users = reply.records(|it| User::read(it).filter(|it| !it.login.is_empty()))?.records;
        let what = What { one: "user", parameter: "user" };
        let user = choose(what, &self.wanted, &users)?.one;
        if !user.status.eq_ignore_ascii_case(self.status_before()) {
            let message = format!("{} cannot be {}d: the status is {}", user.login, self.verb(), user.status);
            return Err(invalid(message)
                .remedy(format!(
                    "only a user with the status {} can; one that is pending has to sign in first, or is removed in the console",
                    self.status_before()
                ))
                .about("user")
                .into());
        }
        self.found = Some(user.clone());
        Ok(())
    }

    fn write(&self) -> Write {
        let verb = self.verb();
        let mut form = vec![("action".to_owned(), verb.to_owned())];
        let mut details = Vec::new();
        if let Some(user) = &self.found {
            form.push(("login".to_owned(), user.login.clone()));
            let name = format!("{} {}", user.first_name, user.last_name);
            let contact = if user.is_contact {
                "yes: Qualys may refuse to deactivate the contact of the subscription"
            } else {
                ""
            };
            for (label, text) in [
                ("User name", user.login.as_str()),
                ("Name", name.trim()),
                ("E-mail address", &user.email),
                ("Role", &user.role),
                ("Business unit", &user.unit),
                ("Status", &user.status),
                ("Contact", contact),
            ] {
                if !text.is_empty() {
                    details.push((label.to_owned(), text.to_owned()));
                }
            }
        }
        let summary = if self.activates {
            "Activates a user, who can sign in again."
        } else {
            "Deactivates a user, who can no longer sign in. The settings of the account stay."
        };
        Write::form(CONTROL, form, Change { summary: summary.to_owned(), details })
    }

    fn accepted(&mut self, _: Accepted) {}

    fn look(&self) -> Call {
        user::list()
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let login = self.found.as_ref().map(|it| it.login.as_str());
        let users = reply.records(|it| User::read(it).filter(|it| Some(it.login.as_str()) == login))?;
        let Some(user) = users.records.into_iter().next() else {
            return Ok(Sight { seen: Seen::NotYet, at: users.at });
        };
        let is_done = user.status.eq_ignore_ascii_case(self.status_after());
        self.seen = Some(user);
        Ok(Sight { seen: if is_done { Seen::Done } else { Seen::NotYet }, at: users.at })
    }

    fn shown(&self) -> Option<String> {
        self.seen.as_ref().map(|it| format!("the status of the user is {}", it.status))
    }

    fn done(&self) -> String {
        let nothing = User::default();
        let user = self.seen.as_ref().or(self.found.as_ref()).unwrap_or(&nothing);
        format!("{} was {}d, and the status is {}", user.who(), self.verb(), user.status)
    }

    fn where_to_look(&self) -> String {
        let login = self.found.as_ref().map(|it| it.login.as_str()).unwrap_or_default();
        format!("look in the console, in the list of users, at {login}")
    }

    fn row(&self, ending: &Ending) -> Row {
        let nothing = User::default();
        let user = self.seen.as_ref().or(self.found.as_ref()).unwrap_or(&nothing);
        UserReport { user, ending }.row()
    }
}
