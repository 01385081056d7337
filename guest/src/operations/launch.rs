//! What all launches of VM scans have in common: names are looked up, the targets are checked, and what was launched is found by
//! the mark in its title.

mod dropped;
mod earlier;
mod machines;
mod parts;
mod portal;
mod reach;
mod shown;
mod warnings;

use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::Row;
use exhibit_plugin::{Assignment, Error};
use serde::{Deserialize, Serialize};

use self::parts::{Group, Paths, Surroundings, groups, profile, tags};
use super::call::{Call, Reply, Write};
use super::clock::Clocks;
use super::found::Found;
use super::mark;
use super::scan::{self, CONTROL, Scan, ScanReport, State};
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use super::targets::{self, Range};
use crate::names::{Named as _, What, choose, listed};
use crate::qualys::fo::whole::List;
use crate::qualys::reading::{Accepted, Stop};
use crate::qualys::settings::{ASSET_GROUP_VERSION, OPTION_PROFILE_VERSION, version_of};

pub(super) use self::machines::{Appliance, needed};
pub(super) use self::parts::{
    Again, Cloud, GROUP_ATTRIBUTES, Name, Targets, connectors, group_owner, groups as all_groups,
};
pub(super) use self::shown::WARNING;

/// The scanners of Qualys itself, which no list has.
pub(super) const EXTERNAL: &str = "External";
/// Bytes of the targets of a scan that is launched again: they are sent in one form.
const MAX_TARGET_BYTES: usize = 256 << 10;

/// A launch: what was asked for, and what is known so far.
#[derive(Serialize, Deserialize)]
pub(super) struct Launch {
    /// For people: what is done.
    pub(super) summary: String,
    paths: Paths,
    clocks: Clocks,
    /// The title that a person chose.
    pub(super) title: String,
    /// What is added to it, so that exactly this scan is found.
    mark: String,
    /// The scan that is launched again.
    pub(super) again: Option<Again>,
    pub(super) profile: Name,
    pub(super) scanner: Name,
    appliance: Option<Appliance>,
    pub(super) targets: Targets,
    pub(super) cloud: Option<Cloud>,
    pub(super) priority: Option<String>,
    /// The account that launches, and which scans of the same title are in progress; `None` until that was asked.
    surroundings: Option<Surroundings>,
    reference: Option<String>,
    notifications: Vec<String>,
    seen: Option<Scan>,
    dropped: Option<Vec<String>>,
}

/// What has to be asked next.
enum Question {
    /// Which appliances there are, where only such a one reaches what is to be scanned.
    Reach,
    WhichAgain,
    Again(String),
    Profile,
    Scanner,
    Groups,
    Tags,
    Connector,
    Subscription,
    Surroundings,
}

impl Launch {
    /// A launch without targets.
    ///
    /// # Errors
    /// `invalid` where a version in the settings is none.
    pub(super) fn new(assignment: &Assignment, summary: &str) -> Result<Self, Error> {
        let version = |setting| version_of(&assignment.settings, setting);
        Ok(Self {
            summary: summary.to_owned(),
            paths: Paths {
                scans: scan::list_path(assignment)?,
                profiles: format!(
                    "/api/{}/fo/subscription/option_profile/vm/",
                    version(OPTION_PROFILE_VERSION)?
                ),
                groups: format!("/api/{}/fo/asset/group/", version(ASSET_GROUP_VERSION)?),
            },
            clocks: Clocks::new(assignment.as_of),
            title: String::new(),
            mark: mark::of(&assignment.id),
            again: None,
            profile: Name::default(),
            scanner: Name::default(),
            appliance: None,
            targets: Targets::default(),
            cloud: None,
            priority: None,
            surroundings: None,
            reference: None,
            notifications: Vec::new(),
            seen: None,
            dropped: None,
        })
    }

    /// Checks what can be checked before anything is asked.
    ///
    /// # Errors
    /// `invalid` where it makes no sense.
    pub(super) fn checked(self) -> Result<Self, Error> {
        for text in self.targets.addresses.iter().chain(&self.targets.excluded) {
            if Range::parse(text).is_none() {
                let about = if self.targets.excluded.contains(text) { "excluded" } else { "addresses" };
                return Err(invalid(format!("{text:?} is no address and no range of addresses"))
                    .remedy("write 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/28")
                    .about(about));
            }
        }
        if let Some(text) = self.targets.host_names.iter().find(|it| !targets::is_host_name(it)) {
            return Err(invalid(format!("{text:?} is no full name of a host")).about("host-names"));
        }
        Ok(self)
    }

    fn is_external(&self) -> bool {
        self.scanner.wanted.eq_ignore_ascii_case(EXTERNAL)
    }

    fn marked_title(&self) -> String {
        format!("{} {}", self.title, self.mark)
    }

    fn asks(&self) -> Option<Question> {
        if let Some(again) = &self.again
            && again.scan.is_none()
        {
            return Some(again.reference.clone().map_or(Question::WhichAgain, Question::Again));
        }
        if self.not_reached().is_some() {
            return Some(Question::Reach);
        }
        if self.profile.found.is_none() {
            return Some(Question::Profile);
        }
        if self.scanner.found.is_none() && !self.is_external() {
            return Some(Question::Scanner);
        }
        if !self.targets.groups.is_empty() && self.targets.found_groups.is_none() {
            return Some(Question::Groups);
        }
        if !self.targets.tags.is_empty() && self.targets.found_tags.is_none() {
            return Some(Question::Tags);
        }
        if self.cloud.as_ref().is_some_and(|it| it.found.is_none()) {
            return Some(Question::Connector);
        }
        if self.targets.outside.is_none() && !self.asked_addresses().is_empty() {
            return Some(Question::Subscription);
        }
        self.surroundings.is_none().then_some(Question::Surroundings)
    }

    fn learn_groups(&mut self, all: &[Group]) -> Result<(), Error> {
        let what = What { one: "asset group", parameter: "asset-groups" };
        let mut found = Vec::new();
        for wanted in &self.targets.groups {
            found.push(choose(what, wanted, all)?.one.given(wanted));
        }
        self.targets.found_groups = Some(found);
        Ok(())
    }

    /// All targets, as a person named them.
    fn asked(&self) -> Vec<String> {
        let targets = &self.targets;
        let mut asked: Vec<String> = targets.addresses.iter().chain(&targets.host_names).cloned().collect();
        asked.extend(targets.groups.iter().map(|it| format!("asset group {it}")));
        asked.extend(targets.tags.iter().map(|it| format!("tag {it}")));
        asked.extend(self.cloud.iter().flat_map(|it| it.instances.iter().cloned()));
        scan::bound(&mut asked);
        asked
    }
}

impl Steps for Launch {
    fn question(&self) -> Option<Call> {
        let scans = |days| {
            scan::list(&self.paths.scans)
                .with("ignore_target", "1")
                .with("launched_after_datetime", self.clocks.days_ago(days))
        };
        Some(match self.asks()? {
            Question::WhichAgain => scans(self.again.as_ref().map_or(1, |it| it.days)),
            Question::Again(reference) => scan::list(&self.paths.scans).with("scan_ref", reference),
            Question::Profile => Call::new(
                &self.paths.profiles,
                List { root: "OPTION_PROFILES", record: "BASIC_INFO" },
                [("action", "list")],
            ),
            Question::Reach | Question::Scanner => machines::appliances(),
            Question::Groups => groups(&self.paths.groups, &format!("{GROUP_ATTRIBUTES},IP_SET")),
            Question::Tags => tags(),
            Question::Connector => connectors(),
            Question::Subscription => self.addresses(),
            Question::Surroundings => scans(1).with("state", "Running,Paused,Queued,Loading"),
        })
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        match self.asks() {
            Some(Question::WhichAgain) => {
                let scans = reply.records(Scan::read)?;
                if !self.clocks.answered(scans.at) {
                    self.choose_again(scans.records)?;
                }
            }
            Some(Question::Reach) => {
                let why = self.not_reached().unwrap_or_default();
                return Err(machines::needed(&why, reply));
            }
            Some(Question::Again(reference)) => {
                let scans = reply.records(Scan::read)?.records;
                match scans.into_iter().find(|it| it.reference == reference) {
                    Some(scan) => self.take_over(scan)?,
                    None => return Err(scan::not_listed(&reference).into()),
                }
            }
            Some(Question::Profile) => {
                let all = reply.records(profile)?.records;
                let what = What { one: "option profile", parameter: "option-profile" };
                self.profile.found = Some(Found::choose(what, &self.profile.wanted, &all)?);
            }
            Some(Question::Scanner) => {
                let all = reply.records(Appliance::read)?.records;
                let what = What { one: "scanner appliance", parameter: "scanner" };
                let choice = choose(what, &self.scanner.wanted, &all)?;
                let found = choice.one.found.clone().named_by(&self.scanner.wanted, choice.has_namesake);
                self.scanner.found = Some(found);
                self.appliance = Some(choice.one.clone());
            }
            Some(Question::Groups) => {
                let all = reply.records(Group::read)?.records;
                self.learn_groups(&all)?;
            }
            Some(Question::Tags) => self.learn_tags(reply)?,
            Some(Question::Connector) => self.learn_connector(reply)?,
            Some(Question::Subscription) => self.learn_addresses(reply)?,
            Some(Question::Surroundings) => {
                let scans = reply.records(Scan::read)?;
                let same = |it: &&Scan| {
                    mark::without(&it.title) == self.title
                        && !it.state().is_final()
                        && it.state() != State::Unknown
                };
                let under_way: Vec<String> =
                    scans.records.iter().filter(same).map(Scan::in_words).take(10).collect();
                if self.clocks.answered(scans.at) {
                    return Ok(());
                }
                self.surroundings = Some(Surroundings { login: scans.login, under_way });
            }
            None => {}
        }
        Ok(())
    }

    fn write(&self) -> Write {
        let change = Change { summary: self.summary.clone(), details: self.details() };
        Write::form(CONTROL, self.form(), change)
    }

    fn accepted(&mut self, said: Accepted) {
        self.reference = said.reference;
        self.notifications = said.notifications;
    }

    fn look(&self) -> Call {
        match &self.reference {
            Some(reference) => scan::list(&self.paths.scans).with("scan_ref", reference.as_str()),
            // The day before is for clocks that differ.
            None => scan::list(&self.paths.scans).with("launched_after_datetime", self.clocks.days_ago(1)),
        }
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let reference = self.reference.clone();
        let mark = &self.mark;
        let is_it = |it: &Scan| match &reference {
            Some(reference) => it.reference == *reference,
            None => it.title.ends_with(mark.as_str()),
        };
        let scans = reply.records(|it| Scan::read(it).filter(is_it))?;
        let Some(scan) = scans.records.into_iter().next() else {
            return Ok(Sight { seen: Seen::NotYet, at: scans.at });
        };
        self.reference = Some(scan.reference.clone());
        self.dropped = self.compare(&scan);
        self.seen = Some(scan.bounded());
        Ok(Sight { seen: Seen::Done, at: scans.at })
    }

    fn has_reference(&self) -> bool {
        self.reference.is_some()
    }

    fn under_way(&self) -> Option<String> {
        let Some(scan) = &self.seen else { return Some("not known".to_owned()) };
        (!scan.state().is_final()).then(|| scan.state.clone())
    }

    fn done(&self) -> String {
        let dropped = self.dropped_in_words();
        match &self.seen {
            Some(scan) => format!("{} was launched, and its state is {}{dropped}", scan.what(), scan.state),
            None => format!("The VM scan {:?} was launched{dropped}", self.marked_title()),
        }
    }

    fn ended(&self) -> (Outcome, String) {
        let Some(scan) = &self.seen else { return (Outcome::Unknown, String::new()) };
        let (outcome, how) = scan.ended();
        (outcome, format!("{how}{}", self.dropped_in_words()))
    }

    fn where_to_look(&self) -> String {
        match &self.reference {
            Some(reference) => format!("look in the console, in the list of scans, at {reference}"),
            None => format!(
                "look in the console, in the list of scans, for a title that ends in {:?}, before anything is launched again",
                self.mark
            ),
        }
    }

    fn row(&self, ending: &Ending) -> Row {
        let title = self.marked_title();
        let profile = self.profile.found.as_ref().map(|it| it.name.as_str());
        let scanner = self.scanner.found.as_ref().map_or(EXTERNAL, |it| it.name.as_str());
        ScanReport {
            reference: self.reference.as_deref(),
            title: Some(self.seen.as_ref().map_or(title.as_str(), |it| it.title.as_str())),
            asked: &self.asked(),
            dropped: self.dropped.as_deref(),
            profile,
            scanner: Some(scanner),
            seen: self.seen.as_ref(),
            ending,
        }
        .row()
    }

    fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        // Of instances, Qualys itself says which it skipped.
        let dropped = self.dropped.as_ref().filter(|it| !it.is_empty() && self.cloud.is_none());
        if let Some(dropped) = dropped {
            notes.push(format!(
                "Qualys left targets out without saying why: {}. The account may have no permission to scan them.",
                listed(dropped.iter().cloned())
            ));
        }
        for said in &self.notifications {
            notes.push(format!("Qualys notified: {said}"));
        }
        for warning in self.warnings() {
            notes.push(format!("Known before the launch: {warning}."));
        }
        notes
    }
}
