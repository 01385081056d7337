//! The schema that editors check and complete files by.

use schemars::Schema;
use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use serde_json::Value as Json;

use super::written::Written;

/// The JSON Schema (2020-12) of files of tests.
pub fn schema() -> Json {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(for_editors));
    settings.into_generator().into_root_schema_for::<Written>().to_value()
}

/// What the types of Rust say and no file means: `null`, which TOML does not have; widths of
/// integers; and the line breaks of comments.
fn for_editors(schema: &mut Schema) {
    schema.remove("format");
    if schema.get("default").is_some_and(Json::is_null) {
        schema.remove("default");
    }
    if let Some(Json::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}
