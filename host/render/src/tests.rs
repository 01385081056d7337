//! What holds of every format.

use std::fs;

use super::examples::{evidence, rendered, stored};
use super::order::{Format, Order, Rendered};
use super::persons::tests::key;
use super::{Persons, RenderError, Subject};

/// What tells who the owner of the hosts and the collecting account are.
const PERSONS: [&str; 4] = ["ada@", "ada's", "ada s.", "acme_ab3"];

#[test]
fn each_form_says_whether_the_run_is_signed_and_that_evidence_is_stale() {
    let folder = evidence();
    let path = folder.path().join("proof.json");
    let proof = std::fs::read_to_string(&path).expect("a record");
    let mut proof: serde_json::Value = serde_json::from_str(&proof).expect("JSON");
    proof["expires"] = "2026-12-01T00:00:00Z".into();
    std::fs::write(&path, proof.to_string()).expect("a record");
    let now = exhibit::evidence::parse_instant("2026-12-01T00:00:00Z");
    // The others are compressed, and made of the same facts.
    for format in [Format::Json, Format::Html, Format::Oscal, Format::InToto] {
        let said = |now| {
            let (bytes, _) = rendered(&folder, &Order { now, ..order(format) }).expect("an export");
            String::from_utf8(bytes).expect("text")
        };
        let text = said(now);
        let run = if format == Format::Json {
            "\"run-signed\":{\"by\":[]"
        } else {
            "not signed: anyone with write access"
        };
        assert!(text.contains(run), "{format:?}");
        // A statement of tests has no place for it.
        if format != Format::InToto {
            assert!(text.contains("the evidence was good until 2026-12-01T00:00:00Z"), "{format:?}");
            assert!(!said(now.map(|it| it - 1)).contains("the evidence was good until"), "{format:?}");
        }
    }
    let subject = Subject::open(folder.path(), None).expect("evidence");
    let csv = crate::csv_description(&subject, &Order { now, ..order(Format::Csv) }, "it.csv");
    let csv = csv.expect("a description").to_string();
    assert!(
        csv.contains("Tests' signature: not signed") && csv.contains("Stale: the evidence was good"),
        "{csv}"
    );
}

fn order(format: Format) -> Order {
    Order::new(format)
}

#[test]
fn the_same_evidence_gives_the_same_bytes() {
    let folder = evidence();
    for format in Format::ALL {
        let (one, rows) = rendered(&folder, &order(format)).expect("an export");
        let (other, _) = rendered(&folder, &order(format)).expect("an export");
        assert!(one == other, "{format:?}");
        assert_eq!(rows, Rendered { rows: 6, of: 6 }, "{format:?}");
    }
}

#[test]
fn altered_rows_and_verdicts_are_never_rendered() {
    for (path, from, to) in [
        ("rows.ndjson.zst", "\"score\":5000", "\"score\":5001"),
        ("tests/0001/verdicts.ndjson.zst", "inconclusive", "pass"),
        ("tests/0001/run.json", "\"failed\":2", "\"failed\":0"),
    ] {
        for format in Format::ALL {
            let folder = evidence();
            let file = folder.path().join(path);
            let bytes = fs::read(&file).expect("a file");
            let framed = path.ends_with(".zst");
            let text = if framed { zstd::decode_all(&bytes[..]).expect("frames") } else { bytes };
            let text = String::from_utf8(text).expect("text").replacen(from, to, 1);
            fs::write(&file, stored(path, text.as_bytes())).expect("a file");
            // Even where the altered row is not among those to render.
            let order = Order { rows: Some(1), ..order(format) };
            let refused = rendered(&folder, &order).expect_err("it was altered");
            assert!(matches!(refused, RenderError::Altered { .. }), "{format:?}: {refused}");
        }
    }
}

#[test]
fn nobody_is_named_where_persons_are_hidden() {
    let folder = evidence();
    // A workbook, a document and a table are compressed; their cells and texts are the same ones.
    for format in [Format::Csv, Format::Json, Format::Html, Format::Oscal] {
        let export = |persons| {
            let (bytes, _) = rendered(&folder, &Order { persons, ..order(format) }).expect("an export");
            String::from_utf8(bytes).expect("text").to_lowercase()
        };
        let named = export(Persons::Named);
        assert!(PERSONS.iter().any(|it| named.contains(it)), "{format:?}");
        let pseudonyms = export(Persons::Pseudonyms(key()));
        for hidden in [&export(Persons::LeftOut), &pseudonyms] {
            for person in PERSONS {
                assert!(!hidden.contains(person), "{format:?} {person}: {hidden}");
            }
        }
        assert!(pseudonyms.contains(&key().pseudonym("ada@example.com")), "{format:?}");
    }
}

#[test]
fn a_part_says_that_it_is_one() {
    let folder = evidence();
    let order = Order { rows: Some(2), ..order(Format::Html) };
    let (page, rows) = rendered(&folder, &order).expect("an export");
    assert_eq!(rows, Rendered { rows: 2, of: 6 });
    assert!(String::from_utf8_lossy(&page).contains("the first 2 of 6 rows"));
}
