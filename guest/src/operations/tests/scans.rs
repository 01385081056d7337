//! Cancelling, pausing and resuming.

use exhibit_plugin::Value;

use super::model::{Model, refusal};
use crate::testing::Setup;

fn model() -> Model {
    Model::new()
        .with_scan("scan/1.1", "Weekly", "Finished")
        .with_scan("scan/1.2", "Weekly", "Running")
        .with_scan("scan/1.3", "Monthly", "Paused")
        .with_scan("scan/1.4", "Daily", "Running")
        .with_scan("scan/1.5", "Daily", "Queued")
}

fn on(operation: &str, scan: &str) -> Setup {
    Setup::operate(operation).with_text("scan", scan)
}

#[test]
fn the_scan_of_a_title_that_has_not_ended_is_meant() {
    let done = model().run(&on("cancel-scan", "weekly")).expect("done");
    insta::assert_snapshot!(done, @r#"
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 ignore_target=1 launched_after_datetime=2026-10-02T00:00:00Z
    Method::Post /api/2.0/fo/scan/
      form: action=cancel scan_ref=scan/1.2
      Cancels a VM scan. It cannot be resumed; partial results are possible.
        Reference: scan/1.2
        Title: Weekly
        State: Running
        Launched: 2026-10-31T01:00:00Z
        Launched by: acme_ab1
        Account: acme_ab1
    Method::Get /api/3.0/fo/scan/ action=list show_status=1 show_ags=1 show_op=1 echo_request=1 scan_ref=scan/1.2
    row
      reference: scan/1.2
      outcome: done
      title: Weekly
      listed-targets: 192.0.2.1-192.0.2.9 | www.acme.example
      option-profile: Initial Options
      launched: 2026-10-31T01:00:00Z
      state: Canceled
      result: canceled
      user: acme_ab1
      message: The VM scan "Weekly" (scan/1.2) of 9 addresses and 1 other target was canceled, and its state is Canceled
    pauses []
    "#);
}

#[test]
fn each_does_what_it_says() {
    for (operation, scan, state) in [
        ("cancel-scan", "scan/1.4", "Canceled"),
        ("cancel-scan", "Monthly", "Canceled"),
        ("pause-scan", "Weekly", "Paused"),
        ("resume-scan", "Monthly", "Running"),
    ] {
        let done = model().run_resumed(&on(operation, scan)).expect("done");
        assert_eq!(
            (done.cell("outcome").as_str(), done.cell("state").as_str()),
            ("done", state),
            "{operation}"
        );
        assert_eq!(done.writes().len(), 1);
    }
    let waiting = on("pause-scan", "Weekly").with_value("wait", Value::Boolean(true));
    assert_eq!(model().run(&waiting).expect("done").cell("result"), "paused");
}

#[test]
fn a_state_that_does_not_suit_or_a_name_of_two_sends_nothing() {
    let cases = [
        ("cancel-scan", "scan/1.1"),
        ("cancel-scan", "Daily"),
        ("cancel-scan", "Hourly"),
        ("cancel-scan", "scan/9.9"),
        ("pause-scan", "Monthly"),
        ("resume-scan", "Weekly"),
        ("resume-scan", "scan/1.1"),
    ];
    let messages = cases.map(|(operation, scan)| {
        let mut model = model();
        let refused = refusal(model.run(&on(operation, scan)));
        assert_eq!(model.changes, 0);
        refused
    });
    insta::assert_snapshot!(messages.join("\n"), @r#"
    scan/1.1 ("Weekly", Finished, launched 2026-10-31T01:00:00Z) cannot be canceled: it has ended
    more than one scan is meant: 2 are called "Daily"; name one of them by its id: scan/1.4 ("Daily", Running, launched 2026-10-31T01:00:00Z), scan/1.5 ("Daily", Queued, launched 2026-10-31T01:00:00Z)
    no scan is called "Hourly"; choose one, the nearest first: scan/1.1 ("Weekly", Finished, launched 2026-10-31T01:00:00Z), scan/1.2 ("Weekly", Running, launched 2026-10-31T01:00:00Z), scan/1.3 ("Monthly", Paused, launched 2026-10-31T01:00:00Z), scan/1.4 ("Daily", Running, launched 2026-10-31T01:00:00Z), scan/1.5 ("Daily", Queued, launched 2026-10-31T01:00:00Z)
    Qualys lists no scan with the reference "scan/9.9"; check the reference; a deleted scan is not listed
    scan/1.3 ("Monthly", Paused, launched 2026-10-31T01:00:00Z) cannot be paused: it is paused already
    scan/1.2 ("Weekly", Running, launched 2026-10-31T01:00:00Z) cannot be resumed: it is not paused
    scan/1.1 ("Weekly", Finished, launched 2026-10-31T01:00:00Z) cannot be resumed: it has ended
    "#);
}
