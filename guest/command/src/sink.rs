//! Where rows go.

use exhibit_plugin::types::Row;

use crate::failure::Failure;

/// Where rows go, a page at a time.
pub(crate) trait Sink {
    /// Rows of the current page.
    fn rows(&mut self, rows: &[Row]) -> Result<(), Failure>;

    /// The page is complete.
    fn commit(&mut self) -> Result<(), Failure>;

    /// The page is abandoned. Returns whether nothing of it was written.
    #[must_use]
    fn abandon(&mut self) -> bool;

    /// The rows that are written.
    fn count(&self) -> u64;
}
