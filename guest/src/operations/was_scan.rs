//! A web application scan, as Qualys lists it, and what operations on such scans report.

use exhibit_plugin::catalog::Field;
use exhibit_plugin::operation::OUTCOME;
use exhibit_plugin::types::{Instant, Kind, Row};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Column, Value, cell, instant};
use serde::{Deserialize, Serialize};

use super::mark;
use super::steps::{Ending, Outcome};
use crate::qualys::fo::duration;
use crate::qualys::qps::whole::Query;
use crate::qualys::reading::short;

/// The states of a scan that has not ended.
pub(super) const UNDER_WAY: &str = "SUBMITTED,RUNNING,PROCESSING";
/// The states after which nothing follows. The last two are named as such by one source alone.
const FINAL: [&str; 6] =
    ["FINISHED", "ERROR", "CANCELED", "CANCELLED", "TIME_LIMIT_EXCEEDED", "TIME_LIMIT_REACHED"];
/// What results say where a scan did what it should.
const GOOD: [&str; 2] = ["SUCCESSFUL", "FINISHED"];

/// A scan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct WasScan {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) status: String,
    pub(super) launched: Option<Instant>,
    pub(super) application: String,
    pub(super) application_id: String,
    pub(super) profile: String,
    pub(super) scanner: String,
    results_status: String,
    auth_status: String,
    ended: Option<Instant>,
    seconds: Option<u64>,
    pub(super) user: String,
    /// Whether it was launched by this API, as far as Qualys says how.
    pub(super) mode: String,
    links: String,
}

impl WasScan {
    /// Reads a `WasScan`; `None` where it has no id.
    pub(super) fn read(scan: &Element<'_>) -> Option<Self> {
        let at = |path: &[&str]| {
            let found = path.iter().try_fold(*scan, |element, name| element.child(name));
            short(found.map(|it| it.text()).unwrap_or_default())
        };
        let date = |name| scan.get(name).and_then(instant::parse);
        let scanner = match at(&["target", "scannerAppliance", "friendlyName"]) {
            name if name.is_empty() => at(&["target", "scannerAppliance", "type"]),
            name => name,
        };
        Some(Self {
            id: at(&["id"]),
            name: at(&["name"]),
            status: at(&["status"]),
            launched: date("launchedDate"),
            application: at(&["target", "webApp", "name"]),
            application_id: at(&["target", "webApp", "id"]),
            profile: at(&["profile", "name"]),
            scanner,
            results_status: at(&["summary", "resultsStatus"]),
            auth_status: at(&["summary", "authStatus"]),
            ended: date("endScanDate"),
            seconds: scan.get("scanDuration").and_then(|it| it.parse().ok()),
            user: at(&["launchedBy", "username"]),
            mode: at(&["mode"]),
            links: at(&["summary", "linksCrawled"]),
        })
        .filter(|it| !it.id.is_empty())
    }

    /// Whether nothing follows.
    pub(super) fn is_final(&self) -> bool {
        FINAL.iter().any(|it| it.eq_ignore_ascii_case(&self.status))
    }

    /// What it is and of what, to begin a sentence with.
    pub(super) fn what(&self) -> String {
        let of =
            if self.application.is_empty() { String::new() } else { format!(" of {}", self.application) };
        format!("The web application scan {:?} (ID {}){of}", mark::without(&self.name), self.id)
    }

    /// Whether it ended as a scan should, and in one sentence. A scan can be finished without having reached the application.
    pub(super) fn ended(&self) -> (Outcome, String) {
        let how = format!("{} {}", self.status, self.results_status);
        let at = self.ended.map(|it| format!(" at {}", instant::write(it))).unwrap_or_default();
        let after = self.seconds.map(|it| format!(", after {}", duration::in_words(it))).unwrap_or_default();
        let links = match self.links.as_str() {
            "" => String::new(),
            "1" => ", with 1 link crawled".to_owned(),
            links => format!(", with {links} links crawled"),
        };
        let verb = if self.is_final() { "ended" } else { "has not ended" };
        let how = format!("{} {verb}{at}{after}: {}{links}", self.what(), how.trim_end());
        let is_finished = self.status.eq_ignore_ascii_case("FINISHED");
        if is_finished && GOOD.iter().any(|it| it.eq_ignore_ascii_case(&self.results_status)) {
            (Outcome::Done, how)
        } else if !self.is_final() || is_finished && self.results_status.is_empty() {
            (Outcome::Unknown, how)
        } else {
            (Outcome::NotDone, how)
        }
    }

    /// The same, and what it was launched on and with.
    pub(super) fn with_settings(&self) -> String {
        format!("{}, of {:?}, option profile {:?}", self.in_words(), self.application, self.profile)
    }

    /// Its id, name, status, launch and user, for a person who chooses.
    pub(super) fn in_words(&self) -> String {
        let launched = self.launched.map(|it| format!(", launched {}", instant::write(it)));
        let user = if self.user.is_empty() { String::new() } else { format!(" by {}", self.user) };
        format!("{} ({:?}, {}{}{user})", self.id, self.name, self.status, launched.unwrap_or_default())
    }
}

/// The search for scans.
pub(super) fn search() -> Query {
    Query::new("/qps/rest/3.0/search/was/wasscan", "WasScan")
}

/// What an operation on a scan has to report.
pub(super) struct WasReport<'a> {
    pub(super) id: Option<&'a str>,
    /// What the scan is called, or was to be.
    pub(super) name: &'a str,
    pub(super) application: &'a str,
    pub(super) seen: Option<&'a WasScan>,
    pub(super) ending: &'a Ending,
}

exhibit_plugin::columns_of!(type WasColumn, fn col(WasReport<'_>) -> Value);

#[rustfmt::skip]
const COLUMNS: [WasColumn; 14] = [
    col("scan-id", "Scan ID", Kind::Text, |it| cell::text(it.id))
        .help("How Qualys numbers the scan. Absent where the scan was not found."),
    col(OUTCOME, "Outcome", Kind::Text, |it| Value::Text(it.ending.outcome.in_words().to_owned()))
        .help("done, not done or unknown: whether the request took effect and, where it was waited for, the scan ended as it should."),
    col("title", "Title", Kind::Text, |it| Value::Text(it.seen.map_or(it.name, |it| &it.name).to_owned())),
    col("web-application", "Web Application", Kind::Text, |it| cell::text(Some(it.application))),
    col("option-profile", "Option Profile", Kind::Text, |it| seen(it, |it| &it.profile)),
    col("scanner", "Scanner", Kind::Text, |it| seen(it, |it| &it.scanner))
        .help("The scanner appliance, or EXTERNAL for a scanner of Qualys."),
    col("launched", "Launched", Kind::Instant, |it| it.seen.and_then(|it| it.launched).map_or(Value::Absent, Value::Instant)),
    col("ended", "Ended", Kind::Instant, |it| it.seen.and_then(|it| it.ended).map_or(Value::Absent, Value::Instant)),
    col("duration", "Duration", Kind::Duration, |it| it.seen.and_then(|it| it.seconds).map_or(Value::Absent, Value::Duration)),
    col("status", "Status", Kind::Text, |it| seen(it, |it| &it.status))
        .help("Whether the scan has ended."),
    col("results-status", "Results Status", Kind::Text, |it| seen(it, |it| &it.results_status))
        .help("How the scan ended, such as SUCCESSFUL or NO_HOST_ALIVE."),
    col("authentication-status", "Authentication Status", Kind::Text, |it| seen(it, |it| &it.auth_status)),
    col("user", "User", Kind::Text, |it| seen(it, |it| &it.user)).personal()
        .help("The user who launched the scan."),
    col("message", "Message", Kind::Text, |it| cell::text(Some(&it.ending.message))),
];

/// The columns of a report.
pub(super) fn fields() -> Vec<Field> {
    COLUMNS.iter().map(Column::field).collect()
}

impl WasReport<'_> {
    /// The row of the report.
    pub(super) fn row(&self) -> Row {
        COLUMNS.iter().map(|it| (it.cell)(self)).collect()
    }
}

fn seen(report: &WasReport<'_>, text: fn(&WasScan) -> &String) -> Value {
    report.seen.map(text).filter(|it| !it.is_empty()).map_or(Value::Absent, |it| Value::Text(it.clone()))
}
