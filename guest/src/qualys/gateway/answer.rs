//! One answer to a list's request.

use std::hash::{DefaultHasher, Hash, Hasher};

use exhibit_plugin::collection::{PauseReason, Response};
use exhibit_plugin::json::{Handler, Json, Reader};
use exhibit_plugin::problem::{malformed, rejected};
use exhibit_plugin::types::Instant;
use exhibit_plugin::{Answer, Error, Outcome, Page, column};

use super::cursor::Cursor;
use super::listing::{CHANGES_ASKED_BEFORE, Listing};
use super::record::{Record, has_nul};
use super::refused::{self, Said, Values};
use crate::qualys::answer_headers::{self, Quota};
use crate::qualys::pacing;
use crate::qualys::refusal::one_line;
use crate::qualys::whole::OK;

/// What a gateway answers to a request whose answer is too large, or takes too long, for it.
const TOO_LARGE: [u16; 2] = [413, TIMED_OUT];
const TIMED_OUT: u16 = 504;
/// Before the same page is asked for once more.
const RETRY_SECONDS: u32 = 5;
/// So many pages in a row may have no record that did not come before: while a list grows at its beginning, one or two may.
const MAX_STALE_PAGES: u32 = 3;
/// Where the records are in an answer that is no array itself, as one public client reads it.
const ENVELOPE: &str = "data";

/// What to do about an answer that is not what Qualys documents.
const REPORT: &str = "try again; if it fails again, report it to the author of the plugin, with the answer";

/// Reads an answer: rows where it is the list, an error or a pause where it is a refusal.
pub(super) struct ListAnswer {
    reader: Reader,
    state: ListState,
    /// The body, where it is none that has the list.
    said: Option<Said>,
    begun: bool,
}

/// What was read from an answer so far.
struct ListState {
    listing: Listing,
    cursor: Cursor,
    status: u16,
    quota: Quota,
    attempt: u32,
    /// An instant before any record of the answer was read, by its head.
    made: Option<Instant>,
    /// Arrays of records.
    lists: u32,
    records: u64,
    /// Records that did not come before.
    fresh: u64,
    /// Of what identifies its records.
    digest: DefaultHasher,
    values: Values,
}

struct ListHandler<'a> {
    state: &'a mut ListState,
    page: &'a mut Page,
}

impl ListAnswer {
    pub(super) fn new(listing: Listing, cursor: Cursor, head: &Response, attempt: u32) -> Self {
        let state = ListState {
            listing,
            cursor,
            status: head.status,
            quota: Quota::read(head),
            attempt,
            made: answer_headers::before_reading(head),
            lists: 0,
            records: 0,
            fresh: 0,
            digest: DefaultHasher::new(),
            values: Values::default(),
        };
        let said = (head.status != OK).then(Said::default);
        Self { reader: Reader::default(), state, said, begun: false }
    }
}

impl Answer for ListAnswer {
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error> {
        if !self.begun
            && let Some(first) = chunk.trim_ascii_start().first()
        {
            self.begun = true;
            if *first == b'<' {
                self.said.get_or_insert_default();
            }
        }
        if let Some(said) = &mut self.said {
            said.feed(chunk);
            return Ok(());
        }
        let mut handler = ListHandler { state: &mut self.state, page };
        self.reader.feed(chunk, &mut handler).map_err(with_remedy)
    }

    fn end(mut self: Box<Self>, page: &mut Page) -> Result<Outcome, Error> {
        let state = &mut self.state;
        if let Some(said) = &self.said {
            return state.refused(said);
        }
        if self.reader.is_blank() {
            return Err(malformed("Qualys sent an empty answer instead of a list").remedy(REPORT));
        }
        self.reader.end(&mut ListHandler { state, page }).map_err(with_remedy)?;
        state.check_is_list()?;
        state.date(page)?;
        if state.listing.is_smaller(&state.cursor) {
            page.note(format!(
                "A page could not be delivered in the size that was asked for, so pages of {} records were requested.",
                state.cursor.size
            ));
        }
        for note in &state.listing.notes {
            page.note(note.as_str());
        }
        // Without records the list has ended.
        if state.records == 0 || state.listing.probe {
            return Ok(Outcome::Last);
        }
        let cursor = state.next()?;
        let pause = pacing::reserve(&state.quota, state.listing.reserve);
        Ok(Outcome::Next { cursor: cursor.to_string(), pause })
    }
}

/// The error, with a next step where it has none.
fn with_remedy(error: Error) -> Error {
    if error.problem().remedy.is_some() { error } else { error.remedy(REPORT) }
}

impl ListState {
    fn refused(&self, said: &Said) -> Result<Outcome, Error> {
        if self.status == OK {
            return Err(malformed("Qualys, or a proxy in between, sent a web page instead of data").remedy(
                "check the address of the origin, and the proxy; during maintenance, try again later",
            ));
        }
        if self.status == TIMED_OUT && self.attempt == 0 {
            // It may be busy for a moment; the same page may pass then.
            let why = "the gateway gave up waiting for an answer of Qualys (HTTP 504)";
            return Ok(Outcome::Again(pacing::pause(PauseReason::Polling, Some(RETRY_SECONDS), 0, why)?));
        }
        if TOO_LARGE.contains(&self.status)
            && let Some(cursor) = self.cursor.smaller()
        {
            return Ok(Outcome::Instead { cursor: cursor.to_string() });
        }
        refused::outcome(&self.listing, said, self.status, &self.quota, self.attempt)
    }

    /// Checks that a whole document is a list, even if it is empty.
    fn check_is_list(&self) -> Result<(), Error> {
        match (self.lists, one_line(&self.values.text())) {
            // With a message, an empty list is none.
            (1, _) if self.records > 0 || !self.values.says_failure() => Ok(()),
            (0, said) if said.is_empty() => {
                Err(malformed("Qualys sent JSON without a list, and without a reason").remedy(REPORT))
            }
            (0 | 1, said) => Err(rejected(format!("Qualys sent a message instead of a list: \"{said}\""))
                .remedy(format!(
                    "check the criteria; if these are right, check the setting {}",
                    self.listing.version_setting
                ))),
            _ => Err(malformed("Qualys sent more than one list in an answer").remedy(REPORT)),
        }
    }

    /// The page after this one.
    fn next(&self) -> Result<Cursor, Error> {
        // 0 is that of no page.
        let digest = self.digest.finish().max(1);
        let is_stale = self.fresh == 0 || digest == self.cursor.before;
        let stale = if is_stale { self.cursor.stale.saturating_add(1) } else { 0 };
        if stale >= MAX_STALE_PAGES {
            return Err(malformed(format!(
                "stopped: {stale} pages in a row, up to page {}, had only {}s that came before, and no page was empty",
                self.cursor.number, self.listing.record
            ))
            .remedy(REPORT));
        }
        Ok(self.cursor.next(stale, digest))
    }

    /// What is in an answer was read before its head was sent.
    fn date(&self, page: &mut Page) -> Result<(), Error> {
        self.made.map_or(Ok(()), |it| page.dated(it))
    }

    fn record(&mut self, json: &Json, page: &mut Page) {
        self.records += 1;
        let record = Record { json, as_of: self.listing.as_of };
        let place = format!("{} number {} of page {}", self.listing.record, self.records, self.cursor.number);
        if !json.is_object() {
            self.fresh += 1;
            json.to_string().hash(&mut self.digest);
            page.reject(place, "it is not a JSON object");
            return;
        }
        let Some(identity) = (self.listing.identity)(&record) else {
            self.fresh += 1;
            json.to_string().hash(&mut self.digest);
            page.reject(place, "its identifier is missing");
            return;
        };
        identity.hash(&mut self.digest);
        if let Some(limit) = self.listing.limit
            && (limit.date)(&record).is_some_and(|it| it >= limit.before)
        {
            self.fresh += 1;
            page.outside_window();
            return;
        }
        if page.is_of_other_job((self.listing.changed)(&record), CHANGES_ASKED_BEFORE, false) {
            self.fresh += 1;
            return;
        }
        if has_nul(json) {
            page.note(
                "Some texts contained NUL characters. They were removed at the ends of a text; elsewhere each is shown as \\0.",
            );
        }
        let row = column::row(self.listing.columns, &identity, page, |cell| cell(&record));
        if page.row_once(&identity, row) {
            self.fresh += 1;
            (self.listing.remark)(&record, page);
        }
    }
}

impl Handler for ListHandler<'_> {
    fn wants(&self, path: &[String]) -> bool {
        match path {
            [] => true,
            [name] => name == ENVELOPE,
            _ => false,
        }
    }

    fn record(&mut self, record: &Json) -> Result<(), Error> {
        self.state.date(self.page)?;
        self.state.record(record, self.page);
        Ok(())
    }

    fn end_of_records(&mut self) -> Result<(), Error> {
        self.state.lists += 1;
        Ok(())
    }

    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error> {
        self.state.values.add(path, value);
        Ok(())
    }
}
