//! `/msp/user.php`: adds users, and switches them on and off.

use crate::{
    account::{Role, UNIT},
    changes::AddedUser,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
    users, written,
};

pub(crate) const DOCUMENT: Document = Document { root: "USER_OUTPUT", dtd: "user_output.dtd" };

const REQUIRED: [&str; 9] = [
    "user_role",
    "business_unit",
    "first_name",
    "last_name",
    "title",
    "email",
    "address1",
    "city",
    "country",
];

const OPTIONAL: [&str; 9] = [
    "phone",
    "state",
    "asset_groups",
    "fax",
    "address2",
    "zip_code",
    "external_id",
    "send_email",
    "time_zone_code",
];

const ROLES: [&str; 6] = ["manager", "unit_manager", "scanner", "reader", "contact", "administrator"];

/// The roles of those whom a User Administrator may not manage, as the API and as the list call them.
const PRIVILEGED: [&str; 4] = ["manager", "administrator", "Manager", "User Administrator"];

/// The words of this refusal are published nowhere.
const NOT_AUTHORIZED: &str = "You are not authorized to manage this user.";

const UNITS: [&str; 3] = ["Unassigned", "Retail & Stores", "Labs"];

const WITH_STATE: [&str; 4] = ["United States of America", "Australia", "Canada", "India"];

/// Adds or changes a user.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    match question.call.parameter("action") {
        Some("add") => add(question),
        Some("activate") => switch(question, true),
        Some("deactivate") => switch(question, false),
        Some(other) => Err(Refusal::bad_value("action", other)),
        None => Err(Refusal::missing("action")),
    }
}

fn add(question: &Question<'_>) -> Result<Source, Refusal> {
    let known: Vec<&str> = REQUIRED.iter().chain(&OPTIONAL).copied().chain(["action"]).collect();
    let parameters = Parameters::of(question.call, &known)?;
    for name in REQUIRED {
        let is_given = parameters.text(name).is_some_and(|text| !text.is_empty());
        if !is_given {
            return Err(Refusal::missing(name));
        }
    }
    let text = |name| parameters.text(name).unwrap_or_default();
    if !ROLES.contains(&text("user_role")) {
        return Ok(failed(question, "invalid value for user_role"));
    }
    if !UNITS.contains(&text("business_unit")) {
        return Ok(failed(question, "invalid value for business_unit"));
    }
    if !may_manage(question, text("user_role"), text("business_unit")) {
        return Ok(failed(question, NOT_AUTHORIZED));
    }
    if WITH_STATE.contains(&text("country")) && text("state").is_empty() {
        return Ok(failed(question, "state is required for this country"));
    }
    let external_id = parameters.text("external_id");
    if external_id.is_some_and(|id| users::has_external_id(question, id)) {
        return Ok(failed(question, "external_id is already in use"));
    }
    let email = parameters.is_set("send_email")?;
    let number = question.changes.users().len();
    let letter = |text: &str| text.chars().next().unwrap_or('x').to_ascii_lowercase();
    let login = format!("acme_{}{}{}", letter(text("first_name")), letter(text("last_name")), 900 + number);
    question.changes.add_user(AddedUser {
        login: login.clone(),
        at: question.changes.now(question.world),
        fields: parameters.pairs().iter().filter(|(name, _)| name != "action").cloned().collect(),
    });
    let message = format!("\n{login} user has been successfully created.\n");
    Ok(said(question, "SUCCESS", None, &message, (!email).then_some(login.as_str())))
}

/// Whether the caller may add or change a user of this role and unit.
fn may_manage(question: &Question<'_>, role: &str, unit: &str) -> bool {
    match question.caller.role() {
        Role::UserAdministrator => !PRIVILEGED.contains(&role),
        _ => !question.caller.is_of_unit() || unit == UNIT,
    }
}

fn switch(question: &Question<'_>, active: bool) -> Result<Source, Refusal> {
    let parameters = Parameters::of(question.call, &["action", "login"])?;
    let login = parameters.text("login").ok_or_else(|| Refusal::missing("login"))?;
    let before = if active { "Inactive" } else { "Active" };
    let found = users::found(question, login);
    if found.as_ref().is_some_and(|it| !may_manage(question, &it.role, &it.unit)) {
        return Ok(failed(question, NOT_AUTHORIZED));
    }
    match found.map(|it| it.status) {
        Some(status) if status == before => {
            question.changes.switch(login, active);
            let message = format!("{login} user has been successfully updated.");
            Ok(said(question, "SUCCESS", None, &message, None))
        }
        Some(status) => Ok(failed(question, &format!("the status of the user is {status}"))),
        None => Ok(failed(question, "no such user")),
    }
}

fn failed(question: &Question<'_>, message: &str) -> Source {
    // The numbers of these errors are published nowhere.
    said(question, "FAILED", Some("1905"), message, None)
}

/// With `login`, the password is in the answer, as it is when no e-mail is sent.
fn said(
    question: &Question<'_>,
    status: &str,
    number: Option<&str>,
    message: &str,
    login: Option<&str>,
) -> Source {
    let mut at = Vec::new();
    crate::clock::push(&mut at, question.changes.now(question.world));
    let at = String::from_utf8_lossy(&at).into_owned();
    written::whole(DOCUMENT, |xml| {
        let api = [("name", "user.php"), ("username", question.caller.login.as_str()), ("at", &at)];
        xml.attributed("API", &api, "");
        let mut attributes = vec![("status", status)];
        attributes.extend(number.map(|number| ("number", number)));
        xml.open_attributed("RETURN", &attributes);
        xml.text("MESSAGE", message);
        xml.close("RETURN");
        if let Some(login) = login {
            xml.open("USER");
            xml.text("USER_LOGIN", login);
            xml.text("PASSWORD", "made-up-by-the-simulator");
            xml.close("USER");
        }
    })
}
