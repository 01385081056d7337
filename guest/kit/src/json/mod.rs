//! Records out of JSON that arrives in pieces of any size.
//!
//! The reader walks through the envelope, byte by byte, and gives each record of the wanted
//! array as soon as it is complete, and each plain value around it with its path, such as the
//! address of the next page. Only the current record is kept.
//!
//! [`cell`] makes cells of what a record holds.

pub mod cell;
mod reader;
mod scan;
#[cfg(test)]
mod tests;

pub use reader::{Handler, Reader};
pub use serde_json::Value as Json;
