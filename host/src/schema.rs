//! JSON Schemas (2020-12) of what people and other programs read and write, made of the very types
//! that read and write it here.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value as Json;

/// The schema of a type.
pub(crate) fn of<T: JsonSchema>() -> Json {
    let settings = SchemaSettings::draft2020_12().with_transform(RecursiveTransform(for_readers));
    settings.into_generator().into_root_schema_for::<T>().to_value()
}

/// What the types of Rust say and nobody else means: widths of integers, a `null` that stands for
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
pub(crate) mod tests {
    use serde_json::Value as Json;

    /// Set, it has tests of schemas write them instead of holding them against what is there.
    const RENEW: &str = "RENEW_SCHEMAS";

    /// The committed schema of this name is `current`.
    pub(crate) fn is_committed(name: &str, current: &Json) {
        let path = format!("{}/schemas/{name}", env!("CARGO_MANIFEST_DIR"));
        let current = format!("{current:#}\n");
        if std::env::var_os(RENEW).is_some() {
            std::fs::write(path, current).expect("can be written");
            return;
        }
        assert!(
            std::fs::read_to_string(path).expect("is committed") == current,
            "host/schemas/{name} is stale: renew it with\n  \
             {RENEW}=1 cargo test --release -p exhibit --lib committed_schema"
        );
    }
}
