//! `run.json`: which tests were held against which rows, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::proof::{PartRecord, PluginRecord};
use crate::verdict::{Verdict, Verdicts};
use crate::version::{self, ReadError, wrong};

/// The layout that this version writes. Grows with any change that a reader must know.
pub const FORMAT: u32 = 4;
/// The formats that are read: each that was released stays in this list.
const READ: &[u32] = &[3, 4];
/// The first format that names the record before it.
pub const CHAINED_SINCE: u32 = 4;
/// Its name in a run's folder.
pub const FILE: &str = "run.json";

/// The whole of `run.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Run {
    /// The layout's version.
    pub format: u32,
    /// The proof type that was tested.
    #[serde(rename = "type")]
    pub proof_type: String,
    /// Of the `proof.json` of the evidence, where the run came after it. `None` for the run that is part of it.
    pub proof: Option<Digest>,
    /// The record before it in the same evidence. `None` for the run that is part of it, which comes before `proof.json`,
    /// and in formats before 4.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Predecessor>,
    /// Of the rows that were tested: what is in `rows.ndjson.zst`.
    pub rows: Digest,
    /// What counted as now, RFC 3339.
    pub as_of: String,
    /// When the tests ran, by the host's clock, RFC 3339.
    pub made: String,
    /// The plugin that judged.
    pub plugin: PluginRecord,
    /// The version of Exhibit that ran the plugin.
    pub host: String,
    /// What each test came to.
    pub tests: Vec<Tested>,
    /// The run's other files and their digests, from the run's folder on.
    pub parts: Vec<PartRecord>,
}

/// The last record of evidence before a run of tests: that of the run before it, or `proof.json` for the first one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Predecessor {
    /// Its path from the evidence's folder on, such as `tests/0001/run.json`.
    pub file: String,
    /// Of its bytes.
    pub digest: Digest,
}

/// A test and its result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Tested {
    /// The same name is the same test, however often it runs.
    pub name: String,
    /// What is so when it passes.
    pub label: String,
    /// Why it matters.
    pub why: String,
    /// The controls that it tests.
    pub controls: Vec<String>,
    /// The share of counted rows that must pass, in hundredths of a percent.
    pub threshold: u32,
    /// Of all that the test says, so that an edited one is known.
    pub digest: Digest,
    /// What it came to.
    pub outcome: Verdict,
    /// Rows in scope.
    pub counted: u64,
    /// Of these, those that passed.
    pub passed: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that could not be judged.
    pub inconclusive: u64,
    /// Rows out of scope.
    pub not_applicable: u64,
    /// A sentence, as the plugin has it.
    pub message: String,
    /// How that differs from the test's last run. `None` where it had none.
    pub since: Option<Comparison>,
}

/// The rows of a test, against its last run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Comparison {
    /// The evidence of the last run: the name of a folder beside this one's; empty for this very one.
    pub evidence: String,
    /// The last run's number in it.
    pub run: u32,
    /// What counted as now then, RFC 3339.
    pub as_of: String,
    /// Whether the test said something else then.
    pub edited: bool,
    /// Rows that fail, and never did before.
    pub new: u64,
    /// Rows that fail as they did then.
    pub still_failing: u64,
    /// Rows that fail again: they had failed and been fixed before.
    pub reopened: u64,
    /// Rows that failed then and pass.
    pub fixed: u64,
    /// Rows that failed then, and can no longer be judged.
    pub unclear: u64,
    /// Rows that failed then, and are no longer in the test's scope.
    pub out_of_scope: u64,
    /// Rows that failed then, and are no longer in the proof.
    pub gone: u64,
}

/// The names of all tests of a run in an entry of a log, which has 64 KiB at most.
const NAMES_BYTES: usize = 16 << 10;

impl Run {
    /// Reads the bytes of a `run.json`.
    ///
    /// # Errors
    /// Where it is no such record, or of a format that no version up to this one has written.
    pub fn parse(json: &[u8]) -> Result<Self, ReadError> {
        let run: Self = version::parse(json, FILE, READ)?;
        let (format, says) = (run.format, run.previous.is_some());
        if says && format < CHAINED_SINCE {
            return Err(wrong(format!("format {format} has no `previous`")));
        }
        if format >= CHAINED_SINCE && says != run.proof.is_some() {
            let why = "`previous` belongs to a run that came after the evidence, and so does `proof`";
            return Err(wrong(format!("format {format}: {why}")));
        }
        Ok(run)
    }

    /// The verdict of each test, by its name. `None` where the names are too long for an entry of a log.
    pub fn verdicts(&self) -> Option<Verdicts> {
        let names: usize = self.tests.iter().map(|it| it.name.len()).sum();
        (names <= NAMES_BYTES).then(|| self.tests.iter().map(|it| (it.name.clone(), it.outcome)).collect())
    }

    /// Whether every test passed.
    pub fn passed(&self) -> bool {
        self.tests.iter().all(|it| it.outcome == Verdict::Pass)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A run of this format, that came after the evidence or with it, with this record before it.
    fn parsed(format: u32, came_later: bool, previous: bool) -> Result<Run, String> {
        let mut run = json!({
            "format": format, "type": "users", "proof": came_later.then(|| Digest::of(b"proof")),
            "rows": Digest::of(b"rows"), "as-of": "2026-11-01T00:00:00Z", "made": "2026-11-01T00:00:00Z",
            "plugin": { "id": "example", "version": "1.0.0", "digest": Digest::of(b"plugin") }, "host": "0.1.0",
            "tests": [], "parts": [],
        });
        if previous {
            run["previous"] = json!({ "file": "proof.json", "digest": Digest::of(b"proof") });
        }
        Run::parse(run.to_string().as_bytes()).map_err(|error| error.to_string())
    }

    #[test]
    fn a_later_run_names_the_record_before_it_from_format_4_on() {
        for (format, came_later, previous) in
            [(3, true, false), (3, false, false), (4, true, true), (4, false, false)]
        {
            let run = parsed(format, came_later, previous).expect("a run");
            let json = serde_json::to_vec(&run).expect("JSON");
            assert_eq!(Run::parse(&json).expect("the same"), run);
        }
        for (format, came_later, previous, why) in [
            (3, true, true, "format 3 has no `previous`"),
            (3, false, true, "format 3 has no `previous`"),
            (4, true, false, "`previous` belongs to a run that came after the evidence"),
            (4, false, true, "`previous` belongs to a run that came after the evidence"),
            (5, true, true, "format 5 of run.json is not supported; this version reads formats 3, 4"),
        ] {
            let refused = parsed(format, came_later, previous).expect_err(why);
            assert!(refused.contains(why), "{refused}");
        }
    }
}
