//! A page of hosts: each detection becomes a row as soon as it was read.

use std::collections::BTreeMap;

use exhibit_plugin::collection::Pause;
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Outcome, Page, Row, column, instant};

use super::super::inner::Inner;
use super::super::listing::EDGE_MILLIS;
use super::plan::{Findings, RESULTS, UPDATED};
use super::row::{Finding, digest, packed};
use super::state::State;

const HOST: &str = "HOST";
const DETECTION: &str = "DETECTION";
/// Children of a host that are read. All of them come before its detections.
const OF_A_HOST: [&str; 15] = [
    "ID",
    "ASSET_ID",
    "IP",
    "IPV6",
    "TRACKING_METHOD",
    "OS",
    "DNS",
    "NETBIOS",
    "QG_HOSTID",
    "LAST_SCAN_DATETIME",
    "LAST_VM_SCANNED_DATE",
    "LAST_VM_SCANNED_DURATION",
    "LAST_VM_AUTH_SCANNED_DATE",
    "LAST_PC_SCANNED_DATE",
    "NETWORK_ID",
];
/// Of a text that a host is called by, where it is rejected.
const NAME_CHARS: usize = 100;

/// Reads a page of hosts.
pub(super) struct Hosts {
    findings: Findings,
    state: State,
    /// How many elements are open around what is read, the root not counted.
    depth: usize,
    host: Option<Host>,
    hosts: u64,
    /// Where the next page begins, other than the answer says: it broke off there, or has more than may be held. What
    /// follows there is left unread.
    resumed_at: Option<u64>,
}

/// The host under way.
#[derive(Default)]
struct Host {
    /// How many elements are open in it, itself included, where it has nothing open.
    depth: usize,
    texts: BTreeMap<&'static str, String>,
    /// An element that it has twice, with different contents.
    contradicted: Option<&'static str>,
    /// What became of it, once it has a detection or ended.
    standing: Option<Standing>,
    detections: u64,
    /// The keys of its rows, and of the rows themselves: `None` for rows of an earlier page.
    rows: BTreeMap<u64, Option<u64>>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Good,
    /// It was rejected, and its detections are of no matter.
    Rejected,
}

impl Hosts {
    pub(super) fn new(findings: Findings, state: State) -> Self {
        Self { findings, state, depth: 0, host: None, hosts: 0, resumed_at: None }
    }

    /// What becomes of the host under way, decided before its first detection.
    ///
    /// # Errors
    /// `malformed` where hosts do not ascend.
    fn standing(&mut self, page: &mut Page) -> Result<Standing, Error> {
        let number = self.hosts;
        let Some(host) = &mut self.host else { return Ok(Standing::Rejected) };
        if let Some(standing) = host.standing {
            return Ok(standing);
        }
        let reject = |page: &mut Page, host: &mut Host, why: String| {
            page.reject(host.called(number), why);
            host.standing = Some(Standing::Rejected);
            Ok(Standing::Rejected)
        };
        if let Some(name) = host.contradicted {
            return reject(
                page,
                host,
                format!("its element {name} is there more than once, with different contents"),
            );
        }
        let Some(id) = host.id() else {
            let what = if host.texts.contains_key("ID") { "is not a number" } else { "is missing" };
            return reject(page, host, format!("its identifier {what}"));
        };
        let before = std::mem::replace(&mut self.state.seen, id);
        if id < before {
            return Err(malformed(format!(
                "HOST {id} came after HOST {before}: the list does not ascend, so records may be missing"
            )));
        }
        if id == before {
            if self.state.lacks_keys() {
                page.note("A host with very many detections came on two pages: some of its rows may be there twice.");
            }
            host.rows = self.state.keys.iter().map(|it| (*it, None)).collect();
        }
        host.standing = Some(Standing::Good);
        Ok(Standing::Good)
    }

    fn detection(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        if self.standing(page)? == Standing::Rejected {
            return Ok(());
        }
        let (number, findings) = (self.hosts, &self.findings);
        let Some(host) = &mut self.host else { return Ok(()) };
        host.detections += 1;
        let finding = Finding {
            host: &host.texts,
            element,
            selected: findings.listing.selected,
            as_of: findings.listing.as_of,
            has_results: findings.results > 0,
        };
        let subject = match finding.get("QID") {
            Some(qid) if !qid.is_empty() => format!("{}, QID {qid:.20}", host.called(number)),
            _ => format!("{}, DETECTION number {}", host.called(number), host.detections),
        };
        if let Some(filter) = findings.listing.window_filter {
            let when = finding.get(filter.date_element).and_then(instant::parse);
            if when.is_some_and(|it| it < filter.window.start || it >= filter.window.end) {
                page.outside_window();
                return Ok(());
            }
        }
        let updated = finding.get(UPDATED).and_then(instant::parse);
        if page.is_of_other_job(updated, EDGE_MILLIS, false) {
            return Ok(());
        }
        let row = column::row(findings.columns, &subject, page, |cell| cell(&finding));
        if let Some(name) = element.contradiction() {
            page.reject(
                subject,
                format!("its element {name:.60} is there more than once, with different contents"),
            );
            return Ok(());
        }
        let Some(qid) = findings.joined.qid(&row) else {
            page.reject(subject, "its QID is missing or not a number");
            return Ok(());
        };
        let results = element.child(RESULTS).filter(|_| findings.results > 0);
        if self.row(qid, row, page)
            && let Some((_, Some(bytes))) = results.map(|it| it.kept())
        {
            self.state.cut(&subject, bytes);
        }
        Ok(())
    }

    /// A row, unless it is there already: handed over, or held. Whether it is there now, and was not before.
    fn row(&mut self, qid: u64, row: Row, page: &mut Page) -> bool {
        let Some(host) = &mut self.host else { return false };
        let key = self.findings.joined.digest(&row);
        let text = packed(&row);
        let whole = digest(&text);
        let before = host.rows.get(&key).copied();
        // A row of an earlier page cannot be compared any more, and is the same detection.
        if before.is_some_and(|it| it.is_none_or(|it| it == whole)) {
            page.duplicate();
            return false;
        }
        let repeated = before.map(|_| self.findings.joined.shown(&row));
        if !self.state.holds() && self.state.knows(&self.findings, qid) {
            page.compared_row(self.state.complete(&self.findings, qid, row));
        } else if !self.state.hold(text) {
            if self.state.holds() {
                // It comes again, with what follows it.
                self.resumed_at = host.id();
                self.state.keep_keys(host.rows.keys().copied());
                return false;
            }
            page.note("A row was too large to wait for its title, and has none.");
            page.compared_row(row);
        }
        if let Some(key) = repeated {
            page.repeated_key(key);
        }
        host.rows.insert(key, Some(whole));
        true
    }
}

impl Host {
    /// `None` where it has several, too.
    fn id(&self) -> Option<u64> {
        self.texts.get("ID").filter(|_| self.contradicted != Some("ID"))?.parse().ok()
    }

    /// By its ID, else by its place, and by its address where it has one.
    fn called(&self, number: u64) -> String {
        let text = |name: &str| self.texts.get(name).filter(|it| !it.is_empty());
        let cut = |it: &String| it.chars().take(NAME_CHARS).collect::<String>();
        let id =
            self.id().map_or_else(|| format!("HOST number {number} of its page"), |id| format!("host {id}"));
        match text("DNS").or(text("NETBIOS")).or(text("IP")).or(text("IPV6")) {
            Some(name) => format!("{id} ({})", cut(name)),
            None => id,
        }
    }
}

impl Inner for Hosts {
    fn wants(&self, name: &str) -> bool {
        let Some(host) = &self.host else { return false };
        match self.depth - host.depth {
            0 => OF_A_HOST.iter().any(|it| it.eq_ignore_ascii_case(name)),
            1 => name.eq_ignore_ascii_case(DETECTION),
            _ => false,
        }
    }

    fn opened(&mut self, name: &str) {
        self.depth += 1;
        if self.host.is_none() && name.eq_ignore_ascii_case(HOST) {
            self.hosts += 1;
            self.host = Some(Host { depth: self.depth, ..Host::default() });
        }
    }

    fn closed(&mut self, page: &mut Page) -> Result<(), Error> {
        if self.host.as_ref().is_some_and(|it| it.depth == self.depth) {
            let is_read = self.resumed_at.is_none();
            if is_read {
                self.standing(page)?;
            }
            if let Some(host) = self.host.take().filter(|it| is_read && it.standing == Some(Standing::Good)) {
                self.state.keep_keys(host.rows.into_keys());
            }
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<bool, Error> {
        let Some(host) = self.host.as_mut().filter(|_| self.resumed_at.is_none()) else {
            return Ok(self.host.is_some());
        };
        if element.is(DETECTION) {
            self.detection(element, page)?;
            return Ok(true);
        }
        let Some(name) = OF_A_HOST.iter().copied().find(|it| element.is(it)) else { return Ok(false) };
        let text = element.text();
        match host.texts.get(name) {
            Some(before) if before != text => host.contradicted = Some(name),
            Some(_) => {}
            None => {
                host.texts.insert(name, text.to_owned());
            }
        }
        Ok(true)
    }

    fn records(&self) -> u64 {
        self.hosts
    }

    fn broken(&mut self, error: Error, page: &mut Page) -> Result<(), Error> {
        if self.resumed_at.is_some() {
            return Ok(());
        }
        if self.host.is_none() {
            return Err(error);
        }
        if self.standing(page)? == Standing::Rejected {
            // Where it is in the list is not known, so neither is what comes after it.
            return Err(error);
        }
        let number = self.hosts;
        let Some(host) = self.host.take() else { return Err(error) };
        let Some(id) = host.id() else { return Err(error) };
        if self.state.retried != Some(id) {
            // It may have been a fault of this one answer.
            self.state.retried = Some(id);
            self.resumed_at = Some(id);
        } else if self.state.steps_over() {
            let so_far = match host.detections {
                0 => String::new(),
                1 => "; the 1 before that is included".to_owned(),
                more => format!("; the {more} before that are included"),
            };
            let message = &error.problem().message;
            page.reject(host.called(number), format!("its detections cannot be read: {message}{so_far}"));
            self.resumed_at = Some(id.saturating_add(1));
        } else {
            return Err(error);
        }
        self.state.keep_keys(host.rows.into_keys());
        Ok(())
    }

    fn smaller(&self) -> Option<String> {
        Some(self.state.clone().smaller(&self.findings.listing)?.write())
    }

    fn end(
        mut self: Box<Self>,
        next: Option<u64>,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error> {
        match self.resumed_at.or(next) {
            Some(from) => self.state.go_to(from),
            None => self.state.is_at_end(),
        }
        self.state.proceed(&self.findings, pause, page)
    }
}
