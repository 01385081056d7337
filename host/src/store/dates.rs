//! When entries of a log were made, as they say: in their order, and not in the future.

use exhibit_rows::Shown;

use crate::contract::types::Instant;
use crate::evidence::{format_instant, parse_instant};

use super::package::Logged;

/// Clocks of the machines that write to a log and of the one that verifies it are within seconds of each other; more than this
/// is no inaccuracy. The same as for the clock of a source.
pub(super) const CLOCKS_APART: Instant = 10 * 60 * 1000;

/// The dates of a log's entries, which come in their order.
#[derive(Debug, Clone, Default)]
pub(super) struct Dates {
    /// The latest so far, and its entry.
    latest: Option<(Instant, u64)>,
    /// Entries that are dated before one that comes before them: the first of them, and why.
    pub(super) wrong: Vec<(u64, String)>,
}

/// So many entries with wrong dates are known: one that is far ahead makes all after it wrong.
const KNOWN_WRONG: usize = 1_000;

impl Dates {
    /// The next entry is dated so.
    pub(super) fn next(&mut self, index: u64, at: &str) {
        let Some(date) = parse_instant(at) else {
            return self
                .add(index, format!("log entry {index}: its date `{}` is no instant", Shown::line(at)));
        };
        match self.latest {
            Some((latest, before)) if date < latest.saturating_sub(CLOCKS_APART) => {
                let latest = format_instant(latest);
                self.add(
                    index,
                    format!(
                        "log entry {index} is dated {at}, which is before entry {before} that comes before it ({latest})"
                    ),
                );
            }
            Some((latest, _)) if date <= latest => {}
            _ => self.latest = Some((date, index)),
        }
    }

    /// The latest entry, where its date is after this clock: by more than clocks of several machines are apart.
    pub(super) fn ahead_of(&self, now: Instant) -> Option<(Instant, u64)> {
        self.latest.filter(|it| is_of_the_future(it.0, now))
    }

    fn add(&mut self, index: u64, why: String) {
        if self.wrong.len() < KNOWN_WRONG {
            self.wrong.push((index, why));
        }
    }

    /// All that is wrong with them, by a clock that says this.
    pub(super) fn faults(&self, now: Instant) -> Vec<String> {
        let latest = self.ahead_of(now).map(|(latest, index)| {
            let latest = format_instant(latest);
            format!(
                "log entry {index} is dated {latest}, which is in the future by the clock of this machine"
            )
        });
        latest.into_iter().chain(self.wrong.iter().map(|it| it.1.clone())).collect()
    }

    /// What is wrong with the order of one of these entries.
    pub(super) fn of<'a>(&'a self, entries: &'a [Logged]) -> impl Iterator<Item = &'a str> {
        let is_one = |index: u64| entries.iter().any(|it| it.index == index);
        self.wrong.iter().filter(move |it| is_one(it.0)).map(|it| it.1.as_str())
    }
}

/// Whether this instant is later than now, and no inaccuracy of clocks.
pub(super) fn is_of_the_future(date: Instant, now: Instant) -> bool {
    date > now.saturating_add(CLOCKS_APART)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-12-01T00:00:00Z.
    const NOW: Instant = 1_796_083_200_000;

    #[test]
    fn dates_are_compared_with_the_latest_before_them() {
        let mut dates = Dates::default();
        for (index, at) in (0..).zip(["2026-11-01T00:00:00Z", "2026-10-31T23:51:00Z", "2026-10-31T23:42:00Z"])
        {
            dates.next(index, at);
        }
        // Each is within ten minutes of the one before, and the last one is not within ten of the first.
        let wrong = dates.faults(NOW);
        assert_eq!(wrong.len(), 1, "{wrong:?}");
        assert!(
            wrong[0].starts_with("log entry 2 is dated 2026-10-31T23:42:00Z, which is before entry 0"),
            "{wrong:?}"
        );
        for index in 3..5_000 {
            dates.next(index, "2026-01-01T00:00:00Z");
        }
        assert_eq!(dates.faults(NOW).len(), KNOWN_WRONG);
    }
}
