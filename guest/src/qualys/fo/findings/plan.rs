//! What is asked for, and how it becomes rows.

use super::super::listing::Listing;
use super::row::{Column, Joined};

/// The element that may be of megabytes.
pub(super) const RESULTS: &str = "RESULTS";

/// The date of a detection by which it is asked for.
pub(super) const UPDATED: &str = "LAST_UPDATE_DATETIME";

/// The request for detections, and how they become rows.
#[derive(Debug, Clone)]
pub struct Findings {
    /// The list of hosts. It has no columns: these are of the detections.
    pub listing: Listing,
    /// The columns.
    pub columns: &'static [Column],
    /// Where a row has what is joined into it.
    pub joined: Joined,
    /// The version of the KnowledgeBase's API; `None` where nothing is joined.
    pub knowledge_base: Option<String>,
    /// Whether one title is enough: all others stay unknown then.
    pub one_title: bool,
    /// Bytes of a detection's results that are kept; 0 where they are not asked for.
    pub results: usize,
}
