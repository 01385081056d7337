//! How the records of a list become rows, whichever API family the list is of.

use exhibit_plugin::column;
use exhibit_plugin::problem::malformed;
use exhibit_plugin::types::{Instant, Window};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Page, instant};

use super::record::{Column, Record};

/// Qualys does not document whether the edges of a window are inclusive. So one second more is
/// requested at both edges, and records outside the window are dropped here.
pub const EDGE_MILLIS: i64 = 1_000;

/// A window, and the date of a record that must lie in it. The source is asked for the window, too;
/// this makes sure of its edges.
#[derive(Debug, Clone, Copy)]
pub struct WindowFilter {
    /// The window.
    pub window: Window,
    /// The element of a record that has its date.
    pub date_element: &'static str,
}

/// The dates of a record by which it belongs to this job or another, where a job asks for what changed.
#[derive(Debug, Clone, Copy)]
pub struct ChangeDates {
    /// Its last change, of those that a later job asks by.
    pub last: fn(&Record<'_>) -> Option<Instant>,
    /// The date that this list is asked by.
    pub asked_by: fn(&Record<'_>) -> Option<Instant>,
    /// By how many milliseconds earlier than the job says the list is asked for.
    pub asked_before: i64,
    /// A record with this date at or after this instant was in a list before this one.
    pub listed_before: Option<(DateOf, Instant)>,
}

/// A date of a record.
pub type DateOf = fn(&Record<'_>) -> Option<Instant>;

impl ChangeDates {
    /// Whether a record belongs to another job, or came in a list before this one: then it is counted, or rejected where its
    /// dates contradict each other.
    fn are_of_other_job(&self, record: &Record<'_>, is_repeated: bool, page: &mut Page) -> bool {
        let (last, asked_by) = ((self.last)(record), (self.asked_by)(record));
        let came_before =
            self.listed_before.is_some_and(|(date, since)| date(record).is_some_and(|it| it >= since));
        if record.element.contradiction().is_some() {
            // It is rejected with its other elements.
            return false;
        }
        if came_before {
            page.duplicate();
            return true;
        }
        page.is_of_other_job(last, 0, is_repeated)
            || page.is_of_other_job(asked_by, self.asked_before, is_repeated)
    }
}

/// How the records of a list become rows.
#[derive(Debug, Clone, Copy)]
pub struct Mapping {
    /// The element that becomes a row.
    pub record: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    /// What a record is called, for people; `None` where the record lacks what identifies it.
    /// Where records ascend, it is the number that they ascend by.
    pub identity: for<'a> fn(&Record<'a>) -> Option<&'a str>,
    /// Whether the list has pages, so that its records must ascend by their identities.
    pub ascends: bool,
    /// What identities begin with, where the list has one kind of records: one of another kind is rejected.
    pub prefix: Option<&'static str>,
    /// Notes that a reader of the proof needs because of a record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// The window that records must lie in.
    pub window_filter: Option<WindowFilter>,
    /// The dates of its changes, where the list can be asked for these.
    pub changes: Option<ChangeDates>,
    /// See [`Record::selected`].
    pub selected: u8,
    /// The instant that counts as now.
    pub as_of: Instant,
}

/// The records of an answer so far.
#[derive(Debug)]
pub(super) struct Rows {
    mapping: Mapping,
    received: u64,
    /// The number of the last record, of this page or those before; 0 before the first.
    last: u64,
    /// Whether the page has a record without a number.
    has_numberless: bool,
}

impl Rows {
    /// The records of a page; `seen` is the greatest number of the pages before, 0 before the first.
    pub(super) fn of(mapping: Mapping, seen: u64) -> Self {
        Self { mapping, received: 0, last: seen, has_numberless: false }
    }

    /// How many records the page has so far.
    pub(super) fn received(&self) -> u64 {
        self.received
    }

    /// The number of the last record, of this page or those before; 0 before the first.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// The number of the page's last record, where all of its records have one.
    pub(super) fn greatest(&self) -> Option<u64> {
        Some(self.last).filter(|_| self.received > 0 && !self.has_numberless)
    }

    /// Makes a row of a record, or says why there is none.
    ///
    /// # Errors
    /// `malformed` where records do not ascend.
    pub(super) fn read(&mut self, element: &Element<'_>, page: &mut Page) -> Result<(), Error> {
        self.received += 1;
        let mapping = self.mapping;
        let record = Record { element, selected: mapping.selected, as_of: mapping.as_of };
        let identity = (mapping.identity)(&record);
        if let Some(name) = element.contradiction() {
            self.has_numberless = true;
            page.reject(self.numbered(), contradicts(name));
            return Ok(());
        }
        let mut is_repeated = false;
        if mapping.ascends {
            let Some(number) = identity.and_then(|it| it.parse().ok()) else {
                self.has_numberless = true;
                let what = if identity.is_some() { "is not a number" } else { "is missing" };
                page.reject(self.numbered(), format!("its identifier {what}"));
                return Ok(());
            };
            let before = std::mem::replace(&mut self.last, number);
            if number < before {
                return Err(malformed(format!(
                    "{0} {number} came after {0} {before}: the list does not ascend, so records may be missing",
                    mapping.record
                )));
            }
            is_repeated = number == before;
        }
        if let Some(window_filter) = mapping.window_filter {
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
        if let Some(changes) = mapping.changes
            && changes.are_of_other_job(&record, is_repeated, page)
        {
            return Ok(());
        }
        let Some(identity) = identity else {
            page.reject(self.numbered(), "its identifier is missing");
            return Ok(());
        };
        if let Some(prefix) = mapping.prefix.filter(|it| !identity.starts_with(it)) {
            page.reject(
                identity,
                format!("its identifier does not begin with {prefix:?}: it is of another list"),
            );
            return Ok(());
        }
        let row = column::row(mapping.columns, identity, page, |cell| cell(&record));
        if let Some(name) = element.contradiction() {
            page.reject(identity, contradicts(name));
            return Ok(());
        }
        (mapping.remark)(&record, page);
        if mapping.ascends {
            page.row(row);
        } else {
            page.unordered_row(row);
        }
        Ok(())
    }

    /// A record by its place.
    fn numbered(&self) -> String {
        format!("{} number {} of its page", self.mapping.record, self.received)
    }
}

/// The error of an element that says how a list continues, or why there is no list, and contradicts itself.
pub(super) fn check_consistent(element: &Element<'_>) -> Result<(), Error> {
    match element.contradiction() {
        Some(name) => Err(malformed(format!(
            "the answer contradicts itself: in {:.60}, {}",
            element.name(),
            contradicts(name)
        ))),
        None => Ok(()),
    }
}

/// Why no row is made of a record.
fn contradicts(name: &str) -> String {
    format!("its element {name:.60} is there more than once, with different contents")
}
