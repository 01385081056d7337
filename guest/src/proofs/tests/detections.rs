//! Detections of hosts, and what the KnowledgeBase says of them.

use std::collections::BTreeSet;

use exhibit_plugin::collection::{Body, Method, Request, Response, Step};
use exhibit_plugin::testing::Outcome;
use exhibit_plugin::types::Window;
use exhibit_plugin::{Row, Value};
use proptest::prelude::*;

use super::{at, collected, outcomes_of};
use crate::testing::{Collected, Reply, Setup, collect, collect_from, refused};

fn setup() -> Setup {
    Setup::new("detections")
}

fn page(hosts: &str, rest: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" ?><!DOCTYPE HOST_LIST_VM_DETECTION_OUTPUT SYSTEM \"https://api.example/x.dtd\">\
         <HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:00Z</DATETIME><HOST_LIST>{hosts}</HOST_LIST>{rest}\
         </RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"
    )
}

fn host(id: u64, detections: &str) -> String {
    format!("<HOST><ID>{id}</ID><IP>192.0.2.1</IP><DETECTION_LIST>{detections}</DETECTION_LIST></HOST>")
}

fn found(qid: u64, rest: &str) -> String {
    format!("<DETECTION><QID>{qid}</QID><TYPE>Confirmed</TYPE><SSL>0</SSL>{rest}</DETECTION>")
}

fn next(id: u64) -> String {
    format!("<WARNING><CODE>1980</CODE><URL><![CDATA[https://x.example/?id_min={id}]]></URL></WARNING>")
}

/// What the KnowledgeBase says of these QIDs: each has a title of its own.
fn titles(qids: impl IntoIterator<Item = u64>) -> String {
    let vuln = |qid: u64| {
        format!(
            "<VULN><QID>{qid}</QID><TITLE><![CDATA[Title of {qid}]]></TITLE><PATCHABLE>1</PATCHABLE></VULN>"
        )
    };
    let vulns: String = qids.into_iter().map(vuln).collect();
    let list = if vulns.is_empty() { vulns } else { format!("<VULN_LIST>{vulns}</VULN_LIST>") };
    format!(
        "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:01Z</DATETIME>{list}</RESPONSE>\
         </KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"
    )
}

fn place(column: &str) -> usize {
    let fields = (crate::proofs::detections::PROOF.describe)().fields;
    fields.iter().position(|it| it.name == column).expect("a column")
}

fn cells(collected: &Collected, column: &str) -> Vec<Value> {
    let at = place(column);
    collected.rows.iter().map(|row| row[at].clone()).collect()
}

fn numbers(collected: &Collected, column: &str) -> Vec<i64> {
    let number = |it: Value| if let Value::Integer(it) = it { it } else { panic!("{it:?}") };
    cells(collected, column).into_iter().map(number).collect()
}

fn text(it: &str) -> Value {
    Value::Text(it.to_owned())
}

/// The QIDs that a request asks the KnowledgeBase for; none where it asks for something else.
fn asked(request: &Request) -> Vec<u64> {
    let Body::Form(form) = &request.body else { return Vec::new() };
    let ids =
        form.iter().find(|(name, _)| name == "ids").map(|(_, value)| value.as_str()).unwrap_or_default();
    ids.split(',').filter_map(|it| it.parse().ok()).collect()
}

fn value<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str())
}

/// Collects from a source that answers each request by what it asks for: pages of hosts by `id_min`, and the
/// KnowledgeBase with all QIDs but those that `unlisted` says. With the checkpoints after each answer.
fn served(
    setup: Setup,
    page_at: impl Fn(u64) -> String,
    unlisted: impl Fn(u64) -> bool,
) -> (Vec<Row>, Vec<Request>, Vec<Vec<u8>>, exhibit_plugin::collection::Summary) {
    let mut session = setup.session().expect("opens");
    let (mut rows, mut requests, mut checkpoints) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..1_000 {
        let request = match session.next().expect("continues") {
            Step::Send(request) => request,
            Step::Wait(_) => {
                session.waited();
                continue;
            }
            Step::Finished(summary) => return (rows, requests, checkpoints, summary),
        };
        let qids = asked(&request);
        let body = if qids.is_empty() {
            page_at(value(&request, "id_min").map_or(0, |it| it.parse().expect("a number")))
        } else {
            titles(qids.into_iter().filter(|it| !unlisted(*it)))
        };
        session.accept(&Response { status: 200, headers: Vec::new() }).expect("takes the head");
        for chunk in body.as_bytes().chunks(64 << 10) {
            rows.extend(session.feed(chunk).expect("reads").rows);
        }
        rows.extend(session.end().expect("reads").rows);
        checkpoints.push(session.checkpoint());
        requests.push(request);
    }
    panic!("no end")
}

#[test]
fn detections() {
    let hosts = r#"<HOST><ID>11</ID><ASSET_ID>211</ASSET_ID><IP>192.0.2.11</IP><TRACKING_METHOD>AGENT</TRACKING_METHOD>
        <OS><![CDATA[Debian Linux 12]]></OS><DNS><![CDATA[web.corp.example]]></DNS><QG_HOSTID><![CDATA[0f0f]]></QG_HOSTID>
        <LAST_SCAN_DATETIME>2026-10-30T18:56:01Z</LAST_SCAN_DATETIME><LAST_VM_SCANNED_DATE>2026-10-30T18:55:20Z</LAST_VM_SCANNED_DATE>
        <LAST_VM_SCANNED_DURATION>231</LAST_VM_SCANNED_DURATION>
        <DETECTION_LIST>
          <DETECTION><UNIQUE_VULN_ID>8000001</UNIQUE_VULN_ID><QID>38739</QID><TYPE>Confirmed</TYPE><SEVERITY>5</SEVERITY><PORT>22</PORT><PROTOCOL>tcp</PROTOCOL>
            <FQDN>web.corp.example</FQDN><SSL>1</SSL><INSTANCE>2</INSTANCE><RESULTS><![CDATA[Type	Name
cipher	3des-cbc]]></RESULTS><STATUS>Re-Opened</STATUS><FIRST_FOUND_DATETIME>2026-10-01T17:10:31Z</FIRST_FOUND_DATETIME>
            <LAST_FOUND_DATETIME>2026-10-30T18:55:20Z</LAST_FOUND_DATETIME><QDS severity="LOW">35</QDS><TIMES_FOUND>3</TIMES_FOUND>
            <LAST_TEST_DATETIME>2026-10-30T18:55:20Z</LAST_TEST_DATETIME><LAST_UPDATE_DATETIME>2026-10-30T18:56:01Z</LAST_UPDATE_DATETIME>
            <LAST_FIXED_DATETIME>2026-10-10T00:00:00Z</LAST_FIXED_DATETIME><FIRST_REOPENED_DATETIME>2026-10-12T00:00:00Z</FIRST_REOPENED_DATETIME>
            <LAST_REOPENED_DATETIME>2026-10-12T00:00:00Z</LAST_REOPENED_DATETIME><TIMES_REOPENED>1</TIMES_REOPENED>
            <IS_IGNORED>0</IS_IGNORED><IS_DISABLED>0</IS_DISABLED><LAST_PROCESSED_DATETIME>2026-10-30T18:56:01Z</LAST_PROCESSED_DATETIME></DETECTION>
        </DETECTION_LIST></HOST>
      <HOST><ID>12</ID><IPV6>2001:db8::7</IPV6><DETECTION_LIST><DETECTION><QID>99</QID><TYPE>Potential</TYPE><SSL>0</SSL></DETECTION></DETECTION_LIST></HOST>
      <HOST><ID>13</ID><IP>192.0.2.13</IP></HOST>"#;
    let known = r#"<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE><DATETIME>2026-10-31T12:00:01Z</DATETIME>
        <!-- keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  --><VULN_LIST><!-- keep-alive for KNOWLEDGE_BASE_VULN_LIST_OUTPUT  -->
        <VULN><QID>38739</QID><VULN_TYPE>Vulnerability</VULN_TYPE><SEVERITY_LEVEL>2</SEVERITY_LEVEL><TITLE><![CDATA[Deprecated SSH Cryptographic Settings]]></TITLE>
          <PATCHABLE>0</PATCHABLE><CVE_LIST><CVE><ID><![CDATA[CVE-2008-5161]]></ID><URL><![CDATA[http://x.example]]></URL></CVE><CVE><ID>CVE-2023-48795</ID></CVE></CVE_LIST>
          <DIAGNOSIS><![CDATA[<P>The SSH protocol]]></DIAGNOSIS></VULN></VULN_LIST></RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"#;
    insta::assert_snapshot!(collected(setup(), &[&page(hosts, ""), known]), @"
    Method::Get /api/5.0/fo/asset/host/vm/detection/ action=list show_igs=0 show_results=0 show_qds=1 show_reopened_info=1 include_ignored=1 include_disabled=1 truncation_limit=250 status=New,Active,Re-Opened
    Method::Post /api/4.0/fo/knowledge_base/vuln/ action=list details=Basic ids=38739,99
    row
      asset: web.corp.example
      ip-address: 192.0.2.11
      qid: 38739
      title: Deprecated SSH Cryptographic Settings
      severity: 5
      type: Confirmed
      status: Re-Opened
      first-found: 2026-10-01T17:10:31Z
      last-found: 2026-10-30T18:55:20Z
      times-found: 3
      age-in-days: 30
      port: 22
      protocol: tcp
      host-id: 11
      asset-id: 211
      tracking-method: AGENT
      operating-system: Debian Linux 12
      dns-name: web.corp.example
      qualys-host-id: 0f0f
      last-scan: 2026-10-30T18:56:01Z
      last-vm-scan: 2026-10-30T18:55:20Z
      last-vm-scan-duration: 231 s
      fqdn: web.corp.example
      ssl: true
      instance: 2
      unique-id: 8000001
      qds: 35
      last-tested: 2026-10-30T18:55:20Z
      last-updated: 2026-10-30T18:56:01Z
      last-fixed: 2026-10-10T00:00:00Z
      first-reopened: 2026-10-12T00:00:00Z
      last-reopened: 2026-10-12T00:00:00Z
      times-reopened: 1
      last-processed: 2026-10-30T18:56:01Z
      ignored: false
      disabled: false
      in-knowledge-base: true
      cves: CVE-2008-5161 | CVE-2023-48795
      patchable: false
      left: false
    row
      asset: 2001:db8::7
      ip-address: 2001:db8::7
      qid: 99
      type: Potential
      host-id: 12
      ipv6-address: 2001:db8::7
      ssl: false
      in-knowledge-base: false
      left: false
    note Qualys dated its first answer 2026-10-31T12:00:00Z.
    note Qualys does not list hosts without detections.
    note Detections of the type Information Gathered are not included.
    note Detections that are fixed are not included.
    note 1 QID is not in the KnowledgeBase; the first is 99. Rows with these have no title, no CVEs and no patch availability.
    pages 2, rows 2, rejected 0, duplicates 0, outside 0
    ");
}

#[test]
fn a_list_without_hosts_is_a_result() {
    let none = page("", "").replace("<HOST_LIST></HOST_LIST>", "");
    let collected = collected(setup(), &[&none]);
    assert_eq!((collected.rows.len(), collected.summary.pages), (0, 1));
    let bare = "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE/></HOST_LIST_VM_DETECTION_OUTPUT>";
    assert!(matches!(refused(setup(), &[Reply::new(200, bare)]), exhibit_plugin::Error::Malformed(_)));
    // Hosts without detections, in any form, are no rows.
    let without = ["<HOST><ID>1</ID></HOST>", "<HOST><ID>2</ID><DETECTION_LIST/></HOST>"].concat();
    assert_eq!(collect(setup(), &[&page(&without, "")]).expect("collects").rows.len(), 0);
}

#[test]
fn qids_are_asked_for_in_batches_and_the_unlisted_have_no_title() {
    let qids: Vec<u64> = (1..=1_001).collect();
    let all: String = qids.iter().map(|it| found(*it, "")).collect();
    let missing = [7, 600, 1_001];
    let (rows, requests, _, summary) =
        served(setup(), |_| page(&host(1, &all), ""), |it| missing.contains(&it));
    let batches: Vec<usize> = requests.iter().map(|it| asked(it).len()).collect();
    assert_eq!(batches, [0, 500, 500, 1]);
    let kb = &requests[1];
    assert_eq!((kb.method, kb.path.as_str()), (Method::Post, "/api/4.0/fo/knowledge_base/vuln/"));
    assert_eq!((rows.len(), summary.rejected), (1_001, 0));
    for (row, qid) in rows.iter().zip(&qids) {
        let (title, listed) = (&row[place("title")], &row[place("in-knowledge-base")]);
        assert_eq!(row[place("qid")], Value::Integer(i64::try_from(*qid).expect("small")), "in their order");
        if missing.contains(qid) {
            assert_eq!((title, listed), (&Value::Absent, &Value::Boolean(false)), "{qid}");
        } else {
            assert_eq!((title, listed), (&text(&format!("Title of {qid}")), &Value::Boolean(true)), "{qid}");
        }
    }
    let note = "3 QIDs are not in the KnowledgeBase; the first is 7. Rows with these have no title, no CVEs and no patch \
                availability.";
    assert!(summary.notes.contains(&note.to_owned()), "{:?}", summary.notes);
}

#[test]
fn more_qids_than_can_be_remembered_have_their_titles_all_the_same() {
    let all: String = (1..=10_600).map(|it| found(it, "")).collect();
    let again: String = (1..=3).map(|it| found(it, "")).collect();
    let hosts = [host(1, &all), host(2, &again)].concat();
    let (rows, requests, _, summary) = served(setup(), |_| page(&hosts, ""), |it| it == 5);
    assert_eq!((rows.len(), requests.len() < 30), (10_603, true), "{} requests", requests.len());
    let untitled: Vec<&Value> = rows
        .iter()
        .filter(|row| row[place("title")] == Value::Absent)
        .map(|row| &row[place("qid")])
        .collect();
    assert_eq!(untitled, [&Value::Integer(5)]);
    assert!(
        summary.notes.iter().any(|it| it.starts_with("1 QID is not in the KnowledgeBase")),
        "{:?}",
        summary.notes
    );
}

#[test]
fn one_entry_or_none_is_read_like_many() {
    for (listed, title) in [(vec![7], text("Title of 7")), (vec![], Value::Absent)] {
        let collected = collected(setup(), &[&page(&host(1, &found(7, "")), ""), &titles(listed)]);
        assert_eq!(cells(&collected, "title"), [title]);
    }
    // Without a list around it, too; and what was not asked for is of no matter.
    let bare = titles([7, 8]).replace("<VULN_LIST>", "").replace("</VULN_LIST>", "");
    let collected = collected(setup(), &[&page(&host(1, &found(7, "")), ""), &bare]);
    assert_eq!(cells(&collected, "title"), [text("Title of 7")]);
}

#[test]
fn what_is_known_is_handed_over_at_once_and_not_asked_for_again() {
    let mut session = setup().session().expect("opens");
    let mut answer = |body: &str| {
        let Ok(Step::Send(request)) = session.next() else { panic!("a request") };
        session.accept(&Response { status: 200, headers: Vec::new() }).expect("takes the head");
        let during = session.feed(body.as_bytes()).expect("reads").rows.len();
        (asked(&request), during, session.end().expect("reads").rows.len())
    };
    let first = [found(7, ""), found(8, "<PORT>1</PORT>"), found(7, "<PORT>2</PORT>")].concat();
    assert_eq!(answer(&page(&host(1, &first), &next(2))), (vec![], 0, 0), "all of it is held");
    // The last row of a page is handed over with the next one.
    assert_eq!(answer(&titles([7, 8])), (vec![7, 8], 0, 2));
    let second =
        [found(8, ""), found(7, "<PORT>1</PORT>"), found(9, ""), found(7, "<PORT>3</PORT>")].concat();
    assert_eq!(answer(&page(&host(2, &second), "")), (vec![], 2, 0), "up to the first unknown one");
    assert_eq!(answer(&titles([9])), (vec![9], 0, 3));
}

#[test]
fn without_the_right_to_the_knowledge_base_rows_have_no_titles() {
    let pages = [page(&host(1, &found(7, "")), &next(2)), page(&host(2, &found(8, "")), "")];
    let said = |code: u32| {
        format!(
            "<SIMPLE_RETURN><RESPONSE><CODE>{code}</CODE><TEXT>No access.</TEXT></RESPONSE></SIMPLE_RETURN>"
        )
    };
    for (status, body) in [(403, said(2012)), (409, said(2012)), (200, said(2012)), (409, said(1920))] {
        let replies = [Reply::new(200, &pages[0]), Reply::new(status, &body), Reply::new(200, &pages[1])];
        let collected = collect_from(setup(), &replies).expect("collects");
        assert_eq!(numbers(&collected, "qid"), [7, 8], "{status} {body}");
        assert_eq!(cells(&collected, "title"), [Value::Absent, Value::Absent]);
        assert_eq!(
            cells(&collected, "in-knowledge-base"),
            [Value::Absent, Value::Absent],
            "that is not known"
        );
        let notes: Vec<&String> = collected
            .summary
            .notes
            .iter()
            .filter(|it| it.contains("could not read the KnowledgeBase"))
            .collect();
        assert_eq!(notes.len(), 1, "{:?}", collected.summary.notes);
    }
    // A wrong password, a server error, a page of a proxy, a bare status, and an API that is not there are none of this.
    for (status, body) in [
        (401, said(2000)),
        (409, said(2003)),
        (200, said(2001)),
        (500, said(999)),
        (403, "<html><body>no".to_owned()),
        (404, String::new()),
        (403, String::new()),
        (409, String::new()),
    ] {
        let replies = [Reply::new(200, &pages[0]), Reply::new(status, &body)];
        refused(setup(), &replies);
    }
}

#[test]
fn the_knowledge_base_is_waited_for_like_the_rest() {
    let busy = "<SIMPLE_RETURN><RESPONSE><CODE>1965</CODE><TEXT>later</TEXT></RESPONSE></SIMPLE_RETURN>";
    let replies = [
        Reply::new(200, &page(&host(1, &found(7, "")), "")),
        Reply::new(409, busy).header("x-ratelimit-towait-sec", "41"),
        Reply::new(200, &titles([7])),
    ];
    let collected = collect_from(setup(), &replies).expect("collects");
    assert_eq!((collected.pauses.len(), cells(&collected, "title")), (1, vec![text("Title of 7")]));
}

#[test]
fn an_answer_that_is_too_large_is_asked_for_in_parts() {
    let all: String = (1..=4).map(|it| found(it, "")).collect();
    let large = Reply::new(413, "");
    let replies = [
        large.clone(),
        Reply::new(200, &page(&host(1, &all), "")),
        large.clone(),
        large,
        Reply::new(200, &titles([1])),
        Reply::new(200, &titles([2])),
        Reply::new(200, &titles([3])),
        Reply::new(200, &titles([4])),
    ];
    let collected = collect_from(setup(), &replies).expect("collects");
    let batches: Vec<usize> = collected.requests.iter().map(|it| asked(it).len()).collect();
    assert_eq!(batches, [0, 0, 4, 2, 1, 1, 1, 1]);
    let sizes: Vec<_> = collected.requests.iter().filter_map(|it| value(it, "truncation_limit")).collect();
    assert_eq!(sizes, ["250", "62"]);
    assert!(cells(&collected, "title").iter().all(|it| *it != Value::Absent));
}

#[test]
fn a_truncated_answer_of_the_knowledge_base_is_asked_for_again() {
    let all: String = (1..=4).map(|it| found(it, "")).collect();
    let cut = titles([1]).replace("</RESPONSE>", &format!("{}</RESPONSE>", next(3)));
    let collected = collected(setup(), &[&page(&host(1, &all), ""), &cut, &titles([3, 4])]);
    assert_eq!(asked(&collected.requests[2]), [3, 4]);
    let listed = [true, false, true, true].map(Value::Boolean);
    assert_eq!(cells(&collected, "in-knowledge-base"), listed, "2 stood before the cut");
    let stuck = titles([]).replace("</RESPONSE>", &format!("{}</RESPONSE>", next(1)));
    refused(setup(), &[Reply::new(200, &page(&host(1, &all), "")), Reply::new(200, &stuck)]);
}

#[test]
fn a_page_with_more_than_may_be_held_is_asked_for_again_and_each_row_comes_once() {
    // 30 known rows first, then one host with far more than may be held; of all of them, one QID in two is unknown.
    let many = 20_000_u64;
    let text = "x".repeat(300);
    let rest = |port: u64| format!("<PORT>{port}</PORT><FQDN>{text}</FQDN>");
    let big: String = (0..many).map(|it| found(1_000 + it % 800, &rest(it))).collect();
    let first: String = (0..30).map(|it| found(1_000, &rest(it))).collect();
    let page_at = |from: u64| match from {
        0 => page(&host(1, &found(1_000, "")), &next(2)),
        2 => page(&[host(2, &first), host(3, &[first.clone(), big.clone()].concat())].concat(), &next(4)),
        3 => page(&host(3, &[first.clone(), big.clone()].concat()), &next(4)),
        4 => page(&host(4, &found(1_000, "")), ""),
        other => panic!("{other}"),
    };
    let (rows, requests, checkpoints, summary) = served(setup(), page_at, |_| false);
    let starts: Vec<_> =
        requests.iter().filter(|it| asked(it).is_empty()).map(|it| value(it, "id_min")).collect();
    assert_eq!(starts, [None, Some("2"), Some("3"), Some("4")], "the big one is asked for once more");
    let keys: BTreeSet<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{:?}",
                [&row[place("host-id")], &row[place("qid")], &row[place("port")], &row[place("fqdn")]]
            )
        })
        .collect();
    // Of the thirty, and of those of the big one, the first is the same detection.
    let wanted = 1 + 30 + 30 + usize::try_from(many).expect("small") - 1 + 1;
    assert_eq!((rows.len(), keys.len()), (wanted, wanted));
    assert!(rows.iter().all(|row| row[place("title")] != Value::Absent));
    assert_eq!(summary.rows, wanted as u64);
    assert_eq!(summary.repeated_keys, Some(0));
    let largest = checkpoints.iter().map(Vec::len).max().expect("some");
    assert!(largest < 8 << 20, "{largest} bytes");
}

#[test]
fn what_is_said_of_a_page_that_is_asked_for_again_is_said_once() {
    let wide = format!("<FQDN>{}</FQDN>", "x".repeat(1_000));
    let results = format!("<RESULTS>{}</RESULTS>", "y".repeat(40_000));
    let some: String = (0..4_000).map(|it| found(it, &wide)).collect();
    let hosts = |from: u64| -> String {
        let all = [
            host(1, &found(9_000, &results)),
            host(2, &some),
            host(3, &found(9_001, &results)),
            "<HOST><IP>192.0.2.9</IP></HOST>".to_owned(),
            host(4, &[found(9_002, ""), "<DETECTION/>".to_owned()].concat()),
        ];
        all[usize::try_from(from.max(1)).expect("small") - 1..].concat()
    };
    let (rows, requests, _, summary) =
        served(setup().with_value("results", text("yes")), |from| page(&hosts(from), ""), |_| false);
    let pages = requests.iter().filter(|it| asked(it).is_empty()).count();
    assert!(pages == 2, "{pages} pages of hosts");
    assert_eq!((rows.len(), summary.rows, summary.rejected), (4_003, 4_003, 2));
    assert!(
        summary.notes.iter().any(|it| it.starts_with("2 results are longer than 32767 bytes")),
        "{:?}",
        summary.notes
    );
}

#[test]
fn a_row_that_is_too_large_to_be_held_has_no_title() {
    let wide = |name: &str| format!("<{name}>{}</{name}>", "\"".repeat(900_000));
    let large = ["FQDN", "PROTOCOL", "INSTANCE"].map(wide).concat();
    let collected =
        collected(setup(), &[&page(&host(1, &[found(7, &large), found(8, "")].concat()), ""), &titles([8])]);
    assert_eq!(cells(&collected, "title"), [Value::Absent, text("Title of 8")]);
    let note = "A row was too large to wait for its title, and has none.";
    assert!(collected.summary.notes.iter().any(|it| it == note), "{:?}", collected.summary.notes);
}

#[test]
fn what_is_held_and_known_fits_into_a_checkpoint() {
    // Texts that take as much as they can where they are written twice.
    let nasty = "\"\\\n".repeat(100);
    let all: String = (1..=3_000).map(|it| found(it, &format!("<FQDN><![CDATA[{nasty}]]></FQDN>"))).collect();
    let (rows, _, checkpoints, _) = served(setup(), |_| page(&host(1, &all), ""), |_| false);
    assert_eq!(rows.len(), 3_000);
    let largest = checkpoints.iter().map(Vec::len).max().expect("some");
    assert!(largest < 8 << 20, "{largest} bytes");
}

#[test]
fn a_collection_is_resumed_after_any_answer() {
    let page_at = |from: u64| match from {
        0 => page(
            &[host(1, &[found(7, ""), found(8, "")].concat()), host(2, &found(8, ""))].concat(),
            &next(2),
        ),
        _ => page(&[host(2, &[found(8, ""), found(9, "")].concat()), host(3, &found(7, ""))].concat(), ""),
    };
    let (all, _, checkpoints, _) = served(setup(), page_at, |it| it == 9);
    assert_eq!(all.len(), 5);
    for checkpoint in &checkpoints {
        let mut session = setup().resumed(checkpoint.clone()).session().expect("resumes");
        assert_eq!(session.checkpoint(), *checkpoint);
        let mut rows = Vec::new();
        while let Step::Send(request) = session.next().expect("continues") {
            let qids = asked(&request);
            let body = match qids.is_empty() {
                true => page_at(value(&request, "id_min").map_or(0, |it| it.parse().expect("a number"))),
                false => titles(qids.into_iter().filter(|it| *it != 9)),
            };
            session.accept(&Response { status: 200, headers: Vec::new() }).expect("takes the head");
            rows.extend(session.feed(body.as_bytes()).expect("reads").rows);
            rows.extend(session.end().expect("reads").rows);
        }
        assert_eq!(rows, all[all.len() - rows.len()..]);
    }
}

#[test]
fn a_cursor_of_another_making_is_refused_and_nothing_panics() {
    let mut session = setup().session().expect("opens");
    let _ = session.next();
    let fresh = String::from_utf8(session.checkpoint()).expect("text");
    for cursor in ["", "{}", "12 11", "{\"from\":1}"] {
        let written = fresh.replace("\"cursor\":null", &format!("\"cursor\":{cursor:?}"));
        let mut session = setup().resumed(written.into_bytes()).session().expect("opens");
        let _ = session.next();
        assert!(session.accept(&Response { status: 200, headers: Vec::new() }).is_err(), "{cursor}");
    }
}

#[test]
fn results_are_not_kept_unless_asked_for_however_long_they_are() {
    let long = "Name\tVersion\r\n".repeat(400_000);
    let body = page(
        &host(1, &found(7, &format!("<RESULTS><![CDATA[{long}]]></RESULTS><STATUS>Active</STATUS>"))),
        "",
    );
    let replies = [body.as_str(), &titles([7])];
    let without = collected(setup().chunks_of(64 << 10), &replies);
    assert_eq!(value(&without.requests[0], "show_results"), Some("0"));
    assert_eq!(
        (cells(&without, "results"), cells(&without, "status")),
        (vec![Value::Absent], vec![text("Active")])
    );
    assert!(!without.summary.notes.iter().any(|it| it.contains("cut")), "{:?}", without.summary.notes);

    let with = collected(setup().with_value("results", text("yes")).chunks_of(64 << 10), &replies);
    assert_eq!(value(&with.requests[0], "show_results"), Some("1"));
    let Value::Text(kept) = cells(&with, "results").remove(0) else { panic!("a text") };
    assert!((32_700..=32_767).contains(&kept.len()) && long.starts_with(kept.as_str()), "{}", kept.len());
    assert_eq!(numbers(&with, "results-length"), [5_600_000]);
    let note = "1 result is longer than 32767 bytes and cut; the first, of host 1 (192.0.2.1), QID 7, has 5600000 bytes. \
                The recorded answers contain the whole.";
    assert!(with.summary.notes.contains(&note.to_owned()), "{:?}", with.summary.notes);

    let short = page(&host(1, &found(7, "<RESULTS>a &amp; b</RESULTS>")), "");
    let with = collected(setup().with_value("results", text("yes")), &[&short, &titles([7])]);
    assert_eq!(
        (cells(&with, "results"), cells(&with, "results-length")),
        (vec![text("a & b")], vec![Value::Absent])
    );
}

#[test]
fn the_same_qid_on_several_ports_is_as_many_rows() {
    let on =
        |port: &str| if port.is_empty() { found(7, "") } else { found(7, &format!("<PORT>{port}</PORT>")) };
    let four: String = ["80", "5985", "9999", ""].map(on).concat();
    let several = collected(setup(), &[&page(&host(1, &four), ""), &titles([7])]);
    assert_eq!((several.rows.len(), several.summary.repeated_keys), (4, Some(0)));
    // By name, by instance, and with or without TLS.
    let more = ["<FQDN>a</FQDN>", "<FQDN>b</FQDN>", "<INSTANCE>1</INSTANCE>"].map(|it| found(7, it)).concat()
        + &found(7, "").replace("<SSL>0", "<SSL>1");
    assert_eq!(collected(setup(), &[&page(&host(1, &more), ""), &titles([7])]).rows.len(), 4);
}

#[test]
fn a_detection_that_comes_twice_is_a_duplicate_or_noted() {
    let one = found(7, "<STATUS>Active</STATUS>");
    let other = found(7, "<STATUS>Fixed</STATUS>");
    let all = [one.clone(), found(8, ""), one, other].concat();
    let collected = collected(setup(), &[&page(&host(1, &all), ""), &titles([7, 8])]);
    assert_eq!(numbers(&collected, "qid"), [7, 8, 7]);
    assert_eq!((collected.summary.duplicates, collected.summary.repeated_keys), (1, Some(1)));
    let note = "1 row has the same key as another row, with other values; the first is \"1, 7, false\". All of them are included.";
    assert!(collected.summary.notes.contains(&note.to_owned()), "{:?}", collected.summary.notes);
}

#[test]
fn a_host_on_two_pages_is_there_once_whether_it_comes_again_or_goes_on() {
    let first = page(&[host(1, &found(7, "")), host(2, &found(7, ""))].concat(), &next(2));
    let second = page(&host(2, &[found(7, ""), found(7, "<PORT>2</PORT>")].concat()), "");
    let collected = collected(setup(), &[&first, &titles([7]), &second]);
    assert_eq!((numbers(&collected, "host-id"), collected.summary.duplicates), (vec![1, 2, 2], 1));
    let backwards = page(&host(1, &found(7, "")), "");
    let error = refused(setup(), &[first, titles([7]), backwards].map(|it| Reply::new(200, &it)));
    assert!(error.problem().message.starts_with("HOST 1 came after HOST 2"), "{error:?}");
}

#[test]
fn a_host_that_cannot_be_read_is_asked_for_again_and_then_stepped_over() {
    let broken = page(
        &[host(1, &found(7, "")), host(2, &[found(7, ""), "<DETECTION><QID>8</QED>".to_owned()].concat())]
            .concat(),
        "",
    );
    let again = page(&host(2, &[found(7, ""), "<DETECTION><QID>8</QED>".to_owned()].concat()), "");
    let rest = page(&host(3, &found(7, "")), "");
    let replies = [&broken, &titles([7]), &again, &rest].map(|it| Reply::new(200, it));
    let collected = collect_from(setup(), &replies).expect("collects");
    assert_eq!(numbers(&collected, "host-id"), [1, 2, 3]);
    let starts: Vec<_> = collected.requests.iter().map(|it| value(it, "id_min")).collect();
    assert_eq!(starts, [None, None, Some("2"), Some("3")]);
    assert_eq!(collected.summary.rejected, 1);
    assert!(
        collected.rejected[0]
            .starts_with("host 2 (192.0.2.1): its detections cannot be read: the answer is not well-formed")
            && collected.rejected[0].ends_with("the 1 before that is included"),
        "{:?}",
        collected.rejected
    );
    // Where it can be read the second time, nothing is rejected.
    let whole = page(&[host(2, &[found(7, ""), found(8, "")].concat()), host(3, &found(7, ""))].concat(), "");
    let replies = [&broken, &titles([7]), &whole, &titles([8])].map(|it| Reply::new(200, it));
    let collected = collect_from(setup(), &replies).expect("collects");
    assert_eq!((numbers(&collected, "qid"), collected.rejected.len()), (vec![7, 7, 8, 7], 0));
    // However it cannot be read, and wherever that shows: at once, at the end, or when it is too large.
    for what in
        ["<!BAD", "<DETECTION><QID>8</QID><![CDATA[", &format!("<DETECTION><FQDN>{}", "x".repeat(9 << 20))]
    {
        let broken = page(&[host(1, &found(7, "")), host(2, what)].concat(), "");
        let replies = [
            &broken,
            &titles([7]),
            &broken.replace("<ID>1</ID>", "<ID>2</ID>").replace(&found(7, ""), what),
            &rest,
        ];
        let collected = collect_from(setup().chunks_of(1 << 20), &replies.map(|it| Reply::new(200, it)))
            .expect("collects");
        assert_eq!(numbers(&collected, "host-id"), [1, 3], "{what:.20}");
        assert!(
            collected.rejected[0].contains("host 2 (192.0.2.1): its detections cannot be read"),
            "{what:.20}"
        );
    }
    // What is cut off is not complete, and what is broken outside of hosts is no list.
    let cut = &broken[..broken.len() - 80];
    refused(setup(), &[Reply::new(200, &cut.replace("<DETECTION><QID>8</QED>", ""))]);
    refused(setup(), &[Reply::new(200, &page("<HOST><ID>1</ID></HOST></HOSTS>", ""))]);
}

#[test]
fn records_that_make_no_sense_are_rejected_by_name() {
    let hosts = [
        format!("<HOST><IP>192.0.2.7</IP><DETECTION_LIST>{}</DETECTION_LIST></HOST>", found(7, "")),
        format!("<HOST><ID>x</ID><DETECTION_LIST>{}</DETECTION_LIST></HOST>", found(7, "")),
        format!("<HOST><ID>1</ID><ID>2</ID><DETECTION_LIST>{}</DETECTION_LIST></HOST>", found(7, "")),
        host(5, "<DETECTION><TYPE>Confirmed</TYPE></DETECTION>"),
        host(6, "<DETECTION><QID>7</QID><PORT>1</PORT><PORT>2</PORT></DETECTION>"),
        host(7, &found(7, "")),
    ];
    let collected = collected(setup(), &[&page(&hosts.concat(), ""), &titles([7])]);
    assert_eq!(numbers(&collected, "host-id"), [7]);
    assert_eq!(collected.summary.rejected, 5);
    insta::assert_snapshot!(collected.rejected.join("\n"), @"
    HOST number 1 of its page (192.0.2.7): its identifier is missing
    HOST number 2 of its page: its identifier is not a number
    HOST number 3 of its page: its element ID is there more than once, with different contents
    host 5 (192.0.2.1), DETECTION number 1: its QID is missing or not a number
    host 6 (192.0.2.1), QID 7: its element PORT is there more than once, with different contents
    ");
}

#[test]
fn a_host_with_only_ipv6_has_an_address_and_a_name() {
    let host = |what: &str| {
        page(&format!("<HOST><ID>1</ID>{what}<DETECTION_LIST>{}</DETECTION_LIST></HOST>", found(7, "")), "")
    };
    let cells = |what: &str| {
        let collected = collected(setup(), &[&host(what), &titles([7])]);
        (cells(&collected, "asset").remove(0), cells(&collected, "ip-address").remove(0))
    };
    assert_eq!(cells("<IPV6>2001:db8::7</IPV6>"), (text("2001:db8::7"), text("2001:db8::7")));
    assert_eq!(
        cells("<IP>10.0.0.1</IP><IPV6>2001:db8::7</IPV6><DNS>a.example</DNS>"),
        (text("a.example"), text("10.0.0.1"))
    );
    assert_eq!(cells("<NETBIOS>PC</NETBIOS>"), (text("PC"), Value::Absent));
}

#[test]
fn age_is_counted_in_whole_days_until_now_or_until_it_was_fixed() {
    let age = |rest: &str| {
        cells(&collected(setup(), &[&page(&host(1, &found(7, rest)), ""), &titles([7])]), "age-in-days")
            .remove(0)
    };
    let since = |it: &str| format!("<FIRST_FOUND_DATETIME>{it}</FIRST_FOUND_DATETIME>");
    assert_eq!(age(&since("2026-10-31T00:00:01Z")), Value::Integer(0));
    assert_eq!(age(&since("2026-10-31T00:00:00Z")), Value::Integer(1));
    assert_eq!(age(&since("2026-11-02T00:00:00Z")), Value::Integer(0), "a clock that is ahead");
    let fixed = "<LAST_FIXED_DATETIME>2026-10-11T00:00:00Z</LAST_FIXED_DATETIME>";
    assert_eq!(age(&format!("{}{fixed}<STATUS>Fixed</STATUS>", since("2026-10-01"))), Value::Integer(10));
    assert_eq!(age(&format!("{}{fixed}<STATUS>Re-Opened</STATUS>", since("2026-10-01"))), Value::Integer(31));
    assert_eq!((age(""), age(&since("")), age(&since("soon"))), (Value::Absent, Value::Empty, Value::Absent));
}

#[test]
fn suggested_tests_look_at_what_is_there_and_for_how_long() {
    let outcomes = |severity: u32, first: &str, rest: &str| {
        let rest = format!(
            "<SEVERITY>{severity}</SEVERITY><FIRST_FOUND_DATETIME>{first}</FIRST_FOUND_DATETIME>{rest}"
        );
        outcomes_of(
            "detections",
            &collected(setup(), &[&page(&host(1, &found(7, &rest)), ""), &titles([7])]).rows,
        )
    };
    use Outcome::{Fail, Inconclusive, Pass};
    let open = "<STATUS>Active</STATUS><IS_IGNORED>0</IS_IGNORED>";
    assert_eq!(outcomes(5, "2026-10-17T00:00:00Z", open), [Pass, Pass], "15 days");
    assert_eq!(outcomes(5, "2026-10-16T00:00:00Z", open), [Fail, Pass], "16 days");
    assert_eq!(outcomes(4, "2026-10-02T00:00:00Z", open), [Pass, Pass], "30 days");
    assert_eq!(outcomes(4, "2026-10-01T00:00:00Z", open), [Pass, Fail], "31 days");
    assert_eq!(outcomes(3, "2020-01-01T00:00:00Z", open), [Pass, Pass]);
    for closed in [
        "<STATUS>Fixed</STATUS><IS_IGNORED>0</IS_IGNORED>",
        "<STATUS>Active</STATUS><IS_IGNORED>1</IS_IGNORED>",
    ] {
        assert_eq!(outcomes(5, "2020-01-01T00:00:00Z", closed), [Pass, Pass], "{closed}");
    }
    assert_eq!(outcomes(5, "2020-01-01T00:00:00Z", "<STATUS>Active</STATUS>"), [Inconclusive, Pass]);
    assert_eq!(outcomes(5, "soon", open), [Inconclusive, Pass]);
    let of = |rest: &str| {
        let old =
            "<QID>7</QID><FIRST_FOUND_DATETIME>2020-01-01</FIRST_FOUND_DATETIME><STATUS>Active</STATUS>";
        let all = host(1, &format!("<DETECTION>{old}{rest}</DETECTION>"));
        outcomes_of("detections", &collected(setup(), &[&page(&all, ""), &titles([7])]).rows)
    };
    let whole = "<TYPE>Confirmed</TYPE><SEVERITY>5</SEVERITY><IS_IGNORED>0</IS_IGNORED>";
    assert_eq!(of(whole), [Fail, Pass]);
    assert_eq!(of(&whole.replace("Confirmed", "")), [Inconclusive, Pass]);
    assert_eq!(of(&whole.replace('5', "")), [Inconclusive, Inconclusive]);
    assert_eq!(of(&whole.replace('0', "")), [Inconclusive, Pass]);
}

#[test]
fn an_entry_that_contradicts_itself_is_known_and_has_no_title() {
    let knowledge = titles([7, 8]).replace("<PATCHABLE>", "<TITLE>Another</TITLE><PATCHABLE>");
    let all = host(1, &format!("{}{}", found(7, ""), found(8, "")));
    let collected = collected(setup(), &[&page(&all, ""), &knowledge]);
    assert_eq!(cells(&collected, "title"), [Value::Absent, Value::Absent]);
    assert_eq!(cells(&collected, "in-knowledge-base"), [Value::Boolean(true), Value::Boolean(true)]);
    let notes = &collected.summary.notes;
    assert!(notes.iter().any(|it| it.contains("contradict themselves")), "{notes:?}");
}

#[test]
fn criteria_and_windows_are_asked_for() {
    let empty = page("", "");
    let query = |setup: Setup| {
        let request = collect(setup, &[&empty]).expect("collects").requests.remove(0);
        request.query.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    };
    insta::assert_snapshot!(query(setup()), @"action=list show_igs=0 show_results=0 show_qds=1 show_reopened_info=1 include_ignored=1 include_disabled=1 truncation_limit=250 status=New,Active,Re-Opened");
    let narrow = setup()
        .with("severities", &["4", "5"])
        .with("status", &["Fixed", "Re-Opened"])
        .with("qids", &["38739", "1-99"])
        .with("tags", &["Production", "R&D"])
        .with_value("since", Value::Instant(at("2026-10-01")));
    insta::assert_snapshot!(query(narrow), @"action=list show_igs=1 show_results=0 show_qds=1 show_reopened_info=1 include_ignored=1 include_disabled=1 truncation_limit=250 severities=4,5 status=Fixed,Re-Opened qids=38739,1-99 use_tags=1 tag_set_by=name tag_include_selector=any tag_set_include=Production,R&D detection_updated_since=2026-10-01T00:00:00Z");
    let window = Window { start: at("2026-10-01"), end: at("2026-11-01") };
    insta::assert_snapshot!(query(setup().window(window)), @"action=list show_igs=0 show_results=0 show_qds=1 show_reopened_info=1 include_ignored=1 include_disabled=1 truncation_limit=250 status=New,Active,Re-Opened detection_updated_since=2026-09-30T23:59:59Z detection_updated_before=2026-11-01T00:00:01Z");
    for qid in ["x", "1-", "-1", "1-2-3", "1,2"] {
        refused(setup().with("qids", &[qid]), &[]);
    }
    refused(setup().window(window).with_value("since", Value::Instant(0)), &[]);
    refused(setup().set("detection-page-size", Value::Integer(0)), &[]);
}

#[test]
fn a_window_leaves_out_what_was_updated_before_and_after() {
    let updated = |port: u32, at: &str| {
        found(7, &format!("<PORT>{port}</PORT><LAST_UPDATE_DATETIME>{at}</LAST_UPDATE_DATETIME>"))
    };
    let all = [
        updated(1, "2026-09-30T23:59:59Z"),
        updated(2, "2026-10-01T00:00:00Z"),
        updated(3, "2026-10-31T23:59:59Z"),
        updated(4, "2026-11-01T00:00:00Z"),
        found(7, "<PORT>5</PORT>"),
    ];
    let window = Window { start: at("2026-10-01"), end: at("2026-11-01") };
    let collected = collected(setup().window(window), &[&page(&host(1, &all.concat()), ""), &titles([7])]);
    assert_eq!((numbers(&collected, "port"), collected.summary.outside_window), (vec![2, 3, 5], 2));
}

#[test]
fn a_probe_asks_for_one_host_and_one_title() {
    let found = found(7, "") + &found(8, "");
    let answers = [page(&host(1, &found), &next(2)), titles([7])];
    let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
    let collected = collect(setup().probe("detections"), &answers).expect("collects");
    assert_eq!((collected.requests.len(), collected.rows.len()), (2, 2));
    assert_eq!(value(&collected.requests[0], "truncation_limit"), Some("1"));
    let asked = format!("{:?}", collected.requests[1].body);
    assert!(asked.contains("(\"ids\", \"7\")"), "{asked}");
}

#[test]
fn long_entries_are_cut_and_noted() {
    let cves: String = (0..150).map(|it| format!("<CVE><ID>CVE-2026-{it}</ID></CVE>")).collect();
    let long = "x".repeat(600);
    let entry = titles([7])
        .replace("Title of 7", &long)
        .replace("<PATCHABLE>", &format!("<CVE_LIST>{cves}</CVE_LIST><PATCHABLE>"));
    let collected = collected(setup(), &[&page(&host(1, &found(7, "")), ""), &entry]);
    let Value::Text(title) = cells(&collected, "title").remove(0) else { panic!("a text") };
    assert_eq!((title.chars().count(), title.ends_with('…')), (501, true));
    let Value::Texts(cves) = cells(&collected, "cves").remove(0) else { panic!("texts") };
    assert_eq!(cves.len(), 100);
    assert!(collected.summary.notes.iter().any(|it| it.contains("the rest was left out")));
}

/// What comes of these bodies in pieces of a size: rows, rejections, how often the source was asked, and whether it ended
/// in an error. Each body is the answer to whatever is asked for.
fn read_in(chunk: usize, bodies: &[Vec<u8>]) -> (Vec<Row>, Vec<String>, usize, bool) {
    let mut session = setup().with_value("results", text("yes")).session().expect("opens");
    let (mut rows, mut rejected) = (Vec::new(), Vec::new());
    for (at, body) in bodies.iter().enumerate() {
        match session.next() {
            Ok(Step::Send(_)) => {}
            Ok(Step::Wait(_)) => session.waited(),
            Ok(Step::Finished(_)) => return (rows, rejected, at, false),
            Err(_) => return (rows, rejected, at, true),
        }
        if session.accept(&Response { status: 200, headers: Vec::new() }).is_err() {
            return (rows, rejected, at, true);
        }
        let mut batches: Vec<_> = body.chunks(chunk).map(|it| session.feed(it)).collect();
        batches.push(session.end());
        for batch in batches {
            // After an error, what the answer gave before it does not count.
            let Ok(batch) = batch else { return (rows, rejected, at, true) };
            rows.extend(batch.rows);
            rejected.extend(batch.rejected.into_iter().map(|it| format!("{}: {}", it.subject, it.reason)));
        }
    }
    (rows, rejected, bodies.len(), false)
}

/// Hosts as a property draws them: detections by QID and port.
fn any_hosts() -> impl Strategy<Value = Vec<Vec<(u64, u64)>>> {
    proptest::collection::vec(proptest::collection::vec((1_u64..8, 0_u64..4), 0..6), 1..6)
}

proptest! {
    #[test]
    fn each_detection_comes_once_with_its_title(hosts in any_hosts(), size in 1_usize..4, chunk in 1_usize..300) {
        let body = |(at, detections): (usize, &Vec<(u64, u64)>)| {
            let all: String = detections.iter().map(|(qid, port)| found(*qid, &format!("<PORT>{port}</PORT>"))).collect();
            host(at as u64 + 1, &all)
        };
        let page_at = |from: u64| {
            let from = usize::try_from(from.max(1)).expect("small") - 1;
            let shown: String = hosts.iter().enumerate().skip(from).take(size).map(body).collect();
            let rest = if from + size < hosts.len() { next((from + size) as u64 + 1) } else { String::new() };
            page(&shown, &rest)
        };
        let (rows, requests, _, summary) = served(setup(), page_at, |it| it == 3);
        let all: BTreeSet<(u64, u64, u64)> = hosts.iter().enumerate()
            .flat_map(|(at, it)| it.iter().map(move |(qid, port)| (at as u64 + 1, *qid, *port))).collect();
        prop_assert_eq!(rows.len(), all.len());
        let received: usize = hosts.iter().map(Vec::len).sum();
        prop_assert_eq!(summary.rows + summary.duplicates, received as u64);
        for row in &rows {
            let Value::Integer(qid) = row[place("qid")] else { panic!("a QID") };
            let title = if qid == 3 { Value::Absent } else { text(&format!("Title of {qid}")) };
            prop_assert_eq!(&row[place("title")], &title);
        }
        // However the answers were cut.
        let bodies: Vec<Reply> = requests.iter().map(|it| {
            let qids = asked(it);
            let body = if qids.is_empty() {
                page_at(value(it, "id_min").map_or(0, |it| it.parse().expect("a number")))
            } else {
                titles(qids.into_iter().filter(|it| *it != 3))
            };
            Reply::new(200, &body)
        }).collect();
        let cut = collect_from(setup().chunks_of(chunk), &bodies).expect("collects");
        prop_assert_eq!(cut.rows, rows);
    }

    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..600, body: Vec<u8>, cut in 0_usize..400) {
        let _ = collect_from(setup(), &[Reply::bytes(&body)]);
        let whole = page(&host(1, &found(7, "<RESULTS><![CDATA[x]]></RESULTS>")), "");
        let _ = collect_from(setup(), &[Reply::new(status, &whole[..cut.min(whole.len())])]);
        let _ = collect_from(setup(), &[Reply::new(200, &whole), Reply::bytes(&body)]);
    }
}

proptest! {
    // Each of them reads some 50 KB, in many pieces.
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_damaged_is_read_the_same_in_pieces(
        flips in proptest::collection::vec((0_usize..4, any::<prop::sample::Index>(), any::<u8>()), 0..4), chunk in 1_usize..200,
    ) {
        let long = "x".repeat(40_000);
        let all = [
            host(1, &[found(7, "<PORT>1</PORT>"), found(8, "<RESULTS><![CDATA[a]]b]]></RESULTS>")].concat()),
            host(2, &[found(9, &format!("<RESULTS>{long}&amp;</RESULTS>")), found(7, "")].concat()),
            host(3, &found(7, "")),
        ];
        let mut bodies =
            [page(&all.concat(), &next(4)), titles([7, 8, 9]), page(&host(4, &found(8, "")), ""), titles([7])].map(String::into_bytes);
        for (body, place, byte) in flips {
            let body = &mut bodies[body];
            let at = place.index(body.len());
            body[at] = byte;
        }
        let whole = read_in(usize::MAX, &bodies);
        let pieces = read_in(chunk, &bodies);
        if whole.3 {
            // An error is one however it is cut; which rows came before it depends on that.
            prop_assert_eq!((pieces.2, pieces.3), (whole.2, whole.3));
        } else {
            prop_assert_eq!(pieces, whole);
        }
    }
}
