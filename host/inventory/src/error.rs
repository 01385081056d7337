//! What can go wrong with the inventory.

use exhibit_state::StateError;

use super::mapping::MappingError;

/// Why the inventory did not do what it was asked for. Nothing of the change was kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// The mapping makes no sense.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// The state database failed.
    #[error(transparent)]
    State(#[from] StateError),
    /// What the database holds of an item cannot be read.
    #[error("what the state database holds of `{0}` cannot be read; it can be built again from the evidence")]
    Facts(String),
    /// The inventory was built again in the meantime.
    #[error("the inventory was built again while this evidence was merged; merge it again")]
    BuiltAgain,
    /// No such item.
    #[error("the inventory has no item `{0}`")]
    NoItem(String),
    /// Several items could be meant.
    #[error("`{wanted}` could be any of {}; name one by its identity", among.join(", "))]
    SeveralItems {
        /// What was asked for.
        wanted: String,
        /// The identities of some of them.
        among: Vec<String>,
    },
    /// A field that persons do not own.
    #[error("`{field}` is no field that persons fill in; there are {}", super::mapping::OWNED.join(", "))]
    NotOwned {
        /// The field.
        field: String,
    },
    /// A text that cannot be kept.
    #[error("{what} must be a line of 1 to {most} characters")]
    Text {
        /// What it is.
        what: String,
        /// How long it may be.
        most: usize,
    },
}

impl InventoryError {
    /// Whether the same call can succeed later without anything being done about it.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::BuiltAgain => true,
            Self::State(error) => error.is_transient(),
            _ => false,
        }
    }
}
