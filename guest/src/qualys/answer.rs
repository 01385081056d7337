//! One answer in XML to a request for a list, whichever API family it is of.

use exhibit_plugin::collection::{PauseReason, Response};
use exhibit_plugin::problem::{denied, malformed};
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Answer, Error, Outcome, Page};

use super::answer_headers::{self, Quota};
use super::cursor::Cursor;
use super::pacing;
use super::refusal::Refusal;

/// The status of an answer with data.
pub(super) const OK: u16 = 200;

/// What a gateway answers to a request whose answer is too large, or takes too long, for it.
const TOO_LARGE: [u16; 2] = [413, TIMED_OUT];
const TIMED_OUT: u16 = 504;
/// Before the same page is asked for once more.
const RETRY_SECONDS: u32 = 5;

/// How much of an element's name an error shows.
const NAME_CHARS: usize = 60;

/// What a comment of an answer says where the subscription is a trial.
const EVALUATION: &str = "generated with an evaluation version";

/// What to do about an answer that is not what Qualys documents.
const REPORT: &str = "try again; if it fails again, report it to the author of the plugin, with the answer";

/// What an API family puts around its records.
pub(super) trait Envelope {
    /// The document begins with this element.
    ///
    /// # Errors
    /// `malformed` where neither a list nor a refusal does.
    fn root(&mut self, name: &str) -> Result<(), Error>;

    /// Whether elements of this name are read. Only asked about those that are in no other that is read.
    fn wants(&self, name: &str) -> bool;

    /// An element that is read.
    ///
    /// # Errors
    /// `malformed` where it shows that records are missing.
    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error>;

    /// The refusal that the answer is, where it says so; `is_page` where it is a web page, or no XML.
    fn refusal(&mut self, is_page: bool) -> Option<Refusal>;

    /// Whether records were received.
    fn has_records(&self) -> bool;

    /// Where the page is.
    fn cursor(&self) -> Option<Cursor>;

    /// The same place with a smaller page, where the list has one.
    fn smaller(&self) -> Option<Cursor>;

    /// Notes that a reader of the proof needs in any case.
    fn notes(&self) -> &[String];

    /// API calls per hour that are reserved for other tools.
    fn reserve(&self) -> u32;

    /// The document is complete: checks that it is the list that was requested, even if it is empty, and says where the next
    /// page is.
    ///
    /// # Errors
    /// `malformed` where it is not the list.
    fn end(&mut self) -> Result<Option<Cursor>, Error>;
}

/// Reads an answer: rows where it is the list, an error or a pause where it is a refusal.
pub(super) struct XmlAnswer<E> {
    reader: Reader,
    envelope: E,
    status: u16,
    quota: Quota,
    attempt: u32,
    /// Whether the body is a web page.
    is_html: bool,
    /// Whether the body of a refusal is not XML.
    not_xml: bool,
}

/// Gives the elements of the document to the envelope.
struct ElementHandler<'a, E> {
    envelope: &'a mut E,
    is_html: &'a mut bool,
    page: &'a mut Page,
}

impl<E: Envelope> XmlAnswer<E> {
    pub(super) fn new(envelope: E, head: &Response, attempt: u32) -> Self {
        Self {
            reader: Reader::of(answer_headers::content_type(head)),
            envelope,
            status: head.status,
            quota: Quota::read(head),
            attempt,
            is_html: false,
            not_xml: false,
        }
    }

    fn check(&mut self) -> Result<Option<Cursor>, Error> {
        if self.is_html {
            return Err(malformed("Qualys, or a proxy in between, sent a web page instead of data").remedy(
                "check the address of the origin, and the proxy; during maintenance, try again later",
            ));
        }
        self.envelope.end()
    }
}

impl<E: Envelope> Answer for XmlAnswer<E> {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        if self.not_xml {
            return Ok(());
        }
        let mut handler = ElementHandler { envelope: &mut self.envelope, is_html: &mut self.is_html, page };
        match self.reader.feed(chunk, &mut handler) {
            // The status decides about a refusal, whatever its body is.
            Err(_) if self.status != OK => {
                self.not_xml = true;
                Ok(())
            }
            read => read.map_err(with_remedy),
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let blank = self.reader.is_blank();
        let read = if self.not_xml {
            Ok(())
        } else {
            let (envelope, is_html) = (&mut self.envelope, &mut self.is_html);
            self.reader.end(&mut ElementHandler { envelope, is_html, page })
        };
        let is_page = self.is_html || self.not_xml;
        let refusal = self.envelope.refusal(is_page);
        if self.status != OK || refusal.is_some() {
            let refusal = refusal.unwrap_or_else(|| Refusal::of_page(is_page));
            if self.status == TIMED_OUT && self.attempt == 0 {
                // It may be busy for a moment; the same page may pass then.
                let why = "a gateway gave up waiting for an answer of Qualys (HTTP 504)";
                return Ok(Outcome::Again(pacing::pause(PauseReason::Polling, Some(RETRY_SECONDS), 0, why)?));
            }
            if TOO_LARGE.contains(&self.status)
                && let Some(cursor) = self.envelope.smaller()
            {
                return Ok(Outcome::Instead { cursor: cursor.to_string() });
            }
            return refusal.outcome(self.status, &self.quota, self.attempt, self.envelope.has_records());
        }
        if blank {
            return Err(denied("Qualys sent an empty answer, as it does when the account has no API access")
                .remedy("enable API access for the account"));
        }
        let next = read.and_then(|()| self.check()).map_err(with_remedy)?;
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
        if let Some(size) = self.envelope.cursor().and_then(|it| it.size) {
            page.note(format!(
                "A page could not be delivered in the size that was asked for, so pages of {size} records were requested."
            ));
        }
        for note in self.envelope.notes() {
            page.note(note.as_str());
        }
        Ok(match next {
            Some(cursor) => {
                let pause = pacing::reserve(&self.quota, self.envelope.reserve());
                Outcome::Next { cursor: cursor.to_string(), pause }
            }
            None => Outcome::Last,
        })
    }
}

impl<E: Envelope> Handler for ElementHandler<'_, E> {
    fn root(&mut self, name: &str) -> Result<bool, Error> {
        if name.eq_ignore_ascii_case("html") {
            *self.is_html = true;
            return Ok(false);
        }
        self.envelope.root(name).map(|()| true)
    }

    fn wants(&self, name: &str) -> bool {
        self.envelope.wants(name)
    }

    fn element(&mut self, element: &Element<'_>) -> Result<(), Error> {
        self.envelope.element(element, self.page)
    }

    fn comment(&mut self, text: &str) {
        if text.contains(EVALUATION) {
            self.page.note("Qualys says that an evaluation version made this report.");
        }
    }
}

/// The error of a document that begins with another element than it should.
pub(super) fn unexpected_root(name: &str, expected: &str) -> Error {
    let name: String = name.chars().take(NAME_CHARS).collect();
    malformed(format!("Qualys sent a {name:?} where a {expected} was expected"))
}

/// The error of a refusal that says nothing, under the status of an answer with data.
pub(super) fn empty_status_message() -> Error {
    malformed("Qualys sent a status message instead of data, and the message is empty")
}

/// The error, with a next step where it has none.
fn with_remedy(error: Error) -> Error {
    if error.problem().remedy.is_some() { error } else { error.remedy(REPORT) }
}
