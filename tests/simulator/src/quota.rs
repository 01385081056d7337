//! The limits of the subscription: calls in a window, and calls at once.
//!
//! All APIs draw on one quota here, which is at least as strict as the service.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::world::World;

/// What is left, as the headers of an answer tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) limit: u32,
    pub(crate) window_seconds: u64,
    pub(crate) remaining: u32,
    /// Seconds until calls are allowed again; 0 while they are.
    pub(crate) to_wait_seconds: u64,
    pub(crate) concurrency_limit: u32,
    /// Other calls that are running.
    pub(crate) running: u32,
}

/// Why a call may not run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Blocked {
    /// The window is used up for so many seconds.
    Rate(u64),
    /// So many calls have to finish first.
    Concurrency(u32),
}

/// Counts the calls of one subscription.
#[derive(Clone)]
pub(crate) struct Quota(Arc<Mutex<Counters>>);

struct Counters {
    limit: u32,
    window: Duration,
    other_clients: u32,
    concurrency_limit: u32,
    opened: Option<Instant>,
    used: u32,
    running: u32,
}

/// A call that is running, until it is dropped.
pub(crate) struct Permit(Quota);

impl Drop for Permit {
    fn drop(&mut self) {
        self.0.counters(|counters| counters.running -= 1);
    }
}

impl Quota {
    pub(crate) fn of(world: &World) -> Self {
        Self(Arc::new(Mutex::new(Counters {
            limit: world.rate_limit,
            window: Duration::from_secs(world.rate_window_seconds),
            other_clients: world.other_clients,
            concurrency_limit: world.concurrency_limit,
            opened: None,
            used: 0,
            running: 0,
        })))
    }

    /// Counts a call, or says why it may not run; too many at once is said first, as documented.
    pub(crate) fn enter(&self) -> (Standing, Result<Permit, Blocked>) {
        self.counters(|counters| {
            let now = Instant::now();
            let opened = *counters.opened.get_or_insert(now);
            if now.duration_since(opened) >= counters.window {
                counters.opened = Some(now);
                counters.used = 0;
            }
            if counters.running >= counters.concurrency_limit {
                let finish = counters.running - counters.concurrency_limit + 1;
                return (counters.standing(0), Err(Blocked::Concurrency(finish)));
            }
            if counters.used >= counters.limit {
                let over = counters.opened.unwrap_or(now) + counters.window;
                // Rounded up: a client that waits as long as requested must find the window open.
                let seconds = over.duration_since(now).as_secs() + 1;
                return (counters.standing(seconds), Err(Blocked::Rate(seconds)));
            }
            counters.used += 1;
            let standing = counters.standing(0);
            counters.used = counters.used.saturating_add(counters.other_clients);
            counters.running += 1;
            (standing, Ok(Permit(self.clone())))
        })
    }

    fn counters<T>(&self, use_them: impl FnOnce(&mut Counters) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Counters {
    fn standing(&self, to_wait_seconds: u64) -> Standing {
        Standing {
            limit: self.limit,
            window_seconds: self.window.as_secs(),
            remaining: self.limit.saturating_sub(self.used),
            to_wait_seconds,
            concurrency_limit: self.concurrency_limit,
            running: self.running,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quota(rate_limit: u32, concurrency_limit: u32, other_clients: u32) -> Quota {
        Quota::of(&World { rate_limit, concurrency_limit, other_clients, ..World::default() })
    }

    #[tokio::test(start_paused = true)]
    async fn a_used_up_window_opens_again_after_the_wait() {
        let quota = quota(1, 2, 0);
        assert!(quota.enter().1.is_ok());
        let Err(Blocked::Rate(seconds)) = quota.enter().1 else {
            panic!("the second call has to wait");
        };
        tokio::time::advance(Duration::from_secs(seconds)).await;
        assert!(quota.enter().1.is_ok());
    }

    #[tokio::test]
    async fn a_call_runs_until_its_permit_is_dropped() {
        let quota = quota(10, 1, 0);
        let (_, first) = quota.enter();
        assert_eq!(quota.enter().1.err(), Some(Blocked::Concurrency(1)));
        drop(first);
        assert!(quota.enter().1.is_ok());
    }

    #[tokio::test]
    async fn other_clients_use_the_same_window() {
        let quota = quota(10, 2, 4);
        assert_eq!(quota.enter().0.remaining, 9);
        assert_eq!(quota.enter().0.remaining, 4);
        assert!(matches!(quota.enter().1, Err(Blocked::Rate(_))));
    }
}
