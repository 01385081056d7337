//! Scans a web application again, as an earlier scan did.

use exhibit_plugin::catalog::{self, Parameter};
use exhibit_plugin::collection::Change;
use exhibit_plugin::problem::invalid;
use exhibit_plugin::types::{Instant, Row};
use exhibit_plugin::{Assignment, Error, Procedure, Value};
use serde::{Deserialize, Serialize};

use super::call::{Call, Reply, Write};
use super::clock::{CLOCKS_MILLIS, Clocks};
use super::flow;
use super::launch_was_scan::needs;
use super::operation::Operation;
use super::rights::Right;
use super::steps::{Ending, Outcome, Seen, Sight, Steps};
use super::was_scan::{self, WasScan};
use super::was_watch::WasWatch;
use super::{mark, parameters, scan};
use crate::names::{What, choose, listed};
use crate::qualys::blanked::{SIGN_INS, names};
use crate::qualys::qps::whole::{Data, Operator, Query};
use crate::qualys::reading::{Accepted, Stop};
use crate::qualys::settings::WAS_RESCAN_PATH;

pub(super) const OPERATION: Operation =
    Operation { name: "rescan-was", describe, right: Right::WasRescan, open };

/// How far back a scan is looked for by its name.
const DAYS: &str = "days";
const DEFAULT_DAYS: i64 = 30;
const MAX_DAYS: i64 = 366;
/// After so many looks, more than a minute, a list that shows one scan that may be the one that Qualys accepted shows all of them.
const LOOKS_FOR_OTHERS: u32 = 4;
/// How Qualys names the mode of a scan that was launched by the API, and not in the console or by a schedule.
const API: &str = "API";
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
        blanked: names(&[SIGN_INS]),
    }
}

#[derive(Serialize, Deserialize)]
struct Rescan {
    wanted: String,
    days: i64,
    /// Whether only scans with such a name are asked for: there are more than one page has.
    narrowly: bool,
    clocks: Clocks,
    path: String,
    scans_path: String,
    /// The scan before.
    old: Option<WasScan>,
    account: Account,
    /// The scans of the application that were there before; `None` until that was asked.
    before: Option<Vec<String>>,
    is_accepted: bool,
    /// How often it was looked for.
    looks: u32,
    /// Whether it is taken for the scan of this operation without having its mark.
    is_inferred: bool,
    watch: WasWatch,
}

/// The account that scans again: what tells its scans from those of others.
#[derive(Serialize, Deserialize)]
enum Account {
    NotAsked,
    /// It may not list what would say so.
    Unknown,
    Known(String),
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
            clocks: Clocks::new(assignment.as_of),
            path: assignment.settings.text(WAS_RESCAN_PATH).unwrap_or("scan").to_owned(),
            scans_path: scan::list_path(assignment)?,
            old: None,
            account: Account::NotAsked,
            before: None,
            is_accepted: false,
            looks: 0,
            is_inferred: false,
            watch: WasWatch::of(&assignment.id, ""),
        })
    })
}

impl Rescan {
    /// The scans of the application that were launched lately. The day before is for clocks that differ.
    fn lately(&self, all: Query) -> Query {
        let id = self.old.as_ref().map(|it| it.application_id.clone()).unwrap_or_default();
        let since = self.clocks.days_ago(1);
        all.with("webApp.id", Operator::Equals, id).with("launchedDate", Operator::Greater, since)
    }

    /// Whether a scan that has not the mark may be the one of this operation: what Qualys takes over from the earlier scan is the
    /// same, and it was launched by this account, by the API, and after the request.
    fn may_be(&self, scan: &WasScan) -> bool {
        let Some(old) = &self.old else { return false };
        let Account::Known(login) = &self.account else { return false };
        let is_late =
            |at: Instant| self.clocks.qualys().is_none_or(|asked| at >= asked.saturating_sub(CLOCKS_MILLIS));
        scan.user.eq_ignore_ascii_case(login)
            && scan.mode.eq_ignore_ascii_case(API)
            && scan.profile == old.profile
            && mark::without(&scan.name) == mark::without(&old.name)
            && scan.launched.is_some_and(is_late)
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
            let chosen = *choose(SCAN, &wanted, &names)?.one;
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
            let all: Vec<String> = others.map(WasScan::with_settings).collect();
            return Err(invalid(format!(
                "scans with the name {wanted:?} differ in web application or option profile"
            ))
            .remedy(format!("name the scan by its ID: {}", listed(all.into_iter())))
            .about("was-scan"));
        }
        if scan.application_id.is_empty() {
            return Err(about(format!(
                "{} is of several web applications, or Qualys does not list which",
                scan.in_words()
            )));
        }
        self.watch.rename(&scan.name);
        self.old = Some(scan.clone());
        Ok(())
    }
}

impl Steps for Rescan {
    fn question(&self) -> Option<Call> {
        if self.old.is_some() {
            if matches!(self.account, Account::NotAsked) {
                // Any list of that family says who asked, and one of what is queued is short.
                return Some(scan::list(&self.scans_path).with("ignore_target", "1").with("state", "Queued"));
            }
            let scans = || Call::Search(self.lately(was_scan::search()));
            return self.before.is_none().then(scans);
        }
        let search = was_scan::search().verbose();
        Some(Call::Search(if self.is_id() {
            search.with("id", Operator::Equals, self.wanted.as_str())
        } else {
            // Whether a search by a part of a name minds the case is not documented, so all are listed.
            let since = self.clocks.days_ago(self.days);
            let lately = search.with("launchedDate", Operator::Greater, since);
            match self.narrowly {
                true => lately.with("name", Operator::Contains, mark::without(&self.wanted)),
                false => lately,
            }
        }))
    }

    fn learn(&mut self, reply: &Reply<'_>) -> Result<(), Stop> {
        if self.old.is_none() {
            let scans = reply.records(WasScan::read)?;
            if self.clocks.answered(scans.at) && !self.is_id() {
                return Ok(());
            }
            if scans.is_cut && !self.narrowly && !self.is_id() {
                self.narrowly = true;
                return Ok(());
            }
            return Ok(self.choose(&scans.records, scans.is_cut)?);
        }
        if matches!(self.account, Account::NotAsked) {
            self.account = match reply.records(|_| None::<()>) {
                Ok(scans) => scans.login.map_or(Account::Unknown, Account::Known),
                // An account for web applications alone can scan again all the same.
                Err(Stop::Failed(Error::Denied(_) | Error::Unlicensed(_) | Error::Rejected(_))) => {
                    Account::Unknown
                }
                Err(stop) => return Err(stop),
            };
            return Ok(());
        }
        let scans = reply.records(WasScan::read)?;
        self.clocks.answered(scans.at);
        self.before = Some(scans.records.into_iter().map(|it| it.id).collect());
        Ok(())
    }

    fn write(&self) -> Write {
        let mut details = vec![("Title".to_owned(), self.watch.name())];
        let mut id = "";
        if let Some(old) = &self.old {
            id = &old.id;
            for (label, text) in [
                ("Scans again", old.in_words()),
                ("Web application", format!("{} (id {})", old.application, old.application_id)),
                ("Option profile", old.profile.clone()),
                ("Scanner", old.scanner.clone()),
                (
                    "Account",
                    match &self.account {
                        Account::Known(login) => login.clone(),
                        Account::NotAsked | Account::Unknown => String::new(),
                    },
                ),
            ] {
                if !text.is_empty() {
                    details.push((label.to_owned(), text));
                }
            }
        }
        let name = Data::default().text("name", &self.watch.name());
        let path = format!("/qps/rest/3.0/scanagain/was/{}/{id}", self.path);
        let change = Change { summary: "Scans a web application again.".to_owned(), details };
        Write::was_scan(&path, &Data::default().within("WasScan", name), change)
    }

    fn accepted(&mut self, said: Accepted) {
        self.is_accepted = true;
        // In the documentation's own sample, the answer has the id of the old scan.
        self.watch.id = said.reference.filter(|it| self.old.as_ref().is_none_or(|old| old.id != *it));
    }

    fn look(&self) -> Call {
        self.watch.look(|search| self.lately(search))
    }

    fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let scans = reply.records(WasScan::read)?;
        self.looks = self.looks.saturating_add(1);
        let at = scans.at;
        if let Some(scan) = scans.records.iter().find(|it| self.watch.is_it(it)) {
            self.watch.found(scan.clone());
            return Ok(Sight { seen: Seen::Done, at });
        }
        let before = self.before.as_deref().unwrap_or_default();
        let old = self.old.as_ref().map(|it| it.id.as_str());
        let is_new = |it: &&WasScan| !before.contains(&it.id) && Some(it.id.as_str()) != old;
        let new: Vec<&WasScan> = scans.records.iter().filter(is_new).collect();
        let mut candidates = new.iter().filter(|it| self.may_be(it));
        // Whether the name is taken over is not documented. A list may show the scan of another client first.
        if let (Some(only), None) = (candidates.next(), candidates.next())
            && self.is_accepted
            && self.looks >= LOOKS_FOR_OTHERS
        {
            let only = (*only).clone();
            self.watch.found(only);
            self.is_inferred = true;
            return Ok(Sight { seen: Seen::Done, at });
        }
        if new.is_empty() {
            return Ok(Sight { seen: Seen::NotYet, at });
        }
        let what = listed(new.iter().map(|it| it.in_words()));
        let why = format!(
            "launched on the same application meanwhile, so that it is not known which scan is that of this operation, if any: {what}"
        );
        Ok(Sight { seen: Seen::Maybe(why), at })
    }

    fn has_reference(&self) -> bool {
        self.watch.id.is_some()
    }

    fn under_way(&self) -> Option<String> {
        self.watch.under_way()
    }

    fn done(&self) -> String {
        self.watch.done()
    }

    fn ended(&self) -> (Outcome, String) {
        self.watch.ended()
    }

    fn where_to_look(&self) -> String {
        let application = self.old.as_ref().map_or("", |it| &it.application);
        let otherwise = format!("for a new one of {application}, before it is scanned again");
        self.watch.where_to_look(&otherwise)
    }

    fn row(&self, ending: &Ending) -> Row {
        self.watch.row(self.old.as_ref().map_or("", |it| &it.application), ending)
    }

    fn notes(&self) -> Vec<String> {
        let inferred = "Qualys gave the scan another name than was asked for. It is taken for that of this operation as it is the only \
                        one with the name and the option profile of the earlier scan that this account launched by the API \
                        since.";
        self.is_inferred.then(|| inferred.to_owned()).into_iter().collect()
    }
}
