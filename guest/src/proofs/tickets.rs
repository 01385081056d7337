//! VM Remediation Tickets: what was due when, and whether it was resolved.

mod changes;

use exhibit_plugin::catalog::{ChangesUse, Parameter, ProofType, WindowUse};
use exhibit_plugin::cell::{boolean, integer, text, texts};
use exhibit_plugin::column::{Cell, Misread};
use exhibit_plugin::instant;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::{Instant, Kind};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Source, Value};

use self::changes::{CHANGES, LAGGING, LEFT, STATES, has_left};
use super::entering;
use super::proof::{Proof, console, proof_type};
use crate::qualys::fo::listing::{ChangeDates, Listing, Paging, parameters, selected};
use crate::qualys::record::{Column, Record, column, date};
use crate::qualys::settings::reserve;

pub(super) const PROOF: Proof = Proof { name: "tickets", describe, open };

const DAY_SECONDS: u64 = 86_400;

#[rustfmt::skip]
const COLUMNS: [Column; 41] = [
    column("id", "ID", Kind::Integer, |ticket| integer(ticket.get("NUMBER"))),
    column("vulnerability-level", "Vulnerability Level", Kind::Integer, |ticket| integer(ticket.at(&["VULNINFO", "SEVERITY"])))
        .help("The severity from 1 to 5, as set in the subscription."),
    column("status", "Ticket Status", Kind::Text, |ticket| Ok(status(ticket)))
        .help("State and status, such as OPEN, OPEN/REOPENED, RESOLVED, CLOSED/FIXED or CLOSED/IGNORED."),
    column("due-date", "Ticket Due Date", Kind::Instant, |ticket| date(ticket.get("DUE_DATETIME"))),
    column("last-modified", "Last Modified Date", Kind::Instant, |ticket| Ok(last_modified(ticket)))
        .help("The date of the latest history entry; absent where the ticket has no history."),
    column("time-to-resolution", "Time to Resolution", Kind::Duration, time_to_resolution)
        .help("From the first opening to the last resolution or closing; empty for tickets that are open or ignored."),
    column("overdue", "Overdue", Kind::Boolean, |ticket| Ok(overdue(ticket)))
        .help("Whether the ticket was due before the time of this proof and is still open."),
    column("resolved-late", "Resolved Late", Kind::Boolean, |ticket| Ok(resolved_late(ticket))).hidden()
        .help("Whether the ticket was resolved or closed after its due date; empty for tickets that are open or ignored."),
    column("state", "State", Kind::Text, |ticket| Ok(text(ticket.get("CURRENT_STATE")))).hidden(),
    column("state-detail", "State Detail", Kind::Text, |ticket| Ok(text(ticket.get("CURRENT_STATUS")))).hidden(),
    column("invalid", "Invalid", Kind::Boolean, |ticket| boolean(ticket.get("INVALID"))).hidden(),
    column("created", "Created", Kind::Instant, |ticket| date(ticket.get("CREATION_DATETIME"))).hidden(),
    column("assignee", "Assignee", Kind::Text, |ticket| Ok(text(ticket.at(&["ASSIGNEE", "NAME"])))).hidden().personal(),
    column("assignee-email", "Assignee Email", Kind::Text, |ticket| Ok(text(ticket.at(&["ASSIGNEE", "EMAIL"])))).hidden().personal(),
    column("assignee-login", "Assignee Login", Kind::Text, |ticket| Ok(text(ticket.at(&["ASSIGNEE", "LOGIN"])))).hidden().personal(),
    column("ip-address", "IP Address", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "IP"])))).hidden(),
    column("host-id", "Host ID", Kind::Integer, |ticket| integer(ticket.at(&["DETECTION", "HOST_ID"]))).hidden()
        .help("The ID of the host in Qualys VM and PC, as in the list of assets."),
    column("dns-name", "DNS Name", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "DNSNAME"])))).hidden(),
    column("netbios-name", "NetBIOS Name", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "NBHNAME"])))).hidden(),
    column("fqdn", "FQDN", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "FQDN"])))).hidden(),
    column("port", "Port", Kind::Integer, |ticket| integer(ticket.at(&["DETECTION", "PORT"]))).hidden(),
    column("service", "Service", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "SERVICE"])))).hidden(),
    column("protocol", "Protocol", Kind::Text, |ticket| Ok(text(ticket.at(&["DETECTION", "PROTOCOL"])))).hidden(),
    column("ssl", "SSL", Kind::Boolean, |ticket| boolean(ticket.at(&["DETECTION", "SSL"]))).hidden(),
    column("vulnerability", "Vulnerability", Kind::Text, |ticket| Ok(text(ticket.at(&["VULNINFO", "TITLE"])))).hidden(),
    column("vulnerability-type", "Vulnerability Type", Kind::Text, |ticket| Ok(text(ticket.at(&["VULNINFO", "TYPE"])))).hidden(),
    column("qid", "QID", Kind::Integer, |ticket| integer(ticket.at(&["VULNINFO", "QID"]))).hidden(),
    column("standard-severity", "Standard Severity", Kind::Integer, |ticket| integer(ticket.at(&["VULNINFO", "STANDARD_SEVERITY"]))).hidden(),
    column("cves", "CVEs", Kind::Texts, |ticket| Ok(cves(ticket))).hidden(),
    column("first-found", "First Found", Kind::Instant, |ticket| date(ticket.at(&["STATS", "FIRST_FOUND_DATETIME"]))).hidden(),
    column("last-found", "Last Found", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_FOUND_DATETIME"]))).hidden(),
    column("last-scan", "Last Scan", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_SCAN_DATETIME"]))).hidden(),
    column("times-found", "Times Found", Kind::Integer, |ticket| integer(ticket.at(&["STATS", "TIMES_FOUND"]))).hidden(),
    column("times-not-found", "Times Not Found", Kind::Integer, |ticket| integer(ticket.at(&["STATS", "TIMES_NOT_FOUND"]))).hidden(),
    column("last-open", "Last Opened", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_OPEN_DATETIME"]))).hidden(),
    column("last-resolved", "Last Resolved", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_RESOLVED_DATETIME"]))).hidden(),
    column("last-closed", "Last Closed", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_CLOSED_DATETIME"]))).hidden(),
    column("last-ignored", "Last Ignored", Kind::Instant, |ticket| date(ticket.at(&["STATS", "LAST_IGNORED_DATETIME"]))).hidden(),
    column("times-reopened", "Times Reopened", Kind::Integer, |ticket| Ok(times_reopened(ticket))).hidden()
        .help("How often the history says that the ticket became open after another state; absent where it has no history."),
    column("history", "History", Kind::Texts, |ticket| Ok(events(ticket))).hidden().personal()
        .help("What the history says, in its order: when, by whom, from which state to which, by which rule or scan."),
    column(LEFT, "Left", Kind::Boolean, |ticket| Ok(Value::Boolean(has_left(ticket)))).hidden()
        .help("Whether the criterion states no longer selects the ticket: only in proofs of changes, which list such ones, too."),
];

fn describe() -> ProofType {
    let help = "The remediation tickets, in every state, that the collecting account can see, with severity, due date and \
                time to resolution.";
    ProofType {
        criteria: vec![
            Parameter::texts(
                "states",
                "States",
                "Only tickets in these states; OPEN includes reopened tickets.",
            )
            .choices(STATES.map(|it| (it, it))),
            Parameter::texts(
                "severities",
                "Severities",
                "Only tickets of vulnerabilities of these severities.",
            )
            .choices(["1", "2", "3", "4", "5"].map(|it| (it, it))),
            Parameter::texts(
                "asset-groups",
                "Asset groups",
                "Only tickets of hosts in the asset groups with these titles.",
            ),
        ],
        window: Some(WindowUse::filter_of_state(
            "When the tickets were last modified. Finding a vulnerability again does not modify its ticket.",
        )),
        changes: Ok(ChangesUse::of(CHANGES, &LAGGING).left(LEFT)),
        needs: vec![
            "API access".to_owned(),
            "the VM module, with remediation policies that create tickets".to_owned(),
        ],
        // The path is the one that public scripts open.
        link: console(
            "/fo/remedy/index.php",
            "The console shows the current state of the tickets and is not limited to the window.",
        ),
        suggested: suggested(),
        ..proof_type(
            "tickets",
            "VM Remediation Tickets",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["id"],
        )
    }
}

fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc7.4", "iso27001-2022:a.8.8", "nist-800-53r5:si-2", "pci-dss-4.0.1:6.3.3", "cis-8.1:7.7"];
    let in_time = |name: &str, severity: i64, within: u32| {
        let label = format!("Tickets of severity {severity} are resolved within {within} days");
        test(name, &label, "The more severe a vulnerability is, the sooner it is likely to be exploited.")
            .of(condition("vulnerability-level", Operator::Equals, severity))
            .of(condition("status", Operator::DoesNotEqual, "CLOSED/IGNORED"))
            .passes(
                "resolved in time",
                [condition(
                    "time-to-resolution",
                    Operator::AtMost,
                    Value::Duration(u64::from(within) * DAY_SECONDS),
                )],
            )
            .passes(
                &format!("open for at most {within} days"),
                [
                    condition("time-to-resolution", Operator::IsEmpty, ()),
                    condition("created", Operator::IsAtMostDaysAgo, days(within)),
                ],
            )
            .controls(&controls)
    };
    vec![
        test("none-overdue", "No ticket is overdue", "Overdue tickets are missed remediation deadlines.")
            .passes("not overdue", [condition("overdue", Operator::IsFalse, ())])
            .controls(&controls),
        in_time("severity-5-within-15-days", 5, 15),
        in_time("severity-4-within-30-days", 4, 30),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let mut listing = Listing {
        path: "/msp/ticket_list.php".to_owned(),
        parameters: parameters([("show_host_id", "1")]),
        root: "REMEDIATION_TICKETS",
        record: "TICKET",
        empty_marker: Some("HEADER"),
        paging: if order.probe { Paging::FirstPage } else { Paging::Truncation },
        columns: &COLUMNS,
        identity: |ticket| ticket.get("NUMBER").filter(|it| !it.is_empty()),
        remark: |_, _| {},
        notes: Vec::new(),
        prefix: None,
        window_filter: None,
        changes: Some(ChangeDates {
            last: modified,
            asked_by: modified,
            // What was modified at that instant is listed, as for numbers.
            asked_before: 0,
            listed_before: None,
        }),
        selected: selected(&STATES, order.criteria.texts("states")),
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    entering::refuse(order, "asset-groups", entering::GROUPED)?;
    match order.since {
        // A ticket that is in none of the chosen states any more was modified, too.
        Some(since) => {
            let since = instant::write(since);
            listing.parameters.extend(parameters([
                ("states", STATES.join(",").as_str()),
                ("modified_since_datetime", since.as_str()),
            ]));
            listing.notes.push(format!(
                "Only tickets that were modified from {since} on are included. An open ticket whose vulnerability was only found \
                 again was not, and this list does not tell which tickets were deleted."
            ));
        }
        None if order.criteria.texts("states").is_empty() => {
            listing.parameters.push(("states".to_owned(), STATES.join(",")));
        }
        None => listing.add_criterion(order, "states", "states")?,
    }
    listing.add_criterion(order, "severities", "vuln_severities")?;
    // Without it, potential vulnerabilities would be left out.
    listing.add_criterion(order, "severities", "potential_vuln_severities")?;
    listing.add_criterion(order, "asset-groups", "asset_groups")?;
    if let Some(window) = order.window {
        listing.parameters.extend(parameters([
            ("modified_since_datetime", instant::write(window.start).as_str()),
            ("unmodified_since_datetime", instant::write(window.end).as_str()),
        ]));
        listing.notes.push(
            "Only tickets last modified in the window are included. An open ticket whose vulnerability was only \
             found again is not."
                .to_owned(),
        );
    }
    if order.probe {
        listing.parameters.extend(parameters([("since_ticket_number", "1"), ("until_ticket_number", "1")]));
    }
    Ok(Box::new(listing))
}

fn status(ticket: &Record<'_>) -> Value {
    match (ticket.get("CURRENT_STATE"), ticket.get("CURRENT_STATUS").unwrap_or_default()) {
        (Some(state), status) if !state.is_empty() && !status.is_empty() => {
            Value::Text(format!("{state}/{status}"))
        }
        (state, _) => text(state),
    }
}

/// The entries of the history, in its order; none, where there is no history.
fn entries<'a>(ticket: &Record<'a>) -> Vec<Element<'a>> {
    ticket.element.child("HISTORY_LIST").map(|it| it.all("HISTORY").collect()).unwrap_or_default()
}

/// When the history says that something happened, in its order.
fn history<'a>(ticket: &Record<'a>) -> impl Iterator<Item = (Instant, Option<String>)> + use<'a> {
    entries(ticket).into_iter().filter_map(|it| {
        let state = it.child("STATE").and_then(|it| it.get("NEW").map(str::to_ascii_uppercase));
        Some((it.get("DATETIME").and_then(instant::parse)?, state))
    })
}

/// By the state that an event itself names as the one before, else by the event before.
fn times_reopened(ticket: &Record<'_>) -> Value {
    let entries = entries(ticket);
    if entries.is_empty() {
        return Value::Absent;
    }
    // What has no date happened when the entry before it did.
    let mut date = Instant::MIN;
    let mut changes: Vec<_> = entries
        .iter()
        .filter_map(|it| {
            date = it.get("DATETIME").and_then(instant::parse).unwrap_or(date);
            let state = it.child("STATE")?;
            let named = |name: &str| state.get(name).filter(|it| !it.is_empty()).map(str::to_ascii_uppercase);
            Some((date, named("OLD"), named("NEW")?))
        })
        .collect();
    changes.sort_by_key(|(at, ..)| *at);
    let (mut before, mut reopened) = (None, 0);
    for (_, old, new) in &changes {
        let was = old.as_ref().or(before);
        reopened += i64::from(new == "OPEN" && was.is_some_and(|it| it != "OPEN"));
        before = Some(new);
    }
    Value::Integer(reopened)
}

fn events(ticket: &Record<'_>) -> Value {
    let Some(list) = ticket.element.child("HISTORY_LIST") else { return Value::Absent };
    let event = |entry: Element<'_>| {
        let mut parts = Vec::new();
        let mut add = |what: &str, text: Option<&str>| {
            if let Some(text) = text.filter(|it| !it.is_empty()) {
                parts.push(format!("{what}{text}"));
            }
        };
        // With the zone that Qualys means, as in the other columns.
        let date = entry.get("DATETIME");
        let read = date.and_then(instant::parse).map(instant::write);
        add("", read.as_deref().or(date));
        add("by ", entry.get("ACTOR"));
        let state = entry.child("STATE");
        add("from ", state.as_ref().and_then(|it| it.get("OLD")));
        add("to ", state.as_ref().and_then(|it| it.get("NEW")));
        add("rule ", entry.get("RULE"));
        let scan = entry.child("SCAN");
        add("scan ", scan.as_ref().and_then(|it| it.get("REF")));
        let assignee = |name: &str| entry.child(name).and_then(|it| it.get("NAME").map(str::to_owned));
        add("assigned to ", assignee("ADDED_ASSIGNEE").as_deref());
        add("no longer assigned to ", assignee("REMOVED_ASSIGNEE").as_deref());
        add("comment: ", entry.get("COMMENT"));
        parts.join(" ")
    };
    texts(list.all("HISTORY").map(event).collect())
}

fn last_modified(ticket: &Record<'_>) -> Value {
    modified(ticket).map_or(Value::Absent, Value::Instant)
}

fn modified(ticket: &Record<'_>) -> Option<Instant> {
    history(ticket).map(|(at, _)| at).max()
}

/// Whether the ticket is resolved: an ignored ticket is closed, but not resolved. `None`
/// where the answer has no state.
fn is_resolved(ticket: &Record<'_>) -> Option<bool> {
    ticket.get("CURRENT_STATE").filter(|it| !it.is_empty())?;
    let is = |name: &str, word: &str| ticket.get(name).is_some_and(|it| it.eq_ignore_ascii_case(word));
    let done = is("CURRENT_STATE", "RESOLVED") || is("CURRENT_STATE", "CLOSED");
    Some(done && !is("CURRENT_STATUS", "IGNORED"))
}

/// When a ticket that is resolved was so last.
fn resolved_at(ticket: &Record<'_>) -> Option<Instant> {
    let stats = ["LAST_RESOLVED_DATETIME", "LAST_CLOSED_DATETIME"];
    let stats = stats.into_iter().filter_map(|it| instant::parse(ticket.at(&["STATS", it])?));
    let done = |state: &Option<String>| matches!(state.as_deref(), Some("RESOLVED" | "CLOSED"));
    // Neither is always complete; the latest counts.
    stats.chain(history(ticket).filter(|(_, state)| done(state)).map(|(at, _)| at)).max()
}

fn time_to_resolution(ticket: &Record<'_>) -> Cell {
    match is_resolved(ticket) {
        Some(true) => {}
        Some(false) => return Ok(Value::Empty),
        None => return Ok(Value::Absent),
    }
    let opened =
        history(ticket).filter(|(_, state)| state.as_deref() == Some("OPEN")).map(|(at, _)| at).min();
    let opened = opened.or_else(|| ticket.get("CREATION_DATETIME").and_then(instant::parse));
    match (opened, resolved_at(ticket)) {
        // Resolved before it was opened: one of the two dates is wrong, so the duration is unknown.
        (Some(opened), Some(resolved)) => {
            u64::try_from(resolved - opened).map(|it| Value::Duration(it / 1000)).map_err(|_| Misread)
        }
        _ => Ok(Value::Absent),
    }
}

fn overdue(ticket: &Record<'_>) -> Value {
    let state = ticket.get("CURRENT_STATE").filter(|it| !it.is_empty()).map(str::to_ascii_uppercase);
    match (state.as_deref(), ticket.get("DUE_DATETIME").and_then(instant::parse)) {
        (Some("CLOSED" | "RESOLVED" | "IGNORED"), _) => Value::Boolean(false),
        (Some(_), Some(due)) => Value::Boolean(due < ticket.as_of),
        _ => Value::Absent,
    }
}

fn resolved_late(ticket: &Record<'_>) -> Value {
    match is_resolved(ticket) {
        Some(true) => {}
        Some(false) => return Value::Empty,
        None => return Value::Absent,
    }
    match (resolved_at(ticket), ticket.get("DUE_DATETIME").and_then(instant::parse)) {
        (Some(resolved), Some(due)) => Value::Boolean(resolved > due),
        _ => Value::Absent,
    }
}

/// `CVE_ID` is a text in some answers, and has an `ID` inside in others.
fn cves(ticket: &Record<'_>) -> Value {
    let list = ticket.element.child("VULNINFO").and_then(|it| it.child("CVE_ID_LIST"));
    let Some(list) = list else { return Value::Absent };
    let id = |cve: exhibit_plugin::xml::Element<'_>| cve.get("ID").unwrap_or(cve.text()).to_owned();
    texts(list.all("CVE_ID").map(id).filter(|it| !it.is_empty()).collect())
}
