use super::*;
use crate::render::Format;
use crate::render::examples::{evidence, rendered};

fn document(redact: bool) -> Json {
    let order = Order { format: Format::Oscal, redact, rows: None };
    let (text, _) = rendered(&evidence(), &order).expect("a document");
    serde_json::from_slice(&text).expect("JSON")
}

#[test]
fn each_control_is_satisfied_only_by_tests_that_all_pass() {
    let document = document(false);
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
    let document = document(false);
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

#[test]
fn rows_have_no_names_where_they_might_be_persons() {
    let redacted = document(true);
    let result = &redacted["assessment-results"]["results"][0];
    assert!(result["local-definitions"].get("inventory-items").is_none());
    assert!(redacted["assessment-results"]["metadata"]["remarks"].to_string().contains("Owner"));
    assert_ne!(redacted["assessment-results"]["uuid"], document(false)["assessment-results"]["uuid"]);
}
