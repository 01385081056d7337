//! Lists that lie about where they continue.

use crate::case::Case;
use crate::documents::{host_rows, hosts, more};
use crate::server::Answer;

pub(crate) fn cases() -> Vec<Case> {
    [addresses(), orders(), warnings(), tickets()].into_iter().flatten().collect()
}

fn page(numbers: &[&str], after: &str) -> Answer {
    Answer::good(hosts(numbers, after))
}

fn list(name: &str, pages: Vec<Answer>, numbers: &[i64]) -> Case {
    let mut pages = pages.into_iter();
    let first = pages.next().unwrap_or_default();
    Case::rows(format!("paging: {name}"), first, host_rows(numbers)).of("assets").then(pages)
}

fn refused(name: &str, pages: Vec<Answer>, says: &'static str) -> Case {
    let mut pages = pages.into_iter();
    let first = pages.next().unwrap_or_default();
    Case::error(format!("paging: {name}"), first, says).of("assets").then(pages)
}

fn addresses() -> Vec<Case> {
    let last = || page(&["3", "4"], "");
    let first = |url: &str| page(&["1", "2"], &more(url));
    let all = [1, 2, 3, 4];
    let unsaid = "does not say where the next page begins";
    let mut cases = Vec::new();
    // Of the address only the number is taken: host, scheme, path and credentials are never those of an answer.
    for (where_, url) in [
        ("another host", "https://evil.example/api/?id_min=3"),
        ("another port of this machine", "http://127.0.0.1:OTHER/api/?id_min=3"),
        ("the addresses of a cloud", "http://169.254.169.254/latest/?id_min=3"),
        ("no scheme", "//127.0.0.1:OTHER/?id_min=3"),
        ("a file", "file:///etc/passwd?id_min=3"),
        ("a script", "javascript:alert(1)?id_min=3"),
        ("credentials", "http://a:b@127.0.0.1:OTHER/?id_min=3"),
        ("parameters that change something", "https://x/?action=delete&id_min=3&truncation_limit=0"),
        ("two numbers", "https://x/?id_min=1&id_min=3"),
        ("an escaped separator", "https://x/?a=b&amp;id_min=3"),
        ("escaped digits", "https://x/?id_min=%33"),
        ("escape sequences", "https://x/\u{9b}2J?id_min=3"),
    ] {
        cases.push(list(&format!("a next page at {where_}"), vec![first(url), last()], &all));
    }
    for (what, url) in [
        ("no address", ""),
        ("an address without a number", "https://x/?action=list"),
        ("a number below zero", "https://x/?id_min=-3"),
        ("a number larger than any", "https://x/?id_min=18446744073709551616"),
        ("a number that is a word", "https://x/?id_min=next"),
        ("a number in a fragment", "https://x/#?x"),
        ("text that is no address", "not an address"),
    ] {
        cases.push(refused(&format!("a next page at {what}"), vec![first(url), last()], unsaid));
    }
    cases.push(refused(
        "a next page at the beginning",
        vec![first("https://x/?id_min=0")],
        "does not advance",
    ));
    cases.push(refused(
        "the same page again and again",
        vec![first("https://x/?id_min=3"), page(&["3", "4"], &more("https://x/?id_min=3"))],
        "does not advance",
    ));
    cases.push(refused(
        "back and forth",
        vec![first("https://x/?id_min=9"), page(&["9"], &more("https://x/?id_min=3"))],
        "does not advance",
    ));
    cases.push(list(
        "the largest number there is",
        vec![first("https://x/?id_min=18446744073709551615"), page(&[], "")],
        &[1, 2],
    ));
    cases.push(list("a next page that is empty", vec![first("https://x/?id_min=3"), page(&[], "")], &[1, 2]));
    cases
}

fn orders() -> Vec<Case> {
    let next = |numbers: &[&str]| vec![page(&["5", "6"], &more("https://x/?id_min=6")), page(numbers, "")];
    let descends = "the list does not ascend";
    vec![
        list("the last host once more", next(&["6", "7"]), &[5, 6, 7]),
        refused("hosts of before", next(&["1", "7"]), descends),
        refused("a page that descends", vec![page(&["2", "1"], "")], descends),
        refused("a next page that descends", next(&["8", "7"]), descends),
        list("a host twice on a page", vec![page(&["1", "1", "2"], "")], &[1, 2]),
        list("a host that has no number", vec![page(&["1", "", "2"], "")], &[1, 2]),
        list("a host whose number is a word", vec![page(&["1", "two", "3"], "")], &[1, 3]),
        list("a host whose number is below zero", vec![page(&["-1", "2"], "")], &[2]),
        list("a host whose number is larger than any", vec![page(&["1", "99999999999999999999"], "")], &[1]),
        list(
            "more hosts than were asked for",
            vec![page(&["1", "2", "3", "4", "5", "6"], "")],
            &[1, 2, 3, 4, 5, 6],
        ),
    ]
}

fn warnings() -> Vec<Case> {
    let said = |warning: &str| vec![page(&["1"], warning)];
    let other = "<WARNING><CODE>42</CODE><TEXT>Odd &#27;[2J text</TEXT></WARNING>";
    vec![
        list("a warning of something else", said(other), &[1]),
        list("a hundred thousand warnings", said(&other.repeat(100_000)), &[1]),
        refused(
            "a warning that is empty",
            said("<WARNING><CODE>1980</CODE></WARNING>"),
            "does not say where",
        ),
        list(
            "a warning in a host",
            vec![page(&["1</ID><WARNING><URL>https://x/?id_min=9</URL></WARNING><ID>9"], "")],
            // It has two numbers, and is rejected.
            &[],
        ),
        list(
            "a warning without a code",
            vec![page(&["1"], "<WARNING><URL>https://x/?id_min=2</URL></WARNING>"), page(&["2"], "")],
            &[1, 2],
        ),
        list(
            "two warnings that differ",
            vec![
                page(&["1"], &(more("https://x/?id_min=2") + &more("https://x/?id_min=3"))),
                page(&["3"], ""),
            ],
            &[1, 3],
        ),
        list(
            "a code larger than any number",
            said("<WARNING><CODE>99999999999999999999</CODE><TEXT>x</TEXT></WARNING>"),
            &[1],
        ),
        refused(
            "IDs instead of hosts",
            vec![Answer::good(
                hosts(&[], "").replace("<HOST_LIST>\n</HOST_LIST>", "<ID_SET><ID>1</ID></ID_SET>"),
            )],
            "only IDs",
        ),
        refused(
            "a list that is not said to be empty",
            vec![Answer::good("<HOST_LIST_OUTPUT><RESPONSE/></HOST_LIST_OUTPUT>")],
            "without records",
        ),
        list("a list that is said to be empty", vec![page(&[], "")], &[]),
    ]
}

fn tickets() -> Vec<Case> {
    let ticket = |number: &str| format!("<TICKET><NUMBER>{number}</NUMBER></TICKET>");
    let page = |numbers: &[&str], after: &str| {
        let all: String = numbers.iter().map(|it| ticket(it)).collect();
        Answer::good(format!(
            "<REMEDIATION_TICKETS><HEADER><DATETIME>2026-11-01T00:00:00Z</DATETIME></HEADER><TICKET_LIST>{all}</TICKET_LIST>\
             {after}</REMEDIATION_TICKETS>"
        ))
    };
    let cut = |last: &str| format!("<TRUNCATION last=\"{last}\">Truncated</TRUNCATION>");
    let case = |name: &str, pages: Vec<Answer>, says: &'static str| refused(name, pages, says).of("tickets");
    vec![
        case(
            "tickets cut after one that did not come",
            vec![page(&["1", "2"], &cut("9"))],
            "the last record in the answer is",
        ),
        case("tickets cut after a word", vec![page(&["1", "2"], &cut("x"))], "does not say where"),
        case(
            "tickets cut after the largest number",
            vec![page(&["18446744073709551615"], &cut("18446744073709551615"))],
            "does not say where",
        ),
        case(
            "tickets cut at the same place again and again",
            vec![page(&["1", "2"], &cut("2")), page(&["2"], &cut("2"))],
            "",
        ),
        case("tickets that descend", vec![page(&["2", "1"], "")], "the list does not ascend"),
    ]
}
