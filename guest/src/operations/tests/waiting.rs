//! Waits for the end of a scan: every ending is reported as what it is, and only one is a success.

use exhibit_plugin::Value;

use super::model::{Model, launch};
use crate::testing::Setup;

fn waiting() -> Setup {
    launch().with_value("wait", Value::Boolean(true))
}

fn ended(states: &[(&'static str, &'static str)]) -> (String, String, usize) {
    let mut model = Model::new();
    model.states = states.to_vec();
    let done = model.run_resumed(&waiting()).expect("ends");
    assert_eq!(done.cell("outcome"), "done");
    (done.cell("state"), done.cell("result"), done.pauses.len())
}

#[test]
fn the_end_of_a_scan_is_its_state_and_what_it_found() {
    let queued = ("Queued", "");
    let ends = [
        ("Finished", "", "successful"),
        ("Finished", "No_Vuln", "successful"),
        ("Finished", "No_Host", "no host found"),
        ("Finished", "Aborted", "unknown"),
        ("Error", "", "failed"),
        ("Canceled", "", "canceled"),
        ("Cancelled", "", "canceled"),
    ];
    for (state, sub_state, result) in ends {
        let (seen, how, pauses) =
            ended(&[queued, queued, ("Running", ""), ("Paused", ""), (state, sub_state)]);
        assert_eq!((seen.as_str(), how.as_str(), pauses), (state, result, 4), "{state} {sub_state}");
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
    insta::assert_snapshot!(done.cell("message"), @"Qualys answered: New vm scan launched; after a wait of 2 h its state is Dreaming; look in the console, in the list of scans, at scan/9.1");
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
            ("done", "unknown"),
            "{status}"
        );
        assert!(done.cell("message").contains("how it ended is not known"), "{}", done.cell("message"));
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
