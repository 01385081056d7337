//! A VM scan in the words of a report.

use exhibit_plugin::instant;
use exhibit_plugin::types::Instant;

use super::{Scan, State, UNKNOWN};
use crate::names::Named;
use crate::operations::mark;
use crate::operations::steps::Outcome;
use crate::qualys::fo::duration;

const SUCCESSFUL: &str = "successful";

impl Scan {
    /// How the scan went. A scan that finished without finding a host is no success.
    pub(super) fn result(&self) -> &'static str {
        let sub_state = |it: &str| it.eq_ignore_ascii_case(&self.sub_state);
        match self.state() {
            State::Waiting | State::Running => "in progress",
            State::Paused => "paused",
            State::Canceled => "canceled",
            State::Error => "failed",
            State::Finished if self.sub_state.is_empty() || sub_state("No_Vuln") => SUCCESSFUL,
            State::Finished if sub_state("No_Host") => "no host found",
            State::Finished | State::Unknown => UNKNOWN,
        }
    }

    /// When it ended, where it has: calculated, as Qualys does not list it.
    pub(super) fn ended_at(&self) -> Option<Instant> {
        let launched = self.launched.filter(|_| self.state().is_final())?;
        Some(launched.saturating_add(self.millis()?))
    }

    fn millis(&self) -> Option<i64> {
        let seconds = duration::parse(&self.duration).and_then(|it| i64::try_from(it).ok())?;
        Some(seconds.saturating_mul(1_000))
    }

    /// Whether it ended as a scan should, and in one sentence.
    pub(in crate::operations) fn ended(&self) -> (Outcome, String) {
        let (outcome, how) = match self.state() {
            State::Finished => match self.result() {
                SUCCESSFUL if self.sub_state.is_empty() => {
                    (Outcome::Done, "finished successfully".to_owned())
                }
                SUCCESSFUL => (Outcome::Done, "finished successfully, and found no vulnerability".to_owned()),
                UNKNOWN => (Outcome::Unknown, format!("finished with the sub-state {}", self.sub_state)),
                _ => (Outcome::NotDone, "finished without finding a host".to_owned()),
            },
            State::Canceled => (Outcome::NotDone, "was canceled".to_owned()),
            State::Error => (Outcome::NotDone, "failed".to_owned()),
            _ => (Outcome::Unknown, format!("has not ended: its state is {}", self.state)),
        };
        let at = self.ended_at().map(|it| format!(" at {}", instant::write(it))).unwrap_or_default();
        let after = duration::parse(&self.duration).filter(|_| self.state().is_final());
        let after = after.map(|it| format!(", after {}", duration::in_words(it))).unwrap_or_default();
        (outcome, format!("{} {how}{at}{after}", self.what()))
    }

    /// What it is and of what, to begin a sentence with.
    pub(in crate::operations) fn what(&self) -> String {
        let of = self.size.as_ref().map(|it| format!(" of {it}")).unwrap_or_default();
        format!("The VM scan {:?} ({}){of}", mark::without(&self.title), self.reference)
    }

    /// Its reference, title, state and launch, and what it was launched with.
    pub(in crate::operations) fn with_settings(&self) -> String {
        let groups = if self.groups.is_empty() { "none".to_owned() } else { self.groups.join(" + ") };
        format!("{}, option profile {:?}, asset groups {groups}", self.in_words(), self.profile)
    }
}

impl Named for Scan {
    /// As a person chose it, without the mark of an operation.
    fn name(&self) -> &str {
        mark::without(&self.title)
    }

    fn keys(&self) -> Vec<&str> {
        vec![&self.reference, &self.title]
    }

    fn in_words(&self) -> String {
        let launched = self.launched.map(|it| format!(", launched {}", instant::write(it)));
        format!("{} ({:?}, {}{})", self.reference, self.title, self.state, launched.unwrap_or_default())
    }
}
