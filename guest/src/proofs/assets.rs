//! List of Assets: the hosts of the subscription, and when each was scanned last.

use exhibit_plugin::catalog::{ChangesUse, Parameter, ProofType, WindowUse};
use exhibit_plugin::cell::{instant, integer, text, texts};
use exhibit_plugin::instant;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::{Error, Source, Value};

use super::entering;
use super::proof::{Proof, console, proof_type};
use crate::qualys::fo::host;
use crate::qualys::fo::in_turn::InTurn;
use crate::qualys::fo::listing::{
    ALL_SELECTED, ChangeDates, EDGE_MILLIS, Listing, Paging, WindowFilter, parameters,
};
use crate::qualys::record::{Column, Record, column, date_or_never};
use crate::qualys::settings::{HOST_LIST_VERSION, page_size, reserve, version};

pub(super) const PROOF: Proof = Proof { name: "assets", describe, open };

#[rustfmt::skip]
const COLUMNS: [Column; 34] = [
    column("asset", "Asset", Kind::Text, |host| Ok(host::name(|it| host.get(it))))
        .help("The DNS name, else the NetBIOS name, else the IP address."),
    column("ip-address", "IP Address", Kind::Text, |host| Ok(text(host::ip_address(|it| host.get(it)))))
        .help("The IPv4 address; the IPv6 address where the host has no other."),
    column("operating-system", "Operating System", Kind::Text, |host| Ok(text(host.get("OS"))))
        .help("As Qualys identified it; absent where Qualys could not identify it."),
    column("last-vulnerability-scan", "Last Vulnerability Scan", Kind::Instant, |host| date_or_never(host.get("LAST_VULN_SCAN_DATETIME")))
        .help("When the results of the last vulnerability scan were processed; empty means never."),
    column("last-vm-scan", "Last VM Scan", Kind::Instant, |host| date_or_never(host.get("LAST_VM_SCANNED_DATE")))
        .help("When the last VM scan ended; empty means never."),
    column("last-compliance-scan", "Last Compliance Scan", Kind::Instant, |host| date_or_never(host.get("LAST_COMPLIANCE_SCAN_DATETIME")))
        .help("When the last compliance scan was processed; empty means never."),
    column("tags", "Tags", Kind::Texts, |host| Ok(tags(host)))
        .help("The asset tags; empty means that the asset has none."),
    column("host-id", "Host ID", Kind::Integer, |host| integer(host.get("ID"))).hidden()
        .help("The ID of the host in Qualys VM and PC."),
    column("asset-id", "Asset ID", Kind::Integer, |host| integer(host.get("ASSET_ID"))).hidden()
        .help("The ID of the asset in Qualys AssetView; it differs from the host ID."),
    column("ipv6-address", "IPv6 Address", Kind::Text, |host| Ok(text(host.get("IPV6")))).hidden(),
    column("tracking-method", "Tracking Method", Kind::Text, |host| Ok(text(host.get("TRACKING_METHOD")))).hidden()
        .help("How Qualys identifies the host: IP, DNS, NETBIOS, EC2, AGENT or Cloud Agent, and others."),
    column("network-id", "Network ID", Kind::Integer, |host| integer(host.get("NETWORK_ID"))).hidden(),
    column("dns-name", "DNS Name", Kind::Text, |host| Ok(text(host.get("DNS")))).hidden(),
    column("netbios-name", "NetBIOS Name", Kind::Text, |host| Ok(text(host.get("NETBIOS")))).hidden(),
    column("cloud-provider", "Cloud Provider", Kind::Text, |host| Ok(text(host.get("CLOUD_PROVIDER")))).hidden(),
    column("cloud-service", "Cloud Service", Kind::Text, |host| Ok(text(host.get("CLOUD_SERVICE")))).hidden(),
    column("cloud-resource-id", "Cloud Resource ID", Kind::Text, |host| Ok(text(host.get("CLOUD_RESOURCE_ID")))).hidden(),
    column("ec2-instance-id", "EC2 Instance ID", Kind::Text, |host| Ok(text(host.get("EC2_INSTANCE_ID")))).hidden(),
    column("qualys-host-id", "Qualys Host ID", Kind::Text, |host| Ok(text(host.get("QG_HOSTID")))).hidden()
        .help("The ID that cloud agents and authenticated scans store on the host."),
    column("first-found", "First Found", Kind::Instant, |host| instant(host.get("FIRST_FOUND_DATE"))).hidden(),
    column("last-activity", "Last Activity", Kind::Instant, |host| instant(host.get("LAST_ACTIVITY"))).hidden(),
    column("agent-status", "Agent Status", Kind::Text, |host| Ok(text(host.get("AGENT_STATUS")))).hidden(),
    column("last-authenticated-scan", "Last Authenticated VM Scan", Kind::Instant, |host| date_or_never(host.get("LAST_VM_AUTH_SCANNED_DATE"))).hidden()
        .help("When the last VM scan with credentials ended; empty means never."),
    column("last-scap-scan", "Last SCAP Scan", Kind::Instant, |host| date_or_never(host.get("LAST_SCAP_SCAN_DATETIME"))).hidden()
        .help("When the last SCAP scan was processed; empty means never."),
    column("owner", "Owner", Kind::Text, |host| Ok(text(host.get("OWNER")))).hidden().personal(),
    column("trurisk-score", "TruRisk Score", Kind::Integer, |host| integer(host.get("TRURISK_SCORE").or(host.get("ASSET_RISK_SCORE")))).hidden()
        .help("Absent where the subscription has no TruRisk."),
    column("criticality", "Asset Criticality Score", Kind::Integer, |host| integer(host.get("ASSET_CRITICALITY_SCORE"))).hidden()
        .help("From 1 to 5, as set by tags."),
    column("fqdn", "FQDN", Kind::Text, |host| Ok(text(host.at(&["DNS_DATA", "FQDN"])))).hidden(),
    column("serial-number", "Serial Number", Kind::Text, |host| Ok(text(host.get("SERIAL_NUMBER")))).hidden(),
    column("hardware-id", "Hardware ID", Kind::Text, |host| Ok(text(host.get("HARDWARE_UUID")))).hidden(),
    column("last-boot", "Last Boot", Kind::Instant, |host| instant(host.get("LAST_BOOT"))).hidden(),
    column("comments", "Comments", Kind::Text, |host| Ok(text(host.get("COMMENTS")))).hidden().personal(),
    column("asset-group-ids", "Asset Group IDs", Kind::Texts, |host| Ok(asset_group_ids(host))).hidden()
        .help("The IDs of the asset groups that the host is in; absent where Qualys lists none."),
    column("insufficient-privilege", "Insufficient Privilege", Kind::Text, |host| Ok(text(host.get("VM_AUTH_INSUFFICIENT_PRIVILEGE")))).hidden()
        .help("Whether the last authenticated VM scan had too few rights on the host, in the words of Qualys."),
];

/// What counts as a change.
const CHANGES: &str = "Hosts that were scanned by VM, as the results were processed, or for compliance. Qualys does not tell which \
                       hosts were removed, nor which were given other tags, asset groups, owners or comments since.";
/// What changes without a scan of these two kinds.
const LAGGING: [&str; 13] = [
    "tags",
    "asset-group-ids",
    "owner",
    "comments",
    "last-activity",
    "agent-status",
    "last-boot",
    "last-scap-scan",
    "trurisk-score",
    "criticality",
    "cloud-provider",
    "cloud-service",
    "cloud-resource-id",
];

fn describe() -> ProofType {
    let help = "The hosts that the collecting account can see, and when each was last scanned. Hosts that were never \
                scanned are not included.";
    ProofType {
        criteria: vec![
            Parameter::texts(
                "ips",
                "IP addresses",
                "Only hosts with these addresses or in these ranges, such as 10.0.0.1-10.0.0.9.",
            ),
            Parameter::texts(
                "asset-groups",
                "Asset groups",
                "Only hosts of the asset groups with these titles.",
            ),
            Parameter::texts("tags", "Tags", "Only hosts that have any of the tags with these names."),
        ],
        window: Some(WindowUse::filter_of_state("Only hosts whose last VM scan ended in the window.")),
        changes: Ok(ChangesUse::of(CHANGES, &LAGGING)),
        needs: vec!["API access".to_owned(), "the VM or the PC module".to_owned()],
        link: console(
            "",
            "The console shows the current state of the hosts, and also hosts that were never scanned.",
        ),
        suggested: suggested(),
        ..proof_type(
            "assets",
            "List of Assets",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["host-id"],
        )
    }
}

fn suggested() -> Vec<Test> {
    let scanned = |name: &str, label: &str, help: &str, field: &str, within: u32| {
        test(name, label, help)
            .passes("scanned recently", [condition(field, Operator::IsAtMostDaysAgo, days(within))])
    };
    vec![
        scanned(
            "scanned-in-30-days",
            "Every asset was scanned in the last 30 days",
            "Vulnerabilities of an asset that is not scanned stay undetected.",
            "last-vm-scan",
            30,
        )
        .controls(&[
            "soc2:cc7.1",
            "iso27001-2022:a.8.8",
            "nist-800-53r5:ra-5",
            "pci-dss-4.0.1:11.3.1",
            "cis-8.1:7.5",
        ]),
        scanned(
            "compliance-scanned-in-90-days",
            "Every asset was scanned for compliance in the last 90 days",
            "Misconfigurations of an asset that is not scanned for compliance stay undetected.",
            "last-compliance-scan",
            90,
        )
        .controls(&[
            "soc2:cc7.1",
            "iso27001-2022:a.8.9",
            "nist-800-53r5:cm-6",
            "pci-dss-4.0.1:2.2.1",
            "cis-8.1:4.1",
        ]),
        test(
            "owner-or-environment-tag",
            "Every asset has an owner or environment tag",
            "An asset without an owner is not remediated.",
        )
        .passes("tagged", [condition("tags", Operator::MatchesRegex, r"(?i)\b(owner|env|environment)\b")])
        .controls(&[
            "soc2:cc6.1",
            "iso27001-2022:a.5.9",
            "nist-800-53r5:cm-8",
            "pci-dss-4.0.1:12.5.1",
            "cis-8.1:1.1",
        ]),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let page_size = page_size(order)?;
    let page_size = if order.probe { 1 } else { page_size };
    let mut listing = Listing {
        path: format!("/api/{}/fo/asset/host/", version(order, HOST_LIST_VERSION)?),
        parameters: parameters([
            ("action", "list"),
            ("details", "All"),
            ("echo_request", "1"),
            ("show_asset_id", "1"),
            ("show_tags", "1"),
            ("truncation_limit", &page_size.to_string()),
        ]),
        root: "HOST_LIST_OUTPUT",
        record: "HOST",
        empty_marker: Some("DATETIME"),
        paging: if order.probe { Paging::FirstPage } else { Paging::IdMin },
        columns: &COLUMNS,
        identity: |host| host.get("ID").filter(|it| !it.is_empty()),
        remark: |_, _| {},
        notes: vec![
            "Qualys does not list hosts that were never scanned.".to_owned(),
            "Qualys lists hosts with cloud agents only for accounts that have permission to see them."
                .to_owned(),
        ],
        prefix: None,
        window_filter: None,
        changes: None,
        selected: ALL_SELECTED,
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    listing.add_criterion(order, "ips", "ips")?;
    listing.add_criterion(order, "asset-groups", "ag_titles")?;
    if !order.criteria.texts("tags").is_empty() {
        listing.parameters.extend(parameters([
            ("use_tags", "1"),
            ("tag_set_by", "name"),
            ("tag_include_selector", "any"),
        ]));
        listing.add_criterion(order, "tags", "tag_set_include")?;
    }
    if let Some(window) = order.window {
        listing.parameters.extend(parameters([
            ("vm_scan_date_after", instant::write(window.start - EDGE_MILLIS).as_str()),
            ("vm_scan_date_before", instant::write(window.end + EDGE_MILLIS).as_str()),
        ]));
        listing.window_filter = Some(WindowFilter { window, date_element: "LAST_VM_SCANNED_DATE" });
        listing.notes.push("Only hosts whose last VM scan ended in the window are included.".to_owned());
    }
    entering::refuse(order, "tags", entering::TAGGED)?;
    entering::refuse(order, "asset-groups", entering::GROUPED)?;
    match order.since {
        Some(since) => Ok(Box::new(changes(listing, since))),
        None => Ok(Box::new(listing)),
    }
}

/// Qualys requires all conditions of a request, so that two of them ask for what changed: hosts whose VM results were processed since,
/// then those among the others that were scanned for compliance.
fn changes(mut listing: Listing, since: Instant) -> InTurn {
    let written = instant::write(since);
    listing.notes.push(format!(
        "Only hosts whose VM scan results were processed from {written} on, or that were scanned for compliance from then on, are \
         included. Qualys does not tell which hosts were removed, nor changes of tags, asset groups, owners and comments without a scan."
    ));
    let asked = instant::write(since - EDGE_MILLIS);
    let list = |parameter: &str, asked_by, listed_before| {
        let mut list = listing.clone();
        list.parameters.extend(parameters([(parameter, asked.as_str())]));
        list.changes =
            Some(ChangeDates { last: scanned, asked_by, asked_before: EDGE_MILLIS, listed_before });
        list
    };
    InTurn {
        first: list("vm_processed_after", vm_processed, None),
        second: list("compliance_scan_since", compliance_scanned, Some((vm_processed, since))),
    }
}

fn vm_processed(host: &Record<'_>) -> Option<Instant> {
    host.get("LAST_VULN_SCAN_DATETIME").and_then(instant::parse)
}

fn compliance_scanned(host: &Record<'_>) -> Option<Instant> {
    host.get("LAST_COMPLIANCE_SCAN_DATETIME").and_then(instant::parse)
}

/// By whichever of the two it was scanned last.
fn scanned(host: &Record<'_>) -> Option<Instant> {
    vm_processed(host).max(compliance_scanned(host))
}

fn asset_group_ids(host: &Record<'_>) -> Value {
    match host.get("ASSET_GROUP_IDS") {
        None => Value::Absent,
        Some(ids) => {
            texts(ids.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect())
        }
    }
}

fn tags(host: &Record<'_>) -> Value {
    let Some(tags) = host.element.child("TAGS") else { return Value::Empty };
    texts(tags.all("TAG").filter_map(|it| it.get("NAME").map(str::to_owned)).collect())
}
