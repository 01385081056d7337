//! What is read of a line.

use crate::{Kind, Value};

/// Values, in the order of their fields.
pub type Row = Vec<Value>;

/// A field of the lines, and where in a row it goes.
#[derive(Debug)]
pub(super) struct Column {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// None: it is left out.
    pub(super) slot: Option<usize>,
}
