//! Rows of a proof as bytes: canonical JSON and a spreadsheet's table, and JSON read back.
//!
//! Every driver of a plugin writes the same bytes for the same rows: the host, which sees the
//! contract from one side, and the command that runs under any WebAssembly runtime, which sees
//! it from the other. Neither's types are known here: both hand over [`Cell`]s.

mod cell;
mod duration;
pub mod instant;
pub mod ndjson;
pub mod read;
mod shown;
pub mod spreadsheet;
pub mod text;

pub use cell::{Cell, Kind, Value, shown_fields};
pub use duration::duration;
pub use shown::{SHOWN_CHARS, ShowPath, Shown, ShownPath};

/// A point in time: milliseconds since 1970-01-01T00:00:00Z, UTC.
pub type Instant = i64;
