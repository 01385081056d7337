//! A page of web application scans.

use std::sync::Arc;

use super::{filter::Filter, scan::Scan};
use crate::{
    changes::LaunchedWas,
    faults::Quirks,
    qps::{Refused, Request},
    question::Question,
    stream::Rows,
    world::World,
    xml::Xml,
};

/// The page that was asked for, and what it says of itself.
pub(super) struct Listing {
    world: Arc<World>,
    /// Places of its scans; a page has a thousand at most.
    scans: Vec<u64>,
    launched: Vec<LaunchedWas>,
    now: i64,
    has_more: bool,
    verbose: bool,
    quirks: Quirks,
    /// The id that it was asked to come after.
    after: u64,
    next: usize,
}

impl Listing {
    pub(super) fn new(
        world: Arc<World>,
        request: &Request,
        question: &Question<'_>,
    ) -> Result<Self, Refused> {
        let quirks = question.quirks;
        let launched = if quirks.hide_launched { Vec::new() } else { question.changes.launched_was() };
        let now = question.changes.now(&world);
        let filter = Filter::read(&request.criteria)?;
        let (mut scans, mut has_more, mut skip) = (Vec::new(), false, request.skip);
        for index in 0..world.was_scans + launched.len() as u64 {
            if Scan::id_at(index) < request.from_id
                || !filter.admits(&Scan::of(&world, &launched, index, now))?
            {
                continue;
            }
            if skip > 0 {
                skip -= 1;
            } else if scans.len() as u64 == request.limit {
                has_more = true;
                break;
            } else {
                scans.push(index);
            }
        }
        let after = request.criteria.iter().find(|it| it.field == "id" && it.operator == "GREATER");
        let after = after.and_then(|it| it.value.parse().ok()).unwrap_or_default();
        Ok(Self { world, launched, now, scans, has_more, verbose: request.verbose, quirks, after, next: 0 })
    }

    fn scan(&self, xml: &mut Xml<'_>, scan: &Scan) {
        xml.open("WasScan");
        xml.number("id", scan.id);
        xml.cdata("name", &scan.name);
        xml.text("reference", &scan.reference);
        xml.text("type", scan.kind);
        xml.text("mode", scan.mode);
        xml.word("multi", false);
        xml.open("target");
        xml.open("webApp");
        xml.number("id", scan.application.id);
        xml.cdata("name", scan.application.name);
        xml.cdata("url", scan.application.url);
        xml.close("webApp");
        xml.open("scannerAppliance");
        xml.text("type", if scan.appliance.is_some() { "INTERNAL" } else { "EXTERNAL" });
        if let Some(name) = scan.appliance {
            xml.cdata("friendlyName", name);
        }
        xml.close("scannerAppliance");
        xml.word("randomizeScan", false);
        xml.close("target");
        xml.open("profile");
        xml.number("id", scan.profile.0);
        xml.cdata("name", scan.profile.1);
        xml.close("profile");
        xml.moment("launchedDate", scan.launched);
        let (id, login, first, last) = scan.launched_by;
        user(xml, "launchedBy", (id, scan.login.as_deref().unwrap_or(login), first, last));
        xml.text("status", scan.status);
        if self.verbose {
            self.details(xml, scan);
        }
        xml.open("summary");
        if let Some(duration) = scan.duration {
            xml.number("crawlDuration", duration.unsigned_abs() / 3);
            xml.number("testDuration", duration.unsigned_abs() / 2);
            xml.number("linksCrawled", scan.links);
            xml.number("nbRequests", scan.links * 40);
        }
        xml.text("resultsStatus", scan.results_status);
        xml.text("authStatus", scan.auth_status);
        xml.close("summary");
        xml.close("WasScan");
    }

    /// What a search leaves out unless it is asked for.
    fn details(&self, xml: &mut Xml<'_>, scan: &Scan) {
        if let Some(duration) = scan.duration {
            xml.moment("endScanDate", scan.launched + duration);
            xml.number("scanDuration", duration.unsigned_abs());
        }
        if let Some(canceled_by) = scan.canceled_by {
            user(xml, "canceledBy", canceled_by);
        }
        xml.word("sendMail", true);
    }
}

fn user(xml: &mut Xml<'_>, element: &str, (id, login, first, last): (u64, &str, &str, &str)) {
    xml.open(element);
    xml.number("id", id);
    xml.text("username", login);
    xml.cdata("firstName", first);
    xml.cdata("lastName", last);
    xml.close(element);
}

impl Rows for Listing {
    fn head(&mut self, xml: &mut Xml<'_>) {
        xml.text("responseCode", "SUCCESS");
        xml.number("count", self.scans.len() as u64);
        if self.scans.is_empty() || self.quirks.more_unsaid {
            // A page without records says neither, and has no data.
            return;
        }
        if self.quirks.more_as_text {
            xml.cdata("hasMoreRecords", if self.has_more { " TRUE " } else { " False " });
        } else {
            xml.word("hasMoreRecords", self.has_more);
        }
        if let Some(last) = self.scans.last().filter(|_| self.has_more) {
            xml.number("lastId", if self.quirks.stuck_last_id { self.after } else { Scan::id_at(*last) });
        }
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(index) = self.scans.get(self.next) else { return false };
        let scan = Scan::of(&self.world, &self.launched, *index, self.now);
        if self.next == 0 {
            xml.open("data");
            self.scan(xml, &scan);
        } else {
            self.scan(&mut xml.deeper(), &scan);
        }
        self.next += 1;
        true
    }

    fn foot(&mut self, xml: &mut Xml<'_>) {
        if !self.scans.is_empty() {
            xml.deeper().close("data");
        }
    }
}
