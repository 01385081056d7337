//! What can be said of evidence.

use exhibit_records::Argument;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::subject::Subject;

/// What a statement says, under a name that tells readers how to read it.
pub trait Predicate: Serialize + DeserializeOwned {
    /// The name: a URI.
    const TYPE: &'static str;
}

/// Evidence was collected: the subjects are its parts, and this says what they show, of what
/// time, and what made them.
///
/// ```json
/// {
///   "proofType": "users",
///   "proves": "events",
///   "window": { "start": "2026-10-01T00:00:00Z", "end": "2026-11-01T00:00:00Z" },
///   "asOf": "2026-11-02T08:00:00Z",
///   "criteria": [{ "name": "status", "kind": "texts", "value": ["Active"] }],
///   "collector": {
///     "id": "qualys", "version": "1.0.0",
///     "component": { "name": "plugin.wasm", "digest": { "sha256": "…" } }
///   },
///   "host": "0.1.0",
///   "rows": 1234
/// }
/// ```
///
/// Times are RFC 3339 in UTC. `proves` is `events` of `window`, `state` as of one instant, or `nothing` where it is not
/// known which time the proof covers; it is absent in evidence of before format 4, where `window` is what was asked for.
/// `window` is there where events of a span are proven, as far as it was over, from `start` to before `end`. Readers pass over fields that they do not know; a
/// change that they must know has another URI. `criteria` are as in `proof.json`: what was asked for, of all that there is; it is
/// absent where all was, and in evidence of before format 4. The URI leads nowhere, and will not: its
/// domain is reserved for that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Evidence {
    /// What was collected, as the plugin names it.
    pub proof_type: String,
    /// Of which time it is a proof.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proves: Option<String>,
    /// The interval that it covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<Span>,
    /// What counted as now.
    pub as_of: String,
    /// Of which part of all that there is: rows that a criterion leaves out cannot fail a test.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<Argument>,
    /// The plugin that collected it.
    pub collector: Collector,
    /// The version of Exhibit that ran the plugin.
    pub host: String,
    /// How many rows it has.
    pub rows: u64,
}

/// A span of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Span {
    /// Its first instant, RFC 3339 in UTC.
    pub start: String,
    /// The first instant after it.
    pub end: String,
}

/// A plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Collector {
    /// What it calls itself.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Its bytes.
    pub component: Subject,
}

impl Predicate for Evidence {
    const TYPE: &'static str = "https://exhibit.invalid/evidence/v1";
}

/// Tests were run over evidence, in the words of in-toto:
/// <https://github.com/in-toto/attestation/blob/main/spec/predicates/test-result.md>
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TestResult {
    result: TestOutcome,
    configuration: Vec<Subject>,
    #[serde(default)]
    passed_tests: Vec<String>,
    #[serde(default)]
    warned_tests: Vec<String>,
    #[serde(default)]
    failed_tests: Vec<String>,
}

/// What the tests came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TestOutcome {
    /// All passed.
    Passed,
    /// None failed, and some passed with a warning.
    Warned,
    /// Some failed.
    Failed,
}

/// No test was run, of which nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no test was run, and so there is no result to sign")]
pub struct NoTests;

impl TestResult {
    /// The tests in `configuration` were run: these passed, these gave warnings, these failed.
    ///
    /// # Errors
    ///
    /// Where all three lists are empty.
    pub fn new(
        configuration: Vec<Subject>,
        passed: Vec<String>,
        warned: Vec<String>,
        failed: Vec<String>,
    ) -> Result<Self, NoTests> {
        let result = match (passed.len(), warned.len(), failed.len()) {
            (0, 0, 0) => return Err(NoTests),
            (_, 0, 0) => TestOutcome::Passed,
            (_, _, 0) => TestOutcome::Warned,
            _ => TestOutcome::Failed,
        };
        Ok(Self { result, configuration, passed_tests: passed, warned_tests: warned, failed_tests: failed })
    }

    /// What they came to.
    pub fn result(&self) -> TestOutcome {
        self.result
    }

    /// Where the tests are written.
    pub fn configuration(&self) -> &[Subject] {
        &self.configuration
    }

    /// The tests that passed.
    pub fn passed(&self) -> &[String] {
        &self.passed_tests
    }

    /// The tests that passed with a warning.
    pub fn warned(&self) -> &[String] {
        &self.warned_tests
    }

    /// The tests that failed.
    pub fn failed(&self) -> &[String] {
        &self.failed_tests
    }
}

impl Predicate for TestResult {
    const TYPE: &'static str = "https://in-toto.io/attestation/test-result/v0.1";
}

#[cfg(test)]
pub(super) mod examples {
    use super::*;
    use crate::signing::Statement;
    use exhibit_records::Digest;

    pub(in crate::signing) fn subject(name: &str) -> Subject {
        Subject { name: name.to_owned(), digest: Digest::of(name.as_bytes()) }
    }

    pub(in crate::signing) fn evidence() -> Statement<Evidence> {
        let predicate = Evidence {
            proof_type: "users".to_owned(),
            proves: None,
            window: Some(Span {
                start: "2026-10-01T00:00:00Z".to_owned(),
                end: "2026-11-01T00:00:00Z".to_owned(),
            }),
            as_of: "2026-11-02T08:00:00Z".to_owned(),
            criteria: vec![],
            collector: Collector {
                id: "example".to_owned(),
                version: "1.0.0".to_owned(),
                component: subject("plugin.wasm"),
            },
            host: "0.1.0".to_owned(),
            rows: 1234,
        };
        Statement::new(vec![subject("rows.ndjson"), subject("answers/index.ndjson")], predicate)
            .expect("two subjects")
    }

    pub(in crate::signing) fn json() -> serde_json::Value {
        serde_json::from_slice(&evidence().to_bytes().expect("JSON")).expect("JSON")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::Statement;

    fn names(of: &[&str]) -> Vec<String> {
        of.iter().map(|&it| it.to_owned()).collect()
    }

    fn result(passed: &[&str], warned: &[&str], failed: &[&str]) -> Result<TestResult, NoTests> {
        TestResult::new(vec![examples::subject("users.toml")], names(passed), names(warned), names(failed))
    }

    #[test]
    fn the_worst_counts() {
        let outcome = |passed, warned, failed| result(passed, warned, failed).map(|it| it.result());
        assert_eq!(outcome(&["a"], &[], &[]), Ok(TestOutcome::Passed));
        assert_eq!(outcome(&["a"], &["b"], &[]), Ok(TestOutcome::Warned));
        assert_eq!(outcome(&["a"], &["b"], &["c"]), Ok(TestOutcome::Failed));
        assert_eq!(outcome(&[], &[], &[]), Err(NoTests));
    }

    #[test]
    fn is_written_as_in_toto_has_it() {
        let result = result(&["a", "b"], &[], &["c"]).expect("tests");
        let statement = Statement::new(vec![examples::subject("rows.ndjson")], result).expect("a subject");
        let bytes = statement.to_bytes().expect("JSON");
        assert_eq!(Statement::parse(&bytes), Ok(statement));
        insta::assert_snapshot!(String::from_utf8(bytes).expect("text"), @r#"{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"rows.ndjson","digest":{"sha256":"f7469be6a939306781e46ff6fb1a59feba56e4a303e962ba51af8a2a90c93795"}}],"predicateType":"https://in-toto.io/attestation/test-result/v0.1","predicate":{"result":"FAILED","configuration":[{"name":"users.toml","digest":{"sha256":"76a5069a5148820f9b13ed6051241a429841bfca5d58af2c3ae49e63334ff1a9"}}],"passedTests":["a","b"],"warnedTests":[],"failedTests":["c"]}}"#);
    }
}
