//! What all sessions of a connection share: a bounded number of requests at a time,
//! and the source's wish to be left alone for a while.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

/// What came of standing at the gate.
#[derive(Debug)]
pub(crate) enum Entry<'a> {
    /// A place, for as long as it is held.
    Place(SemaphorePermit<'a>),
    /// The gate stays closed for this long.
    Closed(Duration),
    /// Others had all places, for longer than there was patience.
    Full,
}

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

    /// Waits for a place, and says how long that took: nothing, where one is free.
    pub(crate) async fn enter(&self, patience: Duration) -> (Entry<'_>, Duration) {
        let (place, waited) = match self.places.try_acquire() {
            Ok(place) => (Some(place), Duration::ZERO),
            Err(_) => {
                let since = Instant::now();
                let place = timeout(patience, self.places.acquire()).await;
                // The semaphore is never closed, so there is a place unless time was up.
                (place.ok().and_then(Result::ok), since.elapsed())
            }
        };
        let entry = match (place, self.closed_for()) {
            (None, _) => Entry::Full,
            (Some(_), Some(closed)) => Entry::Closed(closed),
            (Some(place), None) => Entry::Place(place),
        };
        (entry, waited)
    }

    /// Lets no request through for this long. Never opens earlier than it would have.
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

    /// More than any of these tests takes.
    const PATIENCE: Duration = Duration::from_secs(60);
    const SECOND: Duration = Duration::from_secs(1);

    /// Paused time goes on in whole milliseconds.
    fn is_about(waited: Duration, expected: Duration) -> bool {
        (expected..expected + Duration::from_millis(2)).contains(&waited)
    }

    #[tokio::test(start_paused = true)]
    async fn stays_closed_for_the_longest_pause() {
        let gate = Gate::new(1);
        gate.close(SECOND * 5);
        gate.close(SECOND);
        let (Entry::Closed(left), _) = gate.enter(PATIENCE).await else { panic!("is not closed") };
        assert_eq!(left, SECOND * 5);
        tokio::time::sleep(left).await;
        assert!(matches!(gate.enter(PATIENCE).await, (Entry::Place(_), Duration::ZERO)));
    }

    #[tokio::test(start_paused = true)]
    async fn lets_one_through_at_a_time() {
        let gate = Gate::new(1);
        let (first, waited) = gate.enter(Duration::ZERO).await;
        assert!(matches!(first, Entry::Place(_)));
        assert_eq!(waited, Duration::ZERO);

        let (second, waited) = gate.enter(SECOND).await;
        assert!(matches!(second, Entry::Full));
        assert!(is_about(waited, SECOND), "{waited:?}");

        let leave = async {
            tokio::time::sleep(SECOND * 2).await;
            drop(first);
        };
        let ((third, waited), ()) = tokio::join!(gate.enter(PATIENCE), leave);
        assert!(matches!(third, Entry::Place(_)));
        assert!(is_about(waited, SECOND * 2), "{waited:?}");
    }
}
