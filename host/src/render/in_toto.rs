//! An in-toto statement: what tests came to, about files with these digests. Unsigned: it is what an
//! envelope is made of.

use std::io::Write as _;

use serde_json::{Value as Json, json};

use crate::testing::{Tested, Verdict};

use super::entries::{self, Entries};
use super::error::RenderError;
use super::{Out, Subject};

const STATEMENT: &str = "https://in-toto.io/Statement/v1";
const TEST_RESULT: &str = "https://in-toto.io/attestation/test-result/v0.1";

pub(super) fn write(subject: &Subject, entries: &mut Entries, out: &mut Out<'_>) -> Result<(), RenderError> {
    let statement = statement(subject)?;
    // What is left to read is held against its digest.
    for entry in entries {
        entry?;
    }
    serde_json::to_writer_pretty(&mut *out, &statement).map_err(|error| RenderError::Write(error.into()))?;
    out.write_all(b"\n").map_err(RenderError::Write)
}

fn statement(subject: &Subject) -> Result<Json, RenderError> {
    let run = subject.run.as_ref().ok_or(RenderError::Untested("an in-toto test result"))?;
    let tests = &run.run.tests;
    let rows = subject.part(entries::ROWS)?;
    let named = |wanted: Verdict| {
        Json::from_iter(tests.iter().filter(|it| it.outcome == wanted).map(|it| it.name.as_str()))
    };
    let configuration = |it: &Tested| json!({ "name": it.name, "digest": { "sha256": it.digest.hex() } });
    Ok(json!({
        "_type": STATEMENT,
        "subject": [
            { "name": "proof.json", "digest": { "sha256": subject.digest.hex() } },
            { "name": rows.path, "digest": { "sha256": rows.digest.hex() } },
            { "name": format!("{}/run.json", run.folder), "digest": { "sha256": run.digest.hex() } },
        ],
        "predicateType": TEST_RESULT,
        "predicate": {
            "result": result(tests),
            "configuration": Json::from_iter(tests.iter().map(configuration)),
            "passedTests": named(Verdict::Pass),
            // Whatever could not be judged is nothing to rely on, and no failure either.
            "warnedTests": named(Verdict::Inconclusive),
            "failedTests": named(Verdict::Fail),
        },
    }))
}

fn result(tests: &[Tested]) -> &'static str {
    let any = |wanted| tests.iter().any(|it| it.outcome == wanted);
    if any(Verdict::Fail) {
        "FAILED"
    } else if any(Verdict::Inconclusive) {
        "WARNED"
    } else {
        "PASSED"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::examples::evidence;

    #[test]
    fn says_what_came_of_each_test_about_which_files() {
        let subject = Subject::open(evidence().path(), None).expect("evidence");
        let it = statement(&subject).expect("a statement");
        assert_eq!(it["predicate"]["result"], "FAILED");
        assert_eq!(it["predicate"]["failedTests"], json!(["scanned"]));
        assert_eq!(it["predicate"]["passedTests"], json!(["owned"]));
        assert_eq!(it["subject"][0]["digest"]["sha256"], subject.digest.hex());
        assert_eq!(it["subject"].as_array().map(Vec::len), Some(3));
    }
}
