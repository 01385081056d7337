//! List of Scan Schedules: which VM scans are planned, and when each is launched next.

use exhibit_plugin::catalog::ProofType;
use exhibit_plugin::cell::{boolean, integer, read, text, texts};
use exhibit_plugin::column::Cell;
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, days, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::Kind;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Source, Value};

use super::proof::{Proof, console, proof_type};
use crate::qualys::fo::listing::{ALL_SELECTED, Listing, Paging, parameters};
use crate::qualys::record::{Column, Record, column, date, on_one_line, titles};
use crate::qualys::settings::{SCHEDULE_LIST_VERSION, reserve, version};

pub(super) const PROOF: Proof = Proof { name: "scan-schedules", describe, open };

/// A schedule is launched within so many days where it is launched every month.
const MONTH_DAYS: u32 = 31;

#[rustfmt::skip]
const COLUMNS: [Column; 37] = [
    column("title", "Title", Kind::Text, |schedule| Ok(text(schedule.get("TITLE")))),
    column("active", "Active", Kind::Boolean, active)
        .help("Whether the schedule launches scans: false where it is switched off or paused; absent where Qualys leaves it empty."),
    column("target", "Target", Kind::Text, |schedule| Ok(on_one_line(schedule.get("TARGET"))))
        .help("IP addresses, ranges or host names, separated by commas; \"Asset Tags Included\" where tags choose the assets."),
    column("option-profile", "Option Profile", Kind::Text, |schedule| Ok(text(schedule.at(&["OPTION_PROFILE", "TITLE"])))),
    column("scanner", "Scanner", Kind::Text, |schedule| Ok(on_one_line(schedule.get("ISCANNER_NAME"))))
        .help("The scanner appliance; absent where Qualys names none."),
    column("recurrence", "Recurrence", Kind::Text, |schedule| Ok(recurrence(schedule)))
        .help("How often the scan is launched, in words."),
    column("next-launch", "Next Launch", Kind::Instant, |schedule| date(schedule.at(&["SCHEDULE", "NEXTLAUNCH_UTC"])))
        .help("Empty means that no further launch is planned; absent, that Qualys does not report it."),
    column("last-launch", "Last Launch", Kind::Instant, |schedule| date(schedule.at(&["SCHEDULE", "LASTLAUNCH_UTC"]).or(schedule.get("LASTLAUNCH_UTC"))))
        .help("Absent where Qualys does not report it, which does not mean never."),
    column("owner", "Owner", Kind::Text, |schedule| Ok(text(schedule.get("USER_LOGIN")))).personal()
        .help("The user who owns the schedule."),
    column("schedule-id", "Schedule ID", Kind::Integer, |schedule| integer(schedule.get("ID"))).hidden(),
    column("state", "State", Kind::Text, |schedule| Ok(state(schedule))).hidden()
        .help("On, On (continuous), Off or Paused; any other value as Qualys writes it."),
    column("weekdays", "Weekdays", Kind::Text, |schedule| Ok(text(weekdays(schedule).as_deref()))).hidden()
        .help("The days of a weekly schedule as Qualys writes them: by name or by number."),
    column("start-date", "Start Date", Kind::Instant, |schedule| date(schedule.at(&["SCHEDULE", "START_DATE_UTC"]))).hidden(),
    column("start-hour", "Start Hour", Kind::Integer, |schedule| integer(schedule.at(&["SCHEDULE", "START_HOUR"]))).hidden(),
    column("start-minute", "Start Minute", Kind::Integer, |schedule| integer(schedule.at(&["SCHEDULE", "START_MINUTE"]))).hidden(),
    column("time-zone", "Time Zone", Kind::Text, |schedule| Ok(text(schedule.at(&["SCHEDULE", "TIME_ZONE", "TIME_ZONE_CODE"])))).hidden()
        .help("The code of the time zone, as Qualys names it."),
    column("time-zone-details", "Time Zone Details", Kind::Text, |schedule| Ok(text(schedule.at(&["SCHEDULE", "TIME_ZONE", "TIME_ZONE_DETAILS"])))).hidden(),
    column("daylight-saving", "Daylight Saving", Kind::Boolean, |schedule| boolean(schedule.at(&["SCHEDULE", "DST_SELECTED"]))).hidden()
        .help("Whether the launch follows daylight saving time."),
    column("modified", "Modified", Kind::Instant, |schedule| date(schedule.get("MODIFIED"))).hidden()
        .help("Absent where Qualys does not report it."),
    column("default-option-profile", "Default Option Profile", Kind::Boolean, |schedule| boolean(schedule.at(&["OPTION_PROFILE", "DEFAULT_FLAG"]))).hidden()
        .help("Whether the option profile is the subscription's default."),
    column("asset-groups", "Asset Groups", Kind::Texts, |schedule| Ok(titles(schedule, "ASSET_GROUP_TITLE_LIST", "ASSET_GROUP_TITLE"))).hidden()
        .help("Absent where the schedule does not scan asset groups."),
    column("tags-included", "Tags Included", Kind::Text, |schedule| Ok(text(schedule.at(&["ASSET_TAGS", "TAG_SET_INCLUDE"])))).hidden()
        .help("The tags whose assets are scanned, separated by commas; absent where tags do not choose the assets."),
    column("tags-included-selector", "Tags Included Selector", Kind::Text, |schedule| Ok(text(schedule.at(&["ASSET_TAGS", "TAG_INCLUDE_SELECTOR"])))).hidden()
        .help("Whether an asset needs any or all of the included tags."),
    column("tags-excluded", "Tags Excluded", Kind::Text, |schedule| Ok(text(schedule.at(&["ASSET_TAGS", "TAG_SET_EXCLUDE"])))).hidden()
        .help("The tags whose assets are left out, separated by commas."),
    column("tags-excluded-selector", "Tags Excluded Selector", Kind::Text, |schedule| Ok(text(schedule.at(&["ASSET_TAGS", "TAG_EXCLUDE_SELECTOR"])))).hidden()
        .help("Whether any or all of the excluded tags leave an asset out."),
    column("ip-ranges", "IP Ranges", Kind::Texts, |schedule| Ok(ranges(schedule))).hidden()
        .help("The addresses that were entered by hand; absent where there are none."),
    column("load-balancers", "Load Balancers", Kind::Texts, |schedule| Ok(titles(schedule, "ELB_DNS", "DNS"))).hidden()
        .help("The DNS names of the load balancers to scan; absent where there are none."),
    column("network-id", "Network ID", Kind::Integer, |schedule| integer(schedule.get("NETWORK_ID"))).hidden()
        .help("Absent where the subscription has no networks."),
    column("priority", "Priority", Kind::Text, |schedule| Ok(text(schedule.get("PROCESSING_PRIORITY")))).hidden(),
    column("notifications", "Notifications", Kind::Texts, |schedule| Ok(notifications(schedule))).hidden()
        .help("When Qualys sends mail about a launch: before it, after it, or both; absent where Qualys lists none."),
    column("cloud-provider", "Cloud Provider", Kind::Text, |schedule| Ok(text(schedule.at(&["CLOUD_DETAILS", "PROVIDER"])))).hidden(),
    column("cloud-connector", "Cloud Connector", Kind::Text, |schedule| Ok(text(schedule.at(&["CLOUD_DETAILS", "CONNECTOR", "NAME"])))).hidden(),
    column("cloud-connector-id", "Cloud Connector ID", Kind::Text, |schedule| Ok(connector_id(schedule))).hidden()
        .help("The UUID of the connector."),
    column("cloud-scan-type", "Cloud Scan Type", Kind::Text, |schedule| Ok(text(schedule.at(&["CLOUD_DETAILS", "SCAN_TYPE"])))).hidden(),
    column("cloud-platform", "Cloud Platform", Kind::Text, |schedule| Ok(text(schedule.at(&["CLOUD_DETAILS", "CLOUD_TARGET", "PLATFORM"])))).hidden(),
    column("cloud-region", "Cloud Region", Kind::Text, |schedule| Ok(region(schedule))).hidden()
        .help("The code of the region, such as us-east-1; its UUID at Qualys where the code is not listed."),
    column("vpc-scope", "VPC Scope", Kind::Text, |schedule| Ok(text(schedule.at(&["CLOUD_DETAILS", "CLOUD_TARGET", "VPC_SCOPE"])))).hidden()
        .help("None, All, or what else Qualys writes there."),
];

fn describe() -> ProofType {
    let help = "The schedules of vulnerability scans that the collecting account can see: what is scanned, how often, and \
                when next. A list of scans shows what was done; this shows what is planned.";
    ProofType {
        needs: vec![
            "API access".to_owned(),
            "the VM module".to_owned(),
            "the role Manager for all schedules, Unit Manager for those of the own business unit; a Scanner sees the \
             account's own"
                .to_owned(),
        ],
        link: console("", "The console shows the current state of the schedules."),
        changes: Err("The list of schedules has no filter by the date of a change; it is collected whole.".to_owned()),
        suggested: suggested(),
        ..proof_type(
            "scan-schedules",
            "List of Scan Schedules",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["schedule-id"],
        )
    }
}

fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc7.1", "iso27001-2022:a.8.8", "nist-800-53r5:ra-5", "pci-dss-4.0.1:11.3.1", "cis-8.1:7.5"];
    let active = || condition("active", Operator::IsTrue, ());
    vec![
        test(
            "a-schedule-is-active",
            "At least one scan schedule is active",
            "Without an active schedule, assets are only scanned when a person launches a scan.",
        )
        .of(active())
        .passes("active", [active()])
        .controls(&controls),
        test(
            "active-schedules-have-a-next-launch",
            "Every active scan schedule has a next launch",
            "An active schedule without a next launch scans nothing any more.",
        )
        .of(active())
        .passes("a next launch is planned", [condition("next-launch", Operator::IsNotEmpty, ())])
        .controls(&controls),
        test(
            "launched-within-a-month",
            "Every active scan schedule is launched within the next month",
            "The longer a scan is away, the longer new vulnerabilities stay undetected.",
        )
        .of(active())
        .passes(
            "launched soon",
            [
                condition("next-launch", Operator::IsAtLeastDaysFromNow, days(0)),
                condition("next-launch", Operator::IsLessThanDaysFromNow, days(MONTH_DAYS + 1)),
            ],
        )
        .controls(&controls),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let mut listing = Listing {
        path: format!("/api/{}/fo/schedule/scan/", version(order, SCHEDULE_LIST_VERSION)?),
        parameters: parameters([
            ("action", "list"),
            ("echo_request", "1"),
            ("show_cloud_details", "1"),
            ("show_notifications", "1"),
        ]),
        root: "SCHEDULE_SCAN_LIST_OUTPUT",
        record: "SCAN",
        empty_marker: Some("DATETIME"),
        paging: Paging::Whole,
        columns: &COLUMNS,
        identity: |schedule| schedule.get("ID").filter(|it| !it.is_empty()),
        remark: |_, _| {},
        notes: vec!["Qualys does not list schedules that were deleted.".to_owned()],
        prefix: None,
        window_filter: None,
        changes: None,
        selected: ALL_SELECTED,
        chosen_window: None,
        as_of: order.as_of,
        reserve: reserve(order)?,
    };
    if order.probe {
        // The list has no pages: without details it is as short as it can be.
        listing.parameters = parameters([("action", "list"), ("active", "1")]);
    }
    Ok(Box::new(listing))
}

/// `ACTIVE` is 0 (off), 1 (on), 2 (on, continuous), 3 (paused) or empty.
fn active(schedule: &Record<'_>) -> Cell {
    // Whether it launches scans is not known where it is empty.
    read(schedule.get("ACTIVE").filter(|it| !it.is_empty()), |state| match state {
        "1" | "2" => Some(Value::Boolean(true)),
        "0" | "3" => Some(Value::Boolean(false)),
        _ => None,
    })
}

fn state(schedule: &Record<'_>) -> Value {
    text(schedule.get("ACTIVE").map(|state| match state {
        "0" => "Off",
        "1" => "On",
        "2" => "On (continuous)",
        "3" => "Paused",
        other => other,
    }))
}

fn weekdays(schedule: &Record<'_>) -> Option<String> {
    schedule.element.child("SCHEDULE")?.child("WEEKLY")?.attribute("weekdays").map(|it| it.trim().to_owned())
}

/// How often, in words. What Qualys writes of months is not documented in full, so it is quoted.
fn recurrence(schedule: &Record<'_>) -> Value {
    let Some(plan) = schedule.element.child("SCHEDULE") else { return Value::Absent };
    if let Some(daily) = plan.child("DAILY") {
        return Value::Text(every(&daily, "frequency_days", "day").unwrap_or_else(|| "daily".to_owned()));
    }
    if let Some(weekly) = plan.child("WEEKLY") {
        let often = every(&weekly, "frequency_weeks", "week").unwrap_or_else(|| "weekly".to_owned());
        return Value::Text(match weekdays(schedule).filter(|it| !it.is_empty()) {
            // Whether 0 or 1 is Sunday is not documented.
            Some(days) if days.bytes().any(|it| it.is_ascii_digit()) => {
                format!("{often}, on the weekdays that Qualys numbers {}", listed(&days))
            }
            Some(days) => format!("{often} on {}", listed(&days)),
            None => often,
        });
    }
    match plan.child("MONTHLY") {
        None => Value::Absent,
        Some(monthly) => {
            let details: Vec<String> = monthly
                .attributes()
                .map(|(name, value)| format!("{} {}", name.replace('_', " "), value.trim()))
                .collect();
            let details =
                if details.is_empty() { String::new() } else { format!(" ({})", details.join(", ")) };
            Value::Text(format!("monthly{details}"))
        }
    }
}

/// `every day` or `every 3 days`; `None` where the attribute is no number from 1 on.
fn every(element: &Element<'_>, attribute: &str, unit: &str) -> Option<String> {
    match element.attribute(attribute)?.trim().parse::<u32>().ok()? {
        0 => None,
        1 => Some(format!("every {unit}")),
        number => Some(format!("every {number} {unit}s")),
    }
}

/// A list with a blank after each comma.
fn listed(written: &str) -> String {
    written.split(',').map(str::trim).collect::<Vec<_>>().join(", ")
}

fn ranges(schedule: &Record<'_>) -> Value {
    let Some(entered) = schedule.element.child("USER_ENTERED_IPS") else { return Value::Absent };
    let range = |it: Element<'_>| {
        let (start, end) = (it.get("START").unwrap_or_default(), it.get("END").unwrap_or_default());
        if end.is_empty() || start == end { start.to_owned() } else { format!("{start}-{end}") }
    };
    texts(entered.all("RANGE").map(range).filter(|it| !it.is_empty()).collect())
}

fn notifications(schedule: &Record<'_>) -> Value {
    let Some(mails) = schedule.element.child("NOTIFICATIONS") else { return Value::Absent };
    let mut all = Vec::new();
    if let Some(before) = mails.child("BEFORE_LAUNCH") {
        let when: Vec<&str> = ["TIME", "UNIT"]
            .into_iter()
            .filter_map(|it| before.get(it))
            .filter(|it| !it.is_empty())
            .collect();
        let when = if when.is_empty() { String::new() } else { format!(": {}", when.join(" ")) };
        all.push(format!("before launch{when}"));
    }
    if mails.child("AFTER_COMPLETE").is_some() {
        all.push("after completion".to_owned());
    }
    texts(all)
}

fn connector_id(schedule: &Record<'_>) -> Value {
    let ids = [
        schedule.at(&["CLOUD_DETAILS", "CONNECTOR", "UUID"]),
        schedule.at(&["EC2_INSTANCE", "CONNECTOR_UUID"]),
    ];
    text(ids.into_iter().flatten().find(|it| !it.is_empty()).or(ids[0]).or(ids[1]))
}

/// `EC2_ENDPOINT` is the UUID of a region, whose code stands among the cloud details.
fn region(schedule: &Record<'_>) -> Value {
    let endpoint = schedule.at(&["EC2_INSTANCE", "EC2_ENDPOINT"]).filter(|it| !it.is_empty());
    let target = schedule.element.child("CLOUD_DETAILS").and_then(|it| it.child("CLOUD_TARGET"));
    let mut regions = target.iter().flat_map(|it| it.all("REGION"));
    let region = regions.find(|region| {
        let id = region.get("UUID").unwrap_or_default();
        endpoint.is_none_or(|it| id.is_empty() || it.eq_ignore_ascii_case(id))
    });
    let named = |name: &str| region.and_then(|it| it.get(name)).filter(|it| !it.is_empty());
    text(named("CODE").or(named("UUID")).or(endpoint))
}
