//! What cancels scans of web applications: `/qps/rest/3.0/cancel/was/wasscan/ID`.

use super::{
    common::{Ids, RESPONSE, changed, place},
    scan::Scan,
};
use crate::{
    changes::CanceledWas,
    qps::{Refused, texts_of},
    question::Question,
    stream::Source,
};

/// Cancels a scan that is under way.
pub(super) fn cancel(question: &Question<'_>) -> Result<Source, Refused> {
    let mut with_results = false;
    for (path, text) in texts_of(question.call)? {
        match (path.as_str(), text.as_str()) {
            ("ServiceRequest/data/WasScan/cancelWithResults", "true") => with_results = true,
            ("ServiceRequest/data/WasScan/cancelWithResults", "false") => {}
            _ => return Err(Refused::document(format!("There is no {path} of {text} in a cancellation."))),
        }
    }
    let changed = changed(question);
    let scan = Scan::of(question.world, &changed, place(question, &changed)?);
    if !scan.is_under_way() {
        return Err(Refused::request(
            format!("The scan cannot be canceled in its status, {}.", scan.status),
            "Please check its status.",
        ));
    }
    question.changes.cancel_was(CanceledWas { id: scan.id, with_results, at: changed.now });
    Ok(RESPONSE.report(Ids(vec![scan.id])))
}
