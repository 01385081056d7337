//! One answer to a list's request.

use exhibit_plugin::column;
use exhibit_plugin::problem::{denied, malformed};
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Answer, Error, Outcome, Page, instant};

use super::error;
use super::listing::Listing;
use super::paging::{self, Cursor, Paging};
use super::record::Record;
use crate::qualys::answer_headers::Quota;
use crate::qualys::pacing;
use crate::qualys::refusal::Refusal;

/// HTTP's word for "here it is".
const OK: u16 = 200;

/// Reads an answer: rows where it is the list, and why not where it is something else.
pub(super) struct ListAnswer {
    reader: Reader,
    findings: Findings,
    /// Whether the body of a refusal turned out not to be XML.
    unreadable: bool,
}

/// What was found in an answer so far.
struct Findings {
    listing: Listing,
    cursor: Option<Cursor>,
    status: u16,
    quota: Quota,
    attempt: u32,
    kind: Kind,
    refusal: Option<Refusal>,
    records: u64,
    /// Whether [`Listing::proof_of_empty`] came.
    may_be_empty: bool,
    /// Whether ids came in place of records.
    only_ids: bool,
    /// The greatest id or number of this page.
    greatest: u64,
    /// Where the next page begins.
    next: Option<u64>,
}

/// What an answer is, by its root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unknown,
    List,
    SimpleReturn,
    GenericReturn,
    Html,
}

/// Sees the document go by: writes findings down, and rows onto the page.
struct Finder<'a> {
    findings: &'a mut Findings,
    page: &'a mut Page,
}

impl ListAnswer {
    pub(super) fn new(
        listing: Listing,
        cursor: Option<Cursor>,
        status: u16,
        quota: Quota,
        attempt: u32,
    ) -> Self {
        let findings = Findings {
            listing,
            cursor,
            status,
            quota,
            attempt,
            kind: Kind::Unknown,
            refusal: None,
            records: 0,
            may_be_empty: false,
            only_ids: false,
            greatest: 0,
            next: None,
        };
        Self { reader: Reader::default(), findings, unreadable: false }
    }
}

impl Answer for ListAnswer {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        if self.unreadable {
            return Ok(());
        }
        let status = self.findings.status;
        let mut handler = Finder { findings: &mut self.findings, page };
        match self.reader.feed(chunk, &mut handler) {
            // A refusal counts by its status, however its body is written.
            Err(_) if status != OK => {
                self.unreadable = true;
                Ok(())
            }
            read => read,
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let findings = &mut self.findings;
        let blank = self.reader.is_blank();
        let read = if self.unreadable { Ok(()) } else { self.reader.end(&mut Finder { findings, page }) };
        if findings.status != OK || findings.refusal.is_some() {
            let refusal = findings.refusal.take().unwrap_or_default();
            return refusal.judge(findings.status, &findings.quota, findings.attempt, findings.records > 0);
        }
        if blank {
            return Err(denied(
                "Qualys answered with nothing at all, as it does where the account may not use the API",
            )
            .remedy("have API access switched on for the account"));
        }
        read?;
        findings.whole()?;
        if self.reader.repaired() {
            page.note(
                "Some texts held characters that XML does not allow; they were replaced by U+FFFD. \
                 The recorded answers have them as they came.",
            );
        }
        for note in &findings.listing.notes {
            page.note(note.as_str());
        }
        Ok(match findings.next.take() {
            Some(from) => {
                let seen = findings.greatest.max(findings.cursor.map_or(0, |it| it.seen));
                let pause = pacing::reserve(&findings.quota, findings.listing.reserve);
                Outcome::Next { cursor: Cursor::new(from, seen).to_string(), pause }
            }
            None => Outcome::Last,
        })
    }
}

impl Findings {
    /// Whether a complete document says what was asked, be it that there is nothing.
    fn whole(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Html => {
                Err(malformed("Qualys, or something in between, answered with a web page in place of data")
                    .remedy(
                        "check the origin's address and the proxy; in times of maintenance, try again later",
                    ))
            }
            Kind::SimpleReturn | Kind::GenericReturn => {
                Err(malformed("Qualys answered with a message in place of data, and the message is empty"))
            }
            _ if self.records > 0 => Ok(()),
            _ if self.only_ids => Err(malformed(format!(
                "Qualys answered with ids alone, without the {} records that were asked for",
                self.listing.record
            ))),
            _ if self.may_be_empty => Ok(()),
            _ => Err(malformed(format!(
                "Qualys answered with a {} that has neither records nor what an empty one has",
                self.listing.root
            ))),
        }
    }

    fn record(&mut self, element: &Element<'_>, page: &mut Page) {
        self.records += 1;
        let listing = &self.listing;
        let record = Record { element, as_of: listing.as_of };
        if let Some(within) = listing.within {
            let when = record.get(within.when).and_then(instant::parse);
            if when.is_some_and(|it| it < within.window.start || it >= within.window.end) {
                page.outside_window();
                return;
            }
        }
        let Some(identity) = (listing.identity)(&record) else {
            let subject = format!("{} number {} of its page", listing.record, self.records);
            page.reject(subject, "it has no identity");
            return;
        };
        // Lists without pages go by no number.
        let number: Option<u64> = identity.parse().ok();
        // Pages ascend. The last record of the page before may come again, and is newer
        // then; what lies further back came before, and counts as it came then.
        if let (Some(number), Some(cursor)) = (number, self.cursor)
            && number < cursor.seen
        {
            page.duplicate();
            return;
        }
        self.greatest = self.greatest.max(number.unwrap_or(0));
        (listing.remark)(&record, page);
        let row = column::row(listing.columns, identity, page, |cell| cell(&record));
        page.row(row);
    }

    /// What a `WARNING` says: where it goes on, or that something is amiss.
    fn warning(&mut self, warning: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        match self.listing.paging {
            Paging::FirstPage => {}
            Paging::IdMin => {
                let url = warning.get("URL").unwrap_or_default();
                self.next = Some(paging::after_warning(self.cursor, url)?);
            }
            Paging::Whole | Paging::Truncation => {
                let text = warning.get("TEXT").unwrap_or_default();
                page.note(format!("Qualys warns: {text:.300}"));
            }
        }
        Ok(())
    }
}

impl Handler for Finder<'_> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let kind = if is(self.findings.listing.root) {
            Kind::List
        } else if is("SIMPLE_RETURN") {
            Kind::SimpleReturn
        } else if is("GENERIC_RETURN") {
            Kind::GenericReturn
        } else if is("html") {
            Kind::Html
        } else {
            return Err(malformed(format!(
                "Qualys answered with a {name:.60?}, where a {} was asked for",
                self.findings.listing.root
            )));
        };
        self.findings.kind = kind;
        Ok(kind != Kind::Html)
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let listing = &self.findings.listing;
        match self.findings.kind {
            Kind::List => {
                is(listing.record)
                    || listing.proof_of_empty.is_some_and(is)
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET", "REQUEST"].into_iter().any(is)
            }
            Kind::SimpleReturn => is("RESPONSE"),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let findings = &mut *self.findings;
        if element.is("RESPONSE") {
            findings.refusal = Some(error::simple_return(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            findings.refusal = Some(error::msp(element));
        } else if findings.status != OK {
            // Whatever it holds is no list that was asked for.
        } else if element.is(findings.listing.record) {
            findings.record(element, self.page);
        } else if element.is("ID_SET") {
            findings.only_ids = true;
        } else if element.is("WARNING") {
            findings.warning(element, self.page)?;
        } else if element.is("TRUNCATION") {
            let last = element.attribute("last").unwrap_or_default();
            match findings.listing.paging {
                Paging::Truncation => findings.next = Some(paging::after_truncation(findings.cursor, &last)?),
                Paging::FirstPage => {}
                Paging::Whole | Paging::IdMin => {
                    return Err(malformed("the list is truncated, though this list has no pages"));
                }
            }
        } else if (element.is("REQUEST") || element.is("HEADER"))
            && let Some(login) = element.get("USER_LOGIN").filter(|it| !it.is_empty())
        {
            self.page
                .note(format!("Collected by the account {login:.100}: what it may not see is not listed."));
        }
        if findings.listing.proof_of_empty.is_some_and(|it| element.is(it)) {
            findings.may_be_empty = true;
        }
        Ok(())
    }
}
