//! Values on their way into a statement, and out of a row.

use super::error::StateError;

/// A value of a statement. Whole numbers and texts are all that both databases have in the same way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Bound {
    /// A whole number, or none.
    Integer(Option<i64>),
    /// A text, or none. Without U+0000, which PostgreSQL does not take.
    Text(Option<String>),
}

/// A row that a statement gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row(pub(super) Vec<Bound>);

impl From<i64> for Bound {
    fn from(it: i64) -> Self {
        Self::Integer(Some(it))
    }
}

impl From<Option<i64>> for Bound {
    fn from(it: Option<i64>) -> Self {
        Self::Integer(it)
    }
}

impl From<bool> for Bound {
    fn from(it: bool) -> Self {
        Self::Integer(Some(i64::from(it)))
    }
}

impl From<&str> for Bound {
    fn from(it: &str) -> Self {
        Self::Text(Some(it.to_owned()))
    }
}

impl From<String> for Bound {
    fn from(it: String) -> Self {
        Self::Text(Some(it))
    }
}

impl From<Option<String>> for Bound {
    fn from(it: Option<String>) -> Self {
        Self::Text(it)
    }
}

impl Row {
    /// The whole number in this column.
    ///
    /// # Errors
    /// Where there is none.
    pub fn integer(&self, column: usize) -> Result<i64, StateError> {
        self.maybe_integer(column)?.ok_or_else(|| unexpected(column, "no number"))
    }

    /// The same, where there may be none.
    ///
    /// # Errors
    /// Where there is a text.
    pub fn maybe_integer(&self, column: usize) -> Result<Option<i64>, StateError> {
        match self.0.get(column) {
            Some(Bound::Integer(it)) => Ok(*it),
            Some(Bound::Text(None)) => Ok(None),
            _ => Err(unexpected(column, "not a number")),
        }
    }

    /// The text in this column.
    ///
    /// # Errors
    /// Where there is none.
    pub fn text(&self, column: usize) -> Result<&str, StateError> {
        self.maybe_text(column)?.ok_or_else(|| unexpected(column, "no text"))
    }

    /// The same, where there may be none.
    ///
    /// # Errors
    /// Where there is a number.
    pub fn maybe_text(&self, column: usize) -> Result<Option<&str>, StateError> {
        match self.0.get(column) {
            Some(Bound::Text(it)) => Ok(it.as_deref()),
            Some(Bound::Integer(None)) => Ok(None),
            _ => Err(unexpected(column, "not a text")),
        }
    }
}

fn unexpected(column: usize, what: &str) -> StateError {
    StateError::Unexpected(format!("column {column} of a row: {what}"))
}
