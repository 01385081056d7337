//! An in-toto statement: what tests came to, about files with these digests. Unsigned: it is what an
//! envelope is made of.

use std::io::{self, Write as _};

use exhibit::signing::{Statement, Subject as Part, TestResult};
use exhibit::testing::run_signature;
use exhibit_records::{PROOF_FILE, RUN_FILE};
use serde_json::{Value as Json, json};

use super::Subject;
use super::entries::{self, Entries};
use super::error::RenderError;
use super::order::Out;

pub(super) fn write(subject: &Subject, entries: &mut Entries, out: &mut Out<'_>) -> Result<(), RenderError> {
    let statement = annotated(subject)?;
    // What is left to read is held against its digest.
    for entry in entries {
        entry?;
    }
    serde_json::to_writer_pretty(&mut *out, &statement).map_err(|error| RenderError::Write(error.into()))?;
    out.write_all(b"\n").map_err(RenderError::Write)
}

fn statement(subject: &Subject) -> Result<Statement<TestResult>, RenderError> {
    let run = subject.run.as_ref().ok_or(RenderError::Untested("an in-toto test result"))?;
    let rows = subject.part(entries::ROWS)?;
    let named = |name: &str, digest| Part { name: name.to_owned(), digest };
    let about = vec![
        named(PROOF_FILE, subject.digest),
        named(&rows.path, rows.digest),
        named(&format!("{}/{RUN_FILE}", run.folder), run.digest),
    ];
    let said = run_signature::said(&run.run).map_err(RenderError::Evidence)?;
    Statement::new(about, said).map_err(|error| RenderError::Evidence(io::Error::other(error)))
}

/// The statement, in which the run's descriptor says whether the run itself is signed: the statement is not, whatever the
/// evidence is.
fn annotated(subject: &Subject) -> Result<Json, RenderError> {
    let refuse = |error: serde_json::Error| RenderError::Write(error.into());
    let mut statement = serde_json::to_value(statement(subject)?).map_err(refuse)?;
    let run = subject.run.as_ref();
    let path = run.map(|it| format!("{}/{RUN_FILE}", it.folder));
    let described = statement.get_mut("subject").and_then(Json::as_array_mut).into_iter().flatten();
    for it in described.filter(|it| it.get("name").and_then(Json::as_str) == path.as_deref()) {
        it["annotations"] = json!({ "signed": run.map(|it| it.signed.in_words()) });
    }
    Ok(statement)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::examples::evidence;

    #[test]
    fn says_what_came_of_each_test_about_which_files() {
        let subject = Subject::open(evidence().path(), None).expect("evidence");
        let it = annotated(&subject).expect("a statement");
        let signed = it["subject"][2]["annotations"]["signed"].as_str().expect("whether the run is signed");
        assert!(signed.starts_with("not signed"), "{signed}");
        assert_eq!(it["predicate"]["result"], "FAILED");
        assert_eq!(it["predicate"]["failedTests"], json!(["scanned"]));
        assert_eq!(it["predicate"]["passedTests"], json!(["owned"]));
        assert_eq!(it["subject"][0]["digest"]["sha256"], subject.digest.hex());
        assert_eq!(it["subject"].as_array().map(Vec::len), Some(3));
    }
}
