//! What all sessions of a connection share: a bounded number of requests at a time,
//! and the source's wish to be left alone for a while.

use std::fmt::Debug;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};

/// Lets the requests of a connection through. Where several processes use one account, theirs is shared between them,
/// such as by a database: the source counts their requests together.
pub trait Limiter: Debug + Send + Sync {
    /// Waits for a permit, at most for as long as `patience`.
    ///
    /// # Errors
    /// Where it cannot be known whose turn it is. No request is made then.
    fn enter(&self, patience: Duration) -> Limited<'_, Entry<'_>>;

    /// Lets no request through for this long. Never opens earlier than it would have.
    ///
    /// # Errors
    /// Where others cannot be told.
    fn pause(&self, duration: Duration) -> Limited<'_, ()>;
}

/// What a [`Limiter`] does, until it is done.
pub type Limited<'a, T> = Pin<Box<dyn Future<Output = io::Result<T>> + Send + 'a>>;

/// How waiting for a permit ended.
#[derive(Debug)]
pub struct Entry<'a> {
    /// Whether a request may be made.
    pub turn: Turn<'a>,
    /// How long that took: zero where a permit was free.
    pub waited: Duration,
}

/// Whether a request may be made.
#[derive(Debug)]
pub enum Turn<'a> {
    /// It may, for as long as the permit is held.
    Permit(Permit<'a>),
    /// The source wants to be left alone for this long.
    Paused(Duration),
    /// Others had all permits for longer than was waited.
    TimedOut,
}

/// Lets one request through, until it is dropped.
pub struct Permit<'a> {
    _held: Box<dyn Send + 'a>,
}

impl<'a> Permit<'a> {
    /// One that is given back by dropping this.
    pub fn new(held: impl Send + 'a) -> Self {
        Self { _held: Box::new(held) }
    }
}

impl Debug for Permit<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Permit").finish_non_exhaustive()
    }
}

/// More than any pause.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 86_400);

/// The limiter of one process: connections that are given the same one share it.
#[derive(Debug)]
pub struct InProcess {
    permits: Semaphore,
    paused_until: Mutex<Option<Instant>>,
}

impl InProcess {
    /// For this many requests at a time; at least one.
    pub fn new(requests: usize) -> Self {
        Self { permits: Semaphore::new(requests.max(1)), paused_until: Mutex::new(None) }
    }

    fn paused_for(&self) -> Option<Duration> {
        let closed = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        let left = closed.map(|it| it.saturating_duration_since(Instant::now()));
        left.filter(|it| !it.is_zero())
    }
}

impl Limiter for InProcess {
    fn enter(&self, patience: Duration) -> Limited<'_, Entry<'_>> {
        Box::pin(async move {
            let (permit, waited) = match self.permits.try_acquire() {
                Ok(permit) => (Some(permit), Duration::ZERO),
                Err(_) => {
                    let since = Instant::now();
                    let permit = timeout(patience, self.permits.acquire()).await;
                    // The semaphore is never closed, so there is a permit unless time was up.
                    (permit.ok().and_then(Result::ok), since.elapsed())
                }
            };
            let turn = match (permit, self.paused_for()) {
                (None, _) => Turn::TimedOut,
                (Some(_), Some(closed)) => Turn::Paused(closed),
                (Some(permit), None) => Turn::Permit(Permit::new(permit)),
            };
            Ok(Entry { turn, waited })
        })
    }

    fn pause(&self, duration: Duration) -> Limited<'_, ()> {
        // A pause beyond all clocks is as long as one of a century.
        let until = Instant::now().checked_add(duration).unwrap_or_else(|| Instant::now() + CENTURY);
        let mut closed = self.paused_until.lock().unwrap_or_else(PoisonError::into_inner);
        *closed = Some(closed.map_or(until, |it| it.max(until)));
        Box::pin(std::future::ready(Ok(())))
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
    async fn stays_closed_for_the_longest_pause() -> io::Result<()> {
        let limiter = InProcess::new(1);
        limiter.pause(SECOND * 5).await?;
        limiter.pause(SECOND).await?;
        let Turn::Paused(left) = limiter.enter(PATIENCE).await?.turn else { panic!("is not closed") };
        assert_eq!(left, SECOND * 5);
        tokio::time::sleep(left).await;
        let entry = limiter.enter(PATIENCE).await?;
        assert!(matches!(entry, Entry { turn: Turn::Permit(_), waited: Duration::ZERO }));
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn lets_one_through_at_a_time() -> io::Result<()> {
        let limiter = InProcess::new(1);
        let Entry { turn: first, waited } = limiter.enter(Duration::ZERO).await?;
        assert!(matches!(first, Turn::Permit(_)));
        assert_eq!(waited, Duration::ZERO);

        let Entry { turn: second, waited } = limiter.enter(SECOND).await?;
        assert!(matches!(second, Turn::TimedOut));
        assert!(is_about(waited, SECOND), "{waited:?}");

        let leave = async {
            tokio::time::sleep(SECOND * 2).await;
            drop(first);
        };
        let (entry, ()) = tokio::join!(limiter.enter(PATIENCE), leave);
        let Entry { turn: third, waited } = entry?;
        assert!(matches!(third, Turn::Permit(_)));
        assert!(is_about(waited, SECOND * 2), "{waited:?}");
        Ok(())
    }
}
