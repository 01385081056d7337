//! What a replay works with: the session, what it asked for last, what is at hand of the answer.

use std::collections::VecDeque;

use exhibit_driver::Stop;

use super::super::answer_source::Recorded;
use super::super::error::ReplayError;
use super::super::options::ReplayOptions;
use crate::collect::is_write;
use crate::collect::sink::Sink;
use crate::contract::collection::{Job, Request, Summary};
use crate::plugin::{Plugin, PluginError, Session};

/// Waits without an answer in between: a replay does not wait, so this is soon reached.
pub(super) const WAITS_IN_A_ROW: u32 = 1_000;

/// Carries out what the loop asks for.
pub(super) struct Replayer<'a> {
    pub(super) plugin: &'a Plugin,
    pub(super) job: &'a Job,
    pub(super) manner: &'a ReplayOptions,
    pub(super) session: Session,
    pub(super) sink: &'a mut dyn Sink,
    /// Bytes that the plugin was fed.
    pub(super) fed: u64,
    /// The answer that it was given last.
    pub(super) answer: u32,
    /// What it asked for last.
    pub(super) request: Option<Request>,
    /// The answer to that.
    pub(super) recorded: Option<Recorded>,
    /// The next answer, as long as something else is asked for.
    pub(super) pending: Option<Recorded>,
    /// Those after the last whole one that broke off, once there is no more.
    pub(super) at_end: Option<VecDeque<Recorded>>,
    /// An answer that broke off at the collection, where it is played.
    pub(super) breaking: Option<Recorded>,
    /// Where the session was after the last answer, where what broke off after that is played.
    pub(super) checkpoint: Option<Vec<u8>>,
    /// Whether the session refused the head that is played, so that another one was opened.
    pub(super) reopened: bool,
    /// How often this answer broke off.
    pub(super) breaks: usize,
    /// How much of it comes before it breaks off, or ends.
    pub(super) left: u64,
    /// What must be asked for again, since its answer broke off.
    pub(super) again: Option<Request>,
    pub(super) chunk: Vec<u8>,
    /// How much of the chunk is of the answer.
    pub(super) read: usize,
    pub(super) summary: Option<Summary>,
    /// Whether it waited since the last answer.
    pub(super) waited: bool,
}

impl Replayer<'_> {
    /// As at a collection, what a plugin gave before it failed does not count.
    pub(super) fn paged<T>(&mut self, said: Result<T, PluginError>) -> Result<T, ReplayError> {
        let said = self.or(said);
        if said.is_err() {
            drop(self.sink.abandon("the plugin failed at it"));
        }
        said
    }

    pub(super) fn stopped(&self, stop: Stop) -> ReplayError {
        let answer = self.answer;
        match stop {
            Stop::Miscounted(what) => ReplayError::Miscounted { answer, what },
            Stop::Endless { .. } => ReplayError::Waits { answer, waits: WAITS_IN_A_ROW },
            stop => ReplayError::Io(std::io::Error::other(stop)),
        }
    }

    /// Whether what it asked for last changes something: its answer is played as it came, since it is not asked for again.
    pub(super) fn is_write(&self) -> bool {
        self.request.as_ref().is_some_and(is_write)
    }

    /// Where that is wanted, another session takes over.
    pub(super) async fn resume(&mut self) -> Result<(), ReplayError> {
        if !self.manner.resumed {
            return Ok(());
        }
        let checkpoint = self.session.checkpoint().await;
        let checkpoint = Some(self.or(checkpoint)?);
        self.open_at(checkpoint).await
    }

    pub(super) async fn open_at(&mut self, checkpoint: Option<Vec<u8>>) -> Result<(), ReplayError> {
        let job = Job { checkpoint, ..self.job.clone() };
        let session = self.plugin.open_with(&job, self.manner.randomness).await;
        self.session = self.or(session)?;
        Ok(())
    }

    pub(super) fn or<T>(&self, said: Result<T, PluginError>) -> Result<T, ReplayError> {
        said.map_err(|error| ReplayError::Plugin { answer: self.answer, error })
    }

    pub(super) fn fickle(&self, when: &'static str) -> ReplayError {
        ReplayError::Fickle { answer: self.answer, when }
    }
}
