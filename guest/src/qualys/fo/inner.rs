//! Records that stand inside of others, in place of a list's own.

use exhibit_plugin::collection::Pause;
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Outcome, Page};

/// Reads the records of one answer, and says what follows from all of it.
pub(super) trait Inner {
    /// Whether elements of this name are wanted at this place of the answer.
    fn wants(&self, name: &str) -> bool;

    /// An element began that is not wanted.
    fn opened(&mut self, name: &str) {
        let _ = name;
    }

    /// The innermost of these ended.
    fn closed(&mut self, page: &mut Page) -> Result<(), Error> {
        let _ = page;
        Ok(())
    }

    /// A wanted element: whether it is one of its own.
    fn element(&mut self, element: &Element<'_>, page: &mut Page) -> Result<bool, Error>;

    /// How many records there were.
    fn records(&self) -> u64;

    /// The document cannot be read any further. Where the collection can continue all the same, [`Self::end`] says where.
    ///
    /// # Errors
    /// The error itself, where it cannot.
    fn broken(&mut self, error: Error, page: &mut Page) -> Result<(), Error> {
        let _ = page;
        Err(error)
    }

    /// Where a smaller page begins at the same place, where there is one.
    fn smaller(&self) -> Option<String>;

    /// The request was refused, and it makes no sense to repeat it.
    ///
    /// # Errors
    /// The error itself, where the collection cannot do without the answer.
    fn refused(self: Box<Self>, status: u16, error: Error, page: &mut Page) -> Result<Outcome, Error> {
        let _ = (status, page);
        Err(error)
    }

    /// The answer is complete. `next` is where it says that its list continues; `pause` comes before any further
    /// request.
    fn end(
        self: Box<Self>,
        next: Option<u64>,
        pause: Option<Pause>,
        page: &mut Page,
    ) -> Result<Outcome, Error>;
}
