//! What an endpoint is asked, and the form of what answers.

use std::sync::Arc;

use crate::{
    account::Caller, call::Received, changes::Changes, quirks::Quirks, refusal::Refusal, stream::Source,
    world::World,
};

/// What an endpoint is asked.
pub(crate) struct Question<'a> {
    pub(crate) world: &'a Arc<World>,
    /// What clients have changed since it started.
    pub(crate) changes: &'a Changes,
    pub(crate) call: &'a Received,
    pub(crate) caller: &'a Caller,
    /// `5` in `/api/5.0/…`; 1 in `/msp/…`.
    pub(crate) version: u8,
    pub(crate) quirks: Quirks,
}

/// Answers a question, or says why not.
pub(crate) type Answering = fn(&Question<'_>) -> Result<Source, Refusal>;
