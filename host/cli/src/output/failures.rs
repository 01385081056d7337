//! What commands print to standard error.

use exhibit_records::Digest;
use schemars::JsonSchema;
use serde::Serialize;

use super::plugins::OriginOutput;

/// Why a command failed.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FailureOutput<'a> {
    pub(crate) error: ErrorOutput<'a>,
}

/// What happened, to what, and what to do next.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ErrorOutput<'a> {
    /// For people.
    pub(crate) what: &'a str,
    /// During what it happened.
    #[serde(rename = "while")]
    pub(crate) during: Option<&'a str>,
    /// For people: what to do.
    pub(crate) next: Option<&'a str>,
    /// The exit code.
    pub(crate) exit: u8,
}

impl<'a> FailureOutput<'a> {
    pub(crate) fn new(what: &'a str, during: Option<&'a str>, next: Option<&'a str>, exit: u8) -> Self {
        Self { error: ErrorOutput { what, during, next, exit } }
    }
}

/// What is no error, and yet to be known.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct WarningOutput<'a> {
    /// For people.
    pub(crate) warning: &'a str,
}

/// A plugin is used here for the first time.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct FirstUseOutput<'a> {
    pub(crate) first_use: AskedForOutput<'a>,
}

/// What a plugin asks for.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct AskedForOutput<'a> {
    pub(crate) id: &'a str,
    pub(crate) version: &'a str,
    /// Of its component.
    pub(crate) digest: Digest,
    /// Where it sends requests.
    pub(crate) origins: Vec<OriginOutput<'a>>,
    /// The secrets that its requests are signed with.
    pub(crate) secrets: Vec<&'a str>,
    /// What it can change at the source.
    pub(crate) operations: Vec<&'a str>,
}
