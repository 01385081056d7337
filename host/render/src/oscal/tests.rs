use std::fs;

use crate::Persons;
use crate::examples::{NAMES, evidence, rendered};
use crate::order::Format;
use crate::persons::tests::key;

use super::*;

fn document(persons: Persons) -> Json {
    let order = Order { persons, ..Order::new(Format::Oscal) };
    let (text, _) = rendered(&evidence(), &order).expect("a document");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn each_control_is_satisfied_only_by_tests_that_all_pass() {
    let document = document(Persons::Named);
    let result = &document["assessment-results"]["results"][0];
    let findings = result["findings"].as_array().expect("findings");
    assert_eq!(findings.len(), 2);
    assert_eq!(findings[0]["target"]["target-id"], "ra-5");
    assert_eq!(findings[0]["target"]["status"]["state"], "not-satisfied");
    assert_eq!(findings[0]["related-observations"].as_array().map(Vec::len), Some(2));
    let observations = result["observations"].as_array().expect("observations");
    assert_eq!(observations[0]["subjects"].as_array().map(Vec::len), Some(4));
    assert!(observations[1].get("subjects").is_none());
}

#[test]
fn every_reference_leads_somewhere() {
    let document = document(Persons::Named);
    let text = document.to_string();
    let resources = &document["assessment-results"]["back-matter"]["resources"];
    let resources = resources.as_array().expect("resources");
    let known: Vec<&str> = resources.iter().filter_map(|it| it["uuid"].as_str()).collect();
    let mut references = 0;
    for at in text.match_indices("\"href\":\"#").map(|(at, found)| at + found.len()) {
        assert!(known.contains(&&text[at..at + 36]), "{}", &text[at..at + 36]);
        references += 1;
    }
    assert!(references > 4);
    let hash = &resources[0]["rlinks"][0]["hashes"][0];
    assert_eq!(hash["algorithm"], "SHA-256");
    assert_eq!(hash["value"].as_str().map(str::len), Some(64));
}

/// The document of evidence whose rows are named by persons.
fn personal(persons: Persons) -> Json {
    let folder = evidence();
    let path = folder.path().join("proof.json");
    let (one, other) = (r#""name":"name","personal":false"#, r#""name":"name","personal":true"#);
    let proof = fs::read_to_string(&path).expect("a file");
    assert!(proof.contains(one));
    fs::write(&path, proof.replace(one, other)).expect("a file");
    let order = Order { persons, ..Order::new(Format::Oscal) };
    let (text, _) = rendered(&folder, &order).expect("a document");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn rows_that_are_persons_have_pseudonyms_or_no_names() {
    let items = |document: &Json| {
        document["assessment-results"]["results"][0]["local-definitions"]["inventory-items"].clone()
    };
    let redacted = personal(Persons::LeftOut);
    assert_eq!(items(&redacted), Json::Null);
    assert!(redacted["assessment-results"]["metadata"]["remarks"].to_string().contains("Owner"));

    let (named, hidden) = (personal(Persons::Named), personal(Persons::Pseudonyms(key())));
    assert_eq!(items(&hidden)[0]["description"], key().pseudonym(NAMES[0]));
    // The name can be tried against an identifier that is made of it alone.
    assert_ne!(items(&hidden)[0]["uuid"], items(&named)[0]["uuid"]);
    assert_eq!(hidden, personal(Persons::Pseudonyms(key())));
    let documents = [&named, &redacted, &hidden].map(|it| it["assessment-results"]["uuid"].to_string());
    assert!(documents[0] != documents[1] && documents[1] != documents[2], "{documents:?}");
}

#[test]
fn rows_that_are_no_persons_keep_their_names() {
    let item = |persons| {
        document(persons)["assessment-results"]["results"][0]["local-definitions"]["inventory-items"][0]
            .clone()
    };
    assert_eq!(item(Persons::LeftOut), item(Persons::Named));
}
