//! How a scan of a web application is followed that an operation began, from the answer to its request to its end.

use serde::{Deserialize, Serialize};

use super::call::{Call, Reply};
use super::mark;
use super::steps::{Ending, Outcome, Seen, Sight};
use super::was_scan::{self, WasReport, WasScan};
use crate::qualys::qps::whole::{Operator, Query};
use crate::qualys::reading::Stop;
use exhibit_plugin::types::Row;

/// The scan that is followed.
#[derive(Serialize, Deserialize)]
pub(super) struct WasWatch {
    /// What is added to its name, so that exactly this scan is found.
    mark: String,
    /// What it is called but for that.
    title: String,
    /// Its id, once it is known.
    pub(super) id: Option<String>,
    pub(super) seen: Option<WasScan>,
}

impl WasWatch {
    /// The scan that an operation of this id begins.
    pub(super) fn of(id: &str, title: &str) -> Self {
        Self { mark: mark::of(id), title: title.to_owned(), id: None, seen: None }
    }

    /// The title, where it is that of an earlier scan.
    pub(super) fn rename(&mut self, title: &str) {
        mark::without(title).clone_into(&mut self.title);
    }

    /// What the scan is to be called.
    pub(super) fn name(&self) -> String {
        format!("{} {}", self.title, self.mark)
    }

    /// Whether a scan is this one: it has the id that Qualys answered with, or the mark.
    pub(super) fn is_it(&self, scan: &WasScan) -> bool {
        self.id.as_ref().is_some_and(|id| scan.id == *id) || scan.name.ends_with(&self.mark)
    }

    /// The search for it by its id, where that is known; else `others`.
    pub(super) fn look(&self, others: impl FnOnce(Query) -> Query) -> Call {
        let search = was_scan::search().verbose();
        Call::Search(match &self.id {
            Some(id) => search.with("id", Operator::Equals, id.as_str()),
            None => others(search),
        })
    }

    /// Takes the answer to a search for it by its id or its name.
    pub(super) fn see(&mut self, reply: &Reply<'_>) -> Result<Sight, Stop> {
        let scans = reply.records(|it| WasScan::read(it).filter(|it| self.is_it(it)))?;
        let Some(scan) = scans.records.into_iter().next() else {
            return Ok(Sight { seen: Seen::NotYet, at: scans.at });
        };
        self.found(scan);
        Ok(Sight { seen: Seen::Done, at: scans.at })
    }

    /// A list shows it.
    pub(super) fn found(&mut self, scan: WasScan) {
        self.id = Some(scan.id.clone());
        self.seen = Some(scan);
    }

    pub(super) fn under_way(&self) -> Option<String> {
        let Some(scan) = &self.seen else { return Some("not known".to_owned()) };
        (!scan.is_final()).then(|| scan.status.clone())
    }

    pub(super) fn done(&self) -> String {
        match &self.seen {
            Some(scan) => format!("{} was launched, and its status is {}", scan.what(), scan.status),
            None => format!("The web application scan {:?} was launched", self.name()),
        }
    }

    pub(super) fn ended(&self) -> (Outcome, String) {
        let not_seen = || (Outcome::Unknown, String::new());
        self.seen.as_ref().map_or_else(not_seen, WasScan::ended)
    }

    /// `otherwise` says what to look for where its id is not known.
    pub(super) fn where_to_look(&self, otherwise: &str) -> String {
        let place = "look in the console, in the list of web application scans,";
        match &self.id {
            Some(id) => format!("{place} at the ID {id}"),
            None => format!("{place} {otherwise}"),
        }
    }

    /// What a name ends in, for people.
    pub(super) fn mark(&self) -> &str {
        &self.mark
    }

    pub(super) fn row(&self, application: &str, ending: &Ending) -> Row {
        let (id, seen) = (self.id.as_deref(), self.seen.as_ref());
        WasReport { id, name: &self.name(), application, seen, ending }.row()
    }
}
