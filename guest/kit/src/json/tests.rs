//! What the reader makes of documents, good and bad.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::contract::types::Error;

/// Takes the array `items`, or a document that is an array, and writes down what it sees.
#[derive(Default)]
struct Seen(Vec<String>);

impl Handler for Seen {
    fn wants(&self, path: &[String]) -> bool {
        path.is_empty() || path == ["items"]
    }

    fn record(&mut self, record: &Json) -> Result<(), Error> {
        self.0.push(record.to_string());
        Ok(())
    }

    fn end_of_records(&mut self) -> Result<(), Error> {
        self.0.push("end".to_owned());
        Ok(())
    }

    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error> {
        self.0.push(format!("{}={value}", path.join(".")));
        Ok(())
    }
}

fn read_in(document: &[u8], size: usize) -> Result<Vec<String>, String> {
    let (mut reader, mut seen) = (Reader::default(), Seen::default());
    let message = |error: Error| error.problem().message.clone();
    for chunk in document.chunks(size) {
        reader.feed(chunk, &mut seen).map_err(message)?;
    }
    reader.end(&mut seen).map_err(message)?;
    Ok(seen.0)
}

/// What is read from a document, whole and byte by byte, which must be the same.
fn read(document: &str) -> Result<Vec<String>, String> {
    let whole = read_in(document.as_bytes(), usize::MAX);
    assert_eq!(whole, read_in(document.as_bytes(), 1), "in pieces");
    whole
}

#[test]
fn a_byte_order_mark_comes_first_and_whole_and_blanks_are_those_of_json() {
    assert!(read("\u{feff}4").is_ok());
    for document in ["4\u{c}", "\u{c}4", "4\u{feff}", " \u{feff}4", "\u{feff}\u{feff}4"] {
        assert!(read(document).is_err(), "{document:?}");
    }
    for document in [&b"\xef4"[..], b"\xef\xbb4", b"4\xef", b"\xef \xbb\xbf4"] {
        assert!(read_in(document, usize::MAX).is_err(), "{document:?}");
    }
}

#[test]
fn gives_records_and_what_is_around_them() {
    let document = "\u{feff}{\"meta\":{\"total\":2,\"tags\":[\"a\"]},\n \"items\" : [ {\"id\":1,\"in\":[{\"x\":\"}]\\\"\"}]} ,7, []],\"next\":null}";
    let seen = read(document).expect("reads");
    assert_eq!(
        seen,
        [
            "meta.total=2",
            "meta.tags=\"a\"",
            "{\"id\":1,\"in\":[{\"x\":\"}]\\\"\"}]}",
            "7",
            "[]",
            "end",
            "next=null"
        ]
    );
    assert_eq!(read("[1,\"é\"]").expect("reads"), ["1", "\"é\"", "end"]);
    assert_eq!(read("{\"items\":[]}").expect("reads"), ["end"]);
    assert_eq!(read("{\"other\":[[{}]]}").expect("reads"), Vec::<String>::new());
    assert_eq!(read("12").expect("reads"), ["=12"]);
}

#[test]
fn says_what_is_wrong() {
    for (document, why) in [
        ("", "the answer is truncated: it ends in the middle of a value"),
        ("{\"items\":[{\"id\":1}", "the answer is truncated: it ends in the middle of a value"),
        ("<html>", "the answer is not JSON: it begins with '<'"),
        ("[1}", "the answer is not well-formed JSON: unexpected closing bracket"),
        ("{\"a\" 1}", "the answer is not well-formed JSON: unexpected character '1'"),
        ("{\"a\":1,}", "the answer is not well-formed JSON: unexpected character '}'"),
        ("[1,]", "the answer is not well-formed JSON: expected value at line 1 column 1"),
        ("[] []", "the answer is not well-formed JSON: unexpected character '['"),
    ] {
        assert_eq!(read(document), Err(why.to_owned()), "{document}");
    }
}

#[test]
fn is_bounded() {
    let long = format!("[\"{}", "a".repeat(9 << 20));
    assert!(read_in(long.as_bytes(), 1 << 16).expect_err("too long").contains("more than 8 MiB"));
    let deep = "{\"a\":".repeat(1000);
    assert_eq!(read_in(deep.as_bytes(), 1 << 16), Err("the answer is nested too deeply".to_owned()));
    let deep = format!("[{}", "[".repeat(100_000) + &"]".repeat(100_000));
    assert!(read_in(deep.as_bytes(), 1 << 16).is_err(), "a record of no depth that a parser takes");
}

fn any_json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::from),
        any::<i64>().prop_map(Json::from),
        any::<String>().prop_map(Json::from),
    ];
    leaf.prop_recursive(3, 20, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
            prop::collection::btree_map("[a-z\"\\\\]{0,3}", inner, 0..4)
                .prop_map(|it| Json::from_iter(it.into_iter())),
        ]
    })
}

proptest! {
    #[test]
    fn every_record_comes_as_it_is(items in prop::collection::vec(any_json(), 0..5), size in 1_usize..40, pretty: bool) {
        let document = json!({ "count": items.len(), "items": items });
        let document = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
        let mut expected = vec![format!("count={}", items.len())];
        expected.extend(items.iter().map(Json::to_string));
        expected.push("end".to_owned());
        prop_assert_eq!(read_in(document.expect("JSON").as_bytes(), size), Ok(expected));
    }

    #[test]
    fn cutting_makes_no_difference(bytes: Vec<u8>, size in 1_usize..9) {
        let (whole, cut) = (read_in(&bytes, usize::MAX), read_in(&bytes, size));
        prop_assert_eq!(whole, cut);
    }
}
