//! What stands around the records of a search, and where it says that there are more.

use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Page};

use super::error;
use super::search::Search;
use crate::qualys::answer::{self, Envelope};
use crate::qualys::cursor::{Cursor, check_advances};
use crate::qualys::refusal::{Reason, Refusal};
use crate::qualys::rows::Rows;
use crate::qualys::simple_return;
use crate::qualys::whole::OK;

const ROOT: &str = "ServiceResponse";
/// How much of a value that makes no sense an error shows.
const VALUE_CHARS: usize = 60;
/// What a gateway or the limits of the subscription answer.
const CONFLICT: u16 = 409;

/// What was read from an answer so far.
pub(super) struct SearchEnvelope {
    search: Search,
    cursor: Option<Cursor>,
    status: u16,
    is_simple_return: bool,
    /// Of a `SIMPLE_RETURN`, which comes where the call did not reach the search.
    refusal: Option<Refusal>,
    rows: Rows,
    said: Said,
}

/// What an answer says of itself. An element that is missing, or empty, is `None`.
#[derive(Debug, Default)]
struct Said {
    code: Option<String>,
    message: String,
    resolution: String,
    /// The records of the page.
    count: Option<String>,
    has_more: Option<String>,
    last_id: Option<String>,
}

impl SearchEnvelope {
    pub(super) fn new(search: Search, cursor: Option<Cursor>, status: u16) -> Self {
        let rows = Rows::of(search.mapping(), cursor.map_or(0, |it| it.seen));
        Self { search, cursor, status, is_simple_return: false, refusal: None, rows, said: Said::default() }
    }

    /// Checks that a complete document is the page that was requested, even if it is empty.
    fn check_complete(&self) -> Result<(), Error> {
        if self.is_simple_return {
            return Err(answer::empty_status_message());
        }
        if self.said.code.is_none() {
            return Err(malformed(format!("Qualys sent a {ROOT} without its responseCode")));
        }
        let received = self.rows.received();
        match number(self.said.count.as_deref(), "count")? {
            Some(count) if count != received => Err(malformed(format!(
                "Qualys says that the page has {count} records, and {received} {} came",
                self.search.record
            ))),
            None if received == 0 => Err(malformed(format!(
                "Qualys sent a {ROOT} without records, and without the count that marks an empty list"
            ))),
            _ => Ok(()),
        }
    }

    /// The id that the next page comes after, where there is one.
    fn next(&self) -> Result<Option<u64>, Error> {
        let says_more = match self.said.has_more.as_deref() {
            // Some answers lack it. Then a page without records shows that the one before was the last.
            None => None,
            Some(it) if it.eq_ignore_ascii_case("true") => Some(true),
            Some(it) if it.eq_ignore_ascii_case("false") => Some(false),
            Some(other) => {
                let other: String = other.chars().take(VALUE_CHARS).collect();
                return Err(malformed(format!(
                    "hasMoreRecords is {other:?}, which says neither that there are more records nor that there are none"
                )));
            }
        };
        match says_more {
            Some(false) => return Ok(None),
            None if !self.has_records() => return Ok(None),
            Some(true) if !self.has_records() => {
                return Err(malformed("Qualys says that there are more records, and sent none of them"));
            }
            _ => {}
        }
        let said = number(self.said.last_id.as_deref(), "lastId")?;
        let greatest = self.rows.greatest();
        if let (Some(said), Some(greatest)) = (said, greatest)
            && said != greatest
        {
            return Err(malformed(format!(
                "lastId is {said}, but the last record in the answer is {greatest}"
            )));
        }
        check_advances(self.cursor, said.or(greatest), "lastId").map(Some)
    }
}

impl Envelope for SearchEnvelope {
    fn root(&mut self, name: &str) -> Result<(), Error> {
        self.is_simple_return = name.eq_ignore_ascii_case(simple_return::ROOT);
        if self.is_simple_return || name.eq_ignore_ascii_case(ROOT) {
            return Ok(());
        }
        Err(answer::unexpected_root(name, ROOT))
    }

    fn wants(&self, name: &str) -> bool {
        let is = |it: &str| name.eq_ignore_ascii_case(it);
        if self.is_simple_return {
            return is(simple_return::RESPONSE);
        }
        is(self.search.record)
            || ["responseCode", "responseErrorDetails", "count", "hasMoreRecords", "lastId"]
                .into_iter()
                .any(is)
    }

    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        if element.is(simple_return::RESPONSE) {
            self.refusal = Some(simple_return::refusal(element));
            return Ok(());
        }
        if element.is(self.search.record) {
            // The body of a refusal is not the list.
            return if self.status == OK { self.rows.read(element, page) } else { Ok(()) };
        }
        let said = &mut self.said;
        if element.is("responseErrorDetails") {
            said.message = element.get("errorMessage").unwrap_or_default().to_owned();
            said.resolution = element.get("errorResolution").unwrap_or_default().to_owned();
        } else if element.is("responseCode") {
            once(&mut said.code, element)?;
        } else if element.is("count") {
            once(&mut said.count, element)?;
        } else if element.is("hasMoreRecords") {
            once(&mut said.has_more, element)?;
        } else if element.is("lastId") {
            once(&mut said.last_id, element)?;
        }
        Ok(())
    }

    fn refusal(&mut self, is_page: bool) -> Option<Refusal> {
        let said = &self.said;
        let coded = said.code.as_deref().and_then(|it| error::refusal(it, &said.message, &said.resolution));
        if let Some(refusal) = self.refusal.take().or(coded) {
            return Some(refusal);
        }
        // The limits of the subscription are reported under this status, and searches have no headers that say more.
        (self.status == CONFLICT && !is_page).then(|| Refusal::new(None, Some(Reason::RateLimit), ""))
    }

    fn has_records(&self) -> bool {
        self.rows.received() > 0
    }

    fn cursor(&self) -> Option<Cursor> {
        self.cursor
    }

    fn smaller(&self) -> Option<String> {
        Some(self.cursor.unwrap_or_default().smaller(self.search.page_size)?.to_string())
    }

    fn notes(&self) -> &[String] {
        &self.search.notes
    }

    fn reserve(&self) -> u32 {
        self.search.reserve
    }

    fn end(&mut self) -> Result<Option<Cursor>, Error> {
        self.check_complete()?;
        if self.search.is_probe {
            return Ok(None);
        }
        let size = self.cursor.and_then(|it| it.size);
        Ok(self.next()?.map(|from| Cursor::new(from, self.rows.last(), size)))
    }
}

/// Keeps what an element says.
///
/// # Errors
/// `malformed` where it was said before, otherwise.
fn once(kept: &mut Option<String>, element: &Element<'_>) -> Result<(), Error> {
    let text = element.text();
    if text.is_empty() {
        return Ok(());
    }
    match kept.replace(text.to_owned()) {
        Some(before) if before != text => Err(malformed(format!(
            "the answer contradicts itself: it has {} more than once, with different contents",
            element.name()
        ))),
        _ => Ok(()),
    }
}

/// A number that an answer says of itself.
fn number(text: Option<&str>, name: &str) -> Result<Option<u64>, Error> {
    let read = text.map(|it| {
        it.parse().map_err(|_| {
            let text: String = it.chars().take(VALUE_CHARS).collect();
            malformed(format!("{name} is {text:?}, which is not a number"))
        })
    });
    read.transpose()
}
