//! Adding users, and switching them on and off.

use super::model::{Model, refusal};
use crate::testing::Setup;

/// A user who is not there yet.
pub(super) fn add() -> Setup {
    Setup::operate("add-user")
        .with_text("first-name", "Nora")
        .with_text("last-name", "Unger")
        .with_text("title", "Auditor")
        .with_text("email", "nu@acme.example")
        .with_text("phone", "555 0100")
        .with_text("address", "1 Example Street")
        .with_text("city", "Frankfurt")
        .with_text("country", "Germany")
        .with_text("external-id", "E-1")
        .with_text("role", "reader")
        .with_text("business-unit", "retail & stores")
        .with("asset-groups", &["Office"])
}

fn model() -> Model {
    Model::new()
        .with_user("acme_ab1", "ab@acme.example", "Active")
        .with_user("acme_cd2", "cd@acme.example", "Inactive")
        .with_user("acme_ef3", "ef@acme.example", "Pending Activation")
}

#[test]
fn a_user_is_added_and_found_in_the_list() {
    let done = model().run(&add()).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /msp/user_list.php
    Method::Get /api/3.0/fo/asset/group/ action=list truncation_limit=0 show_attributes=TITLE,OWNER_USER_NAME,OWNER_UNIT_ID,NETWORK_IDS
    Method::Post /msp/user.php
      form: action=add first_name=Nora last_name=Unger title=Auditor email=nu@acme.example phone=555 0100 address1=1 Example Street city=Frankfurt country=Germany external_id=E-1 user_role=reader business_unit=Retail & Stores asset_groups=Office send_email=1
      Adds a user to the subscription.
        First name: Nora
        Last name: Unger
        Job title: Auditor
        E-mail address: nu@acme.example
        Phone: 555 0100
        Address: 1 Example Street
        City: Frankfurt
        Country: Germany
        External ID: E-1
        Role: Reader
        Business unit: Retail & Stores
        Asset groups: Office
        Access: console and API
        E-mail: Qualys sends a link to sign in to nu@acme.example
    Method::Get /msp/user_list.php
    row
      username: acme_nu1
      outcome: done
      first-name: Ada
      last-name: Byron
      email: nu@acme.example
      external-id: E-1
      roles: Scanner
      business-unit: Retail & Stores
      status: Pending Activation
      message: Ada Byron (acme_nu1) was added as Scanner of the business unit Retail & Stores; Qualys sends a link to sign in to nu@acme.example
    pauses []
    "#);
}

#[test]
fn a_user_who_is_there_already_is_not_added() {
    let mut by_email = model().with_user("acme_gh4", "NU@acme.example", "Active");
    let mut by_id = model().with_user("acme_gh4", "gh@acme.example", "Active");
    by_id.users[3].external_id = "E-1".to_owned();
    let mut messages = Vec::new();
    for model in [&mut by_email, &mut by_id] {
        messages.push(refusal(model.run(&add())));
        assert_eq!(model.changes, 0);
    }
    // Twice with one external ID: the second one is refused.
    let mut model = model();
    model.run(&add()).expect("done");
    let mut second = Model::new();
    second.users = model.users;
    messages.push(refusal(second.run(&add())));
    insta::assert_snapshot!(messages.join("\n"), @r#"
    a user with this e-mail address is there already: acme_gh4 (Ada Byron, Scanner, business unit Retail & Stores, Active)
    a user with this external ID is there already: acme_gh4 (Ada Byron, Scanner, business unit Retail & Stores, Active)
    a user with this e-mail address is there already: acme_nu1 (Ada Byron, Scanner, business unit Retail & Stores, Pending Activation)
    "#);
}

#[test]
fn a_unit_without_users_is_left_to_qualys_and_a_contact_gets_no_mail() {
    let setup = Setup::operate("add-user")
        .with_text("first-name", "Nora")
        .with_text("last-name", "Unger")
        .with_text("title", "Auditor")
        .with_text("email", "nu@acme.example")
        .with_text("phone", "555 0100")
        .with_text("address", "1 Example Street")
        .with_text("city", "Frankfurt")
        .with_text("country", "Germany")
        .with_text("role", "contact")
        .with_text("business-unit", "Labs");
    let done = model().run(&setup).expect("done").to_string();
    assert!(done.contains("Business unit: Labs (no user of it is listed"), "{done}");
    assert!(
        done.contains("Access: none: a contact cannot sign in") && !done.contains("send_email"),
        "{done}"
    );
}

#[test]
fn users_are_switched_where_their_status_suits() {
    let on = |operation: &str, user: &str| Setup::operate(operation).with_text("user", user);
    let done = model().run(&on("deactivate-user", "ACME_ab1")).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /msp/user_list.php
    Method::Post /msp/user.php
      form: action=deactivate login=acme_ab1
      Deactivates a user, who can no longer sign in. The settings of the account stay.
        User name: acme_ab1
        Name: Ada Byron
        E-mail address: ab@acme.example
        Role: Scanner
        Business unit: Retail & Stores
        Status: Active
    Method::Get /msp/user_list.php
    row
      username: acme_ab1
      outcome: done
      first-name: Ada
      last-name: Byron
      email: ab@acme.example
      roles: Scanner
      business-unit: Retail & Stores
      status: Inactive
      message: Ada Byron (acme_ab1) was deactivated, and the status is Inactive
    pauses []
    "#);
    let done = model().run_resumed(&on("activate-user", "acme_cd2")).expect("done");
    assert_eq!((done.cell("outcome").as_str(), done.cell("status").as_str()), ("done", "Active"));
    let cases = [
        ("deactivate-user", "acme_cd2"),
        ("deactivate-user", "acme_ef3"),
        ("activate-user", "acme_ef3"),
        ("activate-user", "acme"),
    ];
    let messages = cases.map(|(operation, user)| refusal(model().run(&on(operation, user))));
    insta::assert_snapshot!(messages.join("\n"), @r#"
    acme_cd2 cannot be deactivated: the status is Inactive; only a user with the status Active can; one that is pending has to sign in first, or is removed in the console
    acme_ef3 cannot be deactivated: the status is Pending Activation; only a user with the status Active can; one that is pending has to sign in first, or is removed in the console
    acme_ef3 cannot be activated: the status is Pending Activation; only a user with the status Inactive can; one that is pending has to sign in first, or is removed in the console
    no user is called "acme"; choose one, the nearest first: acme_ab1 (Ada Byron, Scanner, business unit Retail & Stores, Active), acme_cd2 (Ada Byron, Scanner, business unit Retail & Stores, Inactive), acme_ef3 (Ada Byron, Scanner, business unit Retail & Stores, Pending Activation)
    "#);
}
