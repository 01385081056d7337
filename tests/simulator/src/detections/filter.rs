//! Which detections are asked for.

use super::finding::{Finding, STATUSES, Status};
use crate::{
    parameters::{Parameters, Ranges},
    refusal::Refusal,
};

/// The conditions of a request; a detection has to meet all of them.
pub(super) struct Filter {
    severities: Option<Ranges>,
    statuses: Vec<Status>,
    qids: Option<Ranges>,
    since: Option<i64>,
    before: Option<i64>,
    gathered: bool,
    ignored: bool,
    disabled: bool,
}

impl Filter {
    pub(super) fn read(parameters: &Parameters) -> Result<Self, Refusal> {
        let present = vec![Status::New, Status::Active, Status::ReOpened];
        Ok(Self {
            severities: parameters.ranges("severities")?,
            statuses: parameters.choices("status", &STATUSES)?.unwrap_or(present),
            qids: parameters.ranges("qids")?,
            since: parameters.moment("detection_updated_since")?,
            before: parameters.moment("detection_updated_before")?,
            gathered: parameters.is_set("show_igs")?,
            ignored: parameters.is_set("include_ignored")?,
            disabled: parameters.is_set("include_disabled")?,
        })
    }

    /// Whether a detection is asked for.
    pub(super) fn admits(&self, finding: &Finding) -> bool {
        let vulnerability = &finding.vulnerability;
        self.severities.as_ref().is_none_or(|it| it.contains(vulnerability.severity))
            && self.qids.as_ref().is_none_or(|it| it.contains(vulnerability.qid))
            && self.since.is_none_or(|it| finding.updated >= it)
            && self.before.is_none_or(|it| finding.updated <= it)
            && (self.ignored || !finding.ignored)
            && (self.disabled || !finding.disabled)
            && match finding.is_gathered {
                true => self.gathered,
                false => self.statuses.contains(&finding.status),
            }
    }
}
