//! One answer's rows, on their way to the host.

use super::progress::Progress;
use super::seen::{Before, Rows, Seen, is_known};
use crate::contract::collection::{Batch, Rejection};
use crate::contract::types::{Error, Instant, Row};
use crate::instant;
use crate::problem::rejected;

/// Takes what an [`Answer`](super::Answer) makes of its body.
#[derive(Debug)]
pub struct Page {
    draft: Progress,
    key: Vec<usize>,
    /// What the job asks for: see [`Order::since`](super::Order::since).
    since: Option<Instant>,
    /// Whether the page has no record yet.
    at_border: bool,
    /// Whether anything was handed over.
    gave_any: bool,
    rows: Vec<Row>,
    rejected: Vec<Rejection>,
    /// The rows of a list in no order.
    seen: Rows,
}

impl Page {
    pub(super) fn new(draft: Progress, key: Vec<usize>, since: Option<Instant>) -> Self {
        Self {
            draft,
            key,
            since,
            at_border: true,
            gave_any: false,
            rows: Vec::new(),
            rejected: Vec::new(),
            seen: Rows::default(),
        }
    }

    /// A row, with a value for each field of the proof type. Where it is the record of the row before, it replaces
    /// that, and counts as a duplicate: it is newer.
    pub fn row(&mut self, row: Row) {
        let first = std::mem::replace(&mut self.at_border, false);
        let Some(before) = self.draft.held.replace(row) else { return };
        let Some(row) = self.draft.held.as_ref().filter(|row| self.same_record(&before, row)) else {
            self.hand_over(before);
            return;
        };
        // At the border of two pages, time has passed between the two.
        if !first && *row != before {
            self.draft.note(
                "A record came twice in a row, with different contents: only the later one is included."
                    .to_owned(),
            );
        }
        self.draft.duplicates += 1;
    }

    /// A row of a list in no order, all of which is in this answer. One that came before, equal in all values, counts as a
    /// duplicate; one that shares its key with another row is kept, and a note says so.
    pub fn unordered_row(&mut self, row: Row) {
        match self.seen.add(&self.key, &row) {
            Seen::New => {}
            Seen::Repeated => {
                self.draft.duplicates += 1;
                return;
            }
            Seen::SameKey(key) => self.draft.same_key(key),
        }
        self.at_border = false;
        if let Some(before) = self.draft.held.replace(row) {
            self.hand_over(before);
        }
    }

    /// A row whose source compares keys itself: it is handed over whatever came before.
    pub fn compared_row(&mut self, row: Row) {
        self.at_border = false;
        if let Some(before) = self.draft.held.replace(row) {
            self.hand_over(before);
        }
    }

    /// The row that is handed over next has the key of an earlier one, and other values: a note says so.
    pub fn repeated_key(&mut self, key: impl Into<String>) {
        self.draft.same_key(key.into());
    }

    /// A row of a list in no order that comes in several answers. One whose `identity` came before, on whatever page, counts as
    /// a duplicate; where its values differ, a note says that the earlier one is included. Whether it is new is the result.
    ///
    /// 200,000 records are remembered. Beyond them only repetitions of these are found, and a note says so.
    pub fn row_once(&mut self, identity: &str, row: Row) -> bool {
        match self.draft.known.add(identity, &row) {
            Before::New => {}
            Before::Unknown => {
                self.draft.has_unknown = true;
                self.draft.note(
                    "There are too many records to remember all of them: those beyond the first 200000 may be included \
                     more than once."
                        .to_owned(),
                );
            }
            Before::Repeated => {
                self.draft.duplicates += 1;
                return false;
            }
            Before::Changed => {
                self.draft.note(
                    "A record came more than once, with different contents: only the earlier one is included.".to_owned(),
                );
                self.draft.duplicates += 1;
                return false;
            }
        }
        self.at_border = false;
        self.hand_over(row);
        true
    }

    /// A record that cannot become a row: which one, and what is wrong with it.
    pub fn reject(&mut self, subject: impl Into<String>, reason: impl Into<String>) {
        self.at_border = false;
        self.draft.rejected += 1;
        self.rejected.push(Rejection { subject: subject.into(), reason: reason.into() });
    }

    /// A record that lies outside the window that was asked for.
    pub fn outside_window(&mut self) {
        self.at_border = false;
        self.draft.outside_window += 1;
    }

    /// When the source dates the answer, by its own clock, before any record in it was read. The first answer of a collection
    /// makes the point up to which its changes reach; a date of a later one is passed over, and so is a second one.
    ///
    /// # Errors
    /// `rejected` where the job asks for what changed since a later instant: the source's clock was set back, and its
    /// dates do not show what changed in between.
    pub fn dated(&mut self, at: Instant) -> Result<(), Error> {
        if self.draft.pages > 0 || self.draft.point.is_some() {
            return Ok(());
        }
        if let Some(since) = self.since.filter(|since| at < *since) {
            let message = format!(
                "the clock of the source was set back: it dates its answer {}, and the earlier proof {}; its dates do not \
                 show what changed in between",
                instant::write(at),
                instant::write(since)
            );
            return Err(rejected(message).remedy("collect the whole list once, and changes after that"));
        }
        self.draft.point = Some(at);
        Ok(())
    }

    /// Whether a record that changed last at this instant belongs to another job: an earlier one, or the next one. Such a
    /// record counts as outside the window, unless it `is_repeated`: then it is a duplicate. Where the job asks for all records, or the date
    /// is not known, none does.
    ///
    /// `asked_before`: by how many milliseconds earlier than the job says the source was asked, as its edges are not
    /// documented. A record that is older than that was listed for another change than the one that it is dated by.
    pub fn is_of_other_job(
        &mut self,
        changed: Option<Instant>,
        asked_before: i64,
        is_repeated: bool,
    ) -> bool {
        let (Some(since), Some(changed)) = (self.since, changed) else { return false };
        let is_later = self.draft.point.is_some_and(|point| changed >= point);
        let is_earlier = (since.saturating_sub(asked_before)..since).contains(&changed);
        if !is_later && !is_earlier {
            return false;
        }
        if is_repeated {
            self.duplicate();
        } else {
            self.draft.changed_later += u64::from(is_later);
            self.outside_window();
        }
        true
    }

    /// Whether the job asks for changes, and no answer was dated.
    pub(super) fn lacks_point(&self) -> bool {
        self.since.is_some() && self.draft.point.is_none()
    }

    /// Something that a reader of the proof must know. A repeated note is kept once.
    pub fn note(&mut self, text: impl Into<String>) {
        self.draft.note(text.into());
    }

    /// The same, of something that is missing because of what the account may see. A probe has no other notes.
    pub fn lacks(&mut self, text: impl Into<String>) {
        self.draft.lacks(text.into());
    }

    /// How many records the source says that there are.
    pub fn declare(&mut self, count: u64) {
        self.draft.declared = Some(count);
    }

    /// A record that was received before; the earlier one counts.
    pub fn duplicate(&mut self) {
        self.draft.duplicates += 1;
    }

    /// A cell that could not be read as what its column holds, in the record `subject`.
    pub(crate) fn misread(&mut self, column: &str, kind: &str, subject: &str) {
        self.draft.misread(column, kind, subject);
    }

    /// A text of so many bytes, more than a cell may have, in the record `subject`.
    pub(crate) fn too_long(&mut self, column: &str, bytes: usize, subject: &str) {
        self.draft.too_long(column, bytes as u64, subject);
    }

    pub(super) fn gave_any(&self) -> bool {
        self.gave_any || !self.at_border || !self.rows.is_empty() || !self.rejected.is_empty()
    }

    pub(super) fn take(&mut self) -> Batch {
        self.gave_any = self.gave_any();
        Batch { rows: std::mem::take(&mut self.rows), rejected: std::mem::take(&mut self.rejected) }
    }

    /// This was the last page.
    pub(super) fn finish(mut self) -> (Progress, Batch) {
        if let Some(last) = self.draft.held.take() {
            self.hand_over(last);
        }
        self.draft.done = true;
        self.count()
    }

    /// The next page is at `cursor`.
    pub(super) fn continue_at(mut self, cursor: String) -> (Progress, Batch) {
        self.draft.cursor = Some(cursor);
        self.count()
    }

    fn count(mut self) -> (Progress, Batch) {
        self.draft.pages += 1;
        self.draft.attempt = 0;
        let batch = self.take();
        (self.draft, batch)
    }

    fn hand_over(&mut self, row: Row) {
        self.draft.rows += 1;
        self.rows.push(row);
    }

    /// Rows without a readable key are never the same record.
    fn same_record(&self, a: &Row, b: &Row) -> bool {
        !self.key.is_empty()
            && self.key.iter().all(|&at| a.get(at) == b.get(at))
            && self.key.iter().any(|&at| a.get(at).is_some_and(is_known))
    }
}
