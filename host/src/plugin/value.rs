//! Values and their kinds.

use super::contract::types::{Kind, Value};

impl Kind {
    /// The kind's name in the contract.
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Integer => "integer",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Instant => "instant",
            Self::Duration => "duration",
            Self::Texts => "texts",
        }
    }
}

impl Value {
    /// What kind of thing it holds; none, where it says that there is nothing.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Text(_) => Some(Kind::Text),
            Self::Integer(_) => Some(Kind::Integer),
            Self::Number(_) => Some(Kind::Number),
            Self::Boolean(_) => Some(Kind::Boolean),
            Self::Instant(_) => Some(Kind::Instant),
            Self::Duration(_) => Some(Kind::Duration),
            Self::Texts(_) => Some(Kind::Texts),
        }
    }
}
