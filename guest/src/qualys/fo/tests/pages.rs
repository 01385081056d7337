//! From one page to the next, each record once.

use super::{assets, case, hosts, ids, parts, warning};
use crate::testing::{Reply, Setup, collect, refused};

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
fn pages_that_overlap_give_no_row_twice() {
    let next = warning("https://x.example/?id_min=3");
    let collected =
        collect(assets(), &[&hosts(&[1, 2, 3, 4], &next), &hosts(&[2, 3, 4, 5], "")]).expect("collects");
    assert_eq!((collected.rows.len(), collected.summary.duplicates), (5, 3));
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
}
