//! What all launches of VM scans have in common: names are looked up, the targets are checked, and what was launched is found by
//! the mark in its title.

use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::{Instant, Row};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Assignment, Error, instant};
use serde::{Deserialize, Serialize};

use super::flow::{Ending, Outcome, Seen, Sight, Steps, Write};
use super::names::{What, choose, listed};
use super::scan::{self, CONTROL, Scan, ScanReport, State};
use super::targets::{self, Range};
use crate::qualys::fo::whole::{Accepted, Call, List, Reply, Stop, short};
use crate::qualys::settings::{ASSET_GROUP_VERSION, OPTION_PROFILE_VERSION, version_of};

/// The scanners of Qualys itself, which no list has.
pub(super) const EXTERNAL: &str = "External";
/// The longest id of an operation that a title carries as it is.
const MAX_ID_CHARS: usize = 16;
const DAY_MILLIS: i64 = 86_400_000;
/// Bytes of the targets of a scan that is launched again: they are sent in one form.
const MAX_TARGET_BYTES: usize = 256 << 10;

/// A launch: what was asked for, and what is known so far.
#[derive(Serialize, Deserialize)]
pub(super) struct Launch {
    /// For people: what is done.
    pub(super) summary: String,
    paths: Paths,
    as_of: Instant,
    /// The title that a person chose.
    pub(super) title: String,
    /// What is added to it, so that exactly this scan is found.
    mark: String,
    /// The scan that is launched again.
    pub(super) again: Option<Again>,
    pub(super) profile: Name,
    pub(super) scanner: Name,
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

#[derive(Serialize, Deserialize)]
struct Paths {
    scans: String,
    profiles: String,
    groups: String,
}

/// A name that a person gave, and what Qualys calls it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Name {
    pub(super) wanted: String,
    pub(super) found: Option<Found>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Found {
    name: String,
    id: String,
    /// What else a person should see of it.
    remark: String,
}

/// What is to be scanned.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Targets {
    pub(super) addresses: Vec<String>,
    pub(super) excluded: Vec<String>,
    pub(super) host_names: Vec<String>,
    pub(super) groups: Vec<String>,
    found_groups: Option<Vec<Group>>,
    pub(super) tags: Vec<String>,
    pub(super) all_tags: bool,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Group {
    id: String,
    title: String,
    /// Addresses of it that no scanner of Qualys' own reaches.
    private: Option<String>,
}

/// Where instances of EC2 are.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Cloud {
    pub(super) connector: String,
    pub(super) region: String,
    pub(super) instances: Vec<String>,
}

/// The scan that is launched again.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Again {
    pub(super) wanted: String,
    pub(super) days: i64,
    pub(super) reference: Option<String>,
    pub(super) scan: Option<Scan>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Surroundings {
    login: Option<String>,
    under_way: Vec<String>,
}

/// What has to be asked next.
enum Question {
    WhichAgain,
    Again(String),
    Profile,
    Scanner,
    Groups,
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
            as_of: assignment.as_of,
            title: String::new(),
            mark: mark(&assignment.id),
            again: None,
            profile: Name::default(),
            scanner: Name::default(),
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
                return Err(invalid(format!("{text:?} is no address and no range of addresses"))
                    .remedy("write 192.0.2.1, 192.0.2.1-192.0.2.9 or 192.0.2.0/28")
                    .about("addresses"));
            }
        }
        if let Some(text) = self.targets.host_names.iter().find(|it| !targets::is_host_name(it)) {
            return Err(invalid(format!("{text:?} is no full name of a host")).about("host-names"));
        }
        self.check_reach()?;
        Ok(self)
    }

    /// An address that only a scanner inside reaches is not scanned by one of Qualys: it would find no host, and say so as if all
    /// were well.
    fn check_reach(&self) -> Result<(), Error> {
        if self.cloud.is_some() || !self.is_external() {
            return Ok(());
        }
        let is_private = |it: &&String| Range::parse(it).is_some_and(|it| it.is_private());
        let address = self.targets.addresses.iter().find(is_private).map(|it| format!("{it} is private"));
        let groups = self.targets.found_groups.iter().flatten();
        let group = groups.filter_map(|it| {
            it.private.as_ref().map(|at| format!("the asset group {:?} has {at}, which is private", it.title))
        });
        match address.or_else(|| group.into_iter().next()) {
            None => Ok(()),
            Some(why) => Err(invalid(format!(
                "{why}, and the scanner {EXTERNAL} reaches only what is in the Internet"
            ))
            .remedy("choose a scanner appliance that reaches it")
            .about("scanner")),
        }
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
        if self.profile.found.is_none() {
            return Some(Question::Profile);
        }
        if self.scanner.found.is_none() && !self.is_external() {
            return Some(Question::Scanner);
        }
        if !self.targets.groups.is_empty() && self.targets.found_groups.is_none() {
            return Some(Question::Groups);
        }
        self.surroundings.is_none().then_some(Question::Surroundings)
    }

    fn since(&self, days: i64) -> String {
        instant::write(self.as_of - days * DAY_MILLIS)
    }

    /// Finds the scan that is meant by its title.
    fn choose_again(&mut self, scans: Vec<Scan>) -> Result<(), Error> {
        let Some(again) = &mut self.again else { return Ok(()) };
        let what = What { one: "scan", parameter: "scan" };
        let title = |it: &Scan| without_mark(&it.title).to_owned();
        let same: Vec<&Scan> = scans.iter().filter(|it| title(it) == without_mark(&again.wanted)).collect();
        // Scans of a schedule have one title: the newest one is meant, if all of them are alike.
        let newest = same.iter().max_by_key(|it| (it.launched, &it.reference));
        if let Some(newest) = newest {
            let alike = |it: &&&Scan| it.profile == newest.profile && it.groups == newest.groups;
            if same.iter().all(|it| alike(&it)) {
                again.reference = Some(newest.reference.clone());
                return Ok(());
            }
            return Err(invalid(format!(
                "scans with the title {:?} differ in option profile or asset groups",
                again.wanted
            ))
            .remedy(format!("name one by its reference: {}", listed(same.iter().map(|it| it.in_words()))))
            .about("scan"));
        }
        let mut titles: Vec<String> = scans.iter().map(title).collect();
        titles.sort_unstable();
        titles.dedup();
        let chosen = choose(what, &again.wanted, &titles, |it| it, Clone::clone)?.clone();
        again.wanted = chosen;
        self.choose_again(scans)
    }

    /// Takes over what the earlier scan had.
    fn take_over(&mut self, scan: Scan) -> Result<(), Error> {
        let about = |error: Error| error.about("scan");
        let what = scan.in_words();
        let Some(old) = &scan.targets else {
            return Err(about(invalid(format!("Qualys does not list the targets of {what}"))));
        };
        if old.iter().map(String::len).sum::<usize>() > MAX_TARGET_BYTES {
            return Err(about(invalid(format!("{what} has too many targets to be launched again"))));
        }
        for target in old {
            if Range::parse(target).is_some() {
                self.targets.addresses.push(target.clone());
            } else if targets::is_host_name(target) {
                self.targets.host_names.push(target.clone());
            } else {
                let message =
                    format!("{what} has the target {target:?}, which is no address and no host name");
                return Err(about(invalid(message).remedy(
                    "scans of cloud instances and of tags are launched by the operations for them",
                )));
            }
        }
        if self.targets.addresses.is_empty() && self.targets.host_names.is_empty() {
            return Err(about(invalid(format!("{what} has no targets"))));
        }
        if self.profile.wanted.is_empty() {
            if scan.profile.is_empty() {
                return Err(invalid(format!("Qualys does not list the option profile of {what}"))
                    .remedy("name an option profile")
                    .about("option-profile"));
            }
            let name = scan.profile.clone();
            self.profile.found = Some(Found { name, id: String::new(), remark: String::new() });
        }
        let priority = scan.priority.split(' ').next().unwrap_or_default();
        if matches!(priority, "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9") {
            self.priority = Some(priority.to_owned());
        }
        self.title = without_mark(&scan.title).to_owned();
        self.check_reach()?;
        if let Some(again) = &mut self.again {
            again.scan = Some(scan.bounded());
        }
        Ok(())
    }

    fn learn_groups(&mut self, all: &[Group]) -> Result<(), Error> {
        let what = What { one: "asset group", parameter: "asset-groups" };
        let mut found = Vec::new();
        for wanted in &self.targets.groups {
            found.push(choose(what, wanted, all, |it| &it.title, |it| it.title.clone())?.clone());
        }
        self.targets.found_groups = Some(found);
        self.check_reach()
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

    /// What Qualys left out of what was asked; `None` where it lists nothing to compare.
    fn compare(&self, scan: &Scan) -> Option<Vec<String>> {
        if let Some(cloud) = &self.cloud {
            // The list has IDs of Qualys in place of instances, so only what Qualys says itself is known.
            let skipped =
                cloud.instances.iter().filter(|it| self.notifications.iter().any(|said| said.contains(*it)));
            let skipped: Vec<String> = skipped.cloned().collect();
            return (!skipped.is_empty()).then_some(skipped);
        }
        if !self.targets.tags.is_empty() {
            return None;
        }
        let listed = scan.targets.as_ref()?;
        let ranges = |texts: &[String]| texts.iter().filter_map(|it| Range::parse(it)).collect::<Vec<_>>();
        let asked = targets::minus(&ranges(&self.targets.addresses), &ranges(&self.targets.excluded));
        let missing = targets::minus(&asked, &ranges(listed));
        let mut dropped: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let is_listed = |name: &&String| !listed.iter().any(|it| it.eq_ignore_ascii_case(name));
        dropped.extend(self.targets.host_names.iter().filter(is_listed).cloned());
        if !scan.groups.is_empty() {
            let groups = self.targets.found_groups.iter().flatten();
            let missing = groups.filter(|it| !scan.groups.contains(&short(&it.title)));
            dropped.extend(missing.map(|it| format!("asset group {}", it.title)));
        }
        scan::bound(&mut dropped);
        Some(dropped)
    }

    fn details(&self) -> Vec<(String, String)> {
        let mut details = vec![("Title".to_owned(), self.marked_title())];
        let mut add = |label: &str, text: String| {
            if !text.is_empty() {
                details.push((label.to_owned(), text));
            }
        };
        if let Some(scan) = self.again.as_ref().and_then(|it| it.scan.as_ref()) {
            add("Launches again", scan.in_words());
            add("Its asset groups", listed(scan.groups.iter().cloned()));
        }
        let targets = &self.targets;
        add("Addresses", targets.addresses.join(", "));
        add("Host names", targets.host_names.join(", "));
        let group = |it: &Group| format!("{} (id {})", short(&it.title), it.id);
        let groups: Vec<String> = targets.found_groups.iter().flatten().map(group).collect();
        add("Asset groups", groups.join(", "));
        let unchecked = "not looked up: Qualys refuses what it does not know";
        if !targets.tags.is_empty() {
            let which = if targets.all_tags { "all of" } else { "any of" };
            add("Tags", format!("{which} {} ({unchecked})", targets.tags.join(", ")));
        }
        add("Left out", targets.excluded.join(", "));
        if let Some(cloud) = &self.cloud {
            add("Connector", format!("{} ({unchecked})", cloud.connector));
            add("Region or VPC", cloud.region.clone());
            add("Instances", cloud.instances.join(", "));
        }
        add("Option profile", self.profile.in_words());
        if self.is_external() {
            add("Scanner", format!("{EXTERNAL}: the scanners of Qualys in the Internet"));
        } else {
            add("Scanner", self.scanner.in_words());
        }
        add("Priority", self.priority.clone().unwrap_or_default());
        if let Some(surroundings) = &self.surroundings {
            add("Account", surroundings.login.clone().unwrap_or_default());
            add("In progress already", surroundings.under_way.join(", "));
        }
        details
    }

    fn form(&self) -> Vec<(String, String)> {
        let mut form = Vec::new();
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                form.push((name.to_owned(), value));
            }
        };
        add("action", "launch".to_owned());
        add("scan_title", self.marked_title());
        match &self.profile.found {
            Some(it) if it.id.is_empty() => add("option_title", it.name.clone()),
            Some(it) => add("option_id", it.id.clone()),
            None => {}
        }
        match &self.scanner.found {
            Some(it) => add("iscanner_name", it.name.clone()),
            None => add("iscanner_name", EXTERNAL.to_owned()),
        }
        let targets = &self.targets;
        add("ip", targets.addresses.join(","));
        add("fqdn", targets.host_names.join(","));
        let groups = targets.found_groups.iter().flatten();
        add("asset_group_ids", groups.map(|it| it.id.clone()).collect::<Vec<_>>().join(","));
        add("exclude_ip_per_scan", targets.excluded.join(","));
        if !targets.tags.is_empty() {
            add("target_from", "tags".to_owned());
            add("tag_set_by", "name".to_owned());
            add("tag_set_include", targets.tags.join(","));
            add("tag_include_selector", if targets.all_tags { "all" } else { "any" }.to_owned());
        }
        if let Some(cloud) = &self.cloud {
            add("connector_name", cloud.connector.clone());
            add("ec2_endpoint", cloud.region.clone());
            add("ec2_instance_ids", cloud.instances.join(","));
        }
        add("priority", self.priority.clone().unwrap_or_default());
        form
    }
}

impl Name {
    fn in_words(&self) -> String {
        let Some(found) = &self.found else { return self.wanted.clone() };
        let id = Some(format!("id {}", found.id)).filter(|_| !found.id.is_empty());
        let remark = Some(found.remark.clone()).filter(|it| !it.is_empty());
        let more: Vec<String> = id.into_iter().chain(remark).collect();
        if more.is_empty() { found.name.clone() } else { format!("{} ({})", found.name, more.join(", ")) }
    }
}

impl Steps for Launch {
    fn question(&self) -> Option<Call> {
        let scans = |days| {
            scan::list(&self.paths.scans)
                .with("ignore_target", "1")
                .with("launched_after_datetime", self.since(days))
        };
        Some(match self.asks()? {
            Question::WhichAgain => scans(self.again.as_ref().map_or(1, |it| it.days)),
            Question::Again(reference) => scan::list(&self.paths.scans).with("scan_ref", reference),
            Question::Profile => Call::new(
                &self.paths.profiles,
                // The rest of a profile may hold passwords: it is not read.
                List { root: "OPTION_PROFILES", record: "BASIC_INFO" },
                [("action", "list")],
            ),
            Question::Scanner => Call::new(
                "/api/2.0/fo/appliance/",
                List { root: "APPLIANCE_LIST_OUTPUT", record: "APPLIANCE" },
                [("action", "list"), ("output_mode", "full"), ("include_cloud_info", "1")],
            ),
            Question::Groups => Call::new(
                &self.paths.groups,
                List { root: "ASSET_GROUP_LIST_OUTPUT", record: "ASSET_GROUP" },
                [("action", "list"), ("truncation_limit", "0"), ("show_attributes", "TITLE,IP_SET")],
            ),
            Question::Surroundings => scans(1).with("state", "Running,Paused,Queued,Loading"),
        })
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        match self.asks() {
            Some(Question::WhichAgain) => self.choose_again(reply.records(Scan::read)?.records)?,
            Some(Question::Again(reference)) => {
                let scans = reply.records(Scan::read)?.records;
                match scans.into_iter().find(|it| it.reference == reference) {
                    Some(scan) => self.take_over(scan)?,
                    None => return Err(scan::not_listed(&reference).into()),
                }
            }
            Some(Question::Profile) => {
                let all = reply.records(|it| named(it, "GROUP_NAME"))?.records;
                let what = What { one: "option profile", parameter: "option-profile" };
                self.profile.found = Some(chosen(what, &self.profile.wanted, &all)?);
            }
            Some(Question::Scanner) => {
                let all = reply.records(appliance)?.records;
                let what = What { one: "scanner appliance", parameter: "scanner" };
                self.scanner.found = Some(chosen(what, &self.scanner.wanted, &all)?);
            }
            Some(Question::Groups) => {
                let all = reply.records(group)?.records;
                self.learn_groups(&all)?;
            }
            Some(Question::Surroundings) => {
                let scans = reply.records(Scan::read)?;
                let same = |it: &&Scan| {
                    without_mark(&it.title) == self.title
                        && !it.state().is_final()
                        && it.state() != State::Unknown
                };
                let under_way: Vec<String> =
                    scans.records.iter().filter(same).map(Scan::in_words).take(10).collect();
                self.surroundings = Some(Surroundings { login: scans.login, under_way });
            }
            None => {}
        }
        Ok(())
    }

    fn write(&self) -> Write {
        let change = Change { summary: self.summary.clone(), details: self.details() };
        Write { path: CONTROL, form: self.form(), change }
    }

    fn accepted(&mut self, said: Accepted) {
        self.reference = said.reference;
        self.notifications = said.notifications;
    }

    fn look(&self) -> Call {
        match &self.reference {
            Some(reference) => scan::list(&self.paths.scans).with("scan_ref", reference.as_str()),
            // The day before is for clocks that differ.
            None => scan::list(&self.paths.scans).with("launched_after_datetime", self.since(1)),
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

    fn under_way(&self) -> Option<String> {
        let Some(scan) = &self.seen else { return Some("not known".to_owned()) };
        (!scan.state().is_final()).then(|| scan.state.clone())
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
        let was_done = ending.outcome == Outcome::Done;
        ScanReport {
            reference: self.reference.as_deref(),
            title: Some(self.seen.as_ref().map_or(title.as_str(), |it| it.title.as_str())),
            asked: &self.asked(),
            dropped: self.dropped.as_deref().filter(|_| was_done),
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
        notes
    }
}

/// What a title ends in, so that exactly this scan is found.
fn mark(id: &str) -> String {
    let fits = id.len() <= MAX_ID_CHARS && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
    if fits { format!("{MARK}{id}]") } else { format!("{MARK}{:016x}]", digest(id)) }
}

const MARK: &str = "[exhibit ";

/// FNV-1a: it tells ids apart, which is all that is needed.
fn digest(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// A title as a person chose it.
fn without_mark(title: &str) -> &str {
    match title.rsplit_once(MARK) {
        Some((before, rest)) if rest.ends_with(']') => before.trim_end(),
        _ => title,
    }
}

fn named(element: &Element<'_>, name: &str) -> Option<Found> {
    let name = element.get(name).filter(|it| !it.is_empty())?.to_owned();
    let id = element.get("ID").unwrap_or_default().to_owned();
    Some(Found { name, id, remark: String::new() })
}

fn appliance(element: &Element<'_>) -> Option<Found> {
    let mut remark = vec![short(element.get("STATUS").unwrap_or_default())];
    let cloud = element.child("CLOUD_INFO");
    if let Some(ec2) = cloud.and_then(|it| it.child("EC2_INFO")) {
        remark.extend(["INSTANCE_REGION", "INSTANCE_VPC_ID"].iter().filter_map(|it| ec2.get(it)).map(short));
    }
    remark.retain(|it| !it.is_empty());
    Some(Found { remark: remark.join(", "), ..named(element, "NAME")? })
}

fn group(element: &Element<'_>) -> Option<Group> {
    let title = element.get("TITLE").filter(|it| !it.is_empty())?.to_owned();
    let id = element.get("ID").filter(|it| !it.is_empty())?.to_owned();
    let set = element.child("IP_SET");
    let addresses = set.iter().flat_map(|it| it.children());
    let private = addresses.filter(|it| it.is("IP") || it.is("IP_RANGE")).find_map(|it| {
        let range = Range::parse(it.text())?;
        range.is_private().then(|| range.to_string())
    });
    Some(Group { id, title, private })
}

fn chosen(what: What, wanted: &str, all: &[Found]) -> Result<Found, Error> {
    let shown =
        |it: &Found| if it.id.is_empty() { it.name.clone() } else { format!("{} (id {})", it.name, it.id) };
    choose(what, wanted, all, |it| &it.name, shown).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_carries_the_id_of_its_operation() {
        assert_eq!(mark("7f3a-21"), "[exhibit 7f3a-21]");
        assert_eq!(mark("a long id, with spaces"), mark("a long id, with spaces"));
        assert_ne!(mark("an id of more than 16, a"), mark("an id of more than 16, b"));
        assert_eq!(mark("an id of more than 16, a").len(), "[exhibit ]".len() + 16);
        assert_eq!(without_mark(&format!("Weekly {}", mark("1"))), "Weekly");
        assert_eq!(without_mark("Weekly [exhibit"), "Weekly [exhibit");
    }
}
