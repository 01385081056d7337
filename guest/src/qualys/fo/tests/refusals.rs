//! Answers that are no list: errors, pauses, and what only looks like an empty one.

use exhibit_plugin::Value;
use exhibit_plugin::collection::PauseReason;

use super::{EMPTY, assets, case, hosts, parts, simple_return, warning};
use crate::testing::{Reply, Setup, collect, collect_from, refused};

#[test]
fn a_refusal_after_records_is_the_end() {
    // A pause would have the records come twice.
    let late = "<REMEDIATION_TICKETS><HEADER/><TICKET_LIST><TICKET><NUMBER>1</NUMBER></TICKET><TICKET>\
                <NUMBER>2</NUMBER></TICKET></TICKET_LIST><ERROR number=\"1965\">limit</ERROR></REMEDIATION_TICKETS>";
    assert_eq!(parts(refused(Setup::new("tickets"), &[Reply::new(200, late)])).1.as_deref(), Some("1965"));
}

#[test]
fn a_list_under_another_status_is_no_list() {
    let collected = collect_from(assets(), &[Reply::new(503, &hosts(&[1, 2], "")), Reply::new(200, EMPTY)]);
    assert_eq!(collected.expect("collects").rows.len(), 0, "it was asked for again");
    assert_eq!(case(Reply::new(500, &hosts(&[1, 2], ""))), "unavailable");
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
    assert_eq!(parts(error).2, "Qualys sent only IDs, without the HOST records that were requested");
}

#[test]
fn a_bare_root_is_no_empty_list() {
    assert_eq!(case(Reply::new(200, "<HOST_LIST_OUTPUT><RESPONSE/></HOST_LIST_OUTPUT>")), "malformed");
    let users = "<USER_LIST_OUTPUT><USER_LIST/></USER_LIST_OUTPUT>";
    assert_eq!(parts(refused(Setup::new("users"), &[Reply::new(200, users)])).0, "malformed");
}

#[test]
fn no_other_answer_is_an_empty_list() {
    assert_eq!(case(Reply::new(200, "")), "denied", "what Qualys does where API access is off");
    assert_eq!(case(Reply::new(200, " \n ")), "denied");
    assert_eq!(case(Reply::new(200, "<?xml version=\"1.0\"?>")), "malformed", "it was cut off");
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
        parts(refused(assets(), &[Reply::new(200, &simple_return(2001, "This account has expired.", ""))]));
    assert_eq!((case, code.as_deref()), ("denied", Some("2001")));
    assert_eq!(message, "the account has expired: \"This account has expired.\"");

    let tickets = |body: &str| parts(refused(Setup::new("tickets"), &[Reply::new(200, body)]));
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

/// What is said about an answer, after its case.
fn said(status: u16, body: &str) -> String {
    let (case, _, message) = parts(refused(assets(), &[Reply::new(status, body)]));
    format!("{case}: {message}")
}

#[test]
fn each_code_says_what_is_wrong_whatever_the_status() {
    for (codes, expected) in [
        (&[2000][..], "denied: Qualys rejected the user name or the password"),
        (&[2001], "denied: the account has expired"),
        (&[2002], "denied: the account is not active"),
        (&[2003], "denied: the account's registration is not complete"),
        (&[2011], "denied: the account requires a second factor, so it cannot use the API"),
        (&[2012], "unlicensed: the account's licence or role does not cover this API"),
        (&[1901, 1903, 1904, 1905, 1907, 1908, 1920, 1922], "rejected: Qualys refused the request"),
        (&[999, 1981], "unavailable: Qualys reported an internal error"),
    ] {
        for code in codes {
            for status in [200, 400, 401, 403, 404, 409, 500] {
                assert_eq!(said(status, &simple_return(*code, "", "")), expected, "{code} under {status}");
            }
        }
    }
    assert_eq!(said(200, &simple_return(1234, "no", "")), "rejected: Qualys refused the request: \"no\"");
    assert_eq!(said(200, &simple_return(1234, "", "")), "rejected: Qualys refused the request");
}

#[test]
fn without_a_code_the_status_says_what_is_wrong() {
    for (status, expected) in [
        (202, "unavailable: Qualys has accepted the request, but has no result yet (HTTP 202)"),
        (204, "malformed: Qualys sent neither data nor a reason (HTTP 204)"),
        (302, "rejected: Qualys refused the request (HTTP 302)"),
        (400, "rejected: Qualys refused the request (HTTP 400)"),
        (401, "denied: Qualys rejected the user name or the password"),
        (403, "denied: the account has no permission to use this API (HTTP 403)"),
        (404, "rejected: Qualys does not have this API (HTTP 404)"),
        (499, "rejected: Qualys refused the request (HTTP 499)"),
        (500, "unavailable: Qualys failed with a server error (HTTP 500)"),
    ] {
        assert_eq!(said(status, ""), expected);
    }
    // Whatever a page looks like, these are about the account and the request.
    for status in [202, 401] {
        assert_eq!(said(status, "<html><body>a page</body></html>"), said(status, ""));
    }
}

#[test]
fn a_retry_that_cannot_help_is_not_made() {
    // A server that is down, and a rate limit, are waited for; but not where the account or the request is wrong.
    for status in [429, 503] {
        for (code, expected) in [(2000, "denied"), (2002, "denied"), (2012, "unlicensed"), (1901, "rejected")]
        {
            let reply = Reply::new(status, &simple_return(code, "", ""));
            assert_eq!(case(reply), expected, "{code} under {status}");
        }
    }
    // Of codes in between it is only known that they are about the account or the request; the status says more.
    for code in [1902, 1906, 2004, 2010] {
        assert_eq!(case(Reply::new(429, &simple_return(code, "", ""))), "rejected", "{code}");
    }
}

#[test]
fn a_conflict_that_names_a_time_to_wait_is_a_rate_limit() {
    let limited = Reply::new(409, "").header("x-ratelimit-towait-sec", "41");
    let collected = collect_from(assets(), &[limited, Reply::new(200, EMPTY)]).expect("collects");
    assert_eq!((collected.pauses[0].reason, collected.pauses[0].seconds), (PauseReason::RateLimit, 42));
    assert_eq!(said(409, ""), "rejected: Qualys refused the request (HTTP 409)");
}

#[test]
fn a_page_and_a_status_message_instead_of_data_are_named_as_that() {
    for page in ["<html><body>Down for maintenance</body></html>", "<!DOCTYPE html><HTML><p>Sign in"] {
        assert_eq!(
            said(200, page),
            "malformed: Qualys, or a proxy in between, sent a web page instead of data"
        );
    }
    for message in ["<SIMPLE_RETURN/>", "<GENERIC_RETURN></GENERIC_RETURN>"] {
        assert_eq!(
            said(200, message),
            "malformed: Qualys sent a status message instead of data, and the message is empty"
        );
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
    insta::assert_snapshot!(remedy, @"check both; Qualys answers alike on another platform (compare the console's address: step 1 of the guide, Find the platform), without API access (step 2 of the guide, Create the user), and for accounts that sign in by SSO (step 3 of the guide, Switch SSO off for it)");
}

#[test]
fn every_error_names_a_next_step() {
    let next_step = |reply: Reply| refused(assets(), &[reply]).problem().remedy.is_some();
    let stuck = hosts(&[1], &warning("https://x.example/?id_min=0"));
    for body in
        ["Service Unavailable", "<OTHER/>", "<HOST_LIST_OUTPUT/>", "", "<html>", &stuck, &stuck[..180]]
    {
        assert!(next_step(Reply::new(200, body)), "{body}");
    }
    for status in [202, 300, 400, 401, 403, 404, 409, 414, 418, 500, 502] {
        assert!(next_step(Reply::new(status, "")), "{status}");
        assert!(next_step(Reply::new(status, &simple_return(1, "no", ""))), "{status}, with a message");
    }
}

#[test]
fn waits_as_long_as_qualys_asks() {
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
    assert_eq!(pause(Reply::new(503, &simple_return(999, "down", ""))), (PauseReason::Maintenance, 15));
}

#[test]
fn gives_up_after_many_pauses() {
    let busy = Reply::new(409, &simple_return(1960, "busy", ""));
    let error = refused(assets(), &vec![busy; 31]);
    assert_eq!(parts(error).0, "unavailable");
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
    assert_eq!((collected.pauses[0].seconds, collected.pauses[0].connection_wide), (450, true));

    let greedy = assets().set("quota-reserve", Value::Integer(0));
    let collected = collect_from(greedy, &[first, Reply::new(200, &hosts(&[2], ""))]).expect("collects");
    assert!(collected.pauses.is_empty());
}

#[test]
fn a_web_page_of_something_in_between_is_not_blamed_on_the_account() {
    let page = "<html><head><title>Blocked</title></head><body><p>not & closed</body>";
    for (status, kind) in [(403, "denied"), (414, "rejected"), (502, "unavailable")] {
        let (case, _, message) = parts(refused(assets(), &[Reply::new(status, page)]));
        assert_eq!(case, kind);
        assert_eq!(
            message,
            format!(
                "Qualys, or a proxy or gateway in between, answered with a web page (HTTP {status}) instead of data"
            )
        );
    }
    // What Qualys itself says is Qualys'.
    let own = simple_return(2012, "This account may not use this API.", "");
    assert_eq!(parts(refused(assets(), &[Reply::new(403, &own)])).0, "unlicensed");
}
