//! Proofs that were collected, and test runs.

use std::path::PathBuf;

use exhibit::contract::testing::Finding;
use exhibit::evidence;
use exhibit::testing::{Changes, Example, Record, State, TestRun};
use exhibit_records::{Digest, PartRecord, PluginRecord, Proof, Run, Tested, Verdict};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::CheckOutput;

/// What `exhibit collect` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CollectOutput<'a> {
    /// Where the evidence is: a folder, or its name in a store.
    pub(crate) folder: &'a str,
    /// The file that has all of it, where one was asked for.
    pub(crate) bundle: Option<String>,
    #[serde(flatten)]
    pub(crate) collected: CollectedOutput,
}

/// A proof and its tests.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CollectedOutput {
    /// As `proof.json` has it.
    pub(crate) proof: Proof,
    /// The test run, where there was one.
    pub(crate) run: Option<RunOutput>,
}

/// What `exhibit test` prints.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct TestOutput<'a> {
    /// The evidence, as it was named.
    pub(crate) evidence: String,
    /// Where the run is kept; null where nothing was written.
    pub(crate) folder: Option<&'a str>,
    pub(crate) run: RunOutput,
}

/// What `exhibit demo` prints of each proof.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DemoOutput {
    /// Where the evidence is.
    pub(crate) folder: String,
    #[serde(flatten)]
    pub(crate) collected: CollectedOutput,
    /// The checks by which the evidence was verified.
    pub(crate) verified: Vec<CheckOutput>,
}

/// What `exhibit demo --serve` prints last: how other commands reach the simulated source.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct InvitationOutput {
    /// Its address.
    pub(crate) origin: String,
    /// The file with the user name.
    pub(crate) username: PathBuf,
    /// The file with the password.
    pub(crate) password: PathBuf,
}

/// What `run.json` says of a run, without the record before it, and the first rows of each test.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct RunOutput {
    /// The version of the layout of `run.json`.
    format: u32,
    /// The proof type that was tested.
    #[serde(rename = "type")]
    proof_type: String,
    /// Of the `proof.json` of the evidence, where the run came after it.
    proof: Option<Digest>,
    /// Of the rows that were tested.
    rows: Digest,
    /// What counted as now, RFC 3339.
    as_of: String,
    /// When the tests ran, by the host's clock, RFC 3339.
    made: String,
    /// The plugin that judged.
    plugin: PluginRecord,
    /// The version of Exhibit that ran the plugin.
    host: String,
    /// Each test, and what it came to.
    tests: Vec<TestedOutput>,
    /// The run's other files.
    parts: Vec<PartRecord>,
}

/// A test, as `run.json` has it, and rows to look at first.
#[derive(Debug, Serialize, JsonSchema)]
struct TestedOutput {
    #[serde(flatten)]
    tested: Tested,
    /// The first rows that did not pass.
    rows: Vec<RowOutput>,
    /// The first rows that changed since the last run.
    changes: Vec<ChangeOutput>,
}

/// A row that did not pass.
#[derive(Debug, Serialize, JsonSchema)]
struct RowOutput {
    /// The values of its key.
    key: Json,
    /// What people call it.
    row: String,
    verdict: Verdict,
    /// What it stumbled on.
    found: Vec<FoundOutput>,
}

/// A field that is not as a test wants it.
#[derive(Debug, Serialize, JsonSchema)]
struct FoundOutput {
    field: String,
    /// Its value, as rows have it.
    seen: Json,
    /// For people: what it should be.
    wanted: String,
}

/// What became of a row that ever failed.
#[derive(Debug, Serialize, JsonSchema)]
struct ChangeOutput {
    /// The values of its key.
    key: Json,
    /// What people call it.
    row: String,
    state: State,
    /// The run since which it is in that state: what counted as now then.
    since: String,
    /// The run in which it failed first.
    first: String,
}

impl From<&TestRun> for RunOutput {
    fn from(held: &TestRun) -> Self {
        let Run { format, proof_type, proof, previous: _, rows, as_of, made, plugin, host, tests, parts } =
            held.run.clone();
        let each = held.examples.iter().zip(&held.changes);
        let tests = tests.into_iter().zip(each).map(|(tested, (examples, changes))| TestedOutput {
            tested,
            rows: examples.iter().map(RowOutput::from).collect(),
            changes: shown(changes),
        });
        let tests = tests.collect();
        Self { format, proof_type, proof, rows, as_of, made, plugin, host, tests, parts }
    }
}

fn shown(changes: &Changes) -> Vec<ChangeOutput> {
    changes.shown.iter().map(ChangeOutput::from).collect()
}

impl From<&Example> for RowOutput {
    fn from(it: &Example) -> Self {
        let found = |it: &Finding| FoundOutput {
            field: it.field.clone(),
            seen: evidence::json(&it.seen),
            wanted: it.wanted.clone(),
        };
        Self {
            key: key(&it.key),
            row: it.row.clone(),
            verdict: it.verdict,
            found: it.found.iter().map(found).collect(),
        }
    }
}

impl From<&Record> for ChangeOutput {
    fn from(it: &Record) -> Self {
        Self {
            key: key(it.key.get()),
            row: it.row.clone(),
            state: it.state,
            since: it.since.clone(),
            first: it.first.clone(),
        }
    }
}

fn key(json: &str) -> Json {
    serde_json::from_str(json).unwrap_or_default()
}
