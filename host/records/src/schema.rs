//! JSON Schemas (2020-12) of what people and other programs read and write, made of the very types
//! that read and write it here.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;

use crate::{AnswerRecord, Entry, Proof, Run, StoreRecord};

/// The schema of a type, as it is read.
pub fn of<T: JsonSchema>() -> Json {
    schema::<T>(SchemaSettings::draft2020_12())
}

/// The schema of a type, as it is written: what is always there is required.
pub fn of_written<T: JsonSchema>() -> Json {
    schema::<T>(SchemaSettings::draft2020_12().for_serialize())
}

fn schema<T: JsonSchema>(settings: SchemaSettings) -> Json {
    let settings = settings.with_transform(RecursiveTransform(for_readers));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// Each file of evidence or of a store that is JSON, or JSON lines, and the schema of it or of a line.
pub fn schemas() -> [(&'static str, Json); 5] {
    [
        ("proof.schema.json", of::<Proof>()),
        ("answer.schema.json", of::<AnswerRecord>()),
        ("run.schema.json", of::<Run>()),
        ("store.schema.json", of::<StoreRecord>()),
        ("entry.schema.json", of::<Entry>()),
    ]
}

/// What is of Rust alone: widths of integers, a `null` that stands for
/// what is left out, and the line breaks of comments.
fn for_readers(schema: &mut Schema) {
    schema.remove("format");
    if schema.get("default").is_some_and(Json::is_null) {
        schema.remove("default");
    }
    if let Some(Json::String(text)) = schema.get_mut("description") {
        *text = text.replace('\n', " ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Set, it has the test write the schemas instead of comparing them with what is committed.
    const RENEW: &str = "RENEW_SCHEMAS";

    #[test]
    fn the_committed_schemas_are_those_of_the_types() {
        for (name, schema) in schemas() {
            let path = format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
            let current = format!("{schema:#}\n");
            if std::env::var_os(RENEW).is_some() {
                std::fs::write(path, current).expect("can be written");
                continue;
            }
            assert!(
                std::fs::read_to_string(path).expect("is committed") == current,
                "host/records/schemas/{name} is stale: renew it with\n  \
                 {RENEW}=1 cargo test --release -p exhibit-records committed_schema"
            );
        }
    }

    #[test]
    fn fields_that_no_schema_has_are_refused() {
        let refused = serde_json::from_str::<Proof>("{\"format\":1,\"more\":true}").expect_err("unknown");
        assert!(refused.to_string().contains("unknown field `more`"), "{refused}");
    }
}
