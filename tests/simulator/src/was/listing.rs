//! A page of web application scans.

use std::sync::Arc;

use super::scan::{Changed, Scan};
use crate::{
    qps::{Page, Request},
    quirks::Quirks,
    stream::Rows,
    world::World,
    xml::Xml,
};

/// How much is said of each scan.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// How far it has come.
    Status,
    /// What a search says.
    Usual,
    /// What a search leaves out unless it is asked for, too.
    Details,
}

/// The page that was asked for, and what it says of itself.
pub(super) struct Listing {
    pub(super) world: Arc<World>,
    pub(super) changed: Changed,
    /// Places of its scans; a page has a thousand at most.
    pub(super) page: Page<u64>,
    pub(super) shown: Shown,
    pub(super) quirks: Quirks,
    /// The id that it was asked to come after.
    pub(super) after: u64,
    next: usize,
}

impl Listing {
    pub(super) fn new(
        world: Arc<World>,
        changed: Changed,
        page: Page<u64>,
        request: &Request,
        quirks: Quirks,
    ) -> Self {
        let shown = if request.verbose { Shown::Details } else { Shown::Usual };
        Self { world, changed, page, shown, quirks, after: request.after(), next: 0 }
    }

    /// The scan at a place alone.
    pub(super) fn of_one(
        world: Arc<World>,
        changed: Changed,
        place: u64,
        shown: Shown,
        quirks: Quirks,
    ) -> Self {
        let page = Page { records: vec![place], has_more: false };
        // It is no page, and so does not say whether there is another.
        let quirks = Quirks { more_unsaid: true, ..quirks };
        Self { world, changed, page, shown, quirks, after: 0, next: 0 }
    }

    fn scan(&self, xml: &mut Xml<'_>, scan: &Scan) {
        xml.open("WasScan");
        xml.number("id", scan.id);
        if self.shown == Shown::Status {
            xml.text("status", scan.status);
            xml.open("summary");
            xml.text("resultsStatus", scan.results_status);
            xml.text("authStatus", scan.auth_status);
            xml.close("summary");
            xml.close("WasScan");
            return;
        }
        xml.cdata("name", &scan.name);
        xml.text("reference", &scan.reference);
        xml.text("type", scan.kind);
        xml.text("mode", scan.mode);
        xml.word("multi", false);
        xml.open("target");
        xml.open("webApp");
        xml.number("id", scan.application.id);
        xml.cdata("name", &scan.application.name);
        xml.cdata("url", &scan.application.url);
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
        if self.shown == Shown::Details {
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
        self.page.head(xml, self.quirks, |place| Scan::id_at(*place), self.after);
    }

    fn row(&mut self, xml: &mut Xml<'_>) -> bool {
        let Some(index) = self.page.records.get(self.next) else { return false };
        let scan = Scan::of(&self.world, &self.changed, *index);
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
        if !self.page.records.is_empty() {
            xml.deeper().close("data");
        }
    }
}
