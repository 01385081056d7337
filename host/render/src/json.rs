//! One JSON document: what `proof.json` and `run.json` say, and the rows as in `rows.ndjson.zst`, each with
//! what the tests made of it.
//!
//! ```text
//! { "evidence": DIGEST, "redacted": [FIELD…], "pseudonyms": { "fields": [FIELD…], "key": NAME | null } | null,
//!   "rows-in-export": 2, "stale": SENTENCE | null, "proof": {…}, "run": {…} | null,
//!   "run-signed": { "by": [KEY…], "with-evidence": false } | null,
//!   "rows": [ { "fields": {…}, "verdicts": {TEST: VERDICT…} }… ] }
//! ```

use std::io::Write as _;

use exhibit::evidence::stale;
use exhibit_rows::{Value, ndjson};
use serde_json::{Value as Json, json};

use super::entries::Entries;
use super::error::RenderError;
use super::order::{Order, Out};
use super::{Persons, RunSigned, Subject};

pub(super) fn write(
    subject: &Subject,
    order: &Order,
    entries: &mut Entries,
    out: &mut Out<'_>,
) -> Result<(), RenderError> {
    let begin = beginning(subject, order)?;
    out.write_all(&begin).map_err(RenderError::Write)?;
    let encoder = ndjson::Encoder::new(subject.fields().iter().map(|it| it.name.as_str()));
    let tests: Vec<&str> =
        subject.run.iter().flat_map(|it| &it.run.tests).map(|it| it.name.as_str()).collect();
    let mut line = Vec::new();
    let mut separator = "\n";
    for entry in entries {
        let entry = entry?;
        line.clear();
        line.extend_from_slice(separator.as_bytes());
        separator = ",\n";
        line.extend_from_slice(b"{\"fields\":");
        encoder.row(entry.values.iter().map(Value::cell), &mut line).map_err(RenderError::Write)?;
        // The line's end.
        line.pop();
        line.extend_from_slice(b",\"verdicts\":{");
        for (place, (test, verdict)) in tests.iter().zip(&entry.verdicts).enumerate() {
            if place > 0 {
                line.push(b',');
            }
            ndjson::text(test, &mut line);
            line.push(b':');
            ndjson::text(verdict.word(), &mut line);
        }
        line.extend_from_slice(b"}}");
        out.write_all(&line).map_err(RenderError::Write)?;
    }
    out.write_all(b"\n]}\n").map_err(RenderError::Write)
}

/// All that comes before the first row.
fn beginning(subject: &Subject, order: &Order) -> Result<Vec<u8>, RenderError> {
    let proof = &subject.proof;
    let personal = subject.fields().iter().filter(|it| it.personal).map(|it| it.name.as_str());
    let personal: Vec<&str> = personal.collect();
    let (redacted, pseudonyms) = match &order.persons {
        Persons::Named => (vec![], Json::Null),
        Persons::LeftOut => (personal, Json::Null),
        Persons::Pseudonyms(key) => (vec![], json!({ "fields": personal, "key": key.name() })),
    };
    let parts = [
        ("evidence", json!(subject.digest)),
        ("redacted", json!(redacted)),
        ("pseudonyms", pseudonyms),
        ("rows-in-export", json!(order.rows_of(proof.rows))),
        ("stale", json!(order.now.and_then(|now| stale(proof, now)))),
    ];
    let mut out = vec![b'{'];
    for (name, value) in parts {
        out.extend_from_slice(format!("\"{name}\":{value},\n").as_bytes());
    }
    let refuse = |error: serde_json::Error| RenderError::Write(error.into());
    out.extend_from_slice(b"\"proof\":");
    serde_json::to_writer(&mut out, proof).map_err(refuse)?;
    out.extend_from_slice(b",\n\"run\":");
    serde_json::to_writer(&mut out, &subject.run.as_ref().map(|it| &it.run)).map_err(refuse)?;
    let run_signed = subject.run.as_ref().map(|it| {
        json!({ "by": it.signed.keys(), "with-evidence": matches!(it.signed, RunSigned::WithEvidence(_)) })
    });
    out.extend_from_slice(format!(",\n\"run-signed\":{}", json!(run_signed)).as_bytes());
    out.extend_from_slice(b",\n\"rows\":[");
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;
    use crate::examples::{NAMES, evidence, rendered};

    #[test]
    fn one_document_has_all_of_it() {
        let order = Order::new(Format::Json);
        let (text, _) = rendered(&evidence(), &order).expect("a document");
        let whole: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let rows = whole["rows"].as_array().expect("rows");
        let names: Vec<_> = rows.iter().filter_map(|it| it["fields"]["name"].as_str()).collect();
        assert_eq!(names, NAMES);
        assert_eq!(rows[0]["verdicts"], json!({ "scanned": "fail", "owned": "pass" }));
        assert!(rows[5]["fields"].get("seen").is_none());
        assert_eq!(whole["proof"]["rejections"]["first"].as_array().map(Vec::len), Some(1));
        assert_eq!(whole["run"]["tests"][1]["name"], "owned");
    }
}
