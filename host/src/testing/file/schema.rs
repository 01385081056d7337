//! The schema that editors check and complete files by.

use schemars::generate::SchemaSettings;
use serde_json::Value as Json;

use super::written::Written;

/// The JSON Schema (2020-12) of files of tests.
pub fn schema() -> Json {
    SchemaSettings::draft2020_12().into_generator().into_root_schema_for::<Written>().to_value()
}
