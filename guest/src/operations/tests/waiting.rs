//! Waits for the end of a scan: every ending is reported as what it is, and only one is a success.

use exhibit_plugin::Value;

use super::model::{Model, launch};
use crate::testing::Setup;

fn waiting() -> Setup {
    launch().with_value("wait", Value::Boolean(true))
}

fn ended(states: &[(&'static str, &'static str)]) -> [String; 3] {
    let mut model = Model::new();
    model.states = states.to_vec();
    let done = model.run_resumed(&waiting()).expect("ends");
    assert_eq!(done.pauses.len(), states.len() - 1);
    ["state", "result", "outcome"].map(|it| done.cell(it))
}

#[test]
fn the_end_of_a_scan_is_its_state_and_what_it_found() {
    let queued = ("Queued", "");
    let ends = [
        ("Finished", "", "successful", "done"),
        ("Finished", "No_Vuln", "successful", "done"),
        ("Finished", "No_Host", "no host found", "not done"),
        ("Finished", "Aborted", "unknown", "unknown"),
        ("Error", "", "failed", "not done"),
        ("Canceled", "", "canceled", "not done"),
        ("Cancelled", "", "canceled", "not done"),
    ];
    for (state, sub_state, result, outcome) in ends {
        let last = (state, sub_state);
        for states in [&[last][..], &[queued, queued, ("Running", ""), ("Paused", ""), last]] {
            assert_eq!(ended(states), [state, result, outcome], "{state} {sub_state}");
        }
    }
}

#[test]
fn waits_grow_and_have_an_end() {
    let mut model = Model::new();
    model.states = vec![("Running", ""), ("Dreaming", "")];
    let setup = waiting().with_value("wait-hours", Value::Integer(2));
    let done = model.run_resumed(&setup).expect("ends");
    let seconds: Vec<u32> = done.pauses.iter().map(|it| it.seconds).collect();
    assert_eq!(seconds[..6], [30, 60, 120, 240, 300, 300]);
    assert_eq!(seconds.iter().sum::<u32>(), 7_200);
    assert_eq!((done.cell("state").as_str(), done.cell("result").as_str()), ("Dreaming", "unknown"));
    insta::assert_snapshot!(done.cell("message"), @r#"The VM scan "Weekly" (scan/9.1) of 1 address was launched, and its state is Dreaming; it has not ended after a wait of 2 h, in this state since 2026-11-01T00:00:30Z; look in the console, in the list of scans, at scan/9.1"#);
}

#[test]
fn a_wait_says_the_state_and_since_when() {
    let mut model = Model::new();
    model.states = vec![("Queued", ""), ("Running", ""), ("Running", ""), ("Finished", "")];
    let done = model.run(&waiting()).expect("ends");
    let said: Vec<&str> = done.pauses.iter().map(|it| it.message.as_str()).collect();
    insta::assert_snapshot!(said.join("\n"), @r#"
    its state is Queued since 2026-11-01T00:00:00Z; waiting for its end
    its state is Running since 2026-11-01T00:00:30Z; waiting for its end
    its state is Running since 2026-11-01T00:00:30Z; waiting for its end
    "#);
    insta::assert_snapshot!(done.cell("message"), @r#"The VM scan "Weekly" (scan/9.1) of 1 address finished successfully at 2026-11-01T00:10:01Z, after 10 min"#);
}

#[test]
fn an_error_while_waiting_is_no_end_of_the_scan() {
    let run = |instead: Vec<(usize, u16, &'static str)>, resumed: bool| {
        let mut model = Model::new();
        model.states = vec![("Running", ""); 4];
        model.states.push(("Finished", ""));
        model.instead = instead;
        let done = if resumed { model.run_resumed(&waiting()) } else { model.run(&waiting()) }.expect("ends");
        assert_eq!((done.writes().len(), model.launches), (1, 1), "nothing is canceled");
        done
    };
    // The password was changed, the permission was taken away.
    for status in [401, 403, 404] {
        let done = run(vec![(3, status, "")], true);
        assert_eq!(
            (done.cell("outcome").as_str(), done.cell("result").as_str()),
            ("unknown", "unknown"),
            "{status}"
        );
        let message = done.cell("message");
        assert!(message.contains("how it ended is not known"), "{message}");
    }
    let passing = run(vec![(2, 502, ""), (3, 200, "<html></html>"), (4, 200, ""), (5, 500, "")], true);
    assert_eq!(passing.cell("result"), "unknown", "an empty answer says that the permission is gone");
    let passing = run(vec![(2, 502, ""), (3, 200, "<html></html>"), (4, 500, "")], false);
    assert_eq!(passing.cell("result"), "successful");
    // Deleted: it is not listed any more.
    let empty =
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>2026-11-01T00:00:00Z</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>";
    let done = run((2..40).map(|at| (at, 200, empty)).collect(), false);
    assert_eq!(done.cell("result"), "unknown");
    assert!(done.cell("message").contains("Qualys does not list it any more"), "{}", done.cell("message"));
}

#[test]
fn a_scan_that_is_not_listed_in_time_is_launched_all_the_same() {
    let mut model = Model::new();
    model.lag = 100;
    let done = model.run(&launch()).expect("ends");
    assert_eq!((done.cell("outcome").as_str(), done.cell("reference").as_str()), ("done", "scan/9.1"));
    assert_eq!((done.cell("state").as_str(), done.cell("result").as_str()), ("absent", "unknown"));
    let mut model = Model::new();
    model.lag = 2;
    let done = model.run(&launch()).expect("ends");
    assert_eq!((done.cell("state").as_str(), done.pauses.len()), ("Queued", 2));
}
