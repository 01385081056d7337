//! Detections of hosts, `/api/N.0/fo/asset/host/vm/detection/`, and the KnowledgeBase, `/api/N.0/fo/knowledge_base/vuln/`.

mod filter;
mod finding;
mod knowledge_base;
mod listing;

use crate::{
    assets,
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
};

pub(crate) use knowledge_base::answer as answer_knowledge_base;

const DOCUMENT: Document = Document {
    root: "HOST_LIST_VM_DETECTION_OUTPUT",
    dtd: "api/2.0/fo/asset/host/vm/detection/host_list_vm_detection_output.dtd",
};

const PARAMETERS: &[&str] = &[
    "show_igs",
    "show_results",
    "show_qds",
    "show_reopened_info",
    "show_asset_id",
    "show_tags",
    "output_format",
    "severities",
    "status",
    "qids",
    "detection_updated_since",
    "detection_updated_before",
    "include_ignored",
    "include_disabled",
];

/// The hosts that were asked for, a page of them, each with the detections that were asked for.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let known: Vec<_> = PARAMETERS.iter().chain(assets::SELECTION).copied().collect();
    let parameters = Parameters::of_list(question.call, &known)?;
    parameters.choice("output_format", &[("XML", ())])?;
    let listing = listing::Listing::read(&parameters, question)?;
    Ok(DOCUMENT.report(question.world, listing))
}
