//! The contract's interfaces, by the names that the kit has for them.

pub use crate::bindings::exports::exhibit::plugin::{catalog, collection, testing, types};
