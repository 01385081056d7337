//! What is asked for.

use exhibit_plugin::catalog::ProvenTime;
use exhibit_plugin::collection::{Body, Effect, Method};
use exhibit_plugin::types::Window;
use exhibit_plugin::{Error, Plugin as _, Value};

use super::{EMPTY, assets, parts};
use crate::Qualys;
use crate::testing::{Setup, collect, refused};

#[test]
fn asks_for_the_window_where_the_api_can() {
    let window = Window { start: 1_790_812_800_000, end: 1_793_491_200_000 };
    for (proof, from, to) in [
        ("assets", "vm_scan_date_after", "vm_scan_date_before"),
        ("vm-scans", "launched_after_datetime", "launched_before_datetime"),
        ("pc-scans", "launched_after_datetime", "launched_before_datetime"),
        ("tickets", "modified_since_datetime", "unmodified_since_datetime"),
    ] {
        let body = EMPTY.replace(
            "HOST_LIST_OUTPUT",
            if proof == "assets" { "HOST_LIST_OUTPUT" } else { "SCAN_LIST_OUTPUT" },
        );
        let body =
            if proof == "tickets" { "<REMEDIATION_TICKETS><HEADER/></REMEDIATION_TICKETS>" } else { &body };
        let collected = collect(Setup::new(proof).window(window), &[body]).expect(proof);
        let query = &collected.requests[0].query;
        let value = |name: &str| query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        // The edges of tickets are documented; of the others, a second more is asked for.
        let tickets = proof == "tickets";
        let expected = if tickets { "2026-10-01T00:00:00Z" } else { "2026-09-30T23:59:59Z" };
        assert_eq!(value(from), Some(expected), "{proof}");
        let expected = if tickets { "2026-11-01T00:00:00Z" } else { "2026-11-01T00:00:01Z" };
        assert_eq!(value(to), Some(expected), "{proof}");
    }
}

#[test]
fn a_window_is_refused_where_qualys_has_none() {
    let window = Window { start: 0, end: 1 };
    for proof in Qualys::manifest().proof_types.iter().filter(|it| it.window.is_none()) {
        let refused = collect(Setup::new(&proof.name).window(window), &[]).expect_err("refused");
        assert!(
            matches!(&refused, Error::Invalid(it) if it.message.contains("takes no window")),
            "{refused:?}"
        );
    }
}

#[test]
fn a_window_that_was_chosen_is_said_where_it_proves_something() {
    for proof in Qualys::manifest().proof_types {
        let body = match proof.name.as_str() {
            "assets" => EMPTY,
            "certificates" => "[]",
            "tickets" => "<REMEDIATION_TICKETS><HEADER/></REMEDIATION_TICKETS>",
            "users" => {
                "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>a</USER_LOGIN></USER></USER_LIST></USER_LIST_OUTPUT>"
            }
            "was-scans" => {
                "<ServiceResponse><responseCode>SUCCESS</responseCode><count>0</count></ServiceResponse>"
            }
            "detections" => &EMPTY.replace("HOST_LIST_OUTPUT", "HOST_LIST_VM_DETECTION_OUTPUT"),
            "scan-schedules" => &EMPTY.replace("HOST_LIST_OUTPUT", "SCHEDULE_SCAN_LIST_OUTPUT"),
            _ => &EMPTY.replace("HOST_LIST_OUTPUT", "SCAN_LIST_OUTPUT"),
        };
        let proves = proof.window.as_ref().map(|it| it.proves);
        let of_events = proves == Some(ProvenTime::Events);
        let chosen = collect(Setup::new(&proof.name), &[body]).expect(&proof.name).summary.window;
        assert_eq!(chosen.is_some(), of_events, "{}: {chosen:?}", proof.name);
        if proves.is_some() {
            let given = Setup::new(&proof.name).window(Window { start: 0, end: 1_793_491_200_000 });
            assert_eq!(collect(given, &[body]).expect(&proof.name).summary.window, None, "{}", proof.name);
        }
    }
}

#[test]
fn tickets_of_all_states_are_asked_for() {
    let empty = "<REMEDIATION_TICKETS><HEADER/></REMEDIATION_TICKETS>";
    let states = |setup: Setup| {
        let collected = collect(setup, &[empty]).expect("collects");
        let states: Vec<String> = collected.requests[0]
            .query
            .iter()
            .filter(|(it, _)| it == "states")
            .map(|(_, it)| it.clone())
            .collect();
        states
    };
    assert_eq!(states(Setup::new("tickets")), ["OPEN,RESOLVED,CLOSED,IGNORED"]);
    assert_eq!(states(Setup::new("tickets").with("states", &["OPEN"])), ["OPEN"]);
}

#[test]
fn versions_are_settings() {
    let path = |setup: Setup| collect(setup, &[EMPTY]).map(|it| it.requests[0].path.clone());
    assert_eq!(path(assets()).ok().as_deref(), Some("/api/5.0/fo/asset/host/"));
    let version = |it: &str| assets().set("host-list-version", Value::Text(it.to_owned()));
    assert_eq!(path(version("2.0")).ok().as_deref(), Some("/api/2.0/fo/asset/host/"));
    for bad in ["", "../..", "2.0/x", "5.0?", "..", ".", "5", "2.", "1234.0"] {
        assert_eq!(path(version(bad)).map_err(parts).expect_err(bad).0, "invalid", "{bad}");
    }
}

#[test]
fn long_criteria_go_into_a_body() {
    let many: Vec<String> = (0..200).map(|it| format!("192.0.2.{it}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let collected = collect(assets().with("ips", &many), &[EMPTY]).expect("collects");
    let request = &collected.requests[0];
    assert_eq!((request.method, request.query.len()), (Method::Post, 0));
    assert!(matches!(&request.body, Body::Form(form) if form.iter().any(|(name, _)| name == "ips")));
}

#[test]
fn an_address_has_at_most_1500_bytes_of_parameters() {
    let request = |setup: Setup| collect(setup, &[EMPTY]).expect("collects").requests.remove(0);
    // With what separates them: `&` and `=`.
    let bytes =
        |it: &[(String, String)]| it.iter().map(|(name, value)| name.len() + value.len() + 2).sum::<usize>();
    let room = 1_500 - bytes(&request(assets()).query) - "ips".len() - 2;
    let fits = request(assets().with("ips", &[&"1".repeat(room)]));
    assert_eq!((fits.method, bytes(&fits.query)), (Method::Get, 1_500));
    assert_eq!(request(assets().with("ips", &[&"1".repeat(room + 1)])).method, Method::Post);
}

#[test]
fn each_request_says_who_asks_and_how_it_is_signed() {
    let request = collect(assets(), &[EMPTY]).expect("collects").requests.remove(0);
    // Without the header Qualys refuses every call to /api/.
    assert_eq!(request.headers, [("x-requested-with".to_owned(), "exhibit".to_owned())]);
    assert_eq!((request.origin.as_str(), request.auth.as_deref()), ("api", Some("basic")));
    assert_eq!(request.effect, Effect::Read, "so it may be repeated");
}

#[test]
fn criteria_that_make_no_sense_are_refused() {
    let strange = assets().with("colour", &["red"]);
    let (case, _, message) = parts(refused(strange, &[]));
    assert_eq!(
        (case, message.as_str()),
        ("invalid", "unknown criterion \"colour\": choose from ips, asset-groups, tags")
    );
    for odd in ["", "a,b"] {
        assert_eq!(parts(refused(assets().with("tags", &[odd]), &[])).0, "invalid", "{odd:?}");
    }
    assert_eq!(parts(refused(assets().set("quota-reserve", Value::Integer(-1)), &[])).0, "invalid");
    let backwards = assets().window(Window { start: 1, end: 1 });
    assert_eq!(parts(refused(backwards, &[])).0, "invalid");
    assert_eq!(parts(refused(assets().set("page-size", Value::Integer(0)), &[])).0, "invalid");
}
