//! A VM scan, as Qualys lists it, and what operations on scans report.

mod words;

use exhibit_plugin::catalog::Field;
use exhibit_plugin::operation::OUTCOME;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::{Instant, Kind, Row};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Assignment, Column, Error, Value, cell, instant};
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::steps::Ending;
use super::targets;
use crate::qualys::fo::duration;
use crate::qualys::fo::whole::List;
use crate::qualys::reading::short;
use crate::qualys::settings::{SCAN_LIST_VERSION, version_of};

/// Where scans are launched and controlled. There is no other version.
pub(super) const CONTROL: &str = "/api/2.0/fo/scan/";
/// What references of VM scans begin with.
const PREFIX: &str = "scan/";
/// How a scan went where that is not known.
const UNKNOWN: &str = "unknown";
/// Targets of a scan that a report lists; more are counted.
const MAX_LISTED: usize = 1_000;
/// The most characters of a target: the longest host name.
const MAX_TARGET_CHARS: usize = 253;

/// A scan.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Scan {
    pub(super) reference: String,
    pub(super) title: String,
    pub(super) login: String,
    pub(super) launched: Option<Instant>,
    duration: String,
    pub(super) state: String,
    sub_state: String,
    /// `None` where Qualys lists none.
    pub(super) targets: Option<Vec<String>>,
    /// How much it scans, in words.
    size: Option<String>,
    pub(super) groups: Vec<String>,
    pub(super) profile: String,
    pub(super) priority: String,
}

/// What a state means. Names that are not documented mean nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Waiting,
    Running,
    Paused,
    Finished,
    Canceled,
    Error,
    Unknown,
}

impl State {
    /// Whether nothing follows.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Self::Finished | Self::Canceled | Self::Error)
    }
}

impl Scan {
    /// Reads a `SCAN`; `None` where it is no VM scan.
    pub(super) fn read(scan: &Element<'_>) -> Option<Self> {
        let text = |name| short(scan.get(name).unwrap_or_default());
        let reference = text("REF");
        if !reference.starts_with(PREFIX) {
            return None;
        }
        let status = scan.child("STATUS");
        let status = |name| short(status.and_then(|it| it.get(name)).unwrap_or_default());
        let groups = scan.child("ASSET_GROUP_TITLE_LIST");
        let profile = scan.child("OPTION_PROFILE").and_then(|it| it.get("TITLE"));
        let targets = scan.get("TARGET").map(|it| {
            let target = |it: &str| it.chars().take(MAX_TARGET_CHARS).collect();
            targets::split(it).map(target).collect::<Vec<String>>()
        });
        Some(Self {
            title: text("TITLE"),
            login: text("USER_LOGIN"),
            launched: scan.get("LAUNCH_DATETIME").and_then(instant::parse),
            duration: text("DURATION"),
            state: status("STATE"),
            sub_state: status("SUB_STATE"),
            size: targets.as_deref().and_then(targets::size),
            targets,
            groups: groups
                .iter()
                .flat_map(|it| it.all("ASSET_GROUP_TITLE"))
                .map(|it| short(it.text()))
                .collect(),
            profile: short(profile.unwrap_or_default()),
            priority: text("PROCESSING_PRIORITY"),
            reference,
        })
    }

    /// Without the targets that a report does not list.
    pub(super) fn bounded(mut self) -> Self {
        if let Some(targets) = &mut self.targets {
            bound(targets);
        }
        self.groups.truncate(MAX_LISTED);
        self
    }

    pub(super) fn state(&self) -> State {
        let is = |it: &&str| it.eq_ignore_ascii_case(&self.state);
        let states = [
            (&["Queued", "Loading"][..], State::Waiting),
            (&["Running"], State::Running),
            (&["Paused"], State::Paused),
            (&["Finished"], State::Finished),
            // Both spellings occur at Qualys.
            (&["Canceled", "Cancelled"], State::Canceled),
            (&["Error"], State::Error),
        ];
        states.iter().find(|(names, _)| names.iter().any(is)).map_or(State::Unknown, |(_, state)| *state)
    }
}

/// So many of them, and how many more.
pub(super) fn bound(texts: &mut Vec<String>) {
    let more = texts.len().saturating_sub(MAX_LISTED);
    if more > 0 {
        texts.truncate(MAX_LISTED);
        texts.push(format!("and {more} more"));
    }
}

/// Whether a person means a reference, not a title.
pub(super) fn is_reference(text: &str) -> bool {
    text.starts_with(PREFIX)
}

/// The error where a reference is of no scan.
pub(super) fn not_listed(reference: &str) -> Error {
    invalid(format!("Qualys lists no scan with the reference {reference:?}"))
        .remedy("check the reference; a deleted scan is not listed")
        .about("scan")
}

/// The path of the list of scans.
///
/// # Errors
/// `invalid` where the version in the settings is none.
pub(super) fn list_path(assignment: &Assignment) -> Result<String, Error> {
    Ok(format!("/api/{}/fo/scan/", version_of(&assignment.settings, SCAN_LIST_VERSION)?))
}

/// The list of scans, with all that is known of each; the caller narrows it down.
pub(super) fn list(path: &str) -> Call {
    let list = List { root: "SCAN_LIST_OUTPUT", record: "SCAN" };
    let parameters = [
        ("action", "list"),
        ("show_status", "1"),
        ("show_ags", "1"),
        ("show_op", "1"),
        ("echo_request", "1"),
    ];
    Call::new(path, list, parameters)
}

/// What an operation on a scan has to report.
pub(super) struct ScanReport<'a> {
    pub(super) reference: Option<&'a str>,
    /// What the scan is called, or was to be.
    pub(super) title: Option<&'a str>,
    /// What was to be scanned.
    pub(super) asked: &'a [String],
    /// What Qualys left out of it; `None` where that is not known.
    pub(super) dropped: Option<&'a [String]>,
    /// The option profile that was asked for.
    pub(super) profile: Option<&'a str>,
    pub(super) scanner: Option<&'a str>,
    pub(super) seen: Option<&'a Scan>,
    pub(super) ending: &'a Ending,
}

exhibit_plugin::columns_of!(type ScanColumn, fn col(ScanReport<'_>) -> Value);

#[rustfmt::skip]
const COLUMNS: [ScanColumn; 16] = [
    col("reference", "Reference", Kind::Text, |it| cell::text(it.reference))
        .help("How Qualys names the scan. Absent where the scan was not found."),
    col(OUTCOME, "Outcome", Kind::Text, |it| Value::Text(it.ending.outcome.in_words().to_owned()))
        .help("done, not done or unknown: whether the request took effect and, where it was waited for, the scan ended as it should."),
    col("title", "Title", Kind::Text, |it| cell::text(it.title)),
    col("asked-targets", "Targets Asked For", Kind::Texts, |it| listed(Some(it.asked))),
    col("listed-targets", "Targets Listed", Kind::Texts, |it| listed(it.seen.and_then(|it| it.targets.as_deref())))
        .help("The targets of the scan, as Qualys lists them."),
    col("dropped-targets", "Targets Dropped", Kind::Texts, |it| it.dropped.map_or(Value::Absent, |it| cell::texts(it.to_vec())))
        .help("Targets that were asked for and that the scan does not have. Absent where Qualys gives nothing to compare."),
    col("option-profile", "Option Profile", Kind::Text, |it| {
        cell::text(it.seen.map(|it| it.profile.as_str()).filter(|it| !it.is_empty()).or(it.profile))
    }),
    col("scanner", "Scanner", Kind::Text, |it| cell::text(it.scanner))
        .help("The scanner that was asked for: Qualys does not list it with the scan."),
    col("launched", "Launched", Kind::Instant, |it| it.seen.and_then(|it| it.launched).map_or(Value::Absent, Value::Instant)),
    col("ended", "Ended", Kind::Instant, ended)
        .help("Calculated: launch plus duration. Qualys does not report it."),
    col("duration", "Duration", Kind::Duration, |it| {
        it.seen.and_then(|it| duration::parse(&it.duration)).map_or(Value::Absent, Value::Duration)
    }),
    col("state", "State", Kind::Text, |it| state(it, |it| &it.state)),
    col("sub-state", "Sub-State", Kind::Text, |it| state(it, |it| &it.sub_state)),
    col("result", "Result", Kind::Text, result)
        .help("successful, no host found, failed, canceled, paused, in progress or unknown."),
    col("user", "User", Kind::Text, |it| cell::text(it.seen.map(|it| it.login.as_str()).filter(|it| !it.is_empty()))).personal()
        .help("The user who launched the scan."),
    col("message", "Message", Kind::Text, |it| cell::text(Some(&it.ending.message))),
];

/// The columns of a report.
pub(super) fn fields() -> Vec<Field> {
    COLUMNS.iter().map(Column::field).collect()
}

impl ScanReport<'_> {
    /// The row of the report.
    pub(super) fn row(&self) -> Row {
        COLUMNS.iter().map(|it| (it.cell)(self)).collect()
    }
}

fn listed(texts: Option<&[String]>) -> Value {
    texts.filter(|it| !it.is_empty()).map_or(Value::Absent, |it| Value::Texts(it.to_vec()))
}

fn state(report: &ScanReport<'_>, text: fn(&Scan) -> &String) -> Value {
    report.seen.map(text).filter(|it| !it.is_empty()).map_or(Value::Absent, |it| Value::Text(it.clone()))
}

fn ended(report: &ScanReport<'_>) -> Value {
    report.seen.and_then(Scan::ended_at).map_or(Value::Absent, Value::Instant)
}

fn result(report: &ScanReport<'_>) -> Value {
    let result = match report.seen {
        Some(scan) if report.ending.is_current => scan.result(),
        _ => UNKNOWN,
    };
    Value::Text(result.to_owned())
}
