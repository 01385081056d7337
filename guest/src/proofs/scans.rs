//! What lists of VM scans and of compliance scans have in common, which is nearly everything; and what lists of scans of any
//! kind have.

use exhibit_plugin::catalog::{Field, Link, Parameter, WindowUse};
use exhibit_plugin::cell::{boolean, integer, read, text};
use exhibit_plugin::column::Cell;
use exhibit_plugin::instant;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::{Kind, Window};
use exhibit_plugin::{Error, Source, Value};

use super::proof::console;
use crate::qualys::fo::duration;
use crate::qualys::fo::listing::{ALL_SELECTED, EDGE_MILLIS, Listing, Paging, WindowFilter, parameters};
use crate::qualys::record::{Column, Record, column, date, on_one_line, titles};
use crate::qualys::settings::reserve;

/// Without a window Qualys lists the VM and compliance scans of the last 30 days, and does not say so. Of web application scans it
/// lists all; these are limited to the same days, so that the types can be compared.
const DEFAULT_WINDOW_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 86_400_000;

/// What a reader of any list of scans must know.
pub(super) const DELETED_ARE_NOT_LISTED: &str = "Qualys does not list scans that were deleted.";

#[rustfmt::skip]
const COLUMNS: [Column; 18] = [
    column("title", "Title", Kind::Text, |scan| Ok(text(scan.get("TITLE")))),
    column("type", "Type", Kind::Text, |scan| Ok(text(scan.get("TYPE"))))
        .help("On-Demand, Scheduled or API."),
    column("user", "User", Kind::Text, |scan| Ok(text(scan.get("USER_LOGIN")))).personal()
        .help("The user who launched the scan."),
    column("launch-date", "Launch Date", Kind::Instant, |scan| date(scan.get("LAUNCH_DATETIME"))),
    column("duration", "Duration", Kind::Duration, duration_cell)
        .help("Empty while the scan is pending or running."),
    column("targets", "Targets", Kind::Text, |scan| Ok(on_one_line(scan.get("TARGET"))))
        .help("IP addresses, ranges, host names or cloud IDs, separated by commas."),
    column("status", "Status", Kind::Text, |scan| Ok(text(scan.at(&["STATUS", "STATE"]))))
        .help("Running, Paused, Canceled, Finished, Error, Queued or Loading."),
    column("reference", "Reference", Kind::Text, |scan| Ok(text(scan.get("REF")))).hidden(),
    column("scan-id", "Scan ID", Kind::Integer, |scan| integer(scan.get("ID"))).hidden(),
    column("scan-type", "Scan Type", Kind::Text, |scan| Ok(text(scan.get("SCAN_TYPE")))).hidden(),
    column("sub-status", "Sub-Status", Kind::Text, |scan| Ok(text(scan.at(&["STATUS", "SUB_STATE"])))).hidden()
        .help("Such as No_Vuln or No_Host: the scan finished, but found no vulnerabilities or no hosts."),
    column("duration-as-written", "Duration as Written", Kind::Text, |scan| Ok(text(scan.get("DURATION")))).hidden(),
    column("end-date", "End Date", Kind::Instant, |scan| Ok(end_date(scan))).hidden()
        .help("Calculated: launch date plus duration, where both are known. Qualys does not report it."),
    column("processed", "Processed", Kind::Boolean, |scan| boolean(scan.get("PROCESSED"))).hidden()
        .help("Whether Qualys has processed the scan results into the host data."),
    column("priority", "Priority", Kind::Text, |scan| Ok(text(scan.get("PROCESSING_PRIORITY")))).hidden(),
    column("asset-groups", "Asset Groups", Kind::Texts, |scan| Ok(titles(scan, "ASSET_GROUP_TITLE_LIST", "ASSET_GROUP_TITLE"))).hidden()
        .help("Absent where the scan was not launched on asset groups."),
    column("option-profile", "Option Profile", Kind::Text, |scan| Ok(text(scan.at(&["OPTION_PROFILE", "TITLE"])))).hidden(),
    column("client", "Client", Kind::Text, |scan| Ok(text(scan.at(&["CLIENT", "NAME"])))).hidden()
        .help("The client that was scanned; only in consultant subscriptions."),
];

pub(super) fn fields() -> Vec<Field> {
    COLUMNS.iter().map(Column::field).collect()
}

pub(super) fn criteria() -> Vec<Parameter> {
    let states = ["Running", "Paused", "Canceled", "Finished", "Error", "Queued", "Loading"];
    let types = ["On-Demand", "Scheduled", "API"];
    vec![
        Parameter::texts("states", "States", "Only scans in these states.")
            .choices(states.map(|it| (it, it))),
        Parameter::text("type", "Type", "Only scans of this type.").choices(types.map(|it| (it, it))),
        Parameter::texts("targets", "Targets", "Only scans of these addresses."),
        Parameter::text("user", "User", "Only scans that the user with this user name launched."),
    ]
}

pub(super) fn window() -> Option<WindowUse> {
    Some(WindowUse::of_events(&format!(
        "When the scans were launched. Without a window, the last {DEFAULT_WINDOW_DAYS} days."
    )))
}

/// The window of an order, or the last days before it.
pub(super) fn window_of(order: &Order) -> Window {
    order
        .window
        .unwrap_or_else(|| Window { start: order.as_of - DEFAULT_WINDOW_DAYS * DAY_MILLIS, end: order.as_of })
}

pub(super) fn link() -> Option<Link> {
    // The path is the one that public scripts open.
    console("/fo/scan/scanList.php", "The console's list of scans is not limited to the window.")
}

pub(super) fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc7.1", "iso27001-2022:a.8.8", "nist-800-53r5:ra-5", "pci-dss-4.0.1:11.3.1", "cis-8.1:7.5"];
    vec![
        test(
            "scheduled-scans-finished",
            "Every scheduled scan has finished or is in progress",
            "A scan that did not finish leaves assets unassessed.",
        )
        .of(condition("type", Operator::Equals, "Scheduled"))
        .passes("finished", [condition("status", Operator::Equals, "Finished")])
        .passes("in progress", [condition("status", Operator::MatchesRegex, "^(Running|Queued|Loading)$")])
        .controls(&controls),
        test(
            "a-scan-finished",
            "At least one scan finished in the window",
            "Collected every week, this shows that no week passed without a scan.",
        )
        .of(condition("status", Operator::Equals, "Finished"))
        .passes("finished", [condition("status", Operator::Equals, "Finished")])
        .controls(&controls),
    ]
}

/// The scans of the list at this path, whose references have this prefix.
pub(super) fn open(order: &Order, path: String, prefix: &'static str) -> Result<Box<dyn Source>, Error> {
    let window = window_of(order);
    let (after, before) = (window.start - EDGE_MILLIS, window.end + EDGE_MILLIS);
    let mut listing = Listing {
        path,
        parameters: parameters([
            ("action", "list"),
            ("show_status", "1"),
            ("show_ags", "1"),
            ("show_op", "1"),
            ("echo_request", "1"),
            ("launched_after_datetime", instant::write(after).as_str()),
            ("launched_before_datetime", instant::write(before).as_str()),
        ]),
        root: "SCAN_LIST_OUTPUT",
        record: "SCAN",
        empty_marker: Some("DATETIME"),
        paging: Paging::Whole,
        columns: &COLUMNS,
        identity: |scan| scan.get("REF").filter(|it| !it.is_empty()),
        remark: |_, _| {},
        notes: vec![DELETED_ARE_NOT_LISTED.to_owned()],
        prefix: Some(prefix),
        window_filter: Some(WindowFilter { window, date_element: "LAUNCH_DATETIME" }),
        changes: None,
        selected: ALL_SELECTED,
        chosen_window: (order.window.is_none() && !order.probe).then_some(window),
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    if order.probe {
        // The scans of one day are enough to see whether the account may list them.
        let day = instant::write(order.as_of - DAY_MILLIS);
        listing
            .parameters
            .retain(|(name, _)| name != "launched_after_datetime" && name != "launched_before_datetime");
        listing.parameters.push(("launched_after_datetime".to_owned(), day));
    }
    listing.add_criterion(order, "states", "state")?;
    listing.add_criterion(order, "targets", "target")?;
    for (criterion, parameter) in [("type", "type"), ("user", "user_login")] {
        if let Some(text) = order.criteria.text(criterion) {
            listing.parameters.push((parameter.to_owned(), text.to_owned()));
        }
    }
    Ok(Box::new(listing))
}

fn duration_cell(scan: &Record<'_>) -> Cell {
    let written = scan.get("DURATION");
    let under_way = |it: &str| ["Pending", "Running"].into_iter().any(|word| it.eq_ignore_ascii_case(word));
    if written.is_some_and(under_way) {
        return Ok(Value::Empty);
    }
    read(written, |text| duration::parse(text).map(Value::Duration))
}

fn end_date(scan: &Record<'_>) -> Value {
    let launched = scan.get("LAUNCH_DATETIME").and_then(instant::parse);
    let seconds = scan.get("DURATION").and_then(duration::parse).and_then(|it| i64::try_from(it).ok());
    match (launched, seconds) {
        (Some(launched), Some(seconds)) => {
            Value::Instant(launched.saturating_add(seconds.saturating_mul(1000)))
        }
        _ => Value::Absent,
    }
}
