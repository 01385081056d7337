//! One answer in XML to a request for a list, whichever API family it is of.

use exhibit_plugin::collection::{Pause, PauseReason, Response};
use exhibit_plugin::problem::malformed;
use exhibit_plugin::xml::{Element, Handler, Reader};
use exhibit_plugin::{Answer, Error, Outcome, Page};

use super::answer_headers::{self, Quota};
use super::cursor::Cursor;
use super::pacing;
use super::refusal::Refusal;
use super::whole::{self, OK};

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

    /// An element began that is not read.
    fn opened(&mut self, name: &str) {
        let _ = name;
    }

    /// The innermost of these ended.
    ///
    /// # Errors
    /// `malformed` where it shows that records are missing.
    fn closed(&mut self, page: &mut Page) -> Result<(), Error> {
        let _ = page;
        Ok(())
    }

    /// The document cannot be read any further. Where the collection can continue all the same, the rest is left unread, and
    /// [`Self::end`] comes next.
    ///
    /// # Errors
    /// The error itself, where it cannot.
    fn broken(&mut self, error: Error, page: &mut Page) -> Result<(), Error> {
        let _ = page;
        Err(error)
    }

    /// The refusal that the answer is, where it says so; `is_page` where it is a web page, or no XML.
    fn refusal(&mut self, is_page: bool) -> Option<Refusal>;

    /// Whether records were received.
    fn has_records(&self) -> bool;

    /// Where the page is.
    fn cursor(&self) -> Option<Cursor>;

    /// The same place with a smaller page, as the cursor of a request, where the list has one.
    fn smaller(&self) -> Option<String>;

    /// The request was refused by Qualys itself, and it makes no sense to repeat it.
    ///
    /// # Errors
    /// The error itself, where the collection cannot do without the answer.
    fn refused(&mut self, error: Error, page: &mut Page) -> Result<Outcome, Error> {
        let _ = page;
        Err(error)
    }

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

    /// What follows after an answer that was read: [`Self::end`] found that the next page is at `next`, and `pause` comes before
    /// any further request.
    ///
    /// # Errors
    /// Where the answer is of no use to what was collected before it.
    fn outcome(
        &mut self,
        next: Option<Cursor>,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error> {
        let _ = page;
        Ok(following(next, pause))
    }
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
    /// Whether the envelope refused an element: the document can be read, and what it says makes no sense.
    element_refused: bool,
    /// Whether the body of a refusal is not XML.
    not_xml: bool,
    /// Whether the rest of a list is left unread, as [`Envelope::broken`] said.
    stepped_over: bool,
}

/// Gives the elements of the document to the envelope.
struct ElementHandler<'a, E> {
    envelope: &'a mut E,
    is_html: &'a mut bool,
    element_refused: &'a mut bool,
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
            element_refused: false,
            not_xml: false,
            stepped_over: false,
        }
    }

    /// The same, with texts in elements of this name kept to so many bytes.
    pub(super) fn shortening(mut self, name: &'static str, most: usize) -> Self {
        self.reader = self.reader.shortening(name, most);
        self
    }

    /// Reads more of the document, or its end where there is no more.
    fn read(&mut self, chunk: Option<&[u8]>, page: &mut Page) -> Result<(), Error> {
        let mut handler = ElementHandler {
            envelope: &mut self.envelope,
            is_html: &mut self.is_html,
            element_refused: &mut self.element_refused,
            page,
        };
        match chunk {
            Some(chunk) => self.reader.feed(chunk, &mut handler),
            None => self.reader.end(&mut handler),
        }
    }

    /// The document is broken: leaves the rest of it unread, where the envelope can do without.
    fn step_over(&mut self, error: Error, page: &mut Page) -> Result<(), Error> {
        if self.element_refused {
            return Err(error);
        }
        self.envelope.broken(error, page)?;
        self.stepped_over = true;
        Ok(())
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
        if self.not_xml || self.stepped_over {
            return Ok(());
        }
        match self.read(Some(chunk), page) {
            // The status decides about a refusal, whatever its body is.
            Err(_) if self.status != OK => {
                self.not_xml = true;
                Ok(())
            }
            read => read.or_else(|error| self.step_over(error, page)).map_err(with_remedy),
        }
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let blank = self.reader.is_blank();
        let mut read = if self.not_xml || self.stepped_over { Ok(()) } else { self.read(None, page) };
        // What is cut off may be whole the next time; what is broken in its midst will not.
        if self.status == OK && self.reader.has_end() {
            read = read.or_else(|error| self.step_over(error, page));
        }
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
                return Ok(Outcome::Instead { cursor });
            }
            return match refusal.outcome(self.status, &self.quota, self.attempt, self.envelope.has_records())
            {
                // A page of something in between says nothing of the account.
                Err(error) if !is_page => self.envelope.refused(error, page),
                outcome => outcome,
            };
        }
        if blank {
            return Err(whole::empty());
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
        let pause = pacing::reserve(&self.quota, self.envelope.reserve());
        self.envelope.outcome(next, pause, page)
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
        let read = self.envelope.element(element, self.page);
        *self.element_refused = read.is_err();
        read
    }

    fn opened(&mut self, name: &str) -> Result<(), Error> {
        self.envelope.opened(name);
        Ok(())
    }

    fn closed(&mut self) -> Result<(), Error> {
        let read = self.envelope.closed(self.page);
        *self.element_refused = read.is_err();
        read
    }

    fn comment(&mut self, text: &str) {
        if text.contains(EVALUATION) {
            self.page.note("Qualys says that an evaluation version made this report.");
        }
    }
}

/// What follows after a page of a list: the next one, where there is one.
pub(super) fn following(next: Option<Cursor>, pause: Option<Pause>) -> Outcome {
    match next {
        Some(cursor) => Outcome::Next { cursor: cursor.to_string(), pause },
        None => Outcome::Last,
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
