//! What a reader makes of what it is given.

/// What a reader makes of a unit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It took it.
    Taken,
    /// A document does not have it in this place. What is at hand of a name, and was kept already, stands before it.
    Unreadable(Vec<u16>),
    /// All is blanked from here on. What is to be kept before that was kept.
    Blanked,
}
