//! Proof types, their parameters and their tests.

use exhibit::contract::catalog::{Choice, Parameter, ProofType};
use exhibit::contract::testing::Test;
use exhibit::evidence;
use exhibit::testing::file::{Suite, percent};
use exhibit_records::Type;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

/// What `exhibit types` prints: of one type, or of each in a list.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ProofTypeOutput<'a> {
    #[serde(flatten)]
    record: Type,
    /// What it can be narrowed down with.
    criteria: Vec<ParameterOutput<'a>>,
    /// When to collect it, as cron has it.
    schedule: &'a str,
    /// The tests that the plugin suggests.
    suggested: Vec<SuggestedOutput<'a>>,
}

impl<'a> From<&'a ProofType> for ProofTypeOutput<'a> {
    fn from(it: &'a ProofType) -> Self {
        Self {
            record: evidence::type_record(it, None, false),
            criteria: it.criteria.iter().map(ParameterOutput::from).collect(),
            schedule: &it.schedule,
            suggested: it.suggested.iter().map(SuggestedOutput::from).collect(),
        }
    }
}

/// What `exhibit test-file suggested` prints of each test.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct SuggestedOutput<'a> {
    name: &'a str,
    /// What is so when it passes.
    label: &'a str,
    /// Why it matters.
    why: &'a str,
    /// The controls that it tests.
    controls: &'a [String],
    /// The share of rows that must pass, such as 97.5%.
    threshold: String,
}

impl<'a> From<&'a Test> for SuggestedOutput<'a> {
    fn from(it: &'a Test) -> Self {
        Self {
            name: &it.name,
            label: &it.label,
            why: &it.help,
            controls: &it.controls,
            threshold: percent(it.threshold),
        }
    }
}

/// What `exhibit test-file check` prints of each proof type.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CheckedSuiteOutput<'a> {
    /// The proof type.
    proof: &'a str,
    tests: Vec<CheckedTestOutput<'a>>,
}

/// A test of a file, or of the plugin.
#[derive(Debug, Serialize, JsonSchema)]
struct CheckedTestOutput<'a> {
    #[serde(flatten)]
    test: SuggestedOutput<'a>,
    /// The file, or `suggested`.
    source: Option<String>,
}

impl<'a> From<&'a Suite> for CheckedSuiteOutput<'a> {
    fn from(suite: &'a Suite) -> Self {
        let test = |(at, it)| CheckedTestOutput {
            test: SuggestedOutput::from(it),
            source: suite.source(at).map(|it| it.to_string()),
        };
        Self { proof: suite.proof_type(), tests: suite.tests().iter().enumerate().map(test).collect() }
    }
}

/// A setting, a secret or a criterion.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ParameterOutput<'a> {
    name: &'a str,
    label: &'a str,
    help: &'a str,
    /// What it takes.
    kind: &'a str,
    /// All that it takes, where that is listed.
    choices: Vec<ChoiceOutput<'a>>,
    required: bool,
    /// As rows have values.
    default: Option<Json>,
}

/// A value that a parameter takes.
#[derive(Debug, Serialize, JsonSchema)]
struct ChoiceOutput<'a> {
    value: &'a str,
    label: &'a str,
}

impl<'a> From<&'a Parameter> for ParameterOutput<'a> {
    fn from(it: &'a Parameter) -> Self {
        let choice = |it: &'a Choice| ChoiceOutput { value: &it.value, label: &it.label };
        Self {
            name: &it.name,
            label: &it.label,
            help: &it.help,
            kind: it.kind.name(),
            choices: it.choices.iter().map(choice).collect(),
            required: it.required,
            default: it.default.as_ref().map(evidence::json),
        }
    }
}
