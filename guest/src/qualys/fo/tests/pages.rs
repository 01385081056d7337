//! From one page to the next, each record once.

use exhibit_plugin::collection::{Response, Step};
use exhibit_plugin::instant;
use exhibit_plugin::types::Window;
use proptest::prelude::*;

use super::{assets, case, hosts, id, ids, parts, warning};
use crate::testing::{Reply, Setup, collect, collect_from, refused};

#[test]
fn pages_on_with_the_id_of_the_warning() {
    let url =
        "https://internal.example:444/api/4.0/fo/asset/host/?action=list&truncation_limit=2&flag=0&id_min=3";
    let (first, second) = (hosts(&[1, 2], &warning(url)), hosts(&[3], ""));
    let collected = collect(assets(), &[&first, &second]).expect("collects");
    assert_eq!(collected.rows.len(), 3);
    let next = &collected.requests[1];
    assert_eq!((next.origin.as_str(), next.path.as_str()), ("api", "/api/5.0/fo/asset/host/"));
    let value = |name: &str| next.query.iter().find(|(it, _)| it == name).map(|(_, value)| value.as_str());
    assert_eq!(value("id_min"), Some("3"));
    assert_eq!(value("truncation_limit"), Some("10000"), "ours stay as they are");
    assert_eq!(value("flag"), None, "nothing else is taken from an answer");
}

#[test]
fn refuses_pages_that_do_not_move_on() {
    let same = warning("https://x.example/?action=list&id_min=3");
    let (first, second) = (hosts(&[1, 2], &same), hosts(&[3], &same));
    let error = refused(assets(), &[Reply::new(200, &first), Reply::new(200, &second)]);
    assert_eq!(
        parts(error).2,
        "the page that begins at 3 says that the next one begins at 3: the list does not advance"
    );
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
fn a_list_that_does_not_ascend_is_refused() {
    let next = warning("https://x.example/?id_min=3");
    let said = |pages: &[&str]| {
        let replies: Vec<Reply> = pages.iter().map(|it| Reply::new(200, it)).collect();
        parts(refused(assets(), &replies)).2
    };
    assert_eq!(
        said(&[&hosts(&[1, 2, 3, 4], &next), &hosts(&[2, 3, 4, 5], "")]),
        "HOST 2 came after HOST 4: the list does not ascend, so records may be missing"
    );
    // With 5 missing, a second page from 30 on would leave out what is between.
    assert!(said(&[&hosts(&[10, 30, 12], &next)]).starts_with("HOST 12 came after HOST 30"));
}

#[test]
fn a_truncation_before_the_last_ticket_is_refused() {
    let tickets = |numbers: &[u32], last: u32| {
        let tickets: String =
            numbers.iter().map(|it| format!("<TICKET><NUMBER>{it}</NUMBER></TICKET>")).collect();
        format!(
            "<REMEDIATION_TICKETS><HEADER/><TICKET_LIST>{tickets}</TICKET_LIST><TRUNCATION last=\"{last}\"/>\
             </REMEDIATION_TICKETS>"
        )
    };
    for (numbers, last) in [(&[1, 2, 9][..], 2), (&[1, 2], 9)] {
        let error = refused(Setup::new("tickets"), &[Reply::new(200, &tickets(numbers, last))]);
        assert!(parts(error).2.starts_with("Qualys truncated the list after record"), "{numbers:?}");
    }
}

#[test]
fn a_key_that_comes_twice_is_a_duplicate_or_noted() {
    let user = |login: &str, role: &str| {
        format!("<USER><USER_LOGIN>{login}</USER_LOGIN><USER_ROLE>{role}</USER_ROLE></USER>")
    };
    let users =
        [user("a", "Reader"), user("b", "Reader"), user("a", "Reader"), user("b", "Manager")].concat();
    let list = format!("<USER_LIST_OUTPUT><USER_LIST>{users}</USER_LIST></USER_LIST_OUTPUT>");
    let collected = collect(Setup::new("users"), &[&list]).expect("collects");
    assert_eq!((collected.rows.len(), collected.summary.duplicates), (3, 1));
    let note = "1 row has the same key as another row, with other values; the first is \"b\". All of them are included.";
    assert!(collected.summary.notes.iter().any(|it| it == note), "{:?}", collected.summary.notes);

    let twice = hosts(&[1, 2, 2, 3], "");
    let collected = collect(assets(), &[&twice]).expect("collects");
    assert_eq!((collected.rows.len(), collected.summary.duplicates), (3, 1));
}

fn at(text: &str) -> i64 {
    instant::parse(text).expect("a date")
}

/// Pages as Qualys never has them: records in any order, repeated, left out.
fn any_pages() -> impl Strategy<Value = Vec<Vec<u32>>> {
    let ascending =
        proptest::collection::btree_set(1_u32..40, 1..12).prop_map(|it| it.into_iter().collect::<Vec<_>>());
    let in_disorder = proptest::collection::vec(1_u32..15, 1..8);
    (prop_oneof![3 => ascending, 1 => in_disorder], proptest::collection::vec(0_usize..12, 0..3), 0_usize..3)
        .prop_map(|(ids, cuts, repeat)| {
            let mut cuts: Vec<usize> = cuts.into_iter().map(|it| it.clamp(1, ids.len())).collect();
            cuts.sort_unstable();
            cuts.dedup();
            let mut pages = Vec::new();
            let mut from = 0;
            for to in cuts.into_iter().chain([ids.len()]) {
                if from < to {
                    // Pages that begin with the last records of the one before.
                    let begin = if from == 0 { 0 } else { from.saturating_sub(repeat) };
                    pages.push(ids[begin..to].to_vec());
                    from = to;
                }
            }
            pages
        })
}

proptest! {
    #[test]
    fn each_record_comes_once_or_the_list_is_refused(pages in any_pages()) {
        let bodies: Vec<String> = pages.iter().enumerate().map(|(at, page)| {
            // Where the next page says that it begins: at its first record.
            let next = pages.get(at + 1).map(|it| warning(&format!("https://x.example/?id_min={}", it[0])));
            hosts(page, &next.unwrap_or_default())
        }).collect();
        let replies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        if let Ok(collected) = collect(assets(), &replies) {
            let mut all: Vec<u32> = pages.iter().flatten().copied().collect();
            all.sort_unstable();
            let received = all.len() as u64;
            all.dedup();
            let rows: Vec<u32> = collected.rows.iter().map(id).collect();
            prop_assert_eq!(rows, all);
            prop_assert_eq!(collected.summary.rows + collected.summary.duplicates, received);
        }
    }

    #[test]
    fn pages_that_ascend_are_not_refused(ids in proptest::collection::btree_set(1_u32..1_000, 1..20), size in 1_usize..6) {
        let ids: Vec<u32> = ids.into_iter().collect();
        let pages: Vec<&[u32]> = ids.chunks(size).collect();
        let bodies: Vec<String> = pages.iter().enumerate().map(|(at, page)| {
            let next = pages.get(at + 1).map(|it| warning(&format!("https://x.example/?id_min={}", it[0])));
            hosts(page, &next.unwrap_or_default())
        }).collect();
        let collected = collect(assets(), &bodies.iter().map(String::as_str).collect::<Vec<_>>());
        prop_assert_eq!(collected.expect("collects").rows.len(), ids.len());
    }
}

#[test]
fn warnings_are_followed_or_noted_and_end_nothing() {
    let notes = |setup: Setup, body: &str| collect(setup, &[body]).expect("collects").summary.notes;
    let other = "<WARNING><CODE>1900</CODE><TEXT>Some hosts are being purged.</TEXT></WARNING>";
    for warning in [other, &other.replace("<CODE>1900</CODE>", "")] {
        let notes = notes(assets(), &hosts(&[1], warning));
        assert!(notes.iter().any(|it| it.ends_with(": Some hosts are being purged.")), "{notes:?}");
    }
    // In an escaped address inside of a CDATA section, too.
    let twice = "<WARNING><CODE>1980</CODE><URL><![CDATA[https://x.example/?action=list&amp;id_min=3]]></URL></WARNING>";
    assert_eq!(ids(assets(), &[&hosts(&[1, 2], twice), &hosts(&[3], "")]), [1, 2, 3]);
    let scans = |warning: &str| {
        format!(
            "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/><SCAN_LIST><SCAN><REF>scan/1</REF></SCAN></SCAN_LIST>{warning}\
             </RESPONSE></SCAN_LIST_OUTPUT>"
        )
    };
    let cut = "<WARNING><CODE>1980</CODE><TEXT>1000 record limit exceeded.</TEXT><URL>https://x.example/?a=b</URL></WARNING>";
    let error = refused(Setup::new("vm-scans"), &[Reply::new(200, &scans(cut))]);
    assert_eq!(
        parts(error).2,
        "Qualys truncated the list, and it is not documented how this list continues: \"1000 record limit exceeded.\""
    );
    assert!(notes(Setup::new("vm-scans"), &scans(other)).iter().any(|it| it.contains("being purged")));
}

#[test]
fn a_warning_that_only_leads_on_is_not_noted_and_any_other_is() {
    let noted = |warning: &str| {
        let pages = [hosts(&[1, 2], warning), hosts(&[3], "")];
        let collected = collect(assets(), &[&pages[0], &pages[1]]).expect("collects");
        assert_eq!(collected.rows.len(), 3, "{warning}");
        collected.summary.notes.into_iter().find(|it| it.contains("warning"))
    };
    let next = "<URL>https://x.example/?id_min=3</URL>";
    assert_eq!(noted(&format!("<WARNING><CODE>1980</CODE><TEXT>cut</TEXT>{next}</WARNING>")), None);
    assert_eq!(noted(&format!("<WARNING><TEXT>cut</TEXT>{next}</WARNING>")), None);
    assert_eq!(
        noted(&format!("<WARNING><CODE>1900</CODE><TEXT>slow</TEXT>{next}</WARNING>")).as_deref(),
        Some("Qualys reported the warning 1900: slow")
    );
}

#[test]
fn an_address_without_a_place_is_a_truncation_where_no_code_says_otherwise() {
    let scans = |code: &str| {
        format!(
            "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/><WARNING>{code}<TEXT>see there</TEXT><URL>https://x.example/help</URL>\
             </WARNING></RESPONSE></SCAN_LIST_OUTPUT>"
        )
    };
    let error = refused(Setup::new("vm-scans"), &[Reply::new(200, &scans(""))]);
    assert!(parts(error).2.starts_with("Qualys truncated the list"));
    let collected = collect(Setup::new("vm-scans"), &[&scans("<CODE>1900</CODE>")]).expect("collects");
    assert!(
        collected.summary.notes.contains(&"Qualys reported the warning 1900: see there".to_owned()),
        "{:?}",
        collected.summary.notes
    );
}

#[test]
fn twenty_warnings_are_noted_and_further_ones_are_mentioned() {
    let warned = |count: usize| {
        let warnings: String = (0..count)
            .map(|it| format!("<WARNING><CODE>1900</CODE><TEXT>no. {it}</TEXT></WARNING>"))
            .collect();
        let notes = collect(assets(), &[&hosts(&[1], &warnings)]).expect("collects").summary.notes;
        let count = |what: &str| notes.iter().filter(|it| it.starts_with(what)).count();
        (count("Qualys reported the warning 1900: "), count("Qualys reported further warnings"))
    };
    assert_eq!(warned(19), (19, 0));
    assert_eq!(warned(20), (20, 0));
    assert_eq!(warned(21), (20, 1));
    assert_eq!(warned(25), (20, 1));
}

#[test]
fn a_window_begins_with_its_start_and_ends_before_its_end() {
    let window = Window { start: at("2026-10-01"), end: at("2026-11-01") };
    let host = |id: u32, scanned: &str| {
        format!("<HOST><ID>{id}</ID><LAST_VM_SCANNED_DATE>{scanned}</LAST_VM_SCANNED_DATE></HOST>")
    };
    let page = |hosts: &[String], rest: &str| {
        super::hosts(&[], rest).replace("<HOST_LIST>", &format!("<HOST_LIST>{}", hosts.concat()))
    };
    let first = page(
        &[
            host(1, "2026-09-30T23:59:59Z"),
            host(2, "2026-10-01T00:00:00Z"),
            host(3, "2026-10-31T23:59:59Z"),
            host(4, "2026-11-01T00:00:00Z"),
        ],
        &warning("https://x.example/?id_min=4"),
    );
    // The one at the border of two pages is outside once, and comes twice.
    let second = page(&[host(4, "2026-11-01T00:00:00Z"), host(5, "2026-11-02T00:00:00Z")], "");
    let collected = collect(assets().window(window), &[&first, &second]).expect("collects");
    assert_eq!(collected.rows.iter().map(id).collect::<Vec<_>>(), [2, 3]);
    assert_eq!((collected.summary.outside_window, collected.summary.duplicates), (3, 1));
}

#[test]
fn a_truncation_after_tickets_without_a_number_or_without_tickets_leads_on() {
    let truncated = |tickets: &str| {
        format!(
            "<REMEDIATION_TICKETS><HEADER/><TICKET_LIST>{tickets}</TICKET_LIST><TRUNCATION last=\"2\"/></REMEDIATION_TICKETS>"
        )
    };
    let last = "<REMEDIATION_TICKETS><HEADER/><TICKET_LIST><TICKET><NUMBER>3</NUMBER></TICKET></TICKET_LIST></REMEDIATION_TICKETS>";
    // The one without a number may be the second, which the page ends with.
    let numberless =
        "<TICKET><NUMBER>1</NUMBER></TICKET><TICKET><CURRENT_STATE>OPEN</CURRENT_STATE></TICKET>";
    for (tickets, rows) in [(numberless, 2), ("", 1)] {
        let collected = collect(Setup::new("tickets"), &[&truncated(tickets), last]).expect("collects");
        assert_eq!(collected.rows.len(), rows, "{tickets}");
        let next = ("since_ticket_number".to_owned(), "3".to_owned());
        assert!(collected.requests[1].query.contains(&next), "{tickets}");
    }
}

#[test]
fn a_page_that_a_gateway_cannot_deliver_is_asked_for_in_parts() {
    let html = "<html><head><title>504 Gateway Time-out</title></head></html>";
    for (status, times) in [(413, 2), (504, 4)] {
        let collected = collect_from(
            assets(),
            &[vec![Reply::new(status, html); times], vec![Reply::new(200, &hosts(&[1], ""))]].concat(),
        )
        .expect("collects");
        let sizes: Vec<_> = collected
            .requests
            .iter()
            .flat_map(|it| {
                it.query.iter().filter(|(name, _)| name == "truncation_limit").map(|(_, value)| value.clone())
            })
            .collect();
        // A gateway that timed out is asked for the same once more.
        let wanted: &[&str] = if status == 413 {
            &["10000", "2500", "625"]
        } else {
            &["10000", "10000", "2500", "2500", "625"]
        };
        assert_eq!(sizes, wanted, "{status}");
        assert!(collected.summary.notes.iter().any(|it| it.contains("pages of 625 records")));
        assert_eq!(collected.summary.pages, 1);
    }
    // A list of one page size has no smaller one.
    let replies = [Reply::new(504, html), Reply::new(504, html)];
    assert_eq!(parts(refused(Setup::new("users"), &replies)).0, "unavailable");
}

#[test]
fn a_page_that_breaks_off_again_and_again_is_asked_for_in_parts() {
    let mut session = assets().session().expect("opens");
    let mut sizes = Vec::new();
    for _ in 0..6 {
        let Ok(Step::Send(request)) = session.next() else { panic!("a request") };
        let size = request.query.into_iter().find(|(name, _)| name == "truncation_limit");
        sizes.push(size.map(|(_, value)| value).unwrap_or_default());
        session.accept(&Response { status: 200, headers: Vec::new() }).expect("takes the head");
        session.interrupted();
    }
    // By the fourth time it is likely that none of its size passes; and 100 records are the least.
    assert_eq!(sizes, ["10000", "10000", "10000", "10000", "625", "100"]);
}

#[test]
fn the_date_of_the_first_answer_is_noted() {
    let dated = |ids: &[u32], date: &str, rest: &str| {
        hosts(ids, rest).replace("<DATETIME>now</DATETIME>", &format!("<DATETIME>{date}</DATETIME>"))
    };
    let next = warning("https://x.example/?id_min=2");
    let (first, second) =
        (dated(&[1], "2026-10-31T12:00:00Z", &next), dated(&[2], "2026-10-31T13:00:00Z", ""));
    let pages = [Reply::new(200, &first), Reply::new(200, &second)];
    // A first page that is asked for in parts is the first all the same.
    let in_parts = [vec![Reply::new(413, "")], pages.to_vec()].concat();
    for replies in [pages.to_vec(), in_parts] {
        let notes = collect_from(assets(), &replies).expect("collects").summary.notes;
        let dates: Vec<&String> = notes.iter().filter(|it| it.contains("dated")).collect();
        assert_eq!(dates, ["Qualys dated its first answer 2026-10-31T12:00:00Z."]);
    }
}

#[test]
fn a_list_that_is_cut_off_is_not_complete() {
    let nowhere = "<WARNING><CODE>1980</CODE><TEXT>1 record limit exceeded.</TEXT></WARNING>";
    assert_eq!(case(Reply::new(200, &hosts(&[1], nowhere))), "malformed");
    let users = "<USER_LIST_OUTPUT><USER_LIST><USER><USER_LOGIN>a</USER_LOGIN></USER></USER_LIST>\
                 <TRUNCATION last=\"1\"/></USER_LIST_OUTPUT>";
    assert_eq!(parts(refused(Setup::new("users"), &[Reply::new(200, users)])).0, "malformed");
}

#[test]
fn a_probe_asks_for_the_least() {
    let next = warning("https://x.example/?id_min=2");
    let collected = collect(assets().probe("assets"), &[&hosts(&[1], &next)]).expect("collects");
    assert_eq!(collected.requests.len(), 1, "and goes no further");
    assert!(collected.requests[0].query.contains(&("truncation_limit".to_owned(), "1".to_owned())));

    // What a list has no pages for, a short time or a single number limits.
    let query = |proof: &str, answer: &str| {
        let mut requests = collect(Setup::new(proof).probe(proof), &[answer]).expect("collects").requests;
        requests.remove(0).query
    };
    let times = |query: Vec<(String, String)>| {
        query.into_iter().filter(|(name, _)| name.starts_with("launched")).collect::<Vec<_>>()
    };
    let scans = "<SCAN_LIST_OUTPUT><RESPONSE><DATETIME/></RESPONSE></SCAN_LIST_OUTPUT>";
    let day_before = ("launched_after_datetime".to_owned(), "2026-10-31T00:00:00Z".to_owned());
    for proof in ["vm-scans", "pc-scans"] {
        assert_eq!(times(query(proof, scans)), std::slice::from_ref(&day_before), "{proof}");
    }
    let tickets = query("tickets", "<REMEDIATION_TICKETS><HEADER/></REMEDIATION_TICKETS>");
    for name in ["since_ticket_number", "until_ticket_number"] {
        assert!(tickets.contains(&(name.to_owned(), "1".to_owned())), "{tickets:?}");
    }
}
