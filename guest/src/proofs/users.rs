//! List of Users: who may use the subscription, as what, and when they last did.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::cell::{boolean, integer, text, texts};
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::Kind;
use exhibit_plugin::{Error, Page, Source, Value};

use super::proof::{Proof, console, proof_type};
use crate::qualys::fo::listing::{ALL_SELECTED, Listing, Paging};
use crate::qualys::record::{Column, Record, column, date, titles};
use crate::qualys::settings::reserve;

pub(super) const PROOF: Proof = Proof { name: "users", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 17] = [
    column("username", "Username", Kind::Text, |user| Ok(text(user.get("USER_LOGIN")))).personal()
        .help("Absent where the collecting account has no permission to see it."),
    column("first-name", "First Name", Kind::Text, |user| Ok(contact(user, "FIRSTNAME"))).personal(),
    column("last-name", "Last Name", Kind::Text, |user| Ok(contact(user, "LASTNAME"))).personal(),
    column("email", "Email Address", Kind::Text, |user| Ok(contact(user, "EMAIL"))).personal(),
    column("business-unit", "Business Unit", Kind::Text, |user| Ok(text(user.get("BUSINESS_UNIT")))),
    column("roles", "Roles", Kind::Text, |user| Ok(text(user.get("USER_ROLE")))),
    column("status", "Status", Kind::Text, |user| Ok(text(user.get("USER_STATUS"))))
        .help("Active, Inactive or Pending Activation."),
    column("last-login", "Last Login Date", Kind::Instant, |user| date(user.get("LAST_LOGIN_DATE")))
        .help("Empty means never; absent where the collecting account has no permission to see it."),
    column("user-id", "User ID", Kind::Integer, |user| integer(user.get("USER_ID"))).hidden().personal(),
    column("external-id", "External ID", Kind::Text, |user| Ok(text(user.get("EXTERNAL_ID")))).hidden().personal(),
    column("title", "Title", Kind::Text, |user| Ok(contact(user, "TITLE"))).hidden().personal(),
    column("company", "Company", Kind::Text, |user| Ok(contact(user, "COMPANY"))).hidden(),
    column("asset-groups", "Asset Groups", Kind::Texts, |user| Ok(titles(user, "ASSIGNED_ASSET_GROUPS", "ASSET_GROUP_TITLE"))).hidden()
        .help("The asset groups that the user can access; absent where Qualys lists none."),
    column("created", "Created", Kind::Instant, |user| date(user.get("CREATION_DATE"))).hidden(),
    column("unit-manager-contact", "Unit Manager Contact", Kind::Boolean, |user| boolean(user.get("UNIT_MANAGER_POC"))).hidden()
        .help("Whether the user is the point of contact of a business unit."),
    column("manager-contact", "Manager Contact", Kind::Boolean, |user| boolean(user.get("MANAGER_POC"))).hidden()
        .help("Whether the user is the point of contact of the subscription."),
    column("permissions", "Permissions", Kind::Texts, |user| Ok(permissions(user))).hidden()
        .help("The extended permissions that are granted, by the names of Qualys; absent where Qualys lists none."),
];

/// The flags of a user's `PERMISSIONS`.
const PERMISSIONS: [&str; 5] =
    ["CREATE_OPTION_PROFILES", "PURGE_INFO", "ADD_ASSETS", "EDIT_REMEDIATION_POLICY", "EDIT_AUTH_RECORDS"];

fn describe() -> ProofType {
    let help = "The users that the collecting account can see, with their roles, status and last login. Whether they use \
                SSO or a second factor is not included.";
    ProofType {
        needs: vec![
            "API access".to_owned(),
            // Source: docs.qualys.com, "List Users" and "Permissions - Users".
            "the role Manager, or Unit Manager for a single business unit; a User Administrator sees no last logins, and \
             other roles see no users"
                .to_owned(),
        ],
        link: console("", "The console shows the current state of the users."),
        schedule: "0 6 1 1,4,7,10 *".to_owned(),
        changes: Err(
            "The list of users has no filter by the date of a change; it is collected whole.".to_owned()
        ),
        suggested: suggested(),
        ..proof_type(
            "users",
            "List of Users",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["username", "email"],
        )
    }
}

fn suggested() -> Vec<Test> {
    let active = || condition("status", Operator::Equals, "Active");
    vec![
        test(
            "logged-in-within-90-days",
            "Active users signed in within the last 90 days",
            "A dormant account can be misused unnoticed.",
        )
        .of(active())
        .of(condition("last-login", Operator::IsNotEmpty, ()))
        .passes("signed in recently", [condition("last-login", Operator::IsAtMostDaysAgo, days(90))])
        .controls(&[
            "soc2:cc6.2",
            "iso27001-2022:a.5.18",
            "nist-800-53r5:ac-2",
            "pci-dss-4.0.1:8.2.6",
            "cis-8.1:5.3",
        ]),
        test(
            "no-active-user-never-logged-in",
            "Every active user has signed in at least once",
            "An account that was never used still has its initial password.",
        )
        .of(active())
        .passes("signed in at least once", [condition("last-login", Operator::IsNotEmpty, ())])
        .controls(&[
            "soc2:cc6.2",
            "iso27001-2022:a.5.16",
            "nist-800-53r5:ac-2",
            "pci-dss-4.0.1:8.2.6",
            "cis-8.1:5.3",
        ]),
        test(
            "managers-are-few",
            "At most 20 % of the active users are managers",
            "A manager has every permission, so each additional manager increases the risk.",
        )
        .of(active())
        .passes("another role", [condition("roles", Operator::DoesNotEqual, "Manager")])
        .threshold(8_000)
        .controls(&[
            "soc2:cc6.3",
            "iso27001-2022:a.8.2",
            "nist-800-53r5:ac-6",
            "pci-dss-4.0.1:7.2.1",
            "cis-8.1:5.4",
        ]),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    Ok(Box::new(Listing {
        path: "/msp/user_list.php".to_owned(),
        parameters: Vec::new(),
        root: "USER_LIST_OUTPUT",
        record: "USER",
        // The collecting account is a user itself, so a list without users is an error.
        empty_marker: None,
        paging: Paging::Whole,
        columns: &COLUMNS,
        identity,
        remark,
        notes: Vec::new(),
        prefix: None,
        window_filter: None,
        changes: None,
        selected: ALL_SELECTED,
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    }))
}

fn identity<'a>(user: &Record<'a>) -> Option<&'a str> {
    let names = [user.get("USER_LOGIN"), user.at(&["CONTACT_INFO", "EMAIL"])];
    names.into_iter().flatten().find(|it| !it.is_empty())
}

fn remark(user: &Record<'_>, page: &mut Page) {
    if user.get("LAST_LOGIN_DATE").is_none() {
        page.lacks(
            "Qualys did not show the last login of some users to the collecting account. Their cells are absent, \
             which does not mean that they never signed in.",
        );
    }
    if user.get("USER_LOGIN").is_none_or(str::is_empty) {
        page.lacks(
            "Qualys did not show the user name of some users to the collecting account. They are identified by \
             their e-mail address.",
        );
    }
}

fn contact(user: &Record<'_>, name: &str) -> Value {
    text(user.at(&["CONTACT_INFO", name]))
}

fn permissions(user: &Record<'_>) -> Value {
    let Some(permissions) = user.element.child("PERMISSIONS") else { return Value::Absent };
    let granted = PERMISSIONS.into_iter().filter(|it| permissions.get(it) == Some("1"));
    texts(granted.map(str::to_owned).collect())
}
