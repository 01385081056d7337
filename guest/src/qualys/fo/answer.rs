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

/// The status of an answer with data.
const OK: u16 = 200;

/// What to do about an answer that is not what Qualys documents.
const REPORT: &str = "try again; if it fails again, report it to the author of the plugin, with the answer";

/// Reads an answer: rows where it is the list, an error or a pause where it is a refusal.
pub(super) struct ListAnswer {
    reader: Reader,
    state: ListState,
    /// Whether the body of a refusal is not XML.
    not_xml: bool,
}

/// What was read from an answer so far.
struct ListState {
    listing: Listing,
    cursor: Option<Cursor>,
    status: u16,
    quota: Quota,
    attempt: u32,
    kind: Kind,
    refusal: Option<Refusal>,
    records: u64,
    /// Whether the answer has [`Listing::empty_marker`].
    has_empty_marker: bool,
    /// Whether the answer has IDs instead of records.
    has_only_ids: bool,
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

/// Handles the elements of the document: updates the state, and adds rows to the page.
struct ListHandler<'a> {
    state: &'a mut ListState,
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
        let state = ListState {
            listing,
            cursor,
            status,
            quota,
            attempt,
            kind: Kind::Unknown,
            refusal: None,
            records: 0,
            has_empty_marker: false,
            has_only_ids: false,
            greatest: 0,
            next: None,
        };
        Self { reader: Reader::default(), state, not_xml: false }
    }
}

impl Answer for ListAnswer {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        if self.not_xml {
            return Ok(());
        }
        let status = self.state.status;
        let mut handler = ListHandler { state: &mut self.state, page };
        match self.reader.feed(chunk, &mut handler) {
            // The status decides about a refusal, whatever its body is.
            Err(_) if status != OK => {
                self.not_xml = true;
                Ok(())
            }
            read => read.map_err(with_remedy),
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let state = &mut self.state;
        let blank = self.reader.is_blank();
        let read = if self.not_xml { Ok(()) } else { self.reader.end(&mut ListHandler { state, page }) };
        if state.status != OK || state.refusal.is_some() {
            let refusal = state.refusal.take().unwrap_or_default();
            return refusal.outcome(state.status, &state.quota, state.attempt, state.records > 0);
        }
        if blank {
            return Err(denied("Qualys sent an empty answer, as it does when the account has no API access")
                .remedy("enable API access for the account"));
        }
        read.and_then(|()| state.check_complete()).map_err(with_remedy)?;
        if self.reader.repaired() {
            page.note(
                "Some texts contained characters that XML does not allow. They were replaced by U+FFFD; the recorded \
                 answers contain the original bytes.",
            );
        }
        for note in &state.listing.notes {
            page.note(note.as_str());
        }
        Ok(match state.next.take() {
            Some(from) => {
                let seen = state.greatest.max(state.cursor.map_or(0, |it| it.seen));
                let pause = pacing::reserve(&state.quota, state.listing.reserve);
                Outcome::Next { cursor: Cursor::new(from, seen).to_string(), pause }
            }
            None => Outcome::Last,
        })
    }
}

/// The error, with a next step where it has none.
fn with_remedy(error: Error) -> Error {
    if error.problem().remedy.is_some() { error } else { error.remedy(REPORT) }
}

impl ListState {
    /// Checks that a complete document is the list that was requested, even if it is empty.
    fn check_complete(&self) -> Result<(), Error> {
        match self.kind {
            Kind::Html => Err(malformed("Qualys, or a proxy in between, sent a web page instead of data")
                .remedy(
                    "check the address of the origin, and the proxy; during maintenance, try again later",
                )),
            Kind::SimpleReturn | Kind::GenericReturn => {
                Err(malformed("Qualys sent a status message instead of data, and the message is empty"))
            }
            _ if self.records > 0 => Ok(()),
            _ if self.has_only_ids => Err(malformed(format!(
                "Qualys sent only IDs, without the {} records that were requested",
                self.listing.record
            ))),
            _ if self.has_empty_marker => Ok(()),
            _ => Err(malformed(format!(
                "Qualys sent a {} without records, and without the element that marks an empty list",
                self.listing.root
            ))),
        }
    }

    fn record(&mut self, element: &Element<'_>, page: &mut Page) {
        self.records += 1;
        let listing = &self.listing;
        let record = Record { element, as_of: listing.as_of };
        if let Some(window_filter) = listing.window_filter {
            let when = record.get(window_filter.date_element).and_then(instant::parse);
            if when.is_some_and(|it| it < window_filter.window.start || it >= window_filter.window.end) {
                page.outside_window();
                return;
            }
        }
        let Some(identity) = (listing.identity)(&record) else {
            let subject = format!("{} number {} of its page", listing.record, self.records);
            page.reject(subject, "its identifier is missing");
            return;
        };
        // The identity is a number only where the list has pages.
        let number: Option<u64> = identity.parse().ok();
        // Pages ascend. The last record of the previous page may be repeated, and is newer
        // then; records before it are duplicates, and the earlier ones count.
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

    /// Reads a `WARNING`: where the next page begins, or that something is wrong.
    fn warning(&mut self, warning: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        match self.listing.paging {
            Paging::FirstPage => {}
            Paging::IdMin => {
                let url = warning.get("URL").unwrap_or_default();
                self.next = Some(paging::after_warning(self.cursor, url)?);
            }
            Paging::Whole | Paging::Truncation => {
                let text = warning.get("TEXT").unwrap_or_default();
                page.note(format!("Qualys reported a warning: {text:.300}"));
            }
        }
        Ok(())
    }
}

impl Handler for ListHandler<'_> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let kind = if is(self.state.listing.root) {
            Kind::List
        } else if is("SIMPLE_RETURN") {
            Kind::SimpleReturn
        } else if is("GENERIC_RETURN") {
            Kind::GenericReturn
        } else if is("html") {
            Kind::Html
        } else {
            return Err(malformed(format!(
                "Qualys sent a {name:.60?} where a {} was expected",
                self.state.listing.root
            )));
        };
        self.state.kind = kind;
        Ok(kind != Kind::Html)
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        let listing = &self.state.listing;
        match self.state.kind {
            Kind::List => {
                is(listing.record)
                    || listing.empty_marker.is_some_and(is)
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET", "REQUEST"].into_iter().any(is)
            }
            Kind::SimpleReturn => is("RESPONSE"),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let state = &mut *self.state;
        if element.is("RESPONSE") {
            state.refusal = Some(error::simple_return(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            state.refusal = Some(error::msp(element));
        } else if state.status != OK {
            // The body of a refusal is not the list.
        } else if element.is(state.listing.record) {
            state.record(element, self.page);
        } else if element.is("ID_SET") {
            state.has_only_ids = true;
        } else if element.is("WARNING") {
            state.warning(element, self.page)?;
        } else if element.is("TRUNCATION") {
            let last = element.attribute("last").unwrap_or_default();
            match state.listing.paging {
                Paging::Truncation => state.next = Some(paging::after_truncation(state.cursor, &last)?),
                Paging::FirstPage => {}
                Paging::Whole | Paging::IdMin => {
                    return Err(malformed("Qualys truncated the list, and this API has no further pages"));
                }
            }
        } else if (element.is("REQUEST") || element.is("HEADER"))
            && let Some(login) = element.get("USER_LOGIN").filter(|it| !it.is_empty())
        {
            self.page
                .note(format!("Collected with the account {login:.100}: items that this account cannot see are not included."));
        }
        if state.listing.empty_marker.is_some_and(|it| element.is(it)) {
            state.has_empty_marker = true;
        }
        Ok(())
    }
}
