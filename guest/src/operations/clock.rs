//! This machine's clock and that of Qualys, which may differ: what is looked for by its date is looked for by the one that is
//! behind, so that nothing is hidden.

use exhibit_plugin::instant;
use exhibit_plugin::types::Instant;
use serde::{Deserialize, Serialize};

/// The dates of scans and the date of an answer may be of two machines.
pub(super) const CLOCKS_MILLIS: i64 = 60_000;
const DAY_MILLIS: i64 = 86_400_000;

/// What is known of the time.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct Clocks {
    as_of: Instant,
    /// When Qualys answered last before the write, by its own clock.
    qualys: Option<Instant>,
}

impl Clocks {
    /// By the instant that counts as now on this machine.
    pub(super) fn new(as_of: Instant) -> Self {
        Self { as_of, qualys: None }
    }

    /// An answer has this date. Gives whether a list that was asked for before by this machine's clock began too late by that
    /// of Qualys, so that it has to be asked for again. That is so once at most.
    pub(super) fn answered(&mut self, at: Option<Instant>) -> bool {
        let is_first = self.qualys.is_none();
        self.qualys = at.or(self.qualys);
        is_first && self.now() < self.as_of.saturating_sub(CLOCKS_MILLIS)
    }

    /// When Qualys answered last, by its own clock.
    pub(super) fn qualys(&self) -> Option<Instant> {
        self.qualys
    }

    /// So many days ago, as Qualys takes dates.
    pub(super) fn days_ago(&self, days: i64) -> String {
        instant::write(self.now().saturating_sub(days.saturating_mul(DAY_MILLIS)))
    }

    fn now(&self) -> Instant {
        self.qualys.map_or(self.as_of, |it| it.min(self.as_of))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_that_is_behind_counts_and_a_list_is_asked_for_again_once() {
        let mut clocks = Clocks::new(10 * DAY_MILLIS);
        assert_eq!(clocks.days_ago(1), "1970-01-10T00:00:00Z");
        assert!(!clocks.answered(None));
        assert!(clocks.answered(Some(8 * DAY_MILLIS)));
        assert_eq!(clocks.days_ago(1), "1970-01-08T00:00:00Z");
        assert!(!clocks.answered(Some(7 * DAY_MILLIS)));
        let mut behind = Clocks::new(10 * DAY_MILLIS);
        assert!(!behind.answered(Some(12 * DAY_MILLIS)));
        assert_eq!(behind.days_ago(1), "1970-01-10T00:00:00Z");
    }
}
