//! What is worked out from a ticket: whether it was dealt with in time, and how often it was reopened.

use exhibit_plugin::Value;
use exhibit_plugin::tester::Tester;
use exhibit_plugin::testing::Outcome;

use super::{at, happened, ticket};

/// A ticket that is due at this time. The proof is of 2026-11-01T00:00:00Z.
fn due(due: &str, inside: &str) -> impl Fn(&str) -> Value + use<> {
    ticket(&format!("<DUE_DATETIME>{due}</DUE_DATETIME>{inside}"))
}

#[test]
fn the_latest_resolution_counts_in_statistics_and_in_history() {
    let reopened = ticket(&format!(
        "<DUE_DATETIME>2026-09-08T00:00:00Z</DUE_DATETIME><CURRENT_STATE>RESOLVED</CURRENT_STATE>
         <STATS><LAST_CLOSED_DATETIME>2026-09-03T00:00:00Z</LAST_CLOSED_DATETIME></STATS><HISTORY_LIST>{}{}{}{}</HISTORY_LIST>",
        happened("2026-09-01", "OPEN"),
        happened("2026-09-03", "CLOSED"),
        happened("2026-09-05", "OPEN"),
        happened("2026-09-11", "RESOLVED"),
    ));
    assert_eq!(reopened("time-to-resolution"), Value::Duration(10 * 86_400));
    assert_eq!(reopened("resolved-late"), Value::Boolean(true));
}

#[test]
fn what_a_ticket_does_not_say_is_absent() {
    let stateless = ticket("<CREATION_DATETIME>2026-09-01T00:00:00Z</CREATION_DATETIME>");
    for field in ["time-to-resolution", "resolved-late", "overdue", "status"] {
        assert_eq!(stateless(field), Value::Absent, "{field}");
    }
    let backwards = ticket(
        "<CREATION_DATETIME>2026-09-05T00:00:00Z</CREATION_DATETIME><CURRENT_STATE>CLOSED</CURRENT_STATE>
         <STATS><LAST_CLOSED_DATETIME>2026-09-01T00:00:00Z</LAST_CLOSED_DATETIME></STATS>",
    );
    assert_eq!(backwards("time-to-resolution"), Value::Absent, "closed before it was made");
}

#[test]
fn an_open_ticket_is_overdue_when_its_due_date_has_passed() {
    let overdue =
        |at: &str, state: &str| due(at, &format!("<CURRENT_STATE>{state}</CURRENT_STATE>"))("overdue");
    assert_eq!(overdue("2026-10-31T23:59:59Z", "OPEN"), Value::Boolean(true));
    assert_eq!(overdue("2026-10-31T23:59:59Z", "Open"), Value::Boolean(true), "however it is written");
    assert_eq!(
        overdue("2026-11-01T00:00:00Z", "OPEN"),
        Value::Boolean(false),
        "the due date itself is in time"
    );
    assert_eq!(overdue("2026-11-01T00:00:01Z", "OPEN"), Value::Boolean(false));
    assert_eq!(overdue("", "OPEN"), Value::Absent, "without a due date it is not known");
    for done in ["RESOLVED", "CLOSED", "IGNORED"] {
        assert_eq!(overdue("2026-10-31T23:59:59Z", done), Value::Boolean(false), "{done}");
    }
}

#[test]
fn a_ticket_is_resolved_late_after_its_due_date() {
    let late = |closed: &str| {
        let inside = format!(
            "<CURRENT_STATE>CLOSED</CURRENT_STATE><STATS><LAST_CLOSED_DATETIME>{closed}</LAST_CLOSED_DATETIME></STATS>"
        );
        due("2026-10-08T12:00:00Z", &inside)("resolved-late")
    };
    assert_eq!(late("2026-10-08T11:59:59Z"), Value::Boolean(false));
    assert_eq!(late("2026-10-08T12:00:00Z"), Value::Boolean(false), "the due date itself is in time");
    assert_eq!(late("2026-10-08T12:00:01Z"), Value::Boolean(true));
}

#[test]
fn a_ticket_is_reopened_as_often_as_it_becomes_open_after_another_state() {
    let reopened = |states: &[&str]| {
        let entries = states.iter().enumerate();
        let history: String =
            entries.map(|(day, state)| happened(&format!("2026-09-{:02}", day + 1), state)).collect();
        ticket(&format!("<HISTORY_LIST>{history}</HISTORY_LIST>"))("times-reopened")
    };
    assert_eq!(reopened(&["OPEN"]), Value::Integer(0));
    assert_eq!(reopened(&["OPEN", "OPEN"]), Value::Integer(0), "it stayed open");
    assert_eq!(reopened(&["OPEN", "RESOLVED", "CLOSED"]), Value::Integer(0));
    assert_eq!(reopened(&["OPEN", "RESOLVED", "OPEN", "OPEN", "CLOSED", "OPEN"]), Value::Integer(2));
}

/// The outcome of a suggested test for one ticket.
fn outcome(test: &str, inside: &str) -> Outcome {
    let proof_type = (crate::proofs::tickets::PROOF.describe)();
    let test = proof_type.suggested.iter().find(|it| it.name == test).expect("a suggested test").clone();
    let mut tester = Tester::open(&proof_type, &[test], at("2026-11-01")).expect("makes sense");
    let value = ticket(inside);
    let row = tester.fields().iter().map(|it| value(it)).collect();
    tester.observe(&[row]).expect("looks").outcomes[0]
}

#[test]
fn the_days_for_a_severity_are_whole_days() {
    for (test, severity, last_day, day_before) in [
        ("severity-5-within-15-days", 5, "2026-10-17", "2026-10-16"),
        ("severity-4-within-30-days", 4, "2026-10-02", "2026-10-01"),
    ] {
        let of = |severity: u32, created: &str, rest: &str| {
            let inside = format!(
                "<CREATION_DATETIME>{created}T00:00:00Z</CREATION_DATETIME>{rest}\
                 <VULNINFO><SEVERITY>{severity}</SEVERITY></VULNINFO>"
            );
            outcome(test, &inside)
        };
        let resolved = |at: &str| {
            format!(
                "<CURRENT_STATE>RESOLVED</CURRENT_STATE><STATS><LAST_RESOLVED_DATETIME>{at}</LAST_RESOLVED_DATETIME></STATS>"
            )
        };
        let open = "<CURRENT_STATE>OPEN</CURRENT_STATE>";
        // From the last day on that passes, the time is over on 2026-11-01.
        assert_eq!(of(severity, last_day, &resolved("2026-11-01T00:00:00Z")), Outcome::Pass, "{test}");
        assert_eq!(of(severity, last_day, &resolved("2026-11-01T00:00:01Z")), Outcome::Fail, "{test}");
        assert_eq!(of(severity, last_day, open), Outcome::Pass, "{test}");
        assert_eq!(of(severity, day_before, open), Outcome::Fail, "{test}");
        assert_eq!(of(3, day_before, open), Outcome::NotApplicable, "{test}: another severity");
        let ignored = "<CURRENT_STATE>CLOSED</CURRENT_STATE><CURRENT_STATUS>IGNORED</CURRENT_STATUS>";
        assert_eq!(of(severity, day_before, ignored), Outcome::NotApplicable, "{test}: ignored");
    }
}

#[test]
fn an_empty_state_is_no_state() {
    let stateless = ticket(
        "<DUE_DATETIME>2026-09-01T00:00:00Z</DUE_DATETIME><CURRENT_STATE/><CURRENT_STATUS>FIXED</CURRENT_STATUS>",
    );
    assert_eq!(stateless("status"), Value::Empty);
    assert_eq!(stateless("state-detail"), Value::Text("FIXED".to_owned()));
    assert_eq!(stateless("overdue"), Value::Absent, "whether it is still open is unknown");
}

#[test]
fn an_event_says_itself_what_the_state_was_before() {
    let event = |date: &str, old: &str, new: &str| {
        format!("<HISTORY>{date}<STATE><OLD>{old}</OLD><NEW>{new}</NEW></STATE></HISTORY>")
    };
    let date = |it: &str| format!("<DATETIME>{it}</DATETIME>");
    let reopened = |events: &[String]| {
        let it = ticket(&format!("<HISTORY_LIST>{}</HISTORY_LIST>", events.concat()));
        (it("times-reopened"), it("history"))
    };
    let texts = |it: &[&str]| Value::Texts(it.iter().map(|it| (*it).to_owned()).collect());

    let first = event(&date("2026-09-01T00:00:00Z"), "", "OPEN");
    let again = event(&date("2026-09-09T00:00:00"), "CLOSED", "OPEN");
    assert_eq!(
        reopened(&[first.clone(), again]),
        (
            Value::Integer(1),
            texts(&["2026-09-01T00:00:00Z to OPEN", "2026-09-09T00:00:00Z from CLOSED to OPEN"])
        )
    );
    let closed = event("<DATETIME/>", "", "CLOSED");
    let again = event(&date("2026-09-09T00:00:00Z"), "", "OPEN");
    assert_eq!(
        reopened(&[first, closed, again]),
        (
            Value::Integer(1),
            texts(&["2026-09-01T00:00:00Z to OPEN", "to CLOSED", "2026-09-09T00:00:00Z to OPEN"])
        )
    );
    assert_eq!(reopened(&[]), (Value::Absent, Value::Empty), "a history without events");
}
