//! What cancelling, pausing and resuming a scan have in common.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Row;
use exhibit_plugin::{Assignment, Error, Procedure, instant};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::clock::Clocks;
use super::flow;
use super::launch_vm_scan::needs;
use super::parameters;
use super::scan::{self, CONTROL, Scan, ScanReport, State};
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use crate::names::{Named as _, What, choose};
use crate::qualys::reading::{Accepted, Stop};

/// A scan that is still to be controlled was launched within so many days.
const DAYS: i64 = 30;

/// What is done to a scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Action {
    Cancel,
    Pause,
    Resume,
}

impl Action {
    /// The value of the parameter `action`, which is also the verb.
    fn verb(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Resume => "resume",
        }
    }

    /// What a scan is then.
    fn participle(self) -> &'static str {
        match self {
            Self::Cancel => "canceled",
            Self::Pause => "paused",
            Self::Resume => "resumed",
        }
    }

    /// Whether it makes sense for a scan in this state. Where that is not documented, Qualys decides.
    fn suits(self, state: State) -> bool {
        match self {
            Self::Cancel => !state.is_final(),
            Self::Pause => !state.is_final() && state != State::Paused,
            Self::Resume => !state.is_final() && !matches!(state, State::Waiting | State::Running),
        }
    }

    /// What a state says of whether it was carried out.
    fn seen(self, scan: &Scan) -> Seen {
        let ended = || Seen::Never(format!("the scan had ended before, as {}", scan.state));
        match (self, scan.state()) {
            (Self::Cancel, State::Canceled)
            | (Self::Pause, State::Paused)
            | (Self::Resume, State::Waiting | State::Running | State::Finished) => Seen::Done,
            (_, state) if state.is_final() => ended(),
            _ => Seen::NotYet,
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Control {
    action: Action,
    path: String,
    wanted: String,
    clocks: Clocks,
    /// The scan before.
    found: Option<Scan>,
    login: Option<String>,
    seen: Option<Scan>,
}

/// How such an operation is described.
pub(super) fn describe(name: &str, label: &str, help: &str) -> catalog::Operation {
    let mut parameters = vec![
        Parameter::text("scan", "Scan", "The title or the reference of a scan that has not ended.")
            .required(),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: name.to_owned(),
        label: label.to_owned(),
        help: help.to_owned(),
        parameters,
        fields: scan::fields(),
        confirm: "scan".to_owned(),
        needs: needs(),
        blanked: Vec::new(),
    }
}

/// Carries it out.
pub(super) fn open(
    assignment: &Assignment,
    saved: Option<&str>,
    action: Action,
) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        Ok(Control {
            action,
            path: scan::list_path(assignment)?,
            wanted: parameters::required(&assignment.parameters, "scan")?.to_owned(),
            clocks: Clocks::new(assignment.as_of),
            found: None,
            login: None,
            seen: None,
        })
    })
}

impl Control {
    fn check(&self, scan: &Scan) -> Result<(), Error> {
        let state = scan.state();
        if self.action.suits(state) {
            return Ok(());
        }
        let why = match state {
            State::Paused => "it is paused already",
            State::Waiting | State::Running => "it is not paused",
            _ => "it has ended",
        };
        let what = scan.in_words();
        Err(invalid(format!("{what} cannot be {}: {why}", self.action.participle())).about("scan"))
    }
}

impl Steps for Control {
    fn question(&self) -> Option<Call> {
        if self.found.is_some() {
            return None;
        }
        let list = scan::list(&self.path);
        Some(if scan::is_reference(&self.wanted) {
            list.with("scan_ref", self.wanted.as_str())
        } else {
            list.with("ignore_target", "1").with("launched_after_datetime", self.clocks.days_ago(DAYS))
        })
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let scans = reply.records(Scan::read)?;
        if !scan::is_reference(&self.wanted) && self.clocks.answered(scans.at) {
            return Ok(());
        }
        let what = What { one: "scan", parameter: "scan" };
        // Of a weekly scan, those that have ended are not meant.
        let open: Vec<Scan> = scans.records.iter().filter(|it| !it.state().is_final()).cloned().collect();
        let is_called =
            |it: &Scan| [it.name(), &it.title].iter().any(|it| it.eq_ignore_ascii_case(&self.wanted));
        let scan = if scan::is_reference(&self.wanted) {
            let found = scans.records.iter().find(|it| it.reference == self.wanted);
            found.ok_or_else(|| scan::not_listed(&self.wanted))?
        } else if open.iter().any(is_called) {
            choose(what, &self.wanted, &open)?.one
        } else {
            choose(what, &self.wanted, &scans.records)?.one
        };
        self.check(scan)?;
        self.login = scans.login;
        self.found = Some(scan.clone().bounded());
        Ok(())
    }

    fn write(&self) -> Write {
        let verb = self.action.verb();
        let mut details = Vec::new();
        let mut form = vec![("action".to_owned(), verb.to_owned())];
        if let Some(scan) = &self.found {
            form.push(("scan_ref".to_owned(), scan.reference.clone()));
            let launched = scan.launched.map(instant::write).unwrap_or_default();
            for (label, text) in [
                ("Reference", scan.reference.as_str()),
                ("Title", &scan.title),
                ("State", &scan.state),
                ("Launched", &launched),
                ("Launched by", &scan.login),
                ("Account", self.login.as_deref().unwrap_or_default()),
            ] {
                if !text.is_empty() {
                    details.push((label.to_owned(), text.to_owned()));
                }
            }
        }
        let summary = match self.action {
            Action::Cancel => "Cancels a VM scan. It cannot be resumed; partial results are possible.",
            Action::Pause => "Pauses a VM scan. It can be resumed.",
            Action::Resume => "Resumes a VM scan that is paused.",
        };
        Write::form(CONTROL, form, Change { summary: summary.to_owned(), details })
    }

    fn accepted(&mut self, _: Accepted) {}

    fn look(&self) -> Call {
        let reference = self.found.as_ref().map(|it| it.reference.clone());
        scan::list(&self.path).with("scan_ref", reference.unwrap_or_default())
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let reference = self.found.as_ref().map(|it| it.reference.as_str());
        let scans =
            reply.records(|it| Scan::read(it).filter(|it| Some(it.reference.as_str()) == reference))?;
        let Some(scan) = scans.records.into_iter().next() else {
            return Ok(Sight { seen: Seen::NotYet, at: scans.at });
        };
        let seen = self.action.seen(&scan);
        self.seen = Some(scan.bounded());
        Ok(Sight { seen, at: scans.at })
    }

    fn shown(&self) -> Option<String> {
        self.seen.as_ref().map(|it| format!("its state is {}", it.state))
    }

    fn under_way(&self) -> Option<String> {
        let scan = self.seen.as_ref()?;
        let has_ended =
            scan.state().is_final() || self.action == Action::Pause && scan.state() == State::Paused;
        (!has_ended).then(|| scan.state.clone())
    }

    fn done(&self) -> String {
        let scan = self.seen.as_ref().or(self.found.as_ref());
        let Some(scan) = scan else { return format!("The scan was {}", self.action.participle()) };
        format!("{} was {}, and its state is {}", scan.what(), self.action.participle(), scan.state)
    }

    fn ended(&self) -> (Outcome, String) {
        let Some(scan) = &self.seen else { return (Outcome::Unknown, String::new()) };
        match self.action {
            Action::Resume => scan.ended(),
            Action::Cancel | Action::Pause if self.action.seen(scan) == Seen::Done => {
                (Outcome::Done, self.done())
            }
            Action::Cancel | Action::Pause => {
                (Outcome::NotDone, format!("{} ended as {}", scan.what(), scan.state))
            }
        }
    }

    fn where_to_look(&self) -> String {
        let reference = self.found.as_ref().map(|it| it.reference.as_str()).unwrap_or_default();
        format!("look in the console, in the list of scans, at {reference}")
    }

    fn row(&self, ending: &Ending) -> Row {
        let scan = self.seen.as_ref().or(self.found.as_ref());
        ScanReport {
            reference: scan.map(|it| it.reference.as_str()),
            title: scan.map(|it| it.title.as_str()),
            asked: &[],
            dropped: None,
            profile: None,
            scanner: None,
            seen: scan,
            ending,
        }
        .row()
    }
}
