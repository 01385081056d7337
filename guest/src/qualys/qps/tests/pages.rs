//! What is asked for, page by page, and when there are no more.

use exhibit_plugin::Value;
use exhibit_plugin::collection::{Effect, Method, Response, Step};
use exhibit_plugin::types::Window;
use proptest::prelude::*;

use super::{EMPTY, collected, document, ids, last, more, page, parts, said, scan, scans};
use crate::testing::{Reply, collect, collect_from, refused};

/// Where a request's page begins.
fn after(document: &str) -> Option<&str> {
    document.split_once("<Criteria field=\"id\" operator=\"GREATER\">")?.1.split_once('<').map(|it| it.0)
}

fn size(document: &str) -> &str {
    let rest = document.split_once("<limitResults>").expect("a size").1;
    rest.split_once('<').expect("its end").0
}

#[test]
fn a_request_reads_and_is_signed() {
    let collected = collected(&[EMPTY]);
    let [request] = collected.requests.as_slice() else { panic!("one request") };
    assert_eq!((request.origin.as_str(), request.auth.as_deref()), ("api", Some("basic")));
    assert_eq!((request.method, &request.effect), (Method::Post, &Effect::Read), "so it may be repeated");
    assert_eq!(size(&document(request)), "1000");
    assert_eq!(after(&document(request)), None);
}

#[test]
fn pages_come_after_the_last_id_of_the_one_before() {
    let collected = collected(&[&more(&[3, 5]), &more(&[8]), &last(&[9, 12])]);
    assert_eq!(ids(&collected), [3, 5, 8, 9, 12]);
    let documents: Vec<String> = collected.requests.iter().map(document).collect();
    let places: Vec<_> = documents.iter().map(|it| after(it)).collect();
    assert_eq!(places, [None, Some("5"), Some("8")]);
    // What else is asked for stays.
    for document in &documents {
        assert!(document.contains("<Criteria field=\"launchedDate\" operator=\"GREATER\">"), "{document}");
    }
}

#[test]
fn an_answer_that_does_not_say_whether_there_are_more_is_asked_on() {
    // With the id that it ends with, or without it.
    for rest in ["<lastId>5</lastId>", "", "<hasMoreRecords></hasMoreRecords>"] {
        let collected = collected(&[&page(&[3, 5], rest), EMPTY]);
        assert_eq!((ids(&collected), collected.summary.pages), (vec![3, 5], 2), "{rest}");
        assert_eq!(after(&document(&collected.requests[1])), Some("5"));
    }
    // A page without records is the last one.
    assert_eq!(collected(&[EMPTY]).summary.pages, 1);
}

#[test]
fn whether_there_are_more_is_a_text() {
    for yes in ["true", "TRUE", " true ", "<![CDATA[true]]>"] {
        let first = page(&[1], &format!("<hasMoreRecords>{yes}</hasMoreRecords><lastId>1</lastId>"));
        assert_eq!(ids(&collected(&[&first, &last(&[2])])), [1, 2], "{yes}");
    }
    for no in ["false", "False", "\n  false\n"] {
        // An id that it ends with does not make it a page before others.
        let only = page(&[1], &format!("<hasMoreRecords>{no}</hasMoreRecords><lastId>1</lastId>"));
        assert_eq!(ids(&collected(&[&only])), [1], "{no}");
    }
    let odd = said(200, &page(&[1], "<hasMoreRecords>perhaps</hasMoreRecords>"));
    assert_eq!(odd.0, "malformed");
    assert!(odd.2.starts_with("hasMoreRecords is \"perhaps\""), "{odd:?}");
}

#[test]
fn more_records_without_a_last_id_come_after_the_greatest() {
    let first = page(&[1, 4], "<hasMoreRecords>true</hasMoreRecords>");
    assert_eq!(ids(&collected(&[&first, &last(&[6])])), [1, 4, 6]);
}

#[test]
fn a_last_id_that_leaves_records_out_or_does_not_grow_is_refused() {
    let with = |ids: &[u32], id: &str| {
        page(ids, &format!("<hasMoreRecords>true</hasMoreRecords><lastId>{id}</lastId>"))
    };
    for (id, expected) in [
        ("9", "lastId is 9, but the last record in the answer is 5"),
        ("3", "lastId is 3, but the last record in the answer is 5"),
        ("x", "lastId is \"x\", which is not a number"),
        ("-1", "lastId is \"-1\", which is not a number"),
    ] {
        let (case, _, message) = said(200, &with(&[3, 5], id));
        assert_eq!((case, message.as_str()), ("malformed", expected));
    }
    // The same page again: the server does not know the condition.
    let again = refused(scans(), &[Reply::new(200, &more(&[5])), Reply::new(200, &more(&[5]))]);
    assert!(parts(&again).2.ends_with("the list does not advance"), "{again:?}");
    let again = refused(scans(), &[Reply::new(200, &more(&[3, 5])), Reply::new(200, &more(&[3, 5]))]);
    assert!(parts(&again).2.starts_with("WasScan 3 came after WasScan 5"), "{again:?}");
}

#[test]
fn more_records_than_none_are_refused() {
    let (case, _, message) = said(200, &page(&[], "<hasMoreRecords>true</hasMoreRecords><lastId>7</lastId>"));
    assert_eq!(case, "malformed");
    assert_eq!(message, "Qualys says that there are more records, and sent none of them");
}

#[test]
fn a_page_has_as_many_records_as_it_says() {
    let short = last(&[1, 2]).replace("<count>2</count>", "<count>3</count>");
    let (case, _, message) = said(200, &short);
    assert_eq!(
        (case, message.as_str()),
        ("malformed", "Qualys says that the page has 3 records, and 2 WasScan came")
    );
    let other = last(&[1]).replace("WasScan", "WebApp");
    assert!(said(200, &other).2.ends_with("has 1 records, and 0 WasScan came"));
    assert!(said(200, &last(&[1]).replace("<count>1<", "<count>one<")).2.contains("count is \"one\""));
    // Where it does not say it, the records are there all the same.
    assert_eq!(ids(&collected(&[&last(&[1]).replace("<count>1</count>", "")])), [1]);
}

#[test]
fn records_ascend() {
    let (case, _, message) = said(200, &last(&[1, 7, 3]));
    assert_eq!(case, "malformed");
    assert!(message.starts_with("WasScan 3 came after WasScan 7"), "{message}");
    let twice = collected(&[&last(&[1, 7, 7])]);
    assert_eq!((ids(&twice), twice.summary.duplicates), (vec![1, 7], 1));
}

#[test]
fn a_record_without_an_id_is_rejected_and_counted() {
    for (id, why) in [("", "is missing"), ("<id/>", "is missing"), ("<id>seven</id>", "is not a number")] {
        let body = last(&[1, 2]).replace(&scan(2), &format!("<WasScan>{id}<name>x</name></WasScan>"));
        let collected = collected(&[&body]);
        assert_eq!(collected.rejected, [format!("WasScan number 2 of its page: its identifier {why}")]);
        assert_eq!((collected.summary.rows, collected.summary.rejected), (1, 1));
    }
}

#[test]
fn a_record_that_contradicts_itself_is_rejected_and_counted() {
    let twice = |what: &str| last(&[1, 2]).replace("<id>2</id>", &format!("<id>2</id>{what}"));
    for what in ["<status>FINISHED</status><status>ERROR</status>", "<launchedDate>2026-10-21</launchedDate>"]
    {
        let collected = collected(&[&twice(what)]);
        assert_eq!((ids(&collected), collected.summary.rejected), (vec![1], 1), "{what}");
    }
}

#[test]
fn an_answer_that_contradicts_itself_is_refused() {
    for what in [
        "<hasMoreRecords>false</hasMoreRecords><hasMoreRecords>true</hasMoreRecords>",
        "<count>2</count>",
        "<lastId>1</lastId><lastId>2</lastId>",
    ] {
        let (case, _, message) = said(200, &page(&[1], what));
        assert_eq!(case, "malformed", "{what}");
        assert!(message.starts_with("the answer contradicts itself"), "{message}");
    }
    let same = "<hasMoreRecords>false</hasMoreRecords><hasMoreRecords>false</hasMoreRecords>";
    assert_eq!(ids(&collected(&[&page(&[1], same)])), [1], "the same twice is no contradiction");
}

#[test]
fn names_are_read_in_any_case() {
    let lower = |it: &str| {
        it.replace("ServiceResponse", "serviceresponse")
            .replace("responseCode", "responsecode")
            .replace("hasMoreRecords", "hasmorerecords")
            .replace("lastId", "lastid")
            .replace("WasScan", "wasscan")
            .replace("launchedDate", "launcheddate")
    };
    assert_eq!(ids(&collected(&[&lower(&more(&[1])), &lower(&last(&[2]))])), [1, 2]);
}

#[test]
fn a_window_begins_with_its_start_and_ends_before_its_end() {
    let window = Window { start: 1_790_812_800_000, end: 1_793_491_200_000 };
    let dates =
        ["2026-09-30T23:59:59Z", "2026-10-01T00:00:00Z", "2026-10-31T23:59:59Z", "2026-11-01T00:00:00Z"];
    let mut body = last(&[1, 2, 3, 4]);
    for (id, date) in (1..).zip(dates) {
        body = body.replace(&scan(id), &scan(id).replace("2026-10-20T00:00:00Z", date));
    }
    let collected = collect(scans().window(window), &[&body]).expect("collects");
    assert_eq!((ids(&collected), collected.summary.outside_window), (vec![2, 3], 2));
    let document = document(&collected.requests[0]);
    // Whether the edges are inclusive is not documented: a second more is asked for.
    for edge in ["GREATER\">2026-09-30T23:59:59Z<", "LESSER\">2026-11-01T00:00:01Z<"] {
        assert!(
            document.contains(&format!("<Criteria field=\"launchedDate\" operator=\"{edge}")),
            "{document}"
        );
    }
}

#[test]
fn a_page_that_a_gateway_cannot_deliver_is_asked_for_in_parts() {
    let html = "<html><head><title>504 Gateway Time-out</title></head></html>";
    let replies = [
        Reply::new(200, &more(&[1])),
        Reply::new(504, html),
        Reply::new(504, html),
        Reply::new(413, html),
        Reply::new(200, &last(&[2])),
    ];
    let collected = collect_from(scans(), &replies).expect("collects");
    let documents: Vec<String> = collected.requests.iter().map(document).collect();
    let asked: Vec<_> = documents.iter().map(|it| (size(it), after(it))).collect();
    // What timed out is asked for once more as it was.
    let place = Some("1");
    assert_eq!(asked, [("1000", None), ("1000", place), ("1000", place), ("250", place), ("100", place)]);
    assert_eq!(ids(&collected), [1, 2]);
    assert!(collected.summary.notes.iter().any(|it| it.contains("pages of 100 records")));
    // There is no smaller one.
    let stuck = [Reply::new(413, html), Reply::new(413, html), Reply::new(413, html)];
    assert_eq!(parts(&refused(scans(), &stuck)).0, "rejected");
}

#[test]
fn a_page_that_breaks_off_again_and_again_is_asked_for_in_parts() {
    let mut session = scans().session().expect("opens");
    let mut sizes = Vec::new();
    for _ in 0..6 {
        let Ok(Step::Send(request)) = session.next() else { panic!("a request") };
        sizes.push(size(&document(&request)).to_owned());
        session.accept(&Response { status: 200, headers: Vec::new() }).expect("takes the head");
        session.interrupted();
    }
    assert_eq!(sizes, ["1000", "1000", "1000", "1000", "100", "100"]);
}

#[test]
fn criteria_are_escaped_and_bounded() {
    let sent = |values: &[&str]| {
        let collected = collect(scans().with("status", values), &[EMPTY]).expect("collects");
        document(&collected.requests[0])
    };
    assert!(sent(&["ERROR"]).contains("<Criteria field=\"status\" operator=\"EQUALS\">ERROR</Criteria>"));
    let two = sent(&["ERROR", "CANCELED"]);
    assert!(two.contains("<Criteria field=\"status\" operator=\"IN\">ERROR,CANCELED</Criteria>"), "{two}");
    let application = |name: &str| {
        let setup = scans().with_value("application", Value::Text(name.to_owned()));
        collect(setup, &[EMPTY]).map(|it| document(&it.requests[0]))
    };
    let odd = application("]]></Criteria>&\"'").expect("collects");
    assert!(odd.contains(">]]&gt;&lt;/Criteria&gt;&amp;&quot;&apos;</Criteria>"), "{odd}");
    for bad in ["", "a\u{0}b", "a\nb", "\u{FFFF}"] {
        assert_eq!(parts(&application(bad).expect_err("refused")).0, "invalid", "{bad:?}");
    }
}

proptest! {
    #[test]
    fn chunks_make_no_difference(size in 1_usize..200) {
        let (first, second) = (more(&[1, 2]), last(&[3, 4]));
        let bodies = [first.as_str(), second.as_str()];
        prop_assert_eq!(
            collect(scans().chunks_of(size), &bodies).expect("collects").rows,
            collected(&bodies).rows
        );
    }

    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..600, body: Vec<u8>, cut in 0_usize..400) {
        let _ = collect_from(scans(), &[Reply::bytes(&body)]);
        let whole = last(&[1, 2]);
        let _ = collect_from(scans(), &[Reply::new(status, &whole[..cut.min(whole.len())])]);
    }

    /// Pages as they should never be: in any order, repeated, cut anywhere.
    #[test]
    fn each_record_comes_once_or_the_list_is_refused(
        pages in proptest::collection::vec(proptest::collection::vec(1_u32..20, 1..5), 1..4)
    ) {
        let count = pages.len();
        let bodies: Vec<String> =
            pages.iter().enumerate().map(|(at, ids)| if at + 1 < count { more(ids) } else { last(ids) }).collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        if let Ok(collected) = collect(scans(), &bodies) {
            let mut all: Vec<i64> = pages.iter().flatten().copied().map(i64::from).collect();
            let received = all.len() as u64;
            all.sort_unstable();
            all.dedup();
            prop_assert_eq!(ids(&collected), all);
            prop_assert_eq!(collected.summary.rows + collected.summary.duplicates, received);
        }
    }
}
