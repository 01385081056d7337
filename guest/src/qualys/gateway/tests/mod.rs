//! The traps of the gateway's APIs, each with the required result.

use exhibit_plugin::Error;
use exhibit_plugin::collection::{Body, Effect, PauseReason, Request, Response, Step};
use exhibit_plugin::json::Json;

use crate::testing::{Collected, Reply, Setup, collect, collect_from, refused};

const EMPTY: &str = "[]";

fn certificates() -> Setup {
    Setup::new("certificates")
}

/// A page of certificates with these numbers.
fn page(numbers: impl IntoIterator<Item = u32>) -> String {
    let all: Vec<String> = numbers.into_iter().map(one).collect();
    format!("[{}]", all.join(","))
}

fn one(number: u32) -> String {
    format!(r#"{{"id":{number},"certhash":"{number:064x}","subject":{{"name":"h{number}.example"}}}}"#)
}

fn collected(bodies: &[&str]) -> Collected {
    collect(certificates(), bodies).expect("collects")
}

/// The case of an error, and what it says.
fn said(error: &Error) -> String {
    let case = match error {
        Error::Denied(_) => "denied",
        Error::Unlicensed(_) => "unlicensed",
        Error::Invalid(_) => "invalid",
        Error::Rejected(_) => "rejected",
        Error::Unavailable(_) => "unavailable",
        Error::Malformed(_) => "malformed",
    };
    let problem = error.problem();
    format!("{case}: {} -> {}", problem.message, problem.remedy.as_deref().unwrap_or("-"))
}

fn body(request: &Request) -> Json {
    let Body::Content(content) = &request.body else { panic!("no JSON") };
    assert_eq!(content.media_type, "application/json");
    String::from_utf8_lossy(&content.bytes).parse().expect("JSON")
}

fn pages(collected: &Collected) -> Vec<(u64, u64)> {
    let number = |json: &Json, name: &str| json.get(name).and_then(Json::as_u64).expect("a number");
    let of = |it: &Request| (number(&body(it), "pageNumber"), number(&body(it), "pageSize"));
    collected.requests.iter().map(of).collect()
}

#[test]
fn a_request_is_a_search_with_the_token() {
    let all = collected(&[EMPTY]);
    let request = &all.requests[0];
    assert_eq!((request.origin.as_str(), request.auth.as_deref()), ("gateway", Some("token")));
    assert_eq!((request.path.as_str(), &request.effect), ("/certview/v2.1/certificates", &Effect::Read));
    assert!(request.query.is_empty(), "filters in the address are not documented");
    assert_eq!(
        body(request).to_string(),
        r#"{"assetType":"ALL","includes":["ASSET_TAGS","EXTENSIVE_CERTIFICATE_INFO"],"pageNumber":0,"pageSize":200}"#
    );
}

#[test]
fn pages_are_read_until_one_is_empty() {
    let all = collected(&[&page(0..200), &page(200..203), &page(203..204), EMPTY]);
    assert_eq!(pages(&all), [(0, 200), (1, 200), (2, 200), (3, 200)]);
    assert_eq!((all.rows.len(), all.summary.pages, all.summary.declared), (204, 4, None));
    let note = "in no documented order and without a total";
    assert!(all.summary.notes.iter().any(|it| it.contains(note)), "{:?}", all.summary.notes);
}

#[test]
fn an_empty_list_is_only_what_says_that_it_is_empty() {
    for body in [EMPTY, " [ ]\n", r#"{"data":[]}"#, "\u{feff}[]", r#"{"message":"Success","data":[]}"#] {
        assert_eq!(collected(&[body]).rows.len(), 0, "{body}");
    }
    for (body, expected) in [
        ("", "empty answer"),
        ("{}", "JSON without a list"),
        (r#"{"data":null}"#, "JSON without a list"),
        ("null", "JSON without a list"),
        (r#"{"data":[],"data":[]}"#, "more than one list"),
        (r#"{"message":"try later","data":{}}"#, "try later"),
        (r#"{"message":"try later","data":[]}"#, "try later"),
        (r#"{"data":[],"errorMessage":"no such filter"}"#, "no such filter"),
        (r#"{"data":[],"status":"FAILED"}"#, "FAILED"),
        ("[", "truncated"),
        (r#"[{"certhash":"a"}"#, "truncated"),
        ("<html><body>Please wait</body></html>", "a web page"),
        ("\n <!DOCTYPE html>", "a web page"),
        ("certificates", "not JSON"),
    ] {
        let error = refused(certificates(), &[Reply::new(200, body)]);
        assert!(said(&error).contains(expected), "{body}: {}", said(&error));
        assert!(error.problem().remedy.is_some(), "{body}");
    }
}

#[test]
fn both_forms_of_a_list_are_read() {
    let wrapped = format!(r#"{{"data":{}}}"#, page(0..3));
    let all = collected(&[&wrapped, r#"{"data":[]}"#]);
    assert_eq!(all.rows, collected(&[&page(0..3), EMPTY]).rows);
}

#[test]
fn chunks_of_any_size_give_the_same_rows() {
    let (first, replies) = (page(0..3), |first: &str| [Reply::new(200, first), Reply::new(200, EMPTY)]);
    let whole = collect_from(certificates(), &replies(&first)).expect("collects").rows;
    for chunk in [1, 2, 7, 64] {
        let rows = collect_from(certificates().chunks_of(chunk), &replies(&first)).expect("collects").rows;
        assert_eq!(rows, whole, "{chunk}");
    }
    // The first byte that tells a page of HTML may come late.
    let html = Reply::new(200, "  \n\n <html></html>");
    let error = refused(certificates().chunks_of(1), &[html]);
    assert!(said(&error).contains("a web page"), "{}", said(&error));
}

#[test]
fn what_came_before_on_any_page_counts_once() {
    // One was added at the beginning of the list, between two pages, and another one later.
    let all = collected(&[&page([1, 2, 3]), &page([3, 4, 5]), &page([5, 1, 6]), EMPTY]);
    assert_eq!((all.rows.len(), all.summary.duplicates), (6, 3));
    let changed = r#"[{"id":2,"certhash":"02","subject":{"name":"another"}}]"#;
    let first = r#"[{"id":2,"certhash":"02","subject":{"name":"one"}}]"#;
    let all = collected(&[first, changed, EMPTY]);
    assert_eq!((all.rows.len(), all.summary.duplicates), (1, 1));
    assert!(
        all.summary.notes.iter().any(|it| it.contains("with different contents")),
        "{:?}",
        all.summary.notes
    );
    let upper = collected(&[r#"[{"certhash":"AB"},{"certhash":"ab"}]"#, EMPTY]);
    assert_eq!((upper.rows.len(), upper.summary.duplicates), (1, 1), "a fingerprint in any case");
}

#[test]
fn a_list_that_grows_is_read_to_its_end() {
    // More come at its beginning, as many as a page has: this page is the one before once more.
    let all = collected(&[&page(0..200), &page(0..200), &page(200..300), EMPTY]);
    assert_eq!((all.rows.len(), all.summary.duplicates), (300, 200));
}

#[test]
fn pages_that_only_repeat_end_with_an_error() {
    let first = page(0..3);
    let again =
        [Reply::new(200, &first), Reply::new(200, &first), Reply::new(200, &first), Reply::new(200, &first)];
    let error = refused(certificates(), &again);
    assert_eq!(
        said(&error),
        "malformed: stopped: 3 pages in a row, up to page 3, had only certificates that came before, and no page was empty \
         -> try again; if it fails again, report it to the author of the plugin, with the answer"
    );
    // In another order, it is no other page.
    let others = [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]].map(|it| Reply::new(200, &page(it)));
    assert!(said(&refused(certificates(), &others)).contains("3 pages in a row"));
    // Nor is one of which nothing becomes a row.
    let none = Reply::new(200, r#"[{"name":"neither hash nor id"}]"#);
    let none = [none.clone(), none.clone(), none.clone(), none];
    assert!(said(&refused(certificates(), &none)).contains("3 pages in a row"));
}

#[test]
fn the_next_process_knows_what_came_before() {
    let mut session = certificates().session().expect("opens");
    let answer = |session: &mut exhibit_plugin::Work, body: &str| {
        assert!(matches!(session.next(), Ok(Step::Send(_))));
        session.accept(&Response { status: 200, headers: vec![] }).expect("taken");
        let mut rows = session.feed(body.as_bytes()).expect("read").rows;
        rows.extend(session.end().expect("whole").rows);
        rows.len()
    };
    assert_eq!(answer(&mut session, &page(0..3)), 3);
    let checkpoint = session.checkpoint();
    let mut session = certificates().resumed(checkpoint).session().expect("resumes");
    assert_eq!(answer(&mut session, &page(2..5)), 2);
    assert_eq!(answer(&mut session, EMPTY), 0);
    let Ok(Step::Finished(summary)) = session.next() else { panic!("it goes on") };
    assert_eq!((summary.rows, summary.duplicates, summary.pages), (5, 1, 3));
}

#[test]
fn records_that_are_none_are_rejected_by_their_place() {
    let all = collected(&[r#"[{"certhash":"a"},7,{"certhash":"\u0000","id":null},{"id":5}]"#, EMPTY]);
    assert_eq!(
        all.rejected,
        [
            "certificate number 2 of page 0: it is not a JSON object",
            "certificate number 3 of page 0: its identifier is missing"
        ]
    );
    assert_eq!(all.rows.len(), 2);
}

#[test]
fn a_refusal_says_what_to_do() {
    let reply = |status: u16, body: &str| Reply::new(status, body);
    let all = [
        reply(401, r#"{"status":401,"error":"Unauthorized","message":"JWT expired"}"#),
        reply(401, ""),
        reply(403, r#"{"status":403,"error":"Forbidden"}"#),
        reply(403, "<html>Access denied</html>"),
        reply(404, r#"{"status":404,"message":"No static resource certview/v2.9/certificates."}"#),
        reply(404, "<html>Not found</html>"),
        reply(400, r#"{"_error":{"message":"Field certificate.colour is not known"}}"#),
        reply(400, "Bad filter"),
        reply(500, r#"{"timestamp":1,"error":"Internal Server Error"}"#),
        reply(502, "<html>Bad gateway</html>"),
        reply(202, "Retry Later Duplicate Operation"),
        reply(302, ""),
        reply(204, ""),
    ];
    let all = all.map(|it| said(&refused(certificates(), &[it])));
    insta::assert_snapshot!(all.join("\n"), @r#"
    denied: the gateway of Qualys refused the token, and a new one as well (HTTP 401): "JWT expired" -> check that the account has API access and may use CertView (step 6 of the guide, Give modules and permissions), and that the origins api and gateway are of the same platform (step 1 of the guide, Find the platform)
    denied: the gateway of Qualys refused the token, and a new one as well (HTTP 401) -> check that the account has API access and may use CertView (step 6 of the guide, Give modules and permissions), and that the origins api and gateway are of the same platform (step 1 of the guide, Find the platform)
    denied: the account has no permission to use CertView (HTTP 403): "Forbidden" -> have CertView added to the subscription, and give the account a role that may use it and API access: step 6 of the guide, Give modules and permissions
    denied: Qualys, or a proxy or gateway in between, answered with a web page (HTTP 403) instead of data -> check the address of the origin, and what the proxy or gateway allows; if both are right, try again later
    rejected: the gateway of Qualys does not have this version of the CertView API (HTTP 404): "No static resource certview/v2.9/certificates." -> check the setting certview-version; check that the subscription has CertView, and that the origin gateway is the gateway of the platform, not its API server
    rejected: the gateway of Qualys does not have this version of the CertView API (HTTP 404) -> check the setting certview-version; check that the subscription has CertView, and that the origin gateway is the gateway of the platform, not its API server
    rejected: Qualys refused the request (HTTP 400): "Field certificate.colour is not known" -> check the criteria; if these are right, check the setting certview-version
    rejected: Qualys refused the request (HTTP 400): "Bad filter" -> check the criteria; if these are right, check the setting certview-version
    unavailable: Qualys failed with a server error (HTTP 500): "Internal Server Error" -> try again later
    unavailable: Qualys, or a proxy or gateway in between, answered with a web page (HTTP 502) instead of data -> check the address of the origin, and what the proxy or gateway allows; if both are right, try again later
    unavailable: Qualys has accepted the request, but has no result yet (HTTP 202): "Retry Later Duplicate Operation" -> try again later
    rejected: Qualys refused the request (HTTP 302) -> check the criteria; if these are right, check the setting certview-version
    malformed: Qualys sent neither data nor a reason (HTTP 204) -> try again later
    "#);
}

#[test]
fn what_a_refusal_says_is_bounded_and_in_one_line() {
    let long = format!(r#"{{"message":"a\nb {}"}}"#, "x".repeat(100_000));
    for body in [long, "y\n".repeat(100_000)] {
        let message = refused(certificates(), &[Reply::new(400, &body)]).problem().message.clone();
        assert!(message.len() < 1_000 && !message.contains('\n'), "{message}");
    }
    let bytes = refused(certificates(), &[Reply::bytes(b"\xff\xfe\x00").status(400)]);
    assert!(said(&bytes).starts_with("rejected"), "{}", said(&bytes));
}

#[test]
fn a_list_under_another_status_is_no_list() {
    let error = refused(certificates(), &[Reply::new(500, &page(0..3))]);
    assert!(said(&error).starts_with("unavailable"), "{}", said(&error));
}

#[test]
fn limits_are_waited_for() {
    let limited = |headers: &[(&str, &str)]| {
        headers
            .iter()
            .fold(Reply::new(429, "429 Too Many Requests"), |it, (name, value)| it.header(name, value))
    };
    let replies = [
        limited(&[]),
        limited(&[("x-ratelimit-towait-sec", ""), ("retry-after", "")]),
        limited(&[("x-ratelimit-towait-sec", "3600")]),
        limited(&[("retry-after", "7")]),
        Reply::new(503, r#"{"error":"Service Unavailable"}"#),
        Reply::new(200, EMPTY),
    ];
    let all = collect_from(certificates(), &replies).expect("collects");
    let waits: Vec<_> = all.pauses.iter().map(|it| (it.seconds, it.reason)).collect();
    let limit = PauseReason::RateLimit;
    assert_eq!(waits, [(15, limit), (30, limit), (3_601, limit), (7, limit), (75, PauseReason::Maintenance)]);
    assert_eq!(pages(&all), [(0, 200); 6], "the same page each time");
}

#[test]
fn a_page_that_cannot_be_delivered_is_asked_for_in_parts() {
    let replies = [
        Reply::new(200, &page(0..200)),
        Reply::new(413, "<html></html>"),
        Reply::new(200, &page(200..210)),
        Reply::new(200, EMPTY),
    ];
    let all = collect_from(certificates(), &replies).expect("collects");
    assert_eq!(pages(&all), [(0, 200), (1, 200), (4, 50), (5, 50)]);
    assert!(all.summary.notes.iter().any(|it| it.contains("pages of 50 records")), "{:?}", all.summary.notes);
}

#[test]
fn calls_are_left_to_others() {
    let busy =
        Reply::new(200, &page(0..3)).header("x-ratelimit-limit", "300").header("x-ratelimit-remaining", "20");
    let all = collect_from(certificates(), &[busy, Reply::new(200, EMPTY)]).expect("collects");
    assert_eq!(all.pauses.len(), 1);
}

#[test]
fn a_probe_asks_for_one_record() {
    let all = collect(certificates().probe("certificates"), &[&page(0..1)]).expect("collects");
    assert_eq!((pages(&all), all.rows.len()), (vec![(0, 1)], 1));
    assert_eq!(collect(certificates().probe("certificates"), &[EMPTY]).expect("collects").rows.len(), 0);
}
