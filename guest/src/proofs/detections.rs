//! Host Detections: the vulnerabilities that scans and agents found on each host, and for how long.

use exhibit_plugin::catalog::{ChangesUse, Parameter, ProofType, WindowUse};
use exhibit_plugin::cell::{boolean, integer, seconds, text};
use exhibit_plugin::column::{Cell, Misread};
use exhibit_plugin::instant;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, test};
use exhibit_plugin::testing::{EmptyRule, Operator, Test};
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::{Error, Source, Value};

use super::entering;
use super::proof::{Proof, console, proof_type};
use crate::qualys::fo::findings::{Column, Finding, Findings, Joined, column};
use crate::qualys::fo::host;
use crate::qualys::fo::listing::{EDGE_MILLIS, Listing, Paging, WindowFilter, parameters, selected};
use crate::qualys::record::date;
use crate::qualys::settings::{
    DETECTION_LIST_VERSION, KNOWLEDGE_BASE_VERSION, detection_page_size, reserve, version,
};

pub(super) const PROOF: Proof = Proof { name: "detections", describe, open };

/// What tells a detection from others of the same host: a QID is found on several ports, and by name or instance on one.
const KEY: [&str; 7] = ["host-id", "qid", "port", "protocol", "instance", "fqdn", "ssl"];

const STATUSES: [&str; 4] = ["New", "Active", "Re-Opened", "Fixed"];
/// Without the criterion: what is there now.
const PRESENT: [&str; 3] = ["New", "Active", "Re-Opened"];
const LEFT: &str = "left";

/// What counts as a change.
const CHANGES: &str = "Detections that were updated, in whatever status. Qualys does not tell which hosts were removed, with their \
                       detections, nor which detections no longer meet the criteria severities, qids and tags.";
/// What follows from the day, what is of the host, and what is of the KnowledgeBase: none of them updates a detection.
const LAGGING: [&str; 22] = [
    "age-in-days",
    "asset",
    "ip-address",
    "ipv6-address",
    "asset-id",
    "tracking-method",
    "network-id",
    "operating-system",
    "dns-name",
    "netbios-name",
    "qualys-host-id",
    "last-scan",
    "last-vm-scan",
    "last-vm-scan-duration",
    "last-authenticated-scan",
    "last-compliance-scan",
    "title",
    "severity",
    "in-knowledge-base",
    "cves",
    "patchable",
    "qds",
];

const DAY_MILLIS: i64 = 86_400_000;
/// Bytes of a detection's results that are kept: what a cell of a spreadsheet takes.
const RESULTS_BYTES: usize = 32_767;

#[rustfmt::skip]
const COLUMNS: [Column; 47] = [
    column("asset", "Asset", Kind::Text, |it| Ok(host::name(|name| it.of_host(name))))
        .help("The DNS name, else the NetBIOS name, else the IP address."),
    column("ip-address", "IP Address", Kind::Text, |it| Ok(text(host::ip_address(|name| it.of_host(name)))))
        .help("The IPv4 address; the IPv6 address where the host has no other."),
    column("qid", "QID", Kind::Integer, |it| integer(it.get("QID")))
        .help("The number of the vulnerability in the KnowledgeBase."),
    column("title", "Title", Kind::Text, |_| Ok(Value::Absent))
        .help("From the KnowledgeBase; absent where it does not list the QID, or the account cannot read it."),
    column("severity", "Severity", Kind::Integer, |it| integer(stated(it, "SEVERITY")))
        .help("From 1 to 5, as set in the subscription."),
    column("type", "Type", Kind::Text, |it| Ok(text(stated(it, "TYPE"))))
        .help("Confirmed, Potential or Info."),
    column("status", "Status", Kind::Text, |it| Ok(text(it.get("STATUS"))))
        .help("New, Active, Re-Opened or Fixed."),
    column("first-found", "First Found", Kind::Instant, |it| date(it.get("FIRST_FOUND_DATETIME"))),
    column("last-found", "Last Found", Kind::Instant, |it| date(it.get("LAST_FOUND_DATETIME"))),
    column("times-found", "Times Found", Kind::Integer, |it| integer(it.get("TIMES_FOUND"))),
    column("age-in-days", "Age in Days", Kind::Integer, age)
        .help("Whole days from the first finding to the time of this proof; of a fixed detection, to its last fix where that is known."),
    column("port", "Port", Kind::Integer, |it| integer(it.get("PORT")))
        .help("Absent where the detection is of no port."),
    column("protocol", "Protocol", Kind::Text, |it| Ok(text(it.get("PROTOCOL")))),
    column("host-id", "Host ID", Kind::Integer, |it| integer(it.of_host("ID"))).hidden()
        .help("The ID of the host in Qualys VM and PC, as in the list of assets."),
    column("asset-id", "Asset ID", Kind::Integer, |it| integer(it.of_host("ASSET_ID"))).hidden()
        .help("The ID of the asset in Qualys AssetView; it differs from the host ID."),
    column("ipv6-address", "IPv6 Address", Kind::Text, |it| Ok(text(it.of_host("IPV6")))).hidden(),
    column("tracking-method", "Tracking Method", Kind::Text, |it| Ok(text(it.of_host("TRACKING_METHOD")))).hidden(),
    column("network-id", "Network ID", Kind::Integer, |it| integer(it.of_host("NETWORK_ID"))).hidden(),
    column("operating-system", "Operating System", Kind::Text, |it| Ok(text(it.of_host("OS")))).hidden(),
    column("dns-name", "DNS Name", Kind::Text, |it| Ok(text(it.of_host("DNS")))).hidden(),
    column("netbios-name", "NetBIOS Name", Kind::Text, |it| Ok(text(it.of_host("NETBIOS")))).hidden(),
    column("qualys-host-id", "Qualys Host ID", Kind::Text, |it| Ok(text(it.of_host("QG_HOSTID")))).hidden(),
    column("last-scan", "Last Scan", Kind::Instant, |it| date(it.of_host("LAST_SCAN_DATETIME"))).hidden()
        .help("When the results of the host's last scan were processed."),
    column("last-vm-scan", "Last VM Scan", Kind::Instant, |it| date(it.of_host("LAST_VM_SCANNED_DATE"))).hidden(),
    column("last-vm-scan-duration", "Last VM Scan Duration", Kind::Duration, |it| seconds(it.of_host("LAST_VM_SCANNED_DURATION"))).hidden(),
    column("last-authenticated-scan", "Last Authenticated VM Scan", Kind::Instant, |it| date(it.of_host("LAST_VM_AUTH_SCANNED_DATE"))).hidden(),
    column("last-compliance-scan", "Last Compliance Scan", Kind::Instant, |it| date(it.of_host("LAST_PC_SCANNED_DATE"))).hidden(),
    column("fqdn", "FQDN", Kind::Text, |it| Ok(text(it.get("FQDN")))).hidden(),
    column("ssl", "SSL", Kind::Boolean, |it| boolean(it.get("SSL"))).hidden()
        .help("Whether it was found through SSL or TLS."),
    column("instance", "Instance", Kind::Text, |it| Ok(text(it.get("INSTANCE")))).hidden()
        .help("Which of several instances of a product on the host it is of."),
    column("unique-id", "Unique ID", Kind::Text, |it| Ok(text(it.get("UNIQUE_VULN_ID")))).hidden()
        .help("The detection's own number at Qualys; absent where the API does not report it."),
    column("qds", "QDS", Kind::Integer, |it| integer(it.get("QDS"))).hidden()
        .help("The Qualys Detection Score from 1 to 100; absent where the subscription has none, which is not 0."),
    column("last-tested", "Last Tested", Kind::Instant, |it| date(it.get("LAST_TEST_DATETIME"))).hidden(),
    column("last-updated", "Last Updated", Kind::Instant, |it| date(it.get("LAST_UPDATE_DATETIME"))).hidden(),
    column("last-fixed", "Last Fixed", Kind::Instant, |it| date(it.get("LAST_FIXED_DATETIME"))).hidden(),
    column("first-reopened", "First Reopened", Kind::Instant, |it| date(it.get("FIRST_REOPENED_DATETIME"))).hidden(),
    column("last-reopened", "Last Reopened", Kind::Instant, |it| date(it.get("LAST_REOPENED_DATETIME"))).hidden(),
    column("times-reopened", "Times Reopened", Kind::Integer, |it| integer(it.get("TIMES_REOPENED"))).hidden(),
    column("last-processed", "Last Processed", Kind::Instant, |it| date(it.get("LAST_PROCESSED_DATETIME"))).hidden(),
    column("ignored", "Ignored", Kind::Boolean, |it| boolean(stated(it, "IS_IGNORED"))).hidden()
        .help("Whether the detection is ignored on this host."),
    column("disabled", "Disabled", Kind::Boolean, |it| boolean(it.get("IS_DISABLED"))).hidden()
        .help("Whether the vulnerability is disabled in the subscription."),
    column("in-knowledge-base", "In KnowledgeBase", Kind::Boolean, |_| Ok(Value::Absent)).hidden()
        .help("Whether the KnowledgeBase lists the QID; absent where the account cannot read it."),
    column("cves", "CVEs", Kind::Texts, |_| Ok(Value::Absent)).hidden()
        .help("From the KnowledgeBase."),
    column("patchable", "Patchable", Kind::Boolean, |_| Ok(Value::Absent)).hidden()
        .help("Whether there is a patch, as the KnowledgeBase says."),
    column("results-length", "Results Length", Kind::Integer, |it| Ok(results_length(it))).hidden()
        .help("The bytes of the results at Qualys, where they were cut here."),
    column("results", "Results", Kind::Text, |it| Ok(results(it))).hidden()
        .help("What was found on the host; only with the criterion results=yes, and cut after 32767 bytes."),
    column(LEFT, "Left", Kind::Boolean, |it| Ok(Value::Boolean(has_left(it)))).hidden()
        .help("Whether the criterion status no longer selects the detection: only in proofs of changes, which list such ones, too."),
];

fn describe() -> ProofType {
    let help = "The vulnerabilities that scans and agents found on the hosts that the collecting account can see, with \
                title, CVEs and patch availability from the KnowledgeBase. Hosts without detections are not included.";
    ProofType {
        criteria: vec![
            Parameter::texts("severities", "Severities", "Only detections of these severities.")
                .choices(["1", "2", "3", "4", "5"].map(|it| (it, it))),
            Parameter::texts(
                "status",
                "Status",
                "Only detections with these statuses. Without it, all but those that are fixed.",
            )
            .choices(STATUSES.map(|it| (it, it))),
            Parameter::texts(
                "qids",
                "QIDs",
                "Only these QIDs or ranges of QIDs, such as 38000-38999; with those of the type Information Gathered, too.",
            ),
            Parameter::texts("tags", "Tags", "Only hosts that have any of the tags with these names."),
            Parameter::new("since", Kind::Instant, "Since", "Only detections that were updated since then."),
            Parameter::text("results", "Results", "Whether to keep what was found on each host.")
                .choices([("no", "Leave the results out"), ("yes", "Keep the first 32767 bytes of each")])
                .default(Value::Text("no".to_owned())),
        ],
        window: Some(WindowUse::filter_of_state("Only detections that were last updated in the window.")),
        changes: Ok(ChangesUse::of(CHANGES, &LAGGING).left(LEFT)),
        needs: vec![
            "API access".to_owned(),
            "the VM module".to_owned(),
            "any role but Auditor".to_owned(),
            "permission to read the KnowledgeBase, for titles, CVEs and patch availability".to_owned(),
        ],
        link: console(
            "",
            "The console shows the current state of the detections and is not limited to the window.",
        ),
        suggested: suggested(),
        ..proof_type("detections", "Host Detections", help, COLUMNS.iter().map(Column::field).collect(), &KEY)
    }
}

fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc7.1", "iso27001-2022:a.8.8", "nist-800-53r5:si-2", "pci-dss-4.0.1:6.3.3", "cis-8.1:7.7"];
    let in_time = |severity: i64, within: i64| {
        let name = format!("severity-{severity}-within-{within}-days");
        let label = format!("No confirmed vulnerability of severity {severity} is older than {within} days");
        test(&name, &label, "The more severe a vulnerability is, the sooner it is likely to be exploited.")
            .of(condition("type", Operator::Equals, "Confirmed"))
            .of(condition("severity", Operator::Equals, severity))
            .of(condition("status", Operator::DoesNotEqual, "Fixed"))
            .of(condition("ignored", Operator::IsFalse, ()))
            .passes("found recently", [condition("age-in-days", Operator::AtMost, within)])
            // None at all is what is wanted.
            .when_empty(EmptyRule::Pass)
            .controls(&controls)
    };
    vec![in_time(5, 15), in_time(4, 30)]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let page_size = if order.probe { 1 } else { detection_page_size(order)? };
    let has_results = order.criteria.text("results") == Some("yes");
    let of_qids = !order.criteria.texts("qids").is_empty();
    let flag = |it: bool| if it { "1" } else { "0" };
    let mut listing = Listing {
        path: format!("/api/{}/fo/asset/host/vm/detection/", version(order, DETECTION_LIST_VERSION)?),
        parameters: parameters([
            ("action", "list"),
            ("show_igs", flag(of_qids)),
            ("show_results", flag(has_results)),
            ("show_qds", "1"),
            // Without it, no answer says when and how often a detection was reopened.
            ("show_reopened_info", "1"),
            // Left out by Qualys otherwise, without a word.
            ("include_ignored", "1"),
            ("include_disabled", "1"),
            ("truncation_limit", &page_size.to_string()),
        ]),
        root: "HOST_LIST_VM_DETECTION_OUTPUT",
        record: "HOST",
        empty_marker: Some("DATETIME"),
        paging: if order.probe { Paging::FirstPage } else { Paging::IdMin },
        columns: &[],
        identity: |_| None,
        remark: |_, _| {},
        notes: vec!["Qualys does not list hosts without detections.".to_owned()],
        prefix: None,
        window_filter: None,
        // A detection's date is not one of the records of this list, which are hosts.
        changes: None,
        selected: match order.criteria.texts("status") {
            [] => selected(&STATUSES, &PRESENT),
            chosen => selected(&STATUSES, chosen),
        },
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    if !of_qids {
        listing.notes.push("Detections of the type Information Gathered are not included.".to_owned());
    }
    criteria(order, &mut listing)?;
    Ok(Box::new(Findings {
        listing,
        columns: &COLUMNS,
        joined: Joined::of(&COLUMNS, &KEY),
        knowledge_base: Some(version(order, KNOWLEDGE_BASE_VERSION)?.to_owned()),
        // Whether the KnowledgeBase can be read shows one title as well as all.
        one_title: order.probe,
        results: if has_results { RESULTS_BYTES } else { 0 },
    }))
}

/// What the order narrows the list down to.
fn criteria(order: &Order, listing: &mut Listing) -> Result<(), Error> {
    listing.add_criterion(order, "severities", "severities")?;
    if let Some(since) = order.since {
        return changes(since, order, listing);
    }
    if order.criteria.texts("status").is_empty() {
        listing.parameters.extend(parameters([("status", PRESENT.join(",").as_str())]));
        listing.notes.push("Detections that are fixed are not included.".to_owned());
    }
    listing.add_criterion(order, "status", "status")?;
    of_any_job(order, listing)?;
    let since = order.criteria.instant("since");
    if let Some(since) = since.filter(|_| order.window.is_none()) {
        let since = instant::write(since);
        listing.parameters.extend(parameters([("detection_updated_since", since.as_str())]));
        listing.notes.push(format!(
            "Only detections that were updated since {since} are included. What was updated is the record: detections \
             that were found or fixed before can be among them."
        ));
    }
    if let Some(window) = order.window {
        if since.is_some() {
            return Err(invalid("the criterion \"since\" and a window exclude each other").about("since"));
        }
        listing.parameters.extend(parameters([
            ("detection_updated_since", instant::write(window.start - EDGE_MILLIS).as_str()),
            ("detection_updated_before", instant::write(window.end + EDGE_MILLIS).as_str()),
        ]));
        listing.window_filter = Some(WindowFilter { window, date_element: "LAST_UPDATE_DATETIME" });
        listing.notes.push("Only detections that were last updated in the window are included.".to_owned());
    }
    Ok(())
}

/// What was updated since an earlier job: those that the criteria on their status no longer select, too.
fn changes(since: Instant, order: &Order, listing: &mut Listing) -> Result<(), Error> {
    if order.criteria.instant("since").is_some() {
        let message = "the criterion \"since\" and changes exclude each other: both say from when on";
        return Err(invalid(message).about("since"));
    }
    entering::refuse(order, "tags", entering::TAGGED)?;
    of_any_job(order, listing)?;
    listing.parameters.extend(parameters([
        ("status", STATUSES.join(",").as_str()),
        ("detection_updated_since", instant::write(since - EDGE_MILLIS).as_str()),
    ]));
    listing.notes.push(format!(
        "Only detections that were updated from {} on are included. What was updated is the record: detections that were \
         found or fixed before can be among them. Qualys does not tell which hosts were removed, with their detections.",
        instant::write(since)
    ));
    Ok(())
}

/// Whether the criteria on the status no longer select it. What was gathered has no status.
fn has_left(it: &Finding<'_>) -> bool {
    let status = it.get("STATUS").unwrap_or_default();
    let at = STATUSES.iter().position(|known| known.eq_ignore_ascii_case(status));
    at.is_some_and(|at| it.selected & 1 << at == 0)
}

/// The criteria that narrow any list down.
fn of_any_job(order: &Order, listing: &mut Listing) -> Result<(), Error> {
    let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    let is_range =
        |it: &str| it.split_once('-').map_or(is_number(it), |(from, to)| is_number(from) && is_number(to));
    if let Some(qid) = order.criteria.texts("qids").iter().find(|it| !is_range(it)) {
        let message =
            format!("the criterion \"qids\" cannot be {qid:?}: give QIDs or ranges such as 38000-38999");
        return Err(invalid(message).about("qids"));
    }
    listing.add_criterion(order, "qids", "qids")?;
    if !order.criteria.texts("tags").is_empty() {
        listing.parameters.extend(parameters([
            ("use_tags", "1"),
            ("tag_set_by", "name"),
            ("tag_include_selector", "any"),
        ]));
        listing.add_criterion(order, "tags", "tag_set_include")?;
    }
    Ok(())
}

/// What tests choose detections by: where it is empty, it is not known which they are.
fn stated<'a>(it: &Finding<'a>, name: &str) -> Option<&'a str> {
    it.get(name).filter(|it| !it.is_empty())
}

fn age(it: &Finding<'_>) -> Cell {
    let written = match it.get("FIRST_FOUND_DATETIME") {
        None => return Ok(Value::Absent),
        Some("") => return Ok(Value::Empty),
        Some(written) => written,
    };
    let found = instant::parse(written).ok_or(Misread)?;
    let is_fixed = it.get("STATUS").is_some_and(|it| it.eq_ignore_ascii_case("Fixed"));
    let fixed = it.get("LAST_FIXED_DATETIME").and_then(instant::parse).filter(|_| is_fixed);
    // A source whose clock is ahead found it just now.
    let millis = fixed.unwrap_or(it.as_of).saturating_sub(found).max(0);
    Ok(Value::Integer(millis / DAY_MILLIS))
}

fn results(it: &Finding<'_>) -> Value {
    let kept = it.element.child("RESULTS").filter(|_| it.has_results).map(|it| it.kept().0);
    text(kept.map(str::trim_end))
}

fn results_length(it: &Finding<'_>) -> Value {
    let length = it.element.child("RESULTS").filter(|_| it.has_results).and_then(|it| it.kept().1);
    length.and_then(|it| i64::try_from(it).ok()).map_or(Value::Absent, Value::Integer)
}
