//! Which web application scans are searched for.

use super::scan::{AUTH_STATUSES, MODES, RESULTS_STATUSES, STATUSES, Scan, TYPES};
use crate::qps::{Criterion, Field, Refused};

/// The conditions of a search; a scan has to meet all of them.
pub(super) struct Filter<'a>(&'a [Criterion]);

impl<'a> Filter<'a> {
    /// Takes the conditions of a search. Fails on fields that scans do not have, and on words that a field does not have.
    pub(super) fn read(criteria: &'a [Criterion]) -> Result<Self, Refused> {
        for criterion in criteria {
            match criterion.field.as_str() {
                "type" => criterion.one_of(&TYPES)?,
                "mode" => criterion.one_of(&MODES)?,
                "status" => criterion.one_of(&STATUSES)?,
                "resultsStatus" => criterion.one_of(&RESULTS_STATUSES)?,
                "authStatus" => criterion.one_of(&AUTH_STATUSES)?,
                "id" | "name" | "webApp.name" | "webApp.id" | "reference" | "launchedDate" => {}
                other => {
                    return Err(Refused::request(
                        format!("Criteria: There is no criteria '{other}'."),
                        "Please check the criteria.",
                    ));
                }
            }
        }
        Ok(Self(criteria))
    }

    /// Whether a scan is searched for. Fails where a condition makes no sense.
    pub(super) fn admits(&self, scan: &Scan) -> Result<bool, Refused> {
        for criterion in self.0 {
            let field = match criterion.field.as_str() {
                "id" => Field::Number(scan.id),
                "webApp.id" => Field::Number(scan.application.id),
                "name" => Field::Text(&scan.name),
                "webApp.name" => Field::Text(&scan.application.name),
                "reference" => Field::Text(&scan.reference),
                "launchedDate" => Field::Moment(scan.launched),
                "type" => Field::Word(scan.kind),
                "mode" => Field::Word(scan.mode),
                "status" => Field::Word(scan.status),
                "resultsStatus" => Field::Word(scan.results_status),
                _ => Field::Word(scan.auth_status),
            };
            if !criterion.admits(&field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
}
