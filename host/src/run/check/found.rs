//! What a check finds, and what it tells while it runs.

use super::problem::CheckProblem;
use crate::collect::progress::Event;

/// What was found of one proof type or operation.
#[derive(Debug)]
#[non_exhaustive]
pub struct AccessCheck {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: CheckedKind,
    /// Whether the account may.
    pub result: Result<Access, CheckProblem>,
    /// What limits it, or what a person has to look at. In part the plugin's words: escape them for where they go.
    pub remarks: Vec<String>,
    /// From the last request to its answer's head, in milliseconds.
    pub round_trip: Option<i64>,
    /// How far the source's clock is ahead of the host's, in milliseconds, where the plugin reads the header that says
    /// it.
    pub skew: Option<i64>,
}

/// What is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckedKind {
    /// Whether it can be collected.
    ProofType,
    /// Whether it can be carried out.
    Operation,
}

/// Whether the account may do something, as far as reads show it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Access {
    /// It may.
    Granted,
    /// Reads do not show it: the remarks say what a person has to look at.
    Undecided,
}

/// What a check tells while it runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckEvent<'a> {
    /// The proof type or operation of this name comes next, or a list that an operation needs.
    Began(&'a str),
    /// Something happened while it is asked for.
    Asked(&'a Event<'a>),
    /// It is done.
    Done(&'a AccessCheck),
}
