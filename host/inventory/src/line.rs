//! Names that persons give.

use super::error::InventoryError;

/// The longest text that names a group, a source or a place. In characters.
const NAME: usize = 200;

/// That a name can be kept, and read on one line.
pub(crate) fn line(what: &str, text: &str) -> Result<(), InventoryError> {
    let is_line = !text.trim().is_empty() && !text.chars().any(char::is_control);
    if is_line && text.chars().count() <= NAME {
        return Ok(());
    }
    Err(InventoryError::Text { what: what.to_owned(), most: NAME })
}
