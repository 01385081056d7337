//! What a collection from a source works with: the session, what it asked for last, what is at hand of the answer.

use std::time::Duration;

use exhibit_driver::{Driver, Input, Limits, Stop};
use exhibit_records::Counts;
use tokio::time::Instant;

use crate::contract::collection::{Batch, Job, Pause, Request, Response, Summary};
use crate::http::{Incoming, Origin, SendError, SignError, TransportError};
use crate::plugin::{Plugin, PluginError, Session};

use super::super::body::Body;
use super::super::connection::Connection;
use super::super::error::CollectError;
use super::super::progress::Progress;
use super::super::spool::Checkpoint;
use super::mode::Mode;
use super::secrets::Secrets;

/// Carries out what the loop asks for.
pub(super) struct Live<'a> {
    pub(super) connection: &'a Connection,
    /// That of the connection, with the time that its calls may take.
    pub(super) plugin: Plugin,
    /// When this process began with it.
    pub(super) began: Instant,
    /// The job of its beginning.
    pub(super) job: Job,
    pub(super) session: Session,
    pub(super) sink: Mode<'a>,
    pub(super) progress: &'a dyn Progress,
    pub(super) limits: &'a Limits,
    pub(super) hold: Option<Duration>,
    /// Those that its requests were signed with.
    pub(super) secrets: Secrets,
    /// Where it can be resumed.
    pub(super) before: Checkpoint,
    /// All waiting so far, that without a process included.
    pub(super) waited: Duration,
    /// What this process waited: only that is limited.
    pub(super) held: Duration,
}

/// What the host counted, for the records.
pub(super) fn counts(driver: &Driver, waited: Duration) -> Counts {
    let exhibit_driver::Counts { requests, retries, answers, bytes, rows, rejected } = driver.counts();
    Counts { requests, answers, bytes, rows, rejected, retries, waited }
}

pub(super) fn counted(counts: &Counts) -> exhibit_driver::Counts {
    let Counts { requests, answers, bytes, rows, rejected, retries, .. } = *counts;
    exhibit_driver::Counts { requests, retries, answers, bytes, rows, rejected }
}

/// Why the last attempt at a request failed.
pub(super) enum Failure {
    Send(SendError),
    /// That there is no token to sign it with.
    Sign(SignError),
    BrokenOff(TransportError),
    Unreadable(PluginError),
    /// An earlier process had sent the request.
    ProcessEnded,
}

/// What the session asked for last, and what is at hand of it.
#[derive(Default)]
pub(super) struct Hand {
    pub(super) request: Option<Request>,
    pub(super) pause: Option<Pause>,
    pub(super) summary: Option<Summary>,
    pub(super) answer: Option<Incoming>,
    pub(super) head: Option<Response>,
    pub(super) body: Option<Body>,
    pub(super) chunk: bytes::Bytes,
    pub(super) batch: Option<Batch>,
    pub(super) failure: Option<Failure>,
}

impl Live<'_> {
    /// How long it may still take.
    pub(super) fn left(&self) -> Result<Duration, CollectError> {
        let limit = self.limits.max_time;
        let taken = self.began.elapsed().saturating_sub(self.held);
        let left = limit.checked_sub(taken).filter(|it| !it.is_zero());
        left.ok_or(CollectError::OutOfTime { limit })
    }

    /// What a collection that ends early ends in.
    pub(super) fn stopped(&mut self, hand: &mut Hand, stop: Stop) -> CollectError {
        let path = hand.request.as_ref().map(|it| it.path.clone()).unwrap_or_default();
        let origin = hand.request.as_ref().and_then(|it| self.connection.origins.get(&it.origin));
        let origin = origin.map(Origin::to_string).unwrap_or_default();
        match (stop, hand.failure.take()) {
            (Stop::Write, _) => {
                if let Mode::Propose(proposed) = &mut self.sink {
                    **proposed = hand.request.take();
                }
                CollectError::Write
            }
            (Stop::Endless { what, limit }, _) => CollectError::Endless { what, limit },
            (Stop::UnknownResult, failure) => {
                let why = failure.map(|it| it.to_string()).unwrap_or_default();
                CollectError::Unknown { origin, path, why }
            }
            (Stop::GaveUp { attempts }, Some(Failure::Send(error))) => CollectError::Send { error, attempts },
            (Stop::GaveUp { attempts }, Some(Failure::BrokenOff(diagnosis))) => {
                CollectError::BrokenOff { origin, path, diagnosis, attempts }
            }
            (Stop::GaveUp { .. }, Some(Failure::Sign(error))) => error.into(),
            (Stop::Unreadable { attempts: 1 }, Some(Failure::Unreadable(error))) => error.into(),
            (Stop::Unreadable { attempts }, Some(Failure::Unreadable(error))) => {
                CollectError::Unreadable { error, attempts }
            }
            (Stop::Miscounted(what), _) => PluginError::Broke { call: "next", what }.into(),
            (stop, _) => std::io::Error::other(stop).into(),
        }
    }
}

/// What the session makes of an answer: a report where it cannot read it, and may read another one to the same
/// request. Whatever else it fails at, it fails at again.
pub(super) fn readable<T>(
    hand: &mut Hand,
    said: Result<T, PluginError>,
) -> Result<Result<T, Input>, CollectError> {
    match said {
        Ok(it) => Ok(Ok(it)),
        Err(error) if error.is_of_the_answer() => {
            hand.failure = Some(Failure::Unreadable(error));
            Ok(Err(Input::Unreadable))
        }
        Err(error) => Err(error.into()),
    }
}

pub(super) fn handed(hand: &mut Hand, batch: Batch) -> Input {
    let (rows, rejected) = (batch.rows.len() as u64, batch.rejected.len() as u64);
    hand.batch = Some(batch);
    Input::Batch { rows, rejected }
}

pub(super) fn not_answered(hand: &mut Hand, error: SendError) -> Input {
    let (transient, arrived) = (error.is_passing(), error.may_have_arrived());
    hand.failure = Some(Failure::Send(error));
    Input::NotAnswered { transient, arrived }
}

/// No token, for now: the request itself was not sent.
pub(super) fn not_signed(hand: &mut Hand, error: SignError) -> Input {
    hand.failure = Some(Failure::Sign(error));
    Input::NotAnswered { transient: true, arrived: false }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Send(error) => error.fmt(f),
            Self::Sign(error) => error.fmt(f),
            Self::BrokenOff(diagnosis) => diagnosis.fmt(f),
            Self::Unreadable(error) => error.fmt(f),
            Self::ProcessEnded => f.write_str("the process that had sent it ended before"),
        }
    }
}
