//! What a run proves of the items that it does not show: that they are gone, where it is whole. Also for later runs that are merged
//! earlier, as nothing of it is kept: it follows from the runs.

use super::facts::{RunId, Runs};

/// A run that shows less than this part of what the one before it showed is doubted: a source that fails may say "0".
const PART: u64 = 2;
/// With fewer items than this, a few that go are a large part.
const FEW: u64 = 20;

/// How whole a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Whole {
    /// It was filtered, failed, or is not merged to its end: it proves nothing of what it does not show.
    No,
    /// It had all records, and some of them could not be placed: one of them may be any item.
    Unplaced,
    /// It had all items.
    Yes,
}

/// A run that was merged to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finished {
    /// Which.
    pub(crate) run: RunId,
    /// How whole it is.
    pub(crate) whole: Whole,
    /// How many records it showed.
    pub(crate) shown: u64,
    /// Whether a person confirmed that there are so few.
    pub(crate) is_confirmed: bool,
}

/// The whole runs of a source, the earliest first: those that count, and those that a person has to confirm first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counted {
    /// What these do not show is gone.
    pub(crate) counted: Vec<RunId>,
    /// These show far fewer than the one before.
    pub(crate) doubted: Vec<RunId>,
}

impl Counted {
    /// Of these runs of one source, in any order.
    pub(crate) fn of(runs: &Runs, finished: &[Finished]) -> Self {
        let mut whole: Vec<&Finished> = finished.iter().filter(|it| it.whole == Whole::Yes).collect();
        whole.sort_by(|one, other| runs.order(one.run, other.run));
        let mut result = Self::default();
        let mut before = 0;
        for it in whole {
            let is_collapse = before >= FEW && it.shown.saturating_mul(PART) < before;
            if is_collapse && !it.is_confirmed {
                result.doubted.push(it.run);
            } else {
                before = it.shown;
                result.counted.push(it.run);
            }
        }
        result
    }

    /// How many of them did not show what was last seen in this run.
    pub(crate) fn missed(&self, runs: &Runs, last: RunId) -> usize {
        self.counted.iter().filter(|it| runs.order(**it, last).is_gt()).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(shown: &[(u64, Whole, bool)]) -> (Vec<RunId>, Vec<RunId>) {
        let mut runs = Runs::default();
        let mut finished = Vec::new();
        for (run, (shown, whole, is_confirmed)) in (1..).zip(shown) {
            runs.add(run, run * 1_000, "evidence");
            finished.push(Finished { run, whole: *whole, shown: *shown, is_confirmed: *is_confirmed });
        }
        // Merged in the opposite order.
        finished.reverse();
        let Counted { counted, doubted } = Counted::of(&runs, &finished);
        (counted, doubted)
    }

    #[test]
    fn a_run_that_shows_far_fewer_waits_for_a_person() {
        use Whole::Yes;
        assert_eq!(of(&[(240, Yes, false), (0, Yes, false)]), (vec![1], vec![2]));
        assert_eq!(of(&[(240, Yes, false), (0, Yes, true)]), (vec![1, 2], vec![]));
        assert_eq!(of(&[(240, Yes, false), (120, Yes, false), (60, Yes, false)]), (vec![1, 2, 3], vec![]));
        assert_eq!(of(&[(10, Yes, false), (1, Yes, false)]), (vec![1, 2], vec![]), "a few may go at once");
    }

    #[test]
    fn a_run_that_is_not_whole_proves_nothing() {
        use Whole::{No, Unplaced, Yes};
        assert_eq!(of(&[(5, Yes, false), (0, No, false), (4, Unplaced, false)]), (vec![1], vec![]));
    }
}
