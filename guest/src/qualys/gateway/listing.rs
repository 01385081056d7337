//! A list of the gateway, page by page: its request, and how records become rows.

use exhibit_plugin::json::Json;
use exhibit_plugin::types::Instant;
use exhibit_plugin::{Error, Page};

use super::cursor::Cursor;
use super::record::{Column, Record};

/// The most records of a page that the gateway gives.
const PAGE_SIZE: u64 = 200;

/// By how many milliseconds earlier than a job says a list of changes is asked for: filters are documented with days alone,
/// and not whether these belong to the answer.
pub const CHANGES_ASKED_BEFORE: Instant = 2 * 86_400_000;

/// The request for a list, and how its answer becomes rows.
///
/// Pages are numbered from 0. The list ends with a page without records: that a short page is the last one is not
/// documented.
#[derive(Debug, Clone)]
pub struct Listing {
    /// The path at the gateway.
    pub path: String,
    /// The members of the request's body, but for the page.
    pub body: Vec<(&'static str, Json)>,
    /// What a record is called, for people.
    pub record: &'static str,
    /// The module of Qualys that has the list, for people.
    pub module: &'static str,
    /// The setting that says which version of the API is called.
    pub version_setting: &'static str,
    /// The columns.
    pub columns: &'static [Column],
    /// What tells a record from all others; `None` where the record lacks it.
    pub identity: fn(&Record<'_>) -> Option<String>,
    /// When a record changed last.
    pub changed: fn(&Record<'_>) -> Option<Instant>,
    /// Records beyond it are not asked for. The source is asked, too; this makes sure of the border.
    pub limit: Option<Limit>,
    /// Notes that a reader of the proof needs because of this record.
    pub remark: fn(&Record<'_>, &mut Page),
    /// Notes that a reader of the proof needs in any case.
    pub notes: Vec<String>,
    /// Whether the first record is all that is wanted.
    pub probe: bool,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// API calls per hour that are reserved for other tools.
    pub reserve: u32,
}

/// A date of a record, and the first instant that is too late for it. A record whose date cannot be read is included.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The date.
    pub date: fn(&Record<'_>) -> Option<Instant>,
    /// Exclusive end.
    pub before: Instant,
}

impl Listing {
    /// The page at this cursor of the contract.
    pub(super) fn page(&self, cursor: Option<&str>) -> Result<Cursor, Error> {
        match cursor {
            Some(text) => text.parse(),
            None => Ok(self.first()),
        }
    }

    /// The first page.
    pub(super) fn first(&self) -> Cursor {
        Cursor::first(if self.probe { 1 } else { PAGE_SIZE })
    }

    /// The first page, as the cursor of the contract.
    pub fn first_cursor(&self) -> String {
        self.first().to_string()
    }

    /// Whether this page is smaller than what was asked for at first.
    pub(super) fn is_smaller(&self, cursor: &Cursor) -> bool {
        !self.probe && cursor.size < PAGE_SIZE
    }
}
