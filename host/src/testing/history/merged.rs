//! Rows of one key, which are one row to those who follow them.

use exhibit_records::Verdict;

/// Rows of one key.
#[derive(Debug)]
pub(super) struct Merged {
    /// What people call the one that weighs most.
    pub(super) row: String,
    /// The worst of each test.
    pub(super) verdicts: Vec<Verdict>,
}

impl Merged {
    pub(super) fn add(&mut self, row: &str, verdicts: &[Verdict]) {
        for (worst, verdict) in self.verdicts.iter_mut().zip(verdicts) {
            if weight(*verdict) > weight(*worst) {
                *worst = *verdict;
                row.clone_into(&mut self.row);
            }
        }
    }
}

/// One that fails is not made up for by another one of the same key.
fn weight(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Pass => 1,
        Verdict::Inconclusive => 2,
        Verdict::Fail => 3,
    }
}
