//! The host list, `/api/N.0/fo/asset/host/`.

mod filter;
mod group_list;
mod groups;
mod host;
mod ip_list;
mod listing;
mod show;

use std::sync::Arc;

pub(crate) use filter::Filter;
pub(crate) use group_list::{answer as answer_groups, group};
pub(crate) use groups::tags;
pub(crate) use host::Host;
pub(crate) use ip_list::{answer as answer_addresses, in_subscription, written as written_addresses};
pub(crate) use listing::{Page, Places};
pub(crate) use show::{push_names, write_tags};

use crate::{
    parameters::Parameters,
    question::Question,
    refusal::Refusal,
    stream::{Document, Source},
};

const DOCUMENT: Document =
    Document { root: "HOST_LIST_OUTPUT", dtd: "api/2.0/fo/asset/host/host_list_output.dtd" };

const PATH: &str = "/api/4.0/fo/asset/host/";

const PARAMETERS: &[&str] = &[
    "details",
    "show_asset_id",
    "show_tags",
    "show_cloud_tags",
    "host_metadata",
    "show_trurisk",
    "show_ars",
    "os_hostname",
];

/// What chooses hosts, wherever hosts are listed.
pub(crate) const SELECTION: &[&str] = &[
    "truncation_limit",
    "id_min",
    "id_max",
    "ids",
    "ips",
    "ag_ids",
    "ag_titles",
    // The URL of the next page names it whatever was asked, so a client that follows the URL sends it.
    "cloud_agent_activationkey",
    "vm_scan_since",
    "no_vm_scan_since",
    "vm_processed_after",
    "vm_processed_before",
    "vm_scan_date_after",
    "vm_scan_date_before",
    "vm_auth_scan_date_after",
    "vm_auth_scan_date_before",
    "compliance_scan_since",
    "no_compliance_scan_since",
    "compliance_enabled",
    "use_tags",
    "tag_set_by",
    "tag_set_include",
    "tag_set_exclude",
    "tag_include_selector",
    "tag_exclude_selector",
];

/// The hosts that were asked for, a page of them.
pub(crate) fn answer(question: &Question<'_>) -> Result<Source, Refusal> {
    // A subscription without networks does not know the parameter.
    let networks = question.world.networks.then_some("network_ids");
    let known: Vec<_> = PARAMETERS.iter().chain(SELECTION).copied().chain(networks).collect();
    let parameters = Parameters::of_list(question.call, &known)?;
    let listing = listing::Listing::new(
        Arc::clone(question.world),
        show::Show::read(&parameters, question)?,
        Filter::read(&parameters)?,
        Page::read(&parameters, question, PATH)?,
    );
    Ok(DOCUMENT.report(question.world, listing))
}
