//! What the plugin says of its operations, before anything is done.

use exhibit_plugin::Value;

use super::model::{Model, launch, refusal};
use crate::operations::ALL;
use crate::testing::Setup;

#[test]
fn every_operation_says_what_it_takes_and_what_a_person_repeats() {
    for (at, operation) in ALL.iter().enumerate() {
        let described = (operation.describe)();
        assert_eq!(described.name, operation.name);
        assert!(ALL[..at].iter().all(|it| it.name != operation.name), "{} is listed twice", operation.name);
        let confirmed = described.parameters.iter().find(|it| it.name == described.confirm);
        assert!(confirmed.is_some_and(|it| it.required), "{}: nothing to repeat", operation.name);
        assert!(described.parameters.iter().all(|it| !it.help.is_empty()), "{}", operation.name);
        assert_eq!(described.fields[1].name, "outcome", "{}", operation.name);
        assert!(!described.needs.is_empty(), "{}", operation.name);
    }
}

#[test]
fn operations_in_a_line_each() {
    let lines = crate::catalog::manifest().operations.into_iter().map(|it| {
        let parameters = it.parameters.iter().map(|it| {
            let mark = if it.required { "*" } else { "" };
            format!("{}{mark}", it.name)
        });
        format!("{}: {} [{}]", it.name, parameters.collect::<Vec<_>>().join(" "), it.confirm)
    });
    insta::assert_snapshot!(lines.collect::<Vec<_>>().join("\n"), @r#"
    launch-vm-scan: title* option-profile* addresses host-names asset-groups tags tags-match excluded network scanner priority wait wait-hours [title]
    launch-ec2-scan: title* option-profile* connector* region* instances tags tags-match scanner* priority wait wait-hours [title]
    relaunch-vm-scan: scan* scanner excluded network option-profile days wait wait-hours [scan]
    cancel-scan: scan* wait wait-hours [scan]
    pause-scan: scan* wait wait-hours [scan]
    resume-scan: scan* wait wait-hours [scan]
    launch-was-scan: title* web-application* type was-option-profile scanner sign-in send-mail wait wait-hours [title]
    rescan-was: was-scan* days wait wait-hours [was-scan]
    add-user: first-name* last-name* title* email* phone* address* city* country* state address-2 zip-code fax external-id time-zone role* business-unit asset-groups [email]
    deactivate-user: user* [user]
    activate-user: user* [user]
    "#);
}

#[test]
fn parameters_that_make_no_sense_are_refused_before_anything_is_asked() {
    let title =
        || Setup::operate("launch-vm-scan").with_text("option-profile", "Quick").with_text("title", "T");
    let ec2 = || {
        Setup::operate("launch-ec2-scan")
            .with_text("title", "T")
            .with_text("option-profile", "Quick")
            .with_text("connector", "C")
            .with_text("region", "us-east-1")
    };
    let eleven: Vec<String> = (0..11).map(|it| format!("i-{it}")).collect();
    let eleven: Vec<&str> = eleven.iter().map(String::as_str).collect();
    let user = |country: &str| {
        let fields = ["first-name", "last-name", "title", "phone", "address", "city"];
        let setup = Setup::operate("add-user").with_text("country", country).with_text("role", "manager");
        fields.iter().fold(setup, |setup, it| setup.with_text(it, "x"))
    };
    let refused = [
        title(),
        title().with("addresses", &["192.0.2"]),
        title().with("host-names", &["www"]),
        title().with("addresses", &["192.0.2.1"]).with("tags", &["Web"]),
        title().with("addresses", &["192.0.2.1,192.0.2.2"]),
        launch().with_value("wait-hours", Value::Integer(0)),
        ec2().with_text("scanner", "external").with("instances", &["i-1"]),
        ec2().with_text("scanner", "aws-1"),
        ec2().with_text("scanner", "aws-1").with("instances", &eleven),
        Setup::operate("relaunch-vm-scan").with_text("scan", "Weekly").with_value("days", Value::Integer(0)),
        Setup::operate("cancel-scan").with_text("scan", " "),
        Setup::operate("deactivate-user").with_text("user", "a\u{1}b"),
        user("India").with_text("email", "a@b.example"),
        user("Germany").with_text("email", "no address"),
        user("Germany").with_text("email", "a@b.example").with("asset-groups", &["DMZ"]),
    ];
    let messages = refused.map(|setup| {
        let mut asked = 0;
        let refused = crate::testing::operate(&setup, false, |_| {
            asked += 1;
            None
        });
        assert_eq!(asked, 0);
        refusal(refused)
    });
    insta::assert_snapshot!(messages.join("\n"), @r#"
    nothing is named to be scanned; name addresses, host names, asset groups or tags
    "192.0.2" is no address and no range of addresses; write 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/28
    "www" is no full name of a host
    tags cannot be scanned together with other targets
    the parameter "addresses" cannot be "192.0.2.1,192.0.2.2": give each value by itself
    the parameter "wait-hours" must be from 1 to 336
    an EC2 scan needs a scanner appliance in AWS
    nothing is named to be scanned; name instances or tags
    Qualys takes at most 10 instances in one scan; name them by a tag
    the parameter "days" must be from 1 to 366
    the parameter "scan" must not be empty
    the parameter "user" must not have control characters
    for India Qualys wants the state, too
    "no address" is no e-mail address
    the role "manager" cannot be given asset groups
    "#);
}

#[test]
fn no_secret_of_an_answer_is_kept() {
    let add = super::users::add();
    let scanner = launch().with_text("scanner", "aws-1").with("asset-groups", &["Office"]);
    for setup in [add, scanner] {
        let done = Model::new().with_user("acme_ab1", "ab@acme.example", "Active").run(&setup).expect("done");
        let all = format!("{done}\n{}\n{:?}", done.checkpoints, done.rows);
        assert_eq!(done.cell("outcome"), "done");
        assert!(!all.contains("SECRET"), "{all}");
    }
}
