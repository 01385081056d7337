//! Waiting: for others of the connection, for the source, and before a request is repeated.

use std::time::Duration;

use exhibit_driver::Input;
use exhibit_rows::Shown;
use tracing::info;

use crate::contract::collection::Pause;
use crate::contract::types::Instant;

use super::super::error::CollectError;
use super::super::limiter::{Entry, Permit, Turn};
use super::super::progress::Event;
use super::super::sink::Sink as _;
use super::super::spool::Suspension;
use super::state::{Failure, Hand, Live};

/// A shorter wait is soon over: to ask too early by that much does no harm.
const RECORDED: Duration = Duration::from_secs(10);

impl<'a> Live<'a> {
    /// Waits until this session may make a request.
    pub(super) async fn place(&mut self) -> Result<Result<Permit<'a>, Suspension>, CollectError> {
        let limiter = &self.connection.limiter;
        let limit = self.limits.max_wait;
        loop {
            let entry = limiter.enter(limit.saturating_sub(self.held)).await;
            let Entry { turn, waited } = entry.map_err(CollectError::Limiter)?;
            self.passed(waited);
            match turn {
                Turn::Permit(place) => return Ok(Ok(place)),
                Turn::TimedOut => return Err(CollectError::ConnectionBusy { limit }),
                Turn::Paused(closed) => {
                    let why = "another collection of this connection was asked to wait";
                    if let Some(suspension) = self.wait(closed, why, None).await? {
                        return Ok(Err(suspension));
                    }
                }
            }
        }
    }

    pub(super) async fn back_off(&mut self, hand: &mut Hand, pause: Duration, attempt: u32) -> Input {
        let why = hand.failure.as_ref().map(Failure::to_string).unwrap_or_default();
        if let Some(request) = &hand.request {
            let (origin, path) = (&request.origin, &request.path);
            info!(origin, path, attempt, seconds = pause.as_secs_f64(), why, "asking again");
        }
        self.progress.event(&Event::Again(&why, attempt));
        // Where there is less time than that, the request is not sent again.
        tokio::time::sleep(pause.min(self.left().unwrap_or_default())).await;
        Input::Done
    }

    pub(super) async fn pause(&mut self, pause: Option<Pause>) -> Result<Option<Suspension>, CollectError> {
        let Some(pause) = pause else { return Ok(None) };
        let duration = Duration::from_secs(pause.seconds.into());
        if pause.connection_wide {
            self.connection.limiter.pause(duration).await.map_err(CollectError::Limiter)?;
        }
        self.wait(duration, &pause.message, Some(&pause)).await
    }

    /// Lets this time pass, here or without this process. `asked`: as the session asked for it.
    async fn wait(
        &mut self,
        duration: Duration,
        message: &str,
        asked: Option<&Pause>,
    ) -> Result<Option<Suspension>, CollectError> {
        let (waited, limit) = (self.held, self.limits.max_wait);
        let until = self.connection.clock.now();
        let until = until.saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX));
        if self.hold.is_some_and(|hold| duration > hold) && self.sink.spool().is_some() {
            self.record_wait(until, duration, message).await?;
            return Ok(Some(Suspension { until, reason: message.to_owned() }));
        }
        if waited.saturating_add(duration) > limit {
            let seconds = duration.as_secs();
            // The next call does not ask before that is over, either.
            self.record_wait(until, duration, message).await?;
            return Err(CollectError::Wait { message: message.to_owned(), seconds, until, waited, limit });
        }
        if duration > RECORDED {
            self.record_wait(until, duration, message).await?;
        }
        info!(seconds = duration.as_secs_f64(), why = %Shown::line(message), "waiting");
        if let Some(pause) = asked {
            self.progress.event(&Event::Waiting(pause));
        }
        tokio::time::sleep(duration).await;
        self.passed(duration);
        Ok(None)
    }

    /// Has the wait kept, so that it is not cut short where this process does not live to its end.
    async fn record_wait(
        &mut self,
        until: Instant,
        duration: Duration,
        message: &str,
    ) -> Result<(), CollectError> {
        let Some(spool) = self.sink.spool() else { return Ok(()) };
        let mut at = self.before.clone();
        at.counts.waited = self.waited.saturating_add(duration);
        at.pause = Some((until, message.to_owned()));
        Ok(spool.checkpoint(&at).await?)
    }

    fn passed(&mut self, duration: Duration) {
        self.waited = self.waited.saturating_add(duration);
        self.held = self.held.saturating_add(duration);
    }
}
