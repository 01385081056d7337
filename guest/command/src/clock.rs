//! The one place that asks what time it is.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use exhibit_plugin::types::Instant;

/// Time as it passes.
pub(crate) trait Clock {
    /// Now.
    fn now(&self) -> Instant;

    /// Lets some time pass.
    fn sleep(&self, duration: Duration);
}

/// The system's.
#[derive(Debug, Clone, Copy)]
pub(crate) struct System;

impl Clock for System {
    fn now(&self) -> Instant {
        // A clock before 1970 is not set at all; the source will say so of signatures and windows.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Instant::try_from(since.as_millis()).unwrap_or(Instant::MAX)
    }

    fn sleep(&self, duration: Duration) {
        std::thread::sleep(duration);
    }
}

/// The clock's time in whole seconds, so that it can be repeated by hand.
pub(crate) fn this_second(clock: &dyn Clock) -> Instant {
    let now = clock.now();
    now - now.rem_euclid(1000)
}
