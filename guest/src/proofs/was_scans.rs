//! List of WAS Scans: which web application scans were launched, how they ended, and whether they signed in.

use exhibit_plugin::catalog::{Parameter, ProofType};
use exhibit_plugin::cell::{boolean, integer, seconds, text};
use exhibit_plugin::session::Order;
use exhibit_plugin::tester::{condition, test};
use exhibit_plugin::testing::{Operator, Test};
use exhibit_plugin::types::Kind;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Source, Value};

use super::proof::{Proof, console, proof_type};
use super::scans;
use crate::qualys::qps::search::{self, Search};
use crate::qualys::record::{Column, Record, column, date};

pub(super) const PROOF: Proof = Proof { name: "was-scans", describe, open };

const STATUSES: [&str; 6] = ["SUBMITTED", "RUNNING", "PROCESSING", "FINISHED", "ERROR", "CANCELED"];
const RESULTS_STATUSES: [&str; 21] = [
    "NOT_USED",
    "TO_BE_PROCESSED",
    "NO_HOST_ALIVE",
    "NO_WEB_SERVICE",
    "SERVICE_ERROR",
    "TIME_LIMIT_REACHED",
    "SCAN_INTERNAL_ERROR",
    "SCAN_RESULTS_INVALID",
    "SUCCESSFUL",
    "FINISHED",
    "PROCESSING",
    "TIME_LIMIT_EXCEEDED",
    "SCAN_NOT_LAUNCHED",
    "SCANNER_NOT_AVAILABLE",
    "SUBMITTED",
    "RUNNING",
    "CANCELED",
    "CANCELING",
    "ERROR",
    "DELETED",
    "CANCELED_WITH_RESULTS",
];
const AUTHENTICATION_STATUSES: [&str; 5] = ["NONE", "NOT_USED", "SUCCESSFUL", "FAILED", "PARTIAL"];
const TYPES: [&str; 2] = ["VULNERABILITY", "DISCOVERY"];
const MODES: [&str; 3] = ["ONDEMAND", "SCHEDULED", "API"];

#[rustfmt::skip]
const COLUMNS: [Column; 32] = [
    column("title", "Title", Kind::Text, |scan| Ok(text(scan.get("name")))),
    column("application", "Application", Kind::Text, |scan| Ok(applications(scan, "name")))
        .help("The name of the web application; of a scan of several, all of their names, as far as Qualys lists them."),
    column("url", "URL", Kind::Text, |scan| Ok(applications(scan, "url")))
        .help("The address of the web application; of a scan of several, all of their addresses, as far as Qualys lists them."),
    column("type", "Type", Kind::Text, |scan| Ok(text(scan.get("type"))))
        .help("VULNERABILITY, or DISCOVERY, which looks for no vulnerabilities."),
    column("mode", "Mode", Kind::Text, |scan| Ok(text(scan.get("mode"))))
        .help("How the scan was launched: ONDEMAND, SCHEDULED or API."),
    column("user", "User", Kind::Text, |scan| Ok(text(scan.at(&["launchedBy", "username"])))).personal()
        .help("The user who launched the scan."),
    column("launch-date", "Launch Date", Kind::Instant, |scan| date(scan.get("launchedDate"))),
    column("end-date", "End Date", Kind::Instant, |scan| date(scan.get("endScanDate")))
        .help("Absent where Qualys does not report it, as of scans that have not ended."),
    column("duration", "Duration", Kind::Duration, |scan| seconds(scan.get("scanDuration")))
        .help("Absent where Qualys does not report it, as of scans that have not ended."),
    column("status", "Status", Kind::Text, |scan| Ok(text(scan.get("status"))))
        .help("Whether the scan has ended: SUBMITTED, RUNNING, PROCESSING, FINISHED, ERROR or CANCELED."),
    column("results-status", "Results Status", Kind::Text, |scan| Ok(text(scan.at(&["summary", "resultsStatus"]))))
        .help("How the scan ended, such as SUCCESSFUL, NO_HOST_ALIVE or TIME_LIMIT_REACHED. A scan can be FINISHED without having \
               reached the application."),
    column("authentication-status", "Authentication Status", Kind::Text, |scan| Ok(text(scan.at(&["summary", "authStatus"]))))
        .help("Whether the scan signed in to the application: SUCCESSFUL, PARTIAL, FAILED, NOT_USED or NONE."),
    column("scan-id", "Scan ID", Kind::Integer, |scan| integer(scan.get("id"))).hidden(),
    column("reference", "Reference", Kind::Text, |scan| Ok(text(scan.get("reference")))).hidden(),
    column("multiple", "Multiple", Kind::Boolean, |scan| boolean(scan.get("multi"))).hidden()
        .help("Whether the scan was launched on several web applications."),
    column("application-id", "Application ID", Kind::Integer, |scan| integer(scan.at(&["target", "webApp", "id"]))).hidden()
        .help("Absent for a scan of several web applications."),
    column("option-profile", "Option Profile", Kind::Text, |scan| Ok(text(scan.at(&["profile", "name"])))).hidden(),
    column("option-profile-id", "Option Profile ID", Kind::Integer, |scan| integer(scan.at(&["profile", "id"]))).hidden(),
    column("scanner-type", "Scanner Type", Kind::Text, |scan| Ok(text(scan.at(&["target", "scannerAppliance", "type"])))).hidden()
        .help("EXTERNAL for a scanner of Qualys, INTERNAL for a scanner appliance."),
    column("scanner", "Scanner Appliance", Kind::Text, |scan| Ok(text(scan.at(&["target", "scannerAppliance", "friendlyName"])))).hidden()
        .help("The name of the scanner appliance; absent for a scanner of Qualys."),
    column("randomized", "Randomized", Kind::Boolean, |scan| boolean(scan.at(&["target", "randomizeScan"]))).hidden()
        .help("Whether the web applications of a scan of several are scanned in random order."),
    column("user-first-name", "User First Name", Kind::Text, |scan| Ok(text(scan.at(&["launchedBy", "firstName"])))).hidden().personal(),
    column("user-last-name", "User Last Name", Kind::Text, |scan| Ok(text(scan.at(&["launchedBy", "lastName"])))).hidden().personal(),
    column("user-id", "User ID", Kind::Integer, |scan| integer(scan.at(&["launchedBy", "id"]))).hidden().personal(),
    column("consolidated-status", "Consolidated Status", Kind::Text, |scan| Ok(text(scan.get("consolidatedStatus")))).hidden(),
    column("cancel-mode", "Cancel Mode", Kind::Text, |scan| Ok(text(scan.get("cancelMode")))).hidden()
        .help("How a scan was canceled; absent where it was not."),
    column("canceled-by", "Canceled By", Kind::Text, |scan| Ok(canceled_by(scan))).hidden().personal()
        .help("The user who canceled the scan; absent where it was not canceled by a user."),
    column("crawl-duration", "Crawl Duration", Kind::Duration, |scan| seconds(scan.at(&["summary", "crawlDuration"]))).hidden(),
    column("test-duration", "Test Duration", Kind::Duration, |scan| seconds(scan.at(&["summary", "testDuration"]))).hidden(),
    column("links-crawled", "Links Crawled", Kind::Integer, |scan| integer(scan.at(&["summary", "linksCrawled"]))).hidden()
        .help("Few links show that a scan saw only a part of the application."),
    column("requests", "Requests", Kind::Integer, |scan| integer(scan.at(&["summary", "nbRequests"]))).hidden(),
    column("operating-system", "Operating System", Kind::Text, |scan| Ok(text(scan.at(&["summary", "os"])))).hidden(),
];

fn describe() -> ProofType {
    let help = "The web application scans launched in the window that the collecting account can see. Deleted scans are \
                not included.";
    ProofType {
        criteria: criteria(),
        window: scans::window(),
        needs: vec![
            "API access".to_owned(),
            "the WAS module, with access to the web applications: scans of others are not listed".to_owned(),
        ],
        // No path of the module's pages is documented.
        link: console("", "The console's list of web application scans is not limited to the window."),
        suggested: suggested(),
        ..proof_type(
            "was-scans",
            "List of WAS Scans",
            help,
            COLUMNS.iter().map(Column::field).collect(),
            &["scan-id"],
        )
    }
}

fn criteria() -> Vec<Parameter> {
    let one_of = |name: &str, label: &str, help: &str, choices: &[&'static str]| {
        Parameter::texts(name, label, help).choices(choices.iter().map(|it| (*it, *it)))
    };
    vec![
        one_of("status", "Status", "Only scans with one of these statuses.", &STATUSES),
        one_of(
            "results-status",
            "Results status",
            "Only scans whose results have one of these statuses.",
            &RESULTS_STATUSES,
        ),
        one_of(
            "authentication-status",
            "Authentication status",
            "Only scans whose authentication has one of these statuses.",
            &AUTHENTICATION_STATUSES,
        ),
        one_of("type", "Type", "Only scans of one of these types.", &TYPES),
        one_of("mode", "Mode", "Only scans that were launched in one of these modes.", &MODES),
        Parameter::text("application", "Application", "Only scans of the web application with this name."),
        Parameter::integer(
            "application-id",
            "Application ID",
            "Only scans of the web application with this ID.",
        ),
    ]
}

fn suggested() -> Vec<Test> {
    let controls =
        ["soc2:cc7.1", "iso27001-2022:a.8.8", "nist-800-53r5:ra-5", "pci-dss-4.0.1:6.4.1", "cis-8.1:7.6"];
    vec![
        test(
            "scans-finished",
            "Every scan has finished with results or is in progress",
            "A scan that failed, was canceled, or did not reach the application leaves it unassessed.",
        )
        .passes(
            "finished with results",
            [
                condition("status", Operator::Equals, "FINISHED"),
                condition("results-status", Operator::MatchesRegex, "^(SUCCESSFUL|FINISHED)$"),
            ],
        )
        .passes(
            "in progress",
            [condition("status", Operator::MatchesRegex, "^(SUBMITTED|RUNNING|PROCESSING)$")],
        )
        .controls(&controls),
        test(
            "scans-authenticated",
            "Every finished vulnerability scan signed in to its application",
            "A scan that does not sign in assesses only what the public sees.",
        )
        .of(condition("type", Operator::Equals, "VULNERABILITY"))
        .of(condition("status", Operator::Equals, "FINISHED"))
        .passes("signed in", [condition("authentication-status", Operator::Equals, "SUCCESSFUL")])
        .controls(&controls),
    ]
}

fn open(order: &Order) -> Result<Box<dyn Source>, Error> {
    let mut search = Search::new(order, "/qps/rest/3.0/search/was/wasscan", "WasScan", &COLUMNS)?;
    // When a scan ended, how long it took and who canceled it are details.
    search.verbose = true;
    for (criterion, field) in [
        ("status", "status"),
        ("results-status", "resultsStatus"),
        ("authentication-status", "authStatus"),
        ("type", "type"),
        ("mode", "mode"),
        ("application", "webApp.name"),
    ] {
        search.add_criterion(order, criterion, field)?;
    }
    if let Some(id) = order.criteria.integer("application-id") {
        search.add("webApp.id", search::Operator::Equals, id.to_string());
    }
    search.notes.push(scans::DELETED_ARE_NOT_LISTED.to_owned());
    if !order.probe {
        let window = scans::window_of(order);
        search.add_window(window, "launchedDate", "launchedDate");
        search.chosen_window = order.window.is_none().then_some(window);
    }
    Ok(Box::new(search))
}

/// The text of this name of the web application that was scanned, or of each of them.
fn applications(scan: &Record<'_>, name: &str) -> Value {
    let Some(target) = scan.element.child("target") else { return Value::Absent };
    if let Some(application) = target.child("webApp") {
        return text(application.get(name));
    }
    let Some(several) = target.child("webApps") else { return Value::Absent };
    // A list is in a `list` in answers, and in a `set` in requests.
    let lists = [several.child("list"), several.child("set")];
    let applications = lists.iter().flatten().flat_map(|it: &Element<'_>| it.all("WebApp"));
    let texts: Vec<&str> = applications.filter_map(|it| it.get(name)).filter(|it| !it.is_empty()).collect();
    if texts.is_empty() { Value::Absent } else { Value::Text(texts.join(", ")) }
}

/// A user is an element with a name in it where scans say who launched them.
fn canceled_by(scan: &Record<'_>) -> Value {
    let Some(user) = scan.element.child("canceledBy") else { return Value::Absent };
    let is_text = user.children().next().is_none();
    text(user.get("username").or_else(|| is_text.then(|| user.text())))
}
