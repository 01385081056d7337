//! Scans a web application again, as an earlier scan did.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::{Instant, Row};
use exhibit_plugin::{Assignment, Error, Procedure, Value, instant};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::flow;
use super::launch_was_scan::needs;
use super::names::{What, choose};
use super::operation::Operation;
use super::rights::Right;
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use super::was_scan::{self, WasReport, WasScan};
use super::{mark, parameters};
use crate::qualys::qps::whole::{Data, Operator, Query};
use crate::qualys::reading::{Accepted, Stop};
use crate::qualys::settings::WAS_RESCAN_PATH;

pub(super) const OPERATION: Operation =
    Operation { name: "rescan-was", describe, right: Right::WasRescan, open };

/// How far back a scan is looked for by its name.
const DAYS: &str = "days";
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 366;
/// After so many looks, more than a minute, the only new scan of the application is taken for the one that Qualys accepted.
const LOOKS_FOR_OTHERS: u32 = 4;
const DAY_MILLIS: i64 = 86_400_000;
const SCAN: What = What { one: "web application scan", parameter: "was-scan" };

fn describe() -> catalog::Operation {
    let mut parameters = vec![
        Parameter::text(
            "was-scan",
            "Scan",
            "The ID or the name of a web application scan. Of several with one name, the newest is scanned again.",
        )
        .required(),
        Parameter::integer(DAYS, "Days", "How many days back a scan is looked for by its name, from 1 to 366.")
            .default(Value::Integer(DEFAULT_DAYS)),
    ];
    parameters.extend(parameters::wait());
    catalog::Operation {
        name: OPERATION.name.to_owned(),
        label: "Scan a web application again".to_owned(),
        help: "Launches another scan with the settings of an earlier one.".to_owned(),
        parameters,
        fields: was_scan::fields(),
        confirm: "was-scan".to_owned(),
        needs: needs("the permission Access WAS module"),
    }
}

#[derive(Serialize, Deserialize)]
struct Rescan {
    wanted: String,
    days: i64,
    /// Whether only scans with such a name are asked for: there are more than one page has.
    narrowly: bool,
    as_of: Instant,
    mark: String,
    path: String,
    /// The scan before.
    old: Option<WasScan>,
    /// The scans of the application that were there before; `None` until that was asked.
    before: Option<Vec<String>>,
    is_accepted: bool,
    /// How often it was looked for.
    looks: u32,
    /// The id in the answer, where it is a new one.
    id: Option<String>,
    seen: Option<WasScan>,
}

fn open(assignment: &Assignment, saved: Option<&str>) -> Result<Box<dyn Procedure>, Error> {
    let wait = parameters::wait_seconds(&assignment.parameters)?;
    flow::open(assignment, saved, wait, |assignment| {
        let given = &assignment.parameters;
        let days = given.integer(DAYS).unwrap_or(DEFAULT_DAYS);
        if !(1..=MAX_DAYS).contains(&days) {
            return Err(invalid(format!("the parameter {DAYS:?} must be from 1 to {MAX_DAYS}")).about(DAYS));
        }
        Ok(Rescan {
            wanted: parameters::required(given, "was-scan")?.to_owned(),
            days,
            narrowly: false,
            as_of: assignment.as_of,
            mark: mark::of(&assignment.id),
            path: assignment.settings.text(WAS_RESCAN_PATH).unwrap_or("scan").to_owned(),
            old: None,
            before: None,
            is_accepted: false,
            looks: 0,
            id: None,
            seen: None,
        })
    })
}

impl Rescan {
    /// What the new scan is to be called.
    fn name(&self) -> String {
        let title = self.old.as_ref().map_or("", |it| mark::without(&it.name));
        format!("{title} {}", self.mark)
    }

    /// The scans of the application that were launched lately. The day before is for clocks that differ.
    fn lately(&self) -> Query {
        let id = self.old.as_ref().map(|it| it.application_id.clone()).unwrap_or_default();
        was_scan::search().with("webApp.id", Operator::Equals, id).with(
            "launchedDate",
            Operator::Greater,
            instant::write(self.as_of - DAY_MILLIS),
        )
    }

    fn is_id(&self) -> bool {
        self.wanted.bytes().all(|it| it.is_ascii_digit())
    }

    fn choose(&mut self, scans: &[WasScan], is_cut: bool) -> Result<(), Error> {
        let wanted = mark::without(&self.wanted).to_owned();
        let same = |it: &&WasScan| {
            if self.is_id() { it.id == self.wanted } else { mark::without(&it.name) == wanted }
        };
        let mut newest: Option<&WasScan> = scans.iter().filter(same).max_by_key(|it| (it.launched, &it.id));
        if newest.is_none() {
            let mut names: Vec<&str> = scans.iter().map(|it| mark::without(&it.name)).collect();
            names.sort_unstable();
            names.dedup();
            let chosen = *choose(SCAN, &wanted, &names, |it| it, |it| (*it).to_owned())?;
            newest = scans
                .iter()
                .filter(|it| mark::without(&it.name) == chosen)
                .max_by_key(|it| (it.launched, &it.id));
        }
        let about = |message: String| invalid(message).remedy("name the scan by its ID").about("was-scan");
        let Some(scan) = newest else { return Err(about(format!("no scan is called {wanted:?}"))) };
        if is_cut {
            return Err(about(format!("too many scans have {wanted:?} in their names")));
        }
        let others = scans.iter().filter(|it| mark::without(&it.name) == mark::without(&scan.name));
        let differs = |it: &&WasScan| it.application_id != scan.application_id || it.profile != scan.profile;
        if !self.is_id() && others.clone().any(|it| differs(&it)) {
            return Err(about(format!(
                "scans with the name {wanted:?} differ in web application or option profile"
            )));
        }
        if scan.application_id.is_empty() {
            return Err(about(format!(
                "{} is of several web applications, or Qualys does not list which",
                scan.in_words()
            )));
        }
        self.old = Some(scan.clone());
        Ok(())
    }
}

impl Steps for Rescan {
    fn question(&self) -> Option<Call> {
        if self.old.is_some() {
            return self.before.is_none().then(|| Call::Search(self.lately()));
        }
        let search = was_scan::search().verbose();
        Some(Call::Search(if self.is_id() {
            search.with("id", Operator::Equals, self.wanted.as_str())
        } else {
            // Whether a search by a part of a name minds the case is not documented, so all are listed.
            let since = instant::write(self.as_of - self.days * DAY_MILLIS);
            let lately = search.with("launchedDate", Operator::Greater, since);
            match self.narrowly {
                true => lately.with("name", Operator::Contains, mark::without(&self.wanted)),
                false => lately,
            }
        }))
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        let scans = reply.records(WasScan::read)?;
        if self.old.is_none() {
            if scans.is_cut && !self.narrowly && !self.is_id() {
                self.narrowly = true;
                return Ok(());
            }
            return Ok(self.choose(&scans.records, scans.is_cut)?);
        }
        self.before = Some(scans.records.into_iter().map(|it| it.id).collect());
        Ok(())
    }

    fn write(&self) -> Write {
        let mut details = vec![("Title".to_owned(), self.name())];
        let mut id = "";
        if let Some(old) = &self.old {
            id = &old.id;
            for (label, text) in [
                ("Scans again", old.in_words()),
                ("Web application", format!("{} (id {})", old.application, old.application_id)),
                ("Option profile", old.profile.clone()),
                ("Scanner", old.scanner.clone()),
            ] {
                if !text.is_empty() {
                    details.push((label.to_owned(), text));
                }
            }
        }
        let name = Data::default().text("name", &self.name());
        let path = format!("/qps/rest/3.0/scanagain/was/{}/{id}", self.path);
        let change = Change { summary: "Scans a web application again.".to_owned(), details };
        Write::was_scan(&path, &Data::default().within("WasScan", name), change)
    }

    fn accepted(&mut self, said: Accepted) {
        self.is_accepted = true;
        // In the documentation's own sample, the answer has the id of the old scan.
        self.id = said.reference.filter(|it| self.old.as_ref().is_none_or(|old| old.id != *it));
    }

    fn look(&self) -> Call {
        Call::Search(match &self.id {
            Some(id) => was_scan::search().verbose().with("id", Operator::Equals, id.as_str()),
            None => self.lately().verbose(),
        })
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let scans = reply.records(WasScan::read)?;
        self.looks = self.looks.saturating_add(1);
        let at = scans.at;
        let before = self.before.as_deref().unwrap_or_default();
        let old = self.old.as_ref().map(|it| it.id.as_str());
        let is_new = |it: &&WasScan| !before.contains(&it.id) && Some(it.id.as_str()) != old;
        let mut new = scans.records.iter().filter(is_new);
        let by_id = |it: &&WasScan| self.id.as_ref().is_some_and(|id| it.id == *id);
        let marked = scans.records.iter().find(|it| by_id(it) || it.name.ends_with(&self.mark));
        let found = match (marked, new.next(), new.next()) {
            (Some(scan), ..) => scan,
            // Whether the name is taken over is not documented. A list may show the scan of another client first.
            (None, Some(only), None) if self.is_accepted && self.looks >= LOOKS_FOR_OTHERS => only,
            (None, Some(scan), _) => {
                let what = scan.in_words();
                let why = format!(
                    "{what} was launched on the same application meanwhile; whether it is this one is not known"
                );
                return Ok(Sight { seen: Seen::Maybe(why), at });
            }
            (None, None, _) => return Ok(Sight { seen: Seen::NotYet, at }),
        };
        self.id = Some(found.id.clone());
        self.seen = Some(found.clone());
        Ok(Sight { seen: Seen::Done, at })
    }

    fn has_reference(&self) -> bool {
        self.id.is_some()
    }

    fn under_way(&self) -> Option<String> {
        let Some(scan) = &self.seen else { return Some("not known".to_owned()) };
        (!scan.is_final()).then(|| scan.status.clone())
    }

    fn ended(&self) -> (Outcome, String) {
        let not_seen = || (Outcome::Unknown, String::new());
        self.seen.as_ref().map_or_else(not_seen, WasScan::ended)
    }

    fn where_to_look(&self) -> String {
        let application = self.old.as_ref().map_or("", |it| &it.application);
        match &self.id {
            Some(id) => format!("look in the console, in the list of web application scans, at the ID {id}"),
            None => format!(
                "look in the console, in the list of web application scans, for a new one of {application}, before it is scanned again"
            ),
        }
    }

    fn row(&self, ending: &Ending) -> Row {
        let application = self.old.as_ref().map_or("", |it| &it.application);
        let (id, seen) = (self.id.as_deref(), self.seen.as_ref());
        WasReport { id, name: &self.name(), application, seen, ending }.row()
    }
}
