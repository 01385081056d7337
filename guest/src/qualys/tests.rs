//! The traps of Qualys' APIs, each with what must come of it.

use exhibit_plugin::collection::{Body, Method, PauseReason};
use exhibit_plugin::types::Window;
use exhibit_plugin::{Error, Value};
use proptest::prelude::*;

use crate::testing::{Given, Reply, collect, collect_from, refused};

const EMPTY: &str =
    "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME></RESPONSE></HOST_LIST_OUTPUT>";

fn assets() -> Given {
    Given::new("assets")
}

/// An answer with hosts of these ids, and whatever else stands in its response.
fn hosts(ids: &[u32], rest: &str) -> String {
    let hosts: String = ids.iter().map(|id| format!("<HOST><ID>{id}</ID></HOST>")).collect();
    format!(
        "<?xml version=\"1.0\"?><!DOCTYPE HOST_LIST_OUTPUT SYSTEM \"https://api.example/x.dtd\">\
         <HOST_LIST_OUTPUT><RESPONSE><DATETIME>now</DATETIME><HOST_LIST>{hosts}</HOST_LIST>{rest}</RESPONSE></HOST_LIST_OUTPUT>"
    )
}

fn warning(url: &str) -> String {
    format!("<WARNING><CODE>1980</CODE><TEXT>cut</TEXT><URL>\n<![CDATA[{url}]]>\n</URL></WARNING>")
}

fn simple_return(code: u32, text: &str, items: &str) -> String {
    format!(
        "<SIMPLE_RETURN><RESPONSE><DATETIME>now</DATETIME><CODE>{code}</CODE><TEXT>{text}</TEXT>{items}</RESPONSE></SIMPLE_RETURN>"
    )
}

/// The case of an error, its code, and its message.
fn told(error: Error) -> (&'static str, Option<String>, String) {
    let case = match error {
        Error::Denied(_) => "denied",
        Error::Unlicensed(_) => "unlicensed",
        Error::Invalid(_) => "invalid",
        Error::Rejected(_) => "rejected",
        Error::Unavailable(_) => "unavailable",
        Error::Malformed(_) => "malformed",
    };
    let problem = error.problem().clone();
    (case, problem.code, problem.message)
}

fn case(reply: Reply) -> &'static str {
    told(refused(assets(), &[reply])).0
}

fn ids(given: Given, bodies: &[&str]) -> Vec<i64> {
    let rows = collect(given, bodies).expect("collects").rows;
    rows.iter().map(|row| if let Value::Integer(id) = row[7] { id } else { panic!("no id") }).collect()
}

#[test]
fn pages_on_with_the_query_of_the_warning() {
    let url =
        "https://internal.example:444/api/4.0/fo/asset/host/?action=list&truncation_limit=2&flag=0&id_min=3";
    let (first, second) = (hosts(&[1, 2], &warning(url)), hosts(&[3], ""));
    let collected = collect(assets(), &[&first, &second]).expect("collects");
    assert_eq!(collected.rows.len(), 3);
    let next = &collected.requests[1];
    assert_eq!((next.origin.as_str(), next.path.as_str()), ("api", "/api/5.0/fo/asset/host/"));
    let value = |name: &str| next.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    assert_eq!(value("id_min"), Some("3"));
    assert_eq!(value("truncation_limit"), Some("2"), "Qualys' own parameters count");
    assert_eq!(value("flag"), Some("0"));
    assert_eq!(value("show_tags"), Some("1"), "ours stay");
}

#[test]
fn refuses_pages_that_do_not_move_on() {
    let same = warning("https://x.example/?action=list&id_min=3");
    let (first, second) = (hosts(&[1, 2], &same), hosts(&[3], &same));
    let error = refused(assets(), &[Reply::new(200, &first), Reply::new(200, &second)]);
    assert_eq!(told(error).2, "the page after id_min 3 leads to id_min 3: pages must move on");
}

#[test]
fn reads_a_plain_escaped_address() {
    let plain = "<WARNING><URL>https://x.example/?action=list&amp;id_min=3</URL></WARNING>";
    assert_eq!(ids(assets(), &[&hosts(&[1, 2], plain), &hosts(&[3], "")]), [1, 2, 3]);
}

#[test]
fn counts_a_host_at_a_border_once() {
    let next = warning("https://x.example/?id_min=2");
    let collected = collect(assets(), &[&hosts(&[1, 2], &next), &hosts(&[2, 3], "")]).expect("collects");
    assert_eq!((collected.rows.len(), collected.summary.duplicates), (3, 1));
}

#[test]
fn an_empty_list_is_a_result_where_qualys_says_so() {
    let collected = collect(assets(), &[EMPTY]).expect("collects");
    assert_eq!((collected.rows.len(), collected.summary.pages), (0, 1));
}

#[test]
fn ids_alone_are_no_empty_list() {
    let answer = "<HOST_LIST_OUTPUT><RESPONSE><DATETIME>now</DATETIME><ID_SET><ID>7</ID></ID_SET></RESPONSE></HOST_LIST_OUTPUT>";
    let error = refused(assets(), &[Reply::new(200, answer)]);
    assert_eq!(told(error).2, "Qualys answered with ids alone, without the HOST records that were asked for");
}

#[test]
fn a_bare_root_is_no_empty_list() {
    assert_eq!(case(Reply::new(200, "<HOST_LIST_OUTPUT><RESPONSE/></HOST_LIST_OUTPUT>")), "malformed");
    let users = "<USER_LIST_OUTPUT><USER_LIST/></USER_LIST_OUTPUT>";
    assert_eq!(told(refused(Given::new("users"), &[Reply::new(200, users)])).0, "malformed");
}

#[test]
fn no_other_answer_is_an_empty_list() {
    assert_eq!(case(Reply::new(200, "")), "denied", "what Qualys does where API access is off");
    assert_eq!(case(Reply::new(200, " \n ")), "denied");
    for body in [
        "<html><body>Down for maintenance<br></body></html>",
        "<!DOCTYPE html><HTML><p>Sign in",
        "Service Unavailable",
        "{\"message\": \"no\"}",
        "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME>now</DATETIME></RESPONSE></SCAN_LIST_OUTPUT>",
        "<SIMPLE_RETURN><RESPONSE><DATETIME>now</DATETIME></RESPONSE></SIMPLE_RETURN>",
        &hosts(&[1], "")[..180],
    ] {
        assert_eq!(case(Reply::new(200, body)), "malformed", "{body}");
    }
}

#[test]
fn errors_under_status_200_are_errors() {
    let (case, code, message) =
        told(refused(assets(), &[Reply::new(200, &simple_return(2001, "This account has expired.", ""))]));
    assert_eq!((case, code.as_deref()), ("denied", Some("2001")));
    assert_eq!(message, "the account has expired: \"This account has expired.\"");

    let tickets = |body: &str| told(refused(Given::new("tickets"), &[Reply::new(200, body)]));
    let error =
        tickets("<REMEDIATION_TICKETS><ERROR number=\"999\">Internal error</ERROR></REMEDIATION_TICKETS>");
    assert_eq!((error.0, error.1.as_deref()), ("unavailable", Some("999")));
    let error = tickets(
        "<GENERIC_RETURN><RETURN status=\"FAILED\" number=\"2000\">Bad Login/Password</RETURN></GENERIC_RETURN>",
    );
    assert_eq!((error.0, error.1.as_deref()), ("denied", Some("2000")));
    let error = tickets("<REMEDIATION_TICKETS><ERROR>Missing parameter</ERROR></REMEDIATION_TICKETS>");
    assert_eq!(error.0, "rejected");
}

#[test]
fn each_code_and_status_has_its_case() {
    for (status, code, expected) in [
        (401, 2000, "denied"),
        (403, 2002, "denied"),
        (409, 2003, "denied"),
        (409, 2011, "denied"),
        (403, 2012, "unlicensed"),
        (400, 1901, "rejected"),
        (400, 1903, "rejected"),
        (400, 1904, "rejected"),
        (400, 1905, "rejected"),
        (400, 1907, "rejected"),
        (400, 1908, "rejected"),
        (409, 1920, "rejected"),
        (400, 1922, "rejected"),
        (500, 999, "unavailable"),
    ] {
        assert_eq!(case(Reply::new(status, &simple_return(code, "", ""))), expected, "{status} {code}");
    }
    for (status, expected) in [
        (400, "rejected"),
        (401, "denied"),
        (403, "denied"),
        (404, "rejected"),
        (409, "rejected"),
        (414, "rejected"),
        (202, "unavailable"),
        (500, "unavailable"),
        (502, "unavailable"),
        (504, "unavailable"),
    ] {
        assert_eq!(case(Reply::new(status, "<html>an <b>error page")), expected, "{status}");
        assert_eq!(case(Reply::new(status, "")), expected, "{status}, empty");
    }
}

#[test]
fn a_wrong_password_says_what_else_it_may_be() {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>{}",
        simple_return(2000, "Bad Login/Password", "")
    );
    let error = refused(assets(), &[Reply::new(401, &body)]);
    let remedy = error.problem().remedy.clone().expect("something to do");
    insta::assert_snapshot!(remedy, @"check both; check the platform, as on a wrong one every password looks wrong; check that the account may use the API and has a password of its own, as SSO accounts have not");
}

#[test]
fn waits_as_long_as_it_is_told() {
    let ok = Reply::new(200, EMPTY);
    let pause = |reply: Reply| {
        let collected = collect_from(assets(), &[reply, ok.clone()]).expect("collects");
        let [pause] = collected.pauses.as_slice() else { panic!("one pause") };
        (pause.reason, pause.seconds)
    };
    let items = "<ITEM_LIST><ITEM><KEY>SECONDS_TO_WAIT</KEY><VALUE>86274</VALUE></ITEM></ITEM_LIST>";
    let limited = Reply::new(409, &simple_return(1965, "not yet", items));
    assert_eq!(pause(limited.clone().header("X-RateLimit-ToWait-Sec", "41")), (PauseReason::RateLimit, 42));
    assert_eq!(pause(limited), (PauseReason::RateLimit, 86_275), "the body, without the header");
    assert_eq!(pause(Reply::new(409, &simple_return(1965, "not yet", ""))), (PauseReason::RateLimit, 15));
    let crowded = simple_return(
        1960,
        "busy",
        "<ITEM_LIST><ITEM><KEY>CALLS_TO_FINISH</KEY><VALUE>2</VALUE></ITEM></ITEM_LIST>",
    );
    assert_eq!(pause(Reply::new(409, &crowded)), (PauseReason::ConcurrencyLimit, 15));
    let gateway = Reply::new(429, "429 Too Many Requests").header("retry-after", "7");
    assert_eq!(pause(gateway), (PauseReason::RateLimit, 7));
    assert_eq!(pause(Reply::new(503, "<html>back soon")), (PauseReason::Maintenance, 15));
    assert_eq!(
        pause(Reply::new(503, &simple_return(1999, "maintenance", ""))),
        (PauseReason::Maintenance, 15)
    );
}

#[test]
fn gives_up_after_many_pauses() {
    let busy = Reply::new(409, &simple_return(1960, "busy", ""));
    let error = refused(assets(), &vec![busy; 31]);
    assert_eq!(told(error).0, "unavailable");
}

#[test]
fn leaves_calls_to_other_tools() {
    let next = warning("https://x.example/?id_min=2");
    let first = Reply::new(200, &hosts(&[1], &next))
        .header("x-ratelimit-limit", "300")
        .header("x-ratelimit-window-sec", "3600")
        .header("x-ratelimit-remaining", "29");
    let collected =
        collect_from(assets(), &[first.clone(), Reply::new(200, &hosts(&[2], ""))]).expect("collects");
    assert_eq!(collected.pauses.len(), 1);
    assert_eq!((collected.pauses[0].seconds, collected.pauses[0].connection_wide), (24, true));

    let greedy = assets().set("quota-reserve", Value::Integer(0));
    let collected = collect_from(greedy, &[first, Reply::new(200, &hosts(&[2], ""))]).expect("collects");
    assert!(collected.pauses.is_empty());
}

#[test]
fn repairs_what_is_not_xml_and_says_so() {
    let mut body = b"<HOST_LIST_OUTPUT><RESPONSE><HOST_LIST><HOST><ID>1</ID><OS><![CDATA[Lin".to_vec();
    body.extend_from_slice(b"\x00\x1b\xff");
    body.extend_from_slice(b"ux]]></OS></HOST></HOST_LIST></RESPONSE></HOST_LIST_OUTPUT>");
    let collected = collect_from(assets(), &[Reply::bytes(&body)]).expect("collects");
    assert_eq!(collected.rows[0][2], Value::Text("Lin\u{FFFD}\u{FFFD}\u{FFFD}ux".to_owned()));
    assert!(collected.summary.notes.iter().any(|it| it.contains("replaced by U+FFFD")));
}

#[test]
fn refuses_definitions_of_entities() {
    let bomb = "<!DOCTYPE HOST_LIST_OUTPUT [<!ENTITY a \"aa\">]>".to_owned() + EMPTY;
    assert_eq!(case(Reply::new(200, &bomb)), "malformed");
}

#[test]
fn minds_neither_comments_nor_case_nor_a_missing_declaration() {
    let plain = hosts(&[1, 2], "");
    let comment = "<!-- This report was generated with an evaluation version //-->";
    let commented = plain
        .replace("<HOST>", &format!("{comment}<HOST>{comment}"))
        .replace("<HOST_LIST>", &format!("<HOST_LIST>{comment}"))
        + comment;
    assert_eq!(ids(assets(), &[&commented]), [1, 2]);
    assert_eq!(ids(assets(), &[&hosts(&[1, 2], "").replace("<?xml version=\"1.0\"?>", "")]), [1, 2]);
    let lower = plain.replace("HOST", "host").replace("<ID>", "<id>").replace("</ID>", "</id>");
    assert_eq!(ids(assets(), &[&lower]), [1, 2]);
}

#[test]
fn cdata_may_hold_markup() {
    let body = hosts(&[], "").replace(
        "<HOST_LIST>",
        "<HOST_LIST><HOST><ID>1</ID><OS><![CDATA[</OS></HOST><HOST><ID>9</ID>]]></OS></HOST>",
    );
    assert_eq!(ids(assets(), &[&body]), [1]);
}

#[test]
fn a_record_without_identity_is_rejected_and_counted() {
    let body = hosts(&[1], "").replace("</HOST_LIST>", "<HOST><IP>192.0.2.1</IP></HOST></HOST_LIST>");
    let collected = collect(assets(), &[&body]).expect("collects");
    assert_eq!(collected.rejected, ["HOST number 2 of its page: it has no identity"]);
    assert_eq!((collected.summary.rows, collected.summary.rejected), (1, 1));
}

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
        let collected = collect(Given::new(proof).window(window), &[body]).expect(proof);
        let query = &collected.requests[0].query;
        let value = |name: &str| query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
        assert_eq!(value(from), Some("2026-10-01T00:00:00Z"), "{proof}");
        assert_eq!(value(to), Some("2026-11-01T00:00:00Z"), "{proof}");
    }
    let body =
        "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>a</USER_LOGIN></USER></USER_LIST></USER_LIST_OUTPUT>";
    let users = collect(Given::new("users").window(window), &[body]).expect("collects");
    assert!(users.summary.notes.iter().any(|it| it.contains("the window could not be asked for")));
}

#[test]
fn tickets_of_all_states_are_asked_for() {
    let empty = "<REMEDIATION_TICKETS><HEADER/></REMEDIATION_TICKETS>";
    let states = |given: Given| {
        let collected = collect(given, &[empty]).expect("collects");
        let states: Vec<String> = collected.requests[0]
            .query
            .iter()
            .filter(|(it, _)| it == "states")
            .map(|(_, it)| it.clone())
            .collect();
        states
    };
    assert_eq!(states(Given::new("tickets")), ["OPEN,RESOLVED,CLOSED,IGNORED"]);
    assert_eq!(states(Given::new("tickets").with("states", &["OPEN"])), ["OPEN"]);
}

#[test]
fn versions_are_settings() {
    let path = |given: Given| collect(given, &[EMPTY]).map(|it| it.requests[0].path.clone());
    assert_eq!(path(assets()).ok().as_deref(), Some("/api/5.0/fo/asset/host/"));
    let version = |it: &str| assets().set("host-list-version", Value::Text(it.to_owned()));
    assert_eq!(path(version("2.0")).ok().as_deref(), Some("/api/2.0/fo/asset/host/"));
    for bad in ["", "../..", "2.0/x", "5.0?", "..", "123456789"] {
        assert_eq!(path(version(bad)).map_err(told).expect_err(bad).0, "invalid", "{bad}");
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
fn a_probe_asks_for_the_least() {
    let next = warning("https://x.example/?id_min=2");
    let collected = collect(assets().probe("assets"), &[&hosts(&[1], &next)]).expect("collects");
    assert_eq!(collected.requests.len(), 1, "and goes no further");
    assert!(collected.requests[0].query.contains(&("truncation_limit".to_owned(), "1".to_owned())));
}

#[test]
fn criteria_that_make_no_sense_are_refused() {
    let strange = assets().with("colour", &["red"]);
    let (case, _, message) = told(refused(strange, &[]));
    assert_eq!(
        (case, message.as_str()),
        ("invalid", "there is no criterion \"colour\"; there are ips, asset-groups, tags")
    );
    let backwards = assets().window(Window { start: 1, end: 1 });
    assert_eq!(told(refused(backwards, &[])).0, "invalid");
    assert_eq!(told(refused(assets().set("page-size", Value::Integer(0)), &[])).0, "invalid");
}

proptest! {
    #[test]
    fn chunks_make_no_difference(size in 1_usize..200) {
        let next = warning("https://x.example/?id_min=3");
        let (first, second) = (hosts(&[1, 2], &next), hosts(&[3, 4], ""));
        let bodies = [first.as_str(), second.as_str()];
        prop_assert_eq!(
            collect(assets().chunks_of(size), &bodies).expect("collects").rows,
            collect(assets(), &bodies).expect("collects").rows
        );
    }

    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..600, body: Vec<u8>, cut in 0_usize..400) {
        // These two make it wait, and ask again.
        prop_assume!(![429, 503].contains(&status));
        let _ = collect_from(assets(), &[Reply::bytes(&body)]);
        let whole = hosts(&[1, 2], "");
        let _ = collect_from(assets(), &[Reply::new(status, &whole[..cut.min(whole.len())])]);
    }
}
