//! The lists of VM and compliance scans, `/api/N.0/fo/scan/` and `/api/N.0/fo/scan/compliance/`, and what changes VM scans.

mod control;
mod filter;
mod listing;
mod scan;

use std::sync::Arc;

use scan::Kind;
pub(crate) use scan::age;

use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
};

const DOCUMENT: Document = Document { root: "SCAN_LIST_OUTPUT", dtd: "api/2.0/fo/scan/scan_list_output.dtd" };

const PARAMETERS: &[&str] = &[
    "scan_ref",
    "state",
    "processed",
    "type",
    "target",
    "user_login",
    "launched_after_datetime",
    "launched_before_datetime",
    "scan_type",
    "show_ags",
    "show_op",
    "show_status",
    "show_last",
    "ignore_target",
];

/// The VM scans that were asked for, or what was done to one.
pub(crate) fn answer_vm(question: &Question<'_>) -> Result<Source, Refusal> {
    if control::is_of(question) {
        return control::answer(question);
    }
    let parameters = Parameters::of_list(question.call, PARAMETERS)?;
    answer(question, &parameters, Kind::Vm)
}

/// The compliance scans that were asked for, which also have a number.
pub(crate) fn answer_compliance(question: &Question<'_>) -> Result<Source, Refusal> {
    let known: Vec<_> = PARAMETERS.iter().copied().chain(["scan_id"]).collect();
    let parameters = Parameters::of_list(question.call, &known)?;
    answer(question, &parameters, Kind::Compliance)
}

fn answer(question: &Question<'_>, parameters: &Parameters, kind: Kind) -> Result<Source, Refusal> {
    let world = Arc::clone(question.world);
    let filter = filter::Filter::read(parameters, question.changes.now(&world))?;
    let listing = listing::Listing::new(world, kind, filter, parameters, question)?;
    Ok(DOCUMENT.report(question.world, listing))
}
