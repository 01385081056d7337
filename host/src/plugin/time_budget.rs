//! How long the calls of a plugin may take together: each has its own limit, and there may be any number of them.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::limits::WALL_CLOCK_FACTOR;

/// The time that calls of a plugin may take in one piece of work, such as a replay with all tests of the evidence: time in
/// which the plugin runs, and not that in which its host waits for a network. Clones share it.
#[derive(Debug, Clone)]
pub struct TimeBudget(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    limit: Duration,
    /// Nanoseconds in which calls ran.
    running: AtomicU64,
    /// Nanoseconds from the beginnings of calls to their ends.
    wall: AtomicU64,
}

impl TimeBudget {
    /// This much, and nothing of it used yet.
    pub fn new(limit: Duration) -> Self {
        Self(Arc::new(Shared { limit, running: AtomicU64::new(0), wall: AtomicU64::new(0) }))
    }

    /// How much there was at the beginning.
    pub fn limit(&self) -> Duration {
        self.0.limit
    }

    /// How long calls have run.
    pub fn used(&self) -> Duration {
        Duration::from_nanos(self.0.running.load(Ordering::Relaxed))
    }

    /// How long calls may still run.
    pub(super) fn left(&self) -> Duration {
        self.0.limit.saturating_sub(self.used())
    }

    /// How long they may still take by the clock on the wall, as for one call.
    pub(super) fn wall_left(&self) -> Duration {
        let taken = Duration::from_nanos(self.0.wall.load(Ordering::Relaxed));
        self.0.limit.saturating_mul(WALL_CLOCK_FACTOR).saturating_sub(taken)
    }

    pub(super) fn is_used_up(&self) -> bool {
        self.left().is_zero() || self.wall_left().is_zero()
    }

    /// Nothing is left: a call was ended as it came to the end of it, which is measured less exactly than this counts.
    pub(super) fn use_up(&self) {
        add(&self.0.running, self.left());
    }

    /// Counts the time of a call, also of one that is dropped before it ends.
    pub(super) async fn measure<T>(&self, call: impl Future<Output = T>) -> T {
        let mut measured = Measured { budget: self, began: Instant::now(), running: Duration::ZERO };
        let mut call = pin!(call);
        poll_fn(|context| {
            let since = Instant::now();
            let polled = call.as_mut().poll(context);
            measured.running += since.elapsed();
            polled
        })
        .await
    }
}

/// A call under way.
struct Measured<'a> {
    budget: &'a TimeBudget,
    began: Instant,
    running: Duration,
}

impl Drop for Measured<'_> {
    fn drop(&mut self) {
        add(&self.budget.0.running, self.running);
        add(&self.budget.0.wall, self.began.elapsed());
    }
}

fn add(sum: &AtomicU64, time: Duration) {
    let nanos = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    let added = |it: u64| Some(it.saturating_add(nanos));
    // It always gives a new value, so it cannot fail.
    let _ = sum.fetch_update(Ordering::Relaxed, Ordering::Relaxed, added);
}

#[cfg(test)]
mod tests {
    use std::thread::sleep;

    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn running_counts_and_waiting_does_not() {
        let budget = TimeBudget::new(Duration::from_secs(3600));
        let call = async {
            sleep(STEP);
            tokio::time::sleep(STEP * 10).await;
            sleep(STEP);
        };
        let began = Instant::now();
        budget.clone().measure(call).await;
        // However slow this machine is, the wait is no part of it.
        let (used, all) = (budget.used(), began.elapsed());
        assert!(used >= STEP * 2 && used + STEP * 10 <= all, "{used:?} of {all:?}");
        assert!(budget.wall_left() <= Duration::from_secs(3 * 3600) - STEP * 12, "the wall's clock runs");
        assert!(!budget.is_used_up());
    }

    #[tokio::test]
    async fn a_call_that_sleeps_comes_to_an_end_later_and_one_that_was_dropped_counts() {
        let hour = Duration::from_secs(3600);
        let budget = TimeBudget::new(hour);
        let asleep = budget.measure(tokio::time::sleep(hour));
        assert!(tokio::time::timeout(STEP, asleep).await.is_err());
        assert!(!budget.is_used_up() && budget.wall_left() <= hour * 3 - STEP, "{budget:?}");

        let budget = TimeBudget::new(STEP);
        budget.measure(tokio::time::sleep(STEP * 4)).await;
        assert!(budget.is_used_up(), "{budget:?}");
    }

    #[test]
    fn what_was_used_up_stays_so() {
        let budget = TimeBudget::new(STEP);
        budget.use_up();
        assert_eq!((budget.left(), budget.limit(), budget.is_used_up()), (Duration::ZERO, STEP, true));
    }
}
