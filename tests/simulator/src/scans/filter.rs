//! Which scans are asked for.

use super::scan::{STATES, Scan, State, TYPES};
use crate::{clock::DAY, parameters::Parameters, refusal::Refusal};

/// How far back a list goes when nothing says which scans are wanted, in seconds.
const DEFAULT_WINDOW: i64 = 30 * DAY;

/// The conditions of a request; a scan has to meet all of them.
pub(crate) struct Filter {
    reference: Option<String>,
    id: Option<u64>,
    states: Option<Vec<State>>,
    processed: Option<bool>,
    launched_by: Option<&'static str>,
    target: Option<String>,
    login: Option<String>,
    after: Option<i64>,
    before: Option<i64>,
    certview: Option<&'static str>,
}

impl Filter {
    pub(crate) fn read(parameters: &Parameters, now: i64) -> Result<Self, Refusal> {
        let owned = |name| parameters.text(name).map(str::to_owned);
        let mut filter = Self {
            reference: owned("scan_ref"),
            id: parameters.number("scan_id")?,
            states: parameters.choices("state", &STATES)?,
            processed: parameters.flag("processed")?,
            launched_by: parameters.choice("type", &TYPES)?,
            target: owned("target"),
            login: owned("user_login"),
            after: parameters.moment("launched_after_datetime")?,
            before: parameters.moment("launched_before_datetime")?,
            certview: parameters
                .choice("scan_type", &[("certview", "certview"), ("ec2certview", "ec2certview")])?,
        };
        let named = filter.reference.is_some() || filter.id.is_some();
        if !named && filter.after.is_none() && filter.before.is_none() {
            filter.after = Some(now - DEFAULT_WINDOW);
        }
        Ok(filter)
    }

    /// Whether a scan is asked for.
    pub(crate) fn admits(&self, scan: &Scan) -> bool {
        self.reference.as_ref().is_none_or(|reference| *reference == scan.reference())
            && self.id.is_none_or(|id| id == scan.id)
            && self.states.as_ref().is_none_or(|states| states.contains(&scan.state))
            && self.processed.is_none_or(|processed| processed == scan.processed)
            && self.launched_by.is_none_or(|by| by == scan.launched_by)
            && self.target.as_ref().is_none_or(|target| scan.target.contains(target))
            && self.login.as_ref().is_none_or(|login| *login == scan.login)
            && self.after.is_none_or(|after| scan.launched >= after)
            && self.before.is_none_or(|before| scan.launched <= before)
            && (self.certview.is_none() || self.certview == scan.certview)
    }
}
