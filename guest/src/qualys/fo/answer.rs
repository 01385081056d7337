//! What stands around the records of a list, and where it says that the list continues.

use exhibit_plugin::collection::{Pause, Response};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::types::Instant;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Outcome, Page, instant};

use super::error;
use super::inner::Inner;
use super::listing::Listing;
use super::paging::{self, Paging};
use crate::qualys::answer::{self, Envelope};
use crate::qualys::answer_headers;
use crate::qualys::cursor::Cursor;
use crate::qualys::refusal::Refusal;
use crate::qualys::rows::{Rows, check_consistent};
use crate::qualys::simple_return;
use crate::qualys::whole::OK;

/// So many warnings of an answer are notes: more say nothing, and would leave no room for other notes.
const MAX_WARNINGS: u32 = 20;

/// The code of a `WARNING` that says that the list was truncated.
const TRUNCATED: &str = "1980";

/// What was read from an answer so far.
pub(super) struct ListEnvelope {
    listing: Listing,
    /// What reads the records, where these stand inside of others.
    inner: Option<Box<dyn Inner>>,
    /// Whether the rest of the list is left unread, as [`Inner::broken`] said.
    stepped_over: bool,
    cursor: Option<Cursor>,
    status: u16,
    /// An instant before any record of the answer was read, by its head.
    made: Option<Instant>,
    kind: Kind,
    refusal: Option<Refusal>,
    rows: Rows,
    /// Whether the answer has [`Listing::empty_marker`].
    has_empty_marker: bool,
    /// Whether the answer has IDs instead of records.
    has_only_ids: bool,
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
}

impl ListEnvelope {
    pub(super) fn new(listing: Listing, cursor: Option<Cursor>, head: &Response) -> Self {
        let rows = Rows::of(listing.mapping(), cursor.map_or(0, |it| it.seen));
        Self {
            listing,
            inner: None,
            stepped_over: false,
            cursor,
            status: head.status,
            made: answer_headers::before_reading(head),
            kind: Kind::Unknown,
            refusal: None,
            rows,
            has_empty_marker: false,
            has_only_ids: false,
            warnings: 0,
            next: None,
        }
    }

    /// The same, of records that `inner` reads.
    pub(super) fn of_inner(self, inner: Box<dyn Inner>) -> Self {
        Self { inner: Some(inner), ..self }
    }

    /// What reads records inside of others, where there are any: the body of a refusal has none.
    fn inner(&mut self) -> Option<&mut Box<dyn Inner>> {
        self.inner.as_mut().filter(|_| self.status == OK)
    }

    /// Reads when the answer was made: before its first record it says so, or its head does.
    fn date(&self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        let written = dated(element).and_then(instant::parse);
        if let Some(at) = written {
            page.dated(at)?;
            // A list that is asked for after another one has a first page, too.
            let is_first_list = self.listing.changes.is_none_or(|it| it.listed_before.is_none());
            if is_first_list && self.cursor.is_none_or(Cursor::is_first) {
                page.note(format!("Qualys dated its first answer {}.", instant::write(at)));
            }
        } else if let Some(made) = self.made
            && (element.is(self.listing.record) || self.inner.is_some() && !element.is("REQUEST"))
        {
            page.dated(made)?;
        }
        Ok(())
    }

    /// Checks that a complete document is the list that was requested, even if it is empty.
    fn check_complete(&self) -> Result<(), Error> {
        match self.kind {
            Kind::SimpleReturn | Kind::GenericReturn => Err(answer::empty_status_message()),
            _ if self.has_records() => Ok(()),
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

/// When an answer says that it was made: in an element of its own, or in the head of the older API.
fn dated<'a>(element: &'a Element<'_>) -> Option<&'a str> {
    if element.is("HEADER") {
        element.get("DATETIME")
    } else {
        Some(element.text()).filter(|_| element.is("DATETIME"))
    }
}

impl Envelope for ListEnvelope {
    fn root(&mut self, name: &str) -> Result<(), Error> {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        self.kind = if is(self.listing.root) {
            Kind::List
        } else if is(simple_return::ROOT) {
            Kind::SimpleReturn
        } else if is("GENERIC_RETURN") {
            Kind::GenericReturn
        } else {
            return Err(answer::unexpected_root(name, self.listing.root));
        };
        Ok(())
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        match self.kind {
            Kind::List => {
                self.inner.as_ref().map_or_else(|| is(self.listing.record), |it| it.wants(name))
                    || self.listing.empty_marker.is_some_and(is)
                    || ["WARNING", "TRUNCATION", "ERROR", "ID_SET", "REQUEST"].into_iter().any(is)
            }
            Kind::SimpleReturn => is(simple_return::RESPONSE),
            Kind::GenericReturn => is("RETURN"),
            Kind::Unknown => false,
        }
    }

    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        if self.status == OK {
            self.date(element, page)?;
        }
        if let Some(inner) = self.inner()
            && inner.element(element, page)?
        {
            return Ok(());
        }
        if element.is(simple_return::RESPONSE) {
            self.refusal = Some(simple_return::refusal(element));
        } else if element.is("RETURN") || element.is("ERROR") {
            self.refusal = Some(error::msp(element));
        } else if self.status != OK {
            // The body of a refusal is not the list.
        } else if element.is(self.listing.record) {
            self.rows.read(element, page)?;
        } else if element.is("ID_SET") {
            self.has_only_ids = true;
        } else if element.is("WARNING") {
            self.warning(element, page)?;
        } else if element.is("TRUNCATION") {
            let last = element.attribute("last").unwrap_or_default();
            match self.listing.paging {
                Paging::Truncation => {
                    self.next = Some(paging::after_truncation(self.cursor, &last, self.rows.greatest())?);
                }
                Paging::FirstPage => {}
                Paging::Whole | Paging::IdMin => {
                    return Err(malformed("Qualys truncated the list, and this API has no further pages"));
                }
            }
        } else if (element.is("REQUEST") || element.is("HEADER"))
            && let Some(login) = element.get("USER_LOGIN").filter(|it| !it.is_empty())
        {
            page.note(format!(
                "Collected with the account {login:.100}: items that this account cannot see are not included."
            ));
        }
        if self.listing.empty_marker.is_some_and(|it| element.is(it)) {
            self.has_empty_marker = true;
        }
        // A record was rejected for it. What else is read says how the list continues, or why there is no list.
        if self.status == OK && !element.is(self.listing.record) {
            check_consistent(element)?;
        }
        Ok(())
    }

    fn opened(&mut self, name: &str) {
        if let Some(inner) = self.inner() {
            inner.opened(name);
        }
    }

    fn closed(&mut self, page: &mut Page) -> Result<(), Error> {
        self.inner().map_or(Ok(()), |it| it.closed(page))
    }

    fn broken(&mut self, error: Error, page: &mut Page) -> Result<(), Error> {
        let Some(inner) = self.inner() else { return Err(error) };
        inner.broken(error, page)?;
        self.stepped_over = true;
        Ok(())
    }

    fn refusal(&mut self, _: bool) -> Option<Refusal> {
        self.refusal.take()
    }

    fn has_records(&self) -> bool {
        self.rows.received() > 0 || self.inner.as_ref().is_some_and(|it| it.records() > 0)
    }

    fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    fn smaller(&self) -> Option<String> {
        match &self.inner {
            Some(inner) => inner.smaller(),
            None => Some(self.listing.paging.smaller(&self.listing.parameters, self.cursor)?.to_string()),
        }
    }

    fn refused(&mut self, error: Error, page: &mut Page) -> Result<Outcome, Error> {
        match self.inner.take() {
            Some(inner) => inner.refused(self.status, error, page),
            None => Err(error),
        }
    }

    fn notes(&self) -> &[String] {
        &self.listing.notes
    }

    fn reserve(&self) -> u32 {
        self.listing.reserve
    }

    fn end(&mut self) -> Result<Option<Cursor>, Error> {
        if !self.stepped_over {
            self.check_complete()?;
        }
        let size = self.cursor.and_then(|it| it.size);
        Ok(self.next.take().map(|from| Cursor::new(from, self.rows.last(), size)))
    }

    fn outcome(
        &mut self,
        next: Option<Cursor>,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error> {
        if let Some(made) = self.made {
            page.dated(made)?;
        }
        match self.inner.take() {
            Some(inner) => inner.end(next.map(|it| it.from), pause, page),
            None => Ok(answer::following(next, pause)),
        }
    }
}
