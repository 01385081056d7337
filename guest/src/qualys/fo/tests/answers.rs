//! Lists, however they are written.

use exhibit_plugin::Value;
use proptest::prelude::*;

use super::{EMPTY, assets, case, hosts, ids, parts, warning};
use crate::testing::{Reply, collect, collect_from, refused};

#[test]
fn the_account_is_noted() {
    let request = "<REQUEST><DATETIME>now</DATETIME><USER_LOGIN>acme_ab1</USER_LOGIN></REQUEST>";
    let body = hosts(&[1], "").replace("<RESPONSE>", &format!("{request}<RESPONSE>"));
    let notes = collect(assets(), &[&body]).expect("collects").summary.notes;
    assert!(
        notes.contains(
            &"Collected with the account acme_ab1: items that this account cannot see are not included."
                .to_owned()
        ),
        "{notes:?}"
    );
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
fn a_record_that_contradicts_itself_is_rejected_and_counted() {
    let twice = |what: &str| hosts(&[1, 2, 3], "").replace("<ID>2</ID>", &format!("<ID>2</ID>{what}"));
    let said = |name: &str| format!("its element {name} is there more than once, with different contents");
    for (what, rejected) in [
        ("<ID>7</ID>", format!("HOST number 2 of its page: {}", said("ID"))),
        ("<OS>Linux</OS><OS>Windows</OS>", format!("2: {}", said("OS"))),
        ("<DNS_DATA><FQDN>a</FQDN><FQDN>b</FQDN></DNS_DATA>", format!("2: {}", said("FQDN"))),
        ("<TAGS/><TAGS><TAG><NAME>a</NAME></TAG></TAGS>", format!("2: {}", said("TAGS"))),
    ] {
        let collected = collect(assets(), &[&twice(what)]).expect("collects");
        assert_eq!(collected.rejected, [rejected], "{what}");
        assert_eq!((collected.summary.rows, collected.summary.rejected), (2, 1), "{what}");
    }
    // The same twice is no contradiction, and what no column reads is of no matter.
    for what in ["<ID> 2 </ID>", "<OS>Linux</OS><OS>Linux</OS>", "<OTHER>a</OTHER><OTHER>b</OTHER>"] {
        assert_eq!(ids(assets(), &[&twice(what)]), [1, 2, 3], "{what}");
    }
}

#[test]
fn a_warning_that_contradicts_itself_ends_the_collection() {
    let url = |id: u32| {
        format!("<URL>https://qualysapi.example/api/2.0/fo/asset/host/?action=list&amp;id_min={id}</URL>")
    };
    let warning = format!("<WARNING><CODE>1980</CODE>{}{}</WARNING>", url(4), url(9));
    let said = parts(refused(assets(), &[Reply::new(200, &hosts(&[1, 2, 3], &warning))]));
    assert!(said.2.contains("the answer contradicts itself: in WARNING, its element URL"), "{said:?}");
}

#[test]
fn a_record_without_identity_is_rejected_and_counted() {
    let body = hosts(&[1], "").replace("</HOST_LIST>", "<HOST><IP>192.0.2.1</IP></HOST></HOST_LIST>");
    let collected = collect(assets(), &[&body]).expect("collects");
    assert_eq!(collected.rejected, ["HOST number 2 of its page: its identifier is missing"]);
    assert_eq!((collected.summary.rows, collected.summary.rejected), (1, 1));
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
        let _ = collect_from(assets(), &[Reply::bytes(&body)]);
        let whole = hosts(&[1, 2], "");
        let _ = collect_from(assets(), &[Reply::new(status, &whole[..cut.min(whole.len())])]);
    }
}

#[test]
fn other_charsets_are_read_as_the_head_or_the_document_say() {
    let tagged = |declaration: &str| {
        format!(
            "{declaration}{}",
            hosts(&[1], "")
                .replace("<?xml version=\"1.0\"?>", "")
                .replace("</HOST>", "<DNS>Zo\u{eb}</DNS></HOST>")
        )
    };
    let latin = |text: &str| {
        text.chars().map(|it| u8::try_from(u32::from(it)).expect("Latin-1")).collect::<Vec<u8>>()
    };
    let utf16 = |text: &str| {
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect::<Vec<u8>>()
    };
    let plain = tagged("");
    let declared = tagged("<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>");
    for (reply, how) in [
        (Reply::bytes(plain.as_bytes()), "UTF-8"),
        (
            Reply::bytes(&latin(&plain)).header("content-type", "application/xml; charset=ISO-8859-1"),
            "the head",
        ),
        (Reply::bytes(&latin(&declared)), "the declaration"),
        (Reply::bytes(&utf16(&plain)), "the mark"),
    ] {
        for chunk in [1, 2, 7, usize::MAX] {
            let collected =
                collect_from(assets().chunks_of(chunk), std::slice::from_ref(&reply)).expect("collects");
            assert_eq!(collected.rows[0][0], Value::Text("Zo\u{eb}".to_owned()), "{how}, {chunk}");
            assert!(!collected.summary.notes.iter().any(|it| it.contains("U+FFFD")), "{how}");
        }
    }
    let other = Reply::new(200, &plain).header("content-type", "text/xml; charset=shift_jis");
    assert!(parts(refused(assets(), &[other])).2.contains("\"shift_jis\""));
}

#[test]
fn what_a_reader_of_the_proof_must_know_is_noted() {
    let body = hosts(&[1], "").replace("</HOST>", "<OS>Windows&nbsp;11</OS></HOST>");
    let trial = "<!-- This report was generated with an evaluation version of Qualys //-->";
    let collected = collect(assets(), &[&format!("{body}{trial}{trial}")]).expect("collects");
    assert_eq!(collected.rows[0][2], Value::Text("Windows&nbsp;11".to_owned()));
    let notes = collected.summary.notes.join("\n");
    assert!(notes.contains("entities that XML does not define, such as &nbsp;. They were kept"), "{notes}");
    assert!(!notes.contains("U+FFFD"), "nothing was replaced: {notes}");
    assert_eq!(notes.matches("evaluation version").count(), 1, "{notes}");
}
