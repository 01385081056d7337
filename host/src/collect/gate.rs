//! What all sessions of a connection share: a bounded number of requests at a time,
//! and the source's wish to be left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::Instant;

/// Lets requests of a connection through.
#[derive(Debug)]
pub(crate) struct Gate {
    places: Semaphore,
    closed_until: Mutex<Option<Instant>>,
}

impl Gate {
    /// For this many requests at a time.
    pub(crate) fn new(requests: usize) -> Self {
        Self { places: Semaphore::new(requests.max(1)), closed_until: Mutex::new(None) }
    }

    /// A place, for as long as it is held; or for how long the gate is still closed.
    pub(crate) async fn enter(&self) -> Result<Option<SemaphorePermit<'_>>, Duration> {
        // Nobody closes the semaphore, so there always is a place.
        let place = self.places.acquire().await.ok();
        match self.closed_for() {
            Some(closed) => Err(closed),
            None => Ok(place),
        }
    }

    /// Lets nobody through for this long. Never opens earlier than it would have.
    pub(crate) fn close(&self, duration: Duration) {
        let until = Instant::now() + duration;
        let mut closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        *closed = Some(closed.map_or(until, |it| it.max(until)));
    }

    fn closed_for(&self) -> Option<Duration> {
        let closed = self.closed_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed.map(|it| it.saturating_duration_since(Instant::now()));
        left.filter(|it| !it.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn stays_closed_for_the_longest_pause() {
        let gate = Gate::new(1);
        gate.close(Duration::from_millis(50));
        gate.close(Duration::from_millis(10));
        let left = gate.enter().await.expect_err("is closed");
        assert!(left > Duration::from_millis(10), "{left:?}");
        tokio::time::sleep(left).await;
        assert!(gate.enter().await.is_ok());
    }

    #[tokio::test]
    async fn lets_one_through_at_a_time() {
        let gate = Gate::new(1);
        let first = gate.enter().await;
        let second = tokio::time::timeout(Duration::from_millis(10), gate.enter());
        assert!(second.await.is_err());
        drop(first);
        assert!(gate.enter().await.is_ok());
    }
}
