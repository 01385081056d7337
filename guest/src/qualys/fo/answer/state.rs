//! What was read from an answer so far, and how a record of it becomes a row.

use exhibit_plugin::collection::Response;
use exhibit_plugin::column;
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Page, instant};

use super::super::inner::Inner;
use super::super::listing::Listing;
use super::super::paging::{self, Cursor, Paging};
use super::super::record::Record;
use crate::qualys::answer_headers::Quota;
use crate::qualys::refusal::Refusal;

/// The status of an answer with data.
pub(super) const OK: u16 = 200;

/// So many warnings of an answer are notes: more say nothing, and would leave no room for other notes.
const MAX_WARNINGS: u32 = 20;

/// The code of a `WARNING` that says that the list was truncated.
const TRUNCATED: &str = "1980";

/// What was read from an answer so far.
pub(super) struct ListState {
    pub(super) listing: Listing,
    /// What reads the records, where these stand inside of others.
    pub(super) inner: Option<Box<dyn Inner>>,
    /// Whether an element was refused: the document can be read, and what it says makes no sense.
    pub(super) element_refused: bool,
    pub(super) cursor: Option<Cursor>,
    pub(super) status: u16,
    pub(super) quota: Quota,
    pub(super) attempt: u32,
    pub(super) kind: Kind,
    pub(super) refusal: Option<Refusal>,
    pub(super) records: u64,
    /// Whether the answer has [`Listing::empty_marker`].
    pub(super) has_empty_marker: bool,
    /// Whether the answer has IDs instead of records.
    pub(super) has_only_ids: bool,
    /// The id or number of the last record, of this page or those before; 0 before the first.
    pub(super) last: u64,
    /// Whether the page has a record without a number.
    pub(super) has_numberless: bool,
    pub(super) warnings: u32,
    /// Where the next page begins.
    pub(super) next: Option<u64>,
}

/// What an answer is, by its root element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Unknown,
    List,
    SimpleReturn,
    GenericReturn,
    Html,
}

impl ListState {
    pub(super) fn new(listing: Listing, cursor: Option<Cursor>, head: &Response, attempt: u32) -> Self {
        Self {
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
        }
    }

    /// The records of the answer so far.
    pub(super) fn records(&self) -> u64 {
        self.records + self.inner.as_ref().map_or(0, |it| it.records())
    }

    /// Where a smaller page begins at the same place, where there is one.
    pub(super) fn smaller(&self) -> Option<String> {
        match &self.inner {
            Some(inner) => inner.smaller(),
            None => Some(self.listing.paging.smaller(&self.listing.parameters, self.cursor)?.to_string()),
        }
    }

    /// Checks that a complete document is the list that was requested, even if it is empty.
    pub(super) fn check_complete(&self) -> Result<(), Error> {
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

    pub(super) fn record(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
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
    pub(super) fn warning(&mut self, warning: &Element<'_>, page: &mut Page) -> Result<(), Error> {
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
pub(super) fn contradicts(name: &str) -> String {
    format!("its element {name:.60} is there more than once, with different contents")
}
