//! The list of scan schedules, `/api/N.0/fo/schedule/scan/`.

mod listing;
mod schedule;

use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
};

const DOCUMENT: Document = Document {
    root: "SCHEDULE_SCAN_LIST_OUTPUT",
    dtd: "api/2.0/fo/schedule/scan/schedule_scan_list_output.dtd",
};

const PARAMETERS: &[&str] = &["id", "active", "show_notifications", "scan_type", "show_cloud_details"];

/// The schedules that were asked for; there are no pages of them.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let parameters = Parameters::of_list(question.call, PARAMETERS)?;
    let listing = listing::Listing::read(&parameters, question)?;
    Ok(DOCUMENT.report(question.world, listing))
}
