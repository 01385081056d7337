//! The schema that editors check and complete files by.

use serde_json::Value as Json;

use super::written::Written;

/// The JSON Schema (2020-12) of files of tests.
pub fn schema() -> Json {
    exhibit_records::schema_of::<Written>()
}
