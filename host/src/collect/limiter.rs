//! What all sessions of a connection share: a bounded number of requests at a time,
//! and the source's wish to be left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// How waiting for a permit ended.
#[derive(Debug)]
pub(crate) enum Turn<'a> {
    /// A permit, for as long as it is held.
    Permit(SemaphorePermit<'a>),
    /// The source wants to be left alone for this long.
    Paused(Duration),
    /// Others had all permits for longer than was waited.
    TimedOut,
}

/// Lets requests of a connection through.
#[derive(Debug)]
pub(crate) struct Limiter {
    permits: Semaphore,
    paused_until: Mutex<Option<Instant>>,
}

impl Limiter {
    /// For this many requests at a time.
    pub(crate) fn new(requests: usize) -> Self {
        Self { permits: Semaphore::new(requests.max(1)), paused_until: Mutex::new(None) }
    }

    /// Waits for a permit, and says how long that took: nothing, where one is free.
    pub(crate) async fn enter(&self, patience: Duration) -> (Turn<'_>, Duration) {
        let (permit, waited) = match self.permits.try_acquire() {
            Ok(permit) => (Some(permit), Duration::ZERO),
            Err(_) => {
                let since = Instant::now();
                let permit = timeout(patience, self.permits.acquire()).await;
                // The semaphore is never closed, so there is a permit unless time was up.
                (permit.ok().and_then(Result::ok), since.elapsed())
            }
        };
        let entry = match (permit, self.paused_for()) {
            (None, _) => Turn::TimedOut,
            (Some(_), Some(closed)) => Turn::Paused(closed),
            (Some(permit), None) => Turn::Permit(permit),
        };
        (entry, waited)
    }

    /// Lets no request through for this long. Never opens earlier than it would have.
    pub(crate) fn pause(&self, duration: Duration) {
        let until = Instant::now() + duration;
        let mut closed = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *closed = Some(closed.map_or(until, |it| it.max(until)));
    }

    fn paused_for(&self) -> Option<Duration> {
        let closed = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed.map(|it| it.saturating_duration_since(Instant::now()));
        left.filter(|it| !it.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More than any of these tests takes.
    const PATIENCE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    /// Paused time goes on in whole milliseconds.
    fn is_about(waited: Duration, expected: Duration) -> bool {
        (expected..expected + Duration::from_millis(2)).contains(&waited)
    }

    #[tokio::test(start_paused = true)]
    async fn stays_closed_for_the_longest_pause() {
        let limiter = Limiter::new(1);
        limiter.pause(SECOND * 5);
        limiter.pause(SECOND);
        let (Turn::Paused(left), _) = limiter.enter(PATIENCE).await else { panic!("is not closed") };
        assert_eq!(left, SECOND * 5);
        tokio::time::sleep(left).await;
        assert!(matches!(limiter.enter(PATIENCE).await, (Turn::Permit(_), Duration::ZERO)));
    }

    #[tokio::test(start_paused = true)]
    async fn lets_one_through_at_a_time() {
        let limiter = Limiter::new(1);
        let (first, waited) = limiter.enter(Duration::ZERO).await;
        assert!(matches!(first, Turn::Permit(_)));
        assert_eq!(waited, Duration::ZERO);

        let (second, waited) = limiter.enter(SECOND).await;
        assert!(matches!(second, Turn::TimedOut));
        assert!(is_about(waited, SECOND), "{waited:?}");

        let leave = async {
            tokio::time::sleep(SECOND * 2).await;
            drop(first);
        };
        let ((third, waited), ()) = tokio::join!(limiter.enter(PATIENCE), leave);
        assert!(matches!(third, Turn::Permit(_)));
        assert!(is_about(waited, SECOND * 2), "{waited:?}");
    }
}
