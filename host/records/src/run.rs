//! `run.json`: which tests were held against which rows, and what came of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::proof::{PartRecord, PluginRecord};
use crate::verdict::{Verdict, Verdicts};
use crate::version::{self, ReadError};

/// The layout that this version writes. Grows with any change that a reader must know.
pub const FORMAT: u32 = 3;
/// The formats that are read: each that was released stays in this list.
const READ: &[u32] = &[3];
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
        version::parse(json, FILE, READ)
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
