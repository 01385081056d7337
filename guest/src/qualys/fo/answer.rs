//! One answer to a list's request.

mod handler;
mod state;

use exhibit_plugin::collection::{PauseReason, Response};
use exhibit_plugin::problem::denied;
use exhibit_plugin::xml::Reader;
use exhibit_plugin::{Answer, Error, Outcome, Page};

use super::inner::Inner;
use super::listing::Listing;
use super::paging::Cursor;
use crate::qualys::answer_headers;
use crate::qualys::pacing;
use crate::qualys::refusal::Refusal;
use handler::ListHandler;
use state::{Kind, ListState, OK};

/// What a gateway answers to a request whose answer is too large, or takes too long, for it.
const TOO_LARGE: [u16; 2] = [413, TIMED_OUT];
const TIMED_OUT: u16 = 504;
/// Before the same page is asked for once more.
const RETRY_SECONDS: u32 = 5;
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

impl ListAnswer {
    pub(super) fn new(listing: Listing, cursor: Option<Cursor>, head: &Response, attempt: u32) -> Self {
        let state = ListState::new(listing, cursor, head, attempt);
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
        let mut read = if unread { Ok(()) } else { self.reader.end(&mut ListHandler { state, page }) };
        // What is cut off may be whole the next time; what is broken in its midst will not.
        if read.is_err()
            && state.status == OK
            && !state.element_refused
            && self.reader.has_end()
            && let Some(inner) = &mut state.inner
        {
            self.stepped_over = true;
            read = read.or_else(|error| inner.broken(error, page));
        }
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
        let is_complete = || if self.stepped_over { Ok(()) } else { state.check_complete() };
        read.and_then(|()| is_complete()).map_err(with_remedy)?;
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

/// The error, with a next step where it has none.
fn with_remedy(error: Error) -> Error {
    if error.problem().remedy.is_some() { error } else { error.remedy(REPORT) }
}
