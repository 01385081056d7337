//! The one place that reads the system's clock. Everything else is given the time.

use std::fmt::Debug;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::contract::types::Instant;

/// Milliseconds of a day.
pub const DAY: Instant = 24 * 60 * 60 * 1000;

/// Tells the time.
pub trait Clock: Debug + Send + Sync {
    /// Now: milliseconds since 1970-01-01T00:00:00Z.
    fn now(&self) -> Instant;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

/// A clock that stands still: for tests, and for replays.
#[derive(Debug, Clone, Copy)]
pub struct FixedClock(pub Instant);

impl Clock for SystemClock {
    fn now(&self) -> Instant {
        match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => Instant::try_from(since.as_millis()).unwrap_or(Instant::MAX),
            Err(before) => Instant::try_from(before.duration().as_millis()).map_or(Instant::MIN, |it| -it),
        }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        self.0
    }
}
