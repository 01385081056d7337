//! Writes whose answers are lost, in each way: never a second one, and never a wrong claim.

use super::model::{Fate, Model, launch, simple};
use crate::testing::Setup;

const LOST: [Fate; 11] = [
    Fate::Unanswered,
    Fate::Instead(200, "<html><body>Please wait</body></html>"),
    Fate::Instead(502, "<html><body>Bad gateway</body></html>"),
    Fate::Instead(
        500,
        "<SIMPLE_RETURN><RESPONSE><CODE>999</CODE><TEXT>Internal error</TEXT></RESPONSE></SIMPLE_RETURN>",
    ),
    Fate::Instead(200, "<SIMPLE_RETURN><RESPONSE><TEXT>New vm scan laun"),
    Fate::Instead(200, "no XML"),
    Fate::Instead(200, ""),
    Fate::Instead(202, "Retry Later Duplicate Operation"),
    Fate::Instead(200, "<OTHER/>"),
    Fate::Instead(409, INTERNAL),
    Fate::Instead(
        200,
        "<SIMPLE_RETURN><RESPONSE><TEXT>Retry Later Duplicate Operation</TEXT></RESPONSE></SIMPLE_RETURN>",
    ),
];

const INTERNAL: &str =
    "<SIMPLE_RETURN><RESPONSE><CODE>1981</CODE><TEXT>Internal error</TEXT></RESPONSE></SIMPLE_RETURN>";

/// Something took the request, and it was not carried out.
const TAKEN: [Fate; 6] = [
    Fate::NotDone(502, "<html><body>Bad gateway</body></html>"),
    Fate::NotDone(503, ""),
    Fate::NotDone(200, "<html><body>Please wait</body></html>"),
    Fate::NotDone(202, "Retry Later Duplicate Operation"),
    Fate::NotDone(200, INTERNAL),
    Fate::Broken,
];

fn each_way(fates: &[Fate], mut check: impl FnMut(Model, bool, Fate)) {
    for fate in fates {
        for resumed in [false, true] {
            let mut model = Model::new()
                .with_scan("scan/1.1", "Weekly", "Running")
                .with_scan("scan/1.2", "Weekly [exhibit job-12]", "Running")
                .with_user("acme_ab1", "ab@acme.example", "Active");
            model.fate = *fate;
            check(model, resumed, *fate);
        }
    }
}

#[test]
fn a_launch_that_arrived_is_found_by_its_title() {
    for lag in [0, 2] {
        each_way(&LOST, |mut model, resumed, fate| {
            model.lag = lag;
            let done =
                if resumed { model.run_resumed(&launch()) } else { model.run(&launch()) }.expect("ends");
            assert_eq!((done.cell("outcome").as_str(), model.launches), ("done", 1), "{fate:?}");
            assert_eq!(done.cell("reference"), "scan/9.1", "{fate:?}");
            assert_eq!(done.writes().len(), 1);
            let message = done.cell("message");
            assert!(message.ends_with("; a look at Qualys shows that it was carried out"), "{message}");
        });
    }
}

#[test]
fn a_launch_is_looked_for_by_the_clock_that_is_behind() {
    for (clock, since) in
        [("2026-10-20T00:00:00Z", "2026-10-19T00:00:00Z"), ("2026-12-24T00:00:00Z", "2026-10-31T00:00:00Z")]
    {
        let mut model = Model::new().at(clock);
        model.fate = Fate::Unanswered;
        let done = model.run(&launch()).expect("ends");
        let look = done.requests.last().expect("a look");
        let asked = look.query.iter().find(|(name, _)| name == "launched_after_datetime");
        assert_eq!(asked.map(|(_, since)| since.as_str()), Some(since), "{clock}");
        assert_eq!(done.cell("outcome"), "done");
    }
}

#[test]
fn a_launch_that_never_arrived_is_not_done_once_the_clock_of_qualys_says_so() {
    each_way(&[Fate::Lost], |mut model, resumed, fate| {
        let done = if resumed { model.run_resumed(&launch()) } else { model.run(&launch()) }.expect("ends");
        assert_eq!((done.cell("outcome").as_str(), model.launches), ("not done", 0), "{fate:?}");
        assert_eq!((done.cell("reference").as_str(), done.writes().len()), ("absent", 1));
        assert!(done.cell("message").contains("5 minutes after the first look"), "{}", done.cell("message"));
        assert_eq!(done.pauses.iter().map(|it| it.seconds).collect::<Vec<_>>(), [10, 20, 40, 80, 160]);
    });
}

#[test]
fn a_launch_that_something_took_is_never_said_not_to_be_done() {
    each_way(&TAKEN, |mut model, resumed, fate| {
        let done = if resumed { model.run_resumed(&launch()) } else { model.run(&launch()) }.expect("ends");
        assert_eq!((done.cell("outcome").as_str(), done.writes().len()), ("unknown", 1), "{fate:?}");
        let message = done.cell("message");
        assert!(message.contains("; Qualys or a gateway took the request; "), "{message}");
    });
}

#[test]
fn what_qualys_accepts_and_does_not_show_is_not_done_on_its_word() {
    let done = simple("<TEXT>Done</TEXT>").leak();
    let success = "<USER_OUTPUT><RETURN status=\"SUCCESS\"><MESSAGE>updated</MESSAGE></RETURN></USER_OUTPUT>";
    let on = |operation: &str| Setup::operate(operation).with_text("scan", "scan/1.1");
    let deactivate = Setup::operate("deactivate-user").with_text("user", "acme_ab1");
    let messages = [
        (on("cancel-scan"), &*done),
        (on("pause-scan"), done),
        (deactivate, success),
        (super::users::add(), success),
        (launch(), done),
    ]
    .map(|(setup, answer)| {
        let mut message = String::new();
        each_way(&[Fate::NotDone(200, answer)], |mut model, resumed, _| {
            let done = if resumed { model.run_resumed(&setup) } else { model.run(&setup) }.expect("ends");
            assert_eq!((done.cell("outcome").as_str(), done.pauses.len()), ("unknown", 5), "{done}");
            message = done.cell("message");
        });
        message
    });
    insta::assert_snapshot!(messages.join("\n"), @r#"
    Qualys answered: Done; its state is Running; look in the console, in the list of scans, at scan/1.1
    Qualys answered: Done; its state is Running; look in the console, in the list of scans, at scan/1.1
    Qualys answered: updated; the status of the user is Active; look in the console, in the list of users, at acme_ab1
    Qualys answered: updated; Qualys does not list it yet; look in the console, in the list of users, for nu@acme.example, before the user is added again
    Qualys answered: Done; Qualys does not list it yet; look in the console, in the list of scans, for a title that ends in "[exhibit job-1]", before anything is launched again
    "#);
}

#[test]
fn an_empty_code_beside_a_reference_is_no_refusal() {
    let items = "<ITEM_LIST><ITEM><KEY>REFERENCE</KEY><VALUE>scan/9.1</VALUE></ITEM></ITEM_LIST>";
    for code in ["<CODE/>", "<CODE></CODE>", ""] {
        let mut model = Model::new();
        model.fate =
            Fate::Instead(200, simple(&format!("{code}<TEXT>New vm scan launched</TEXT>{items}")).leak());
        let done = model.run(&launch()).expect("ends");
        let expected = "The VM scan \"Weekly\" (scan/9.1) of 1 address was launched, and its state is Queued";
        assert_eq!(done.cell("message"), expected, "{code}");
        assert_eq!((done.cell("outcome").as_str(), done.cell("reference").as_str()), ("done", "scan/9.1"));
    }
}

#[test]
fn where_no_clock_says_how_long_it_looked_it_is_unknown() {
    each_way(&[Fate::Lost], |mut model, resumed, _| {
        model.clock_runs = false;
        let done = if resumed { model.run_resumed(&launch()) } else { model.run(&launch()) }.expect("ends");
        assert_eq!(done.cell("outcome"), "unknown");
        assert_eq!(done.cell("result"), "unknown");
        let what = "for a title that ends in \"[exhibit job-1]\", before anything is launched again";
        assert!(done.cell("message").ends_with(what), "{}", done.cell("message"));
    });
}

#[test]
fn a_launch_that_cannot_be_looked_at_is_unknown() {
    let mut model = Model::new();
    model.fate = Fate::Unanswered;
    model.instead = vec![(1, 401, "")];
    let done = model.run(&launch()).expect("ends");
    assert_eq!(done.cell("outcome"), "unknown");
    insta::assert_snapshot!(done.cell("message"), @r#"the connection broke before Qualys had answered; it could not be looked at: Qualys rejected the user name or the password; look in the console, in the list of scans, for a title that ends in "[exhibit job-1]", before anything is launched again"#);
    // Errors that pass are looked through.
    let mut model = Model::new();
    model.fate = Fate::Unanswered;
    model.instead = vec![(1, 500, ""), (2, 200, "<html></html>"), (3, 502, "")];
    assert_eq!(model.run_resumed(&launch()).expect("ends").cell("outcome"), "done");
}

#[test]
fn a_clear_refusal_is_not_done_in_the_words_of_qualys() {
    let refused = simple("<CODE>1905</CODE><TEXT>parameter ip has invalid value</TEXT>");
    let limit = simple("<CODE>1960</CODE><TEXT>1 call has to finish</TEXT>");
    let failed = "<USER_OUTPUT><RETURN status=\"FAILED\" number=\"7\"><MESSAGE>no such unit</MESSAGE></RETURN></USER_OUTPUT>";
    let nameless = "<USER_OUTPUT><RETURN status=\"FAILED\"/></USER_OUTPUT>";
    let generic =
        "<GENERIC_RETURN><RETURN status=\"FAILED\" number=\"8\">not allowed</RETURN></GENERIC_RETURN>";
    let cases = [
        (400, refused.as_str()),
        (200, refused.as_str()),
        (
            403,
            "<SIMPLE_RETURN><RESPONSE><CODE>2012</CODE><TEXT>not licensed</TEXT></RESPONSE></SIMPLE_RETURN>",
        ),
        (401, ""),
        (409, limit.as_str()),
        (200, failed),
        (200, nameless),
        (200, generic),
    ];
    let messages = cases.map(|(status, body)| {
        let mut model = Model::new();
        model.fate = Fate::NotDone(status, body.to_owned().leak());
        let done = model.run(&launch()).expect("ends");
        assert_eq!(
            (done.cell("outcome").as_str(), done.pauses.len(), done.writes().len()),
            ("not done", 0, 1)
        );
        done.cell("message")
    });
    insta::assert_snapshot!(messages.join("\n"), @r#"
    Qualys refused the request: "parameter ip has invalid value" (code 1905); nothing was changed at Qualys: correct what the message names, and start the operation again
    Qualys refused the request: "parameter ip has invalid value" (code 1905); nothing was changed at Qualys: correct what the message names, and start the operation again
    the account's licence or role does not cover this API: "not licensed" (code 2012); have the module added to the subscription, and give the user a role that may use it: step 6 of the guide, Give modules and permissions
    Qualys rejected the user name or the password; check both; Qualys answers alike on another platform (compare the console's address: step 1 of the guide, Find the platform), without API access (step 2 of the guide, Create the user), and for accounts that sign in by SSO (step 3 of the guide, Switch SSO off for it)
    Qualys did not carry it out: too many API calls of the Qualys subscription run at the same time: "1 call has to finish" (code 1960); start the operation again in 15 s
    Qualys refused the request: "no such unit" (code 7); nothing was changed at Qualys: correct what the message names, and start the operation again
    Qualys says that it failed, and gives no reason; nothing was changed at Qualys: correct what the message names, and start the operation again
    Qualys refused the request: "not allowed" (code 8); nothing was changed at Qualys: correct what the message names, and start the operation again
    "#);
}

#[test]
fn other_operations_say_what_became_of_them() {
    let operations = [
        Setup::operate("cancel-scan").with_text("scan", "scan/1.1"),
        Setup::operate("pause-scan").with_text("scan", "scan/1.1"),
        Setup::operate("deactivate-user").with_text("user", "acme_ab1"),
        super::users::add(),
    ];
    for setup in &operations {
        each_way(&LOST, |mut model, resumed, fate| {
            let done = if resumed { model.run_resumed(setup) } else { model.run(setup) }.expect("ends");
            assert_eq!((done.cell("outcome").as_str(), done.writes().len()), ("done", 1), "{fate:?} {done}");
        });
        each_way(&[&TAKEN[..], &[Fate::Lost]].concat(), |mut model, resumed, fate| {
            let done = if resumed { model.run_resumed(setup) } else { model.run(setup) }.expect("ends");
            let outcome = done.cell("outcome");
            // The list of users has no date, and these answers have no heads.
            let is_claimed = fate == Fate::Lost && !done.to_string().contains("user.php");
            let expected = if is_claimed { "not done" } else { "unknown" };
            assert_eq!(
                (outcome.as_str(), done.writes().len(), model.changes),
                (expected, 1, 0),
                "{fate:?} {done}"
            );
        });
    }
}
