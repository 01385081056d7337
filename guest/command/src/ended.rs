//! What a session may do, and how it ends.

use std::time::Duration;

use exhibit_driver::Counts;
use exhibit_plugin::collection::{Rejection, Request, Summary};

/// How a session ends.
#[derive(Debug)]
pub(crate) enum Ended {
    /// It is complete.
    Finished(Box<Outcome>),
    /// It would send this, which changes something, and was only to say so.
    Proposed(Box<Request>),
}

/// The result of a session.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) summary: Summary,
    pub(crate) counts: Counts,
    pub(crate) waited: Duration,
    pub(crate) rejections: Vec<Rejection>,
}

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Permit {
    /// Read.
    Read,
    /// Read, and say what it would change.
    Propose,
    /// Change something, once.
    Write,
}
