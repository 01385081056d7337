//! One answer to a list's request.

use exhibit_plugin::collection::{PauseReason, Response};
use exhibit_plugin::column;
use exhibit_plugin::problem::{denied, malformed};
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Answer, Error, Outcome, Page, instant};

use super::error;
use super::inner::Inner;
use super::listing::Listing;
use super::paging::{self, Cursor, Paging};
use super::record::Record;
use crate::qualys::answer_headers::{self, Quota};
use crate::qualys::pacing;
use crate::qualys::refusal::Refusal;

/// The status of an answer with data.
const OK: u16 = 200;

/// What a gateway answers to a request whose answer is too large, or takes too long, for it.
const TOO_LARGE: [u16; 2] = [413, TIMED_OUT];
const TIMED_OUT: u16 = 504;
/// Before the same page is asked for once more.
const RETRY_SECONDS: u32 = 5;
/// So many warnings of an answer are notes: more say nothing, and would leave no room for other notes.
const MAX_WARNINGS: u32 = 20;

/// How much of an element's name an error shows.
const NAME_CHARS: usize = 60;

/// The code of a `WARNING` that says that the list was truncated.
const TRUNCATED: &str = "1980";

/// What a comment of an answer says where the subscription is a trial.
const EVALUATION: &str = "generated with an evaluation version";

/// What to do about an answer that is not what Qualys documents.
const REPORT: &str = "try again; if it fails again, report it to the author of the plugin, with the answer";

/// Reads an answer: rows where it is the list, an error or a pause where it is a refusal.
pub(super) struct ListAnswer {
    reader: Reader,
    state: ListState,
    /// Whether the body of a refusal is not XML.
    not_xml: bool,
    /// Whether the rest of a list is left unread, as [`Inner::broken`] said.
    stepped_over: bool,
}

/// What was read from an answer so far.
struct ListState {
    listing: Listing,
    /// What reads the records, where these stand inside of others.
    inner: Option<Box<dyn Inner>>,
    /// Whether an element was refused: the document can be read, and what it says makes no sense.
    element_refused: bool,
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
    /// The id or number of the last record, of this page or those before; 0 before the first.
    last: u64,
    /// Whether the page has a record without a number.
    has_numberless: bool,
    warnings: u32,
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
    pub(super) fn new(listing: Listing, cursor: Option<Cursor>, head: &Response, attempt: u32) -> Self {
        let state = ListState {
            listing,
            inner: None,
            element_refused: false,
            cursor,
            status: head.status,
            quota: Quota::read(head),
            attempt,
            kind: Kind::Unknown,
            refusal: None,
            records: 0,
            has_empty_marker: false,
            has_only_ids: false,
            last: cursor.map_or(0, |it| it.seen),
            has_numberless: false,
            warnings: 0,
            next: None,
        };
        let reader = Reader::of(answer_headers::content_type(head));
        Self { reader, state, not_xml: false, stepped_over: false }
    }

    /// The same, of records that `inner` reads.
    pub(super) fn of_inner(mut self, inner: Box<dyn Inner>) -> Self {
        self.state.inner = Some(inner);
        self
    }

    /// The same, with texts in elements of this name kept to so many bytes.
    pub(super) fn shortening(mut self, name: &'static str, most: usize) -> Self {
        self.reader = self.reader.shortening(name, most);
        self
    }
}

impl Answer for ListAnswer {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        if self.not_xml || self.stepped_over {
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
            Err(error)
                if !self.state.element_refused
                    && let Some(inner) = &mut self.state.inner =>
            {
                self.stepped_over = true;
                inner.broken(error, page).map_err(with_remedy)
            }
            read => read.map_err(with_remedy),
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let state = &mut self.state;
        let blank = self.reader.is_blank();
        let unread = self.not_xml || self.stepped_over;
        let read = if unread { Ok(()) } else { self.reader.end(&mut ListHandler { state, page }) };
        if state.status != OK || state.refusal.is_some() {
            let is_page = state.kind == Kind::Html || self.not_xml;
            let refusal = state.refusal.take().unwrap_or_else(|| Refusal::of_page(is_page));
            if state.status == TIMED_OUT && state.attempt == 0 {
                // It may be busy for a moment; the same page may pass then.
                let why = "a gateway gave up waiting for an answer of Qualys (HTTP 504)";
                return Ok(Outcome::Again(pacing::pause(PauseReason::Polling, Some(RETRY_SECONDS), 0, why)?));
            }
            if TOO_LARGE.contains(&state.status)
                && let Some(cursor) = state.smaller()
            {
                return Ok(Outcome::Instead { cursor });
            }
            let outcome = refusal.outcome(state.status, &state.quota, state.attempt, state.records() > 0);
            return match (outcome, state.inner.take()) {
                // A page of something in between says nothing of the account.
                (Err(error), Some(inner)) if !is_page => inner.refused(state.status, error, page),
                (outcome, _) => outcome,
            };
        }
        if blank {
            return Err(denied("Qualys sent an empty answer, as it does when the account has no API access")
                .remedy("enable API access for the account"));
        }
        if !self.stepped_over {
            read.and_then(|()| state.check_complete()).map_err(with_remedy)?;
        }
        if self.reader.repaired() {
            page.note(
                "Some texts contained characters that XML does not allow. They were replaced by U+FFFD; the recorded \
                 answers contain the original bytes.",
            );
        }
        if self.reader.has_undefined_entities() {
            page.note(
                "Some texts contained references to entities that XML does not define, such as &nbsp;. They were kept as \
                 Qualys wrote them.",
            );
        }
        if let Some(size) = state.cursor.and_then(|it| it.size) {
            page.note(format!(
                "A page could not be delivered in the size that was asked for, so pages of {size} records were requested."
            ));
        }
        for note in &state.listing.notes {
            page.note(note.as_str());
        }
        let pause = pacing::reserve(&state.quota, state.listing.reserve);
        if let Some(inner) = state.inner.take() {
            return inner.end(state.next.take(), pause, page);
        }
        Ok(match state.next.take() {
            Some(from) => {
                let size = state.cursor.and_then(|it| it.size);
                Outcome::Next { cursor: Cursor::new(from, state.last, size).to_string(), pause }
            }
            None => Outcome::Last,
        })
    }
}

/// When an answer says that it was made: in an element of its own, or in the head of the older API.
fn dated<'a>(element: &'a Element<'_>) -> Option<&'a str> {
    if element.is("HEADER") {
        element.get("DATETIME")
    } else {
        Some(element.text()).filter(|_| element.is("DATETIME"))
    }
}

/// The error, with a next step where it has none.
fn with_remedy(error: Error) -> Error {
    if error.problem().remedy.is_some() { error } else { error.remedy(REPORT) }
}

impl ListState {
    /// The records of the answer so far.
    fn records(&self) -> u64 {
        self.records + self.inner.as_ref().map_or(0, |it| it.records())
    }

    /// Where a smaller page begins at the same place, where there is one.
    fn smaller(&self) -> Option<String> {
        match &self.inner {
            Some(inner) => inner.smaller(),
            None => Some(self.listing.paging.smaller(&self.listing.parameters, self.cursor)?.to_string()),
        }
    }

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
            _ if self.records() > 0 => Ok(()),
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

    fn record(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        self.records += 1;
        let listing = &self.listing;
        let record = Record { element, as_of: listing.as_of };
        let identity = (listing.identity)(&record);
        if let Some(name) = element.contradiction() {
            self.has_numberless = true;
            page.reject(self.numbered(), contradicts(name));
            return Ok(());
        }
        let is_repeated = match listing.paging {
            Paging::IdMin | Paging::Truncation => {
                let number = identity.and_then(|it| it.parse().ok());
                let Some(number) = number else {
                    self.has_numberless = true;
                    let what = if identity.is_some() { "is not a number" } else { "is missing" };
                    page.reject(self.numbered(), format!("its identifier {what}"));
                    return Ok(());
                };
                let before = std::mem::replace(&mut self.last, number);
                if number < before {
                    return Err(malformed(format!(
                        "{0} {number} came after {0} {before}: the list does not ascend, so records may be missing",
                        listing.record
                    )));
                }
                number == before
            }
            Paging::Whole | Paging::FirstPage => false,
        };
        if let Some(window_filter) = listing.window_filter {
            let when = record.get(window_filter.date_element).and_then(instant::parse);
            if let Some(name) = element.contradiction() {
                page.reject(identity.map_or_else(|| self.numbered(), str::to_owned), contradicts(name));
                return Ok(());
            }
            if when.is_some_and(|it| it < window_filter.window.start || it >= window_filter.window.end) {
                if is_repeated {
                    page.duplicate();
                } else {
                    page.outside_window();
                }
                return Ok(());
            }
        }
        let Some(identity) = identity else {
            page.reject(self.numbered(), "its identifier is missing");
            return Ok(());
        };
        if let Some(prefix) = listing.prefix.filter(|it| !identity.starts_with(it)) {
            page.reject(
                identity,
                format!("its identifier does not begin with {prefix:?}: it is of another list"),
            );
            return Ok(());
        }
        let row = column::row(listing.columns, identity, page, |cell| cell(&record));
        if let Some(name) = element.contradiction() {
            page.reject(identity, contradicts(name));
            return Ok(());
        }
        (listing.remark)(&record, page);
        match listing.paging {
            Paging::IdMin | Paging::Truncation => page.row(row),
            Paging::Whole | Paging::FirstPage => page.unordered_row(row),
        }
        Ok(())
    }

    /// A record by its place.
    fn numbered(&self) -> String {
        format!("{} number {} of its page", self.listing.record, self.records)
    }

    /// Reads a `WARNING`: where the next page begins, that records are missing, or something to know.
    fn warning(&mut self, warning: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        let code = warning.get("CODE").unwrap_or_default();
        let text = warning.get("TEXT").unwrap_or_default();
        let url = warning.get("URL").unwrap_or_default();
        let next = paging::in_warning(url);
        let is_truncated = code == TRUNCATED || next.is_some() || code.is_empty() && !url.is_empty();
        self.warnings += 1;
        if self.warnings > MAX_WARNINGS {
            page.note("Qualys reported further warnings; the recorded answers contain them.");
        } else if !is_truncated || code != TRUNCATED && !code.is_empty() {
            let code = if code.is_empty() { String::new() } else { format!(" {code:.20}") };
            page.note(format!("Qualys reported the warning{code}: {text:.300}"));
        }
        match self.listing.paging {
            Paging::IdMin if is_truncated => self.next = Some(paging::after_warning(self.cursor, next)?),
            Paging::Whole | Paging::Truncation if is_truncated => {
                return Err(malformed(format!(
                    "Qualys truncated the list, and it is not documented how this list continues: \"{text:.300}\""
                ))
                .remedy("narrow the collection down by its window or its criteria, and report it to the author of the plugin"));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Why no row is made of a record.
fn contradicts(name: &str) -> String {
    format!("its element {name:.60} is there more than once, with different contents")
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
            let name: String = name.chars().take(NAME_CHARS).collect();
            return Err(malformed(format!(
                "Qualys sent a {name:?} where a {} was expected",
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
                self.state.inner.as_ref().map_or_else(|| is(listing.record), |it| it.wants(name))
                    || listing.empty_marker.is_some_and(is)
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET", "REQUEST"].into_iter().any(is)
            }
            Kind::SimpleReturn => is("RESPONSE"),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown | Kind::Html => false,
        }
    }

    fn comment(&mut self, text: &str) {
        if text.contains(EVALUATION) {
            self.page.note("Qualys says that an evaluation version made this report.");
        }
    }

    fn opened(&mut self, name: &str) -> Result<(), Error> {
        if let Some(inner) = self.state.inner.as_mut().filter(|_| self.state.status == OK) {
            inner.opened(name);
        }
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Error> {
        let Some(inner) = self.state.inner.as_mut().filter(|_| self.state.status == OK) else {
            return Ok(());
        };
        let read = inner.closed(self.page);
        self.state.element_refused = read.is_err();
        read
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let read = self.read(element);
        self.state.element_refused = read.is_err();
        read
    }
}

impl ListHandler<'_> {
    fn read(&mut self, element: &Element<'_>) -> Result<(), Error> {
        let state = &mut *self.state;
        if state.status == OK
            && let Some(inner) = &mut state.inner
            && inner.element(element, self.page)?
        {
            return Ok(());
        }
        if element.is("RESPONSE") {
            state.refusal = Some(error::simple_return(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            state.refusal = Some(error::msp(element));
        } else if state.status != OK {
            // The body of a refusal is not the list.
        } else if element.is(state.listing.record) {
            state.record(element, self.page)?;
        } else if element.is("ID_SET") {
            state.has_only_ids = true;
        } else if element.is("WARNING") {
            state.warning(element, self.page)?;
        } else if element.is("TRUNCATION") {
            let last = element.attribute("last").unwrap_or_default();
            match state.listing.paging {
                Paging::Truncation => {
                    let greatest = Some(state.last).filter(|_| state.records > 0 && !state.has_numberless);
                    state.next = Some(paging::after_truncation(state.cursor, &last, greatest)?);
                }
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
        if state.cursor.is_none_or(Cursor::is_first)
            && let Some(at) = dated(element).and_then(instant::parse)
        {
            self.page.note(format!("Qualys dated its first answer {}.", instant::write(at)));
        }
        if state.listing.empty_marker.is_some_and(|it| element.is(it)) {
            state.has_empty_marker = true;
        }
        // A record was rejected for it. What else is read says how the list continues, or why there is no list.
        match element.contradiction().filter(|_| !element.is(state.listing.record) && state.status == OK) {
            Some(name) => Err(malformed(format!(
                "the answer contradicts itself: in {:.60}, {}",
                element.name(),
                contradicts(name)
            ))),
            None => Ok(()),
        }
    }
}
