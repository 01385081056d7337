//! `/msp/ticket_list.php`: the remediation tickets, a thousand at a time.

mod filter;
mod listing;
mod ticket;
mod write;

use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
};

pub(crate) const DOCUMENT: Document = Document { root: "REMEDIATION_TICKETS", dtd: "ticket_list_output.dtd" };

/// The parameters that select tickets, of which a request needs one.
const SELECTING: &[&str] = &[
    "ticket_numbers",
    "since_ticket_number",
    "until_ticket_number",
    "ticket_assignee",
    "overdue",
    "invalid",
    "states",
    "modified_since_datetime",
    "unmodified_since_datetime",
    "ips",
    "asset_groups",
    "dns_contains",
    "netbios_contains",
    "host_id",
    "vuln_severities",
    "potential_vuln_severities",
    "qids",
    "vuln_title_contains",
    "vuln_details_contains",
    "vendor_ref_contains",
];

/// The tickets that were asked for.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    let shown = ["show_vuln_details", "show_host_id"];
    let known: Vec<_> = SELECTING.iter().copied().chain(shown).collect();
    let parameters = Parameters::of(question.call, &known)?;
    if !SELECTING.iter().any(|name| parameters.text(name).is_some()) {
        return Err(Refusal::missing("one that selects tickets, such as states"));
    }
    let filter = filter::Filter::read(&parameters, question.world.moment())?;
    let show = write::Show::read(&parameters)?;
    let listing = listing::Listing::new(question, filter, show, &parameters)?;
    Ok(DOCUMENT.report(question.world, listing))
}
