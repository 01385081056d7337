//! What a row, or a test, comes to, as the records have it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The contract's outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// As it should be.
    Pass,
    /// Not as it should be.
    Fail,
    /// It could not be decided.
    Inconclusive,
    /// A row that is out of the test's scope.
    NotApplicable,
}

/// Verdicts of tests, by their names.
pub type Verdicts = BTreeMap<String, Verdict>;

impl Verdict {
    /// The word for it, as in the records.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Inconclusive => "inconclusive",
            Self::NotApplicable => "not-applicable",
        }
    }

    /// Whether it says that something is, or may be, wrong.
    pub fn faults(self) -> bool {
        matches!(self, Self::Fail | Self::Inconclusive)
    }
}
