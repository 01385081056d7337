//! One answer to a list's request.

use exhibit_plugin::column;
use exhibit_plugin::problem::{denied, malformed};
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Answer, Error, Outcome, Page, instant};

use super::Record;
use super::answer_headers::Quota;
use super::listing::Listing;
use super::pacing;
use super::paging::{self, Paging};
use super::refusal::Refusal;

/// HTTP's word for "here it is".
const OK: u16 = 200;

/// Reads an answer: rows where it is the list, and why not where it is something else.
pub(super) struct Reading {
    reader: Reader,
    findings: Findings,
}

/// What was found in an answer so far.
struct Findings {
    listing: Listing,
    cursor: Option<String>,
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
    /// The next page's cursor.
    next: Option<String>,
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

impl Reading {
    pub(super) fn new(
        listing: Listing,
        cursor: Option<String>,
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
            next: None,
        };
        Self { reader: Reader::default(), findings }
    }
}

impl Answer for Reading {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        let status = self.findings.status;
        let mut handler = Finder { findings: &mut self.findings, page };
        match self.reader.feed(chunk, &mut handler) {
            // A refusal counts by its status, however its body is written.
            Err(_) if status != OK => Ok(()),
            read => read,
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let findings = &mut self.findings;
        let blank = self.reader.is_blank();
        let read = self.reader.end(&mut Finder { findings, page });
        if findings.status != OK || findings.refusal.is_some() {
            let refusal = findings.refusal.take().unwrap_or_default();
            return refusal.judge(findings.status, &findings.quota, findings.attempt);
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
            Some(cursor) => {
                let pause = pacing::reserve(&findings.quota, findings.listing.reserve);
                Outcome::Next { cursor, pause }
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
        if (listing.identity)(&record).is_none() {
            page.reject(
                format!("{} number {} of its page", listing.record, self.records),
                "it has no identity",
            );
            return;
        }
        (listing.remark)(&record, page);
        let row = column::row(listing.columns, page, |cell| cell(&record));
        page.row(row);
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
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET"].into_iter().any(is)
            }
            Kind::SimpleReturn => is("RESPONSE"),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let findings = &mut *self.findings;
        let cursor = findings.cursor.as_deref();
        if element.is("RESPONSE") {
            findings.refusal = Some(Refusal::simple_return(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            findings.refusal = Some(Refusal::msp(element));
        } else if element.is(findings.listing.record) {
            findings.record(element, self.page);
        } else if element.is("ID_SET") {
            findings.only_ids = true;
        } else if element.is("WARNING") && findings.listing.paging == Paging::IdMin {
            if let Some(url) = element.get("URL") {
                findings.next = Some(paging::after_warning(cursor, url)?);
            }
        } else if element.is("TRUNCATION") && findings.listing.paging == Paging::Truncation {
            let last = element.attribute("last").unwrap_or_default();
            findings.next = Some(paging::after_truncation(cursor, &last)?);
        } else if findings.listing.proof_of_empty.is_some_and(|it| element.is(it)) {
            findings.may_be_empty = true;
        }
        Ok(())
    }
}
