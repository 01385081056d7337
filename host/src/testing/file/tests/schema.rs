//! The schema, and what it says of files.

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value as Json;

use super::examples::{CASE, asking, everything, file, users};
use super::*;

/// Set, it has the test write the schema instead of comparing it with what is committed.
const RENEW: &str = "RENEW_SCHEMAS";

#[test]
fn the_committed_schema_is_that_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/tests.schema.json");
    let current = format!("{:#}\n", schema());
    if std::env::var_os(RENEW).is_some() {
        return std::fs::write(path, current).expect("can be written");
    }
    assert!(
        std::fs::read_to_string(path).expect("is committed") == current,
        "host/schemas/tests.schema.json is stale: renew it with\n  \
         {RENEW}=1 cargo test --release -p exhibit --lib committed_schema"
    );
}

struct Validator(Schemas, SchemaIndex);

impl Validator {
    fn new() -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        let place = "https://schema.example/tests.schema.json";
        compiler.add_resource(place, schema()).expect("is JSON");
        let index = compiler.compile(place, &mut schemas).expect("is a schema");
        Self(schemas, index)
    }

    fn takes(&self, text: &str) -> bool {
        let table: toml::Table = toml::from_str(text).expect("is TOML");
        self.0.validate(&json(toml::Value::Table(table)), self.1).is_ok()
    }
}

/// As editors hold TOML against a schema: dates are texts.
fn json(value: toml::Value) -> Json {
    match value {
        toml::Value::String(it) => it.into(),
        toml::Value::Integer(it) => it.into(),
        toml::Value::Float(it) => it.into(),
        toml::Value::Boolean(it) => it.into(),
        toml::Value::Datetime(it) => it.to_string().into(),
        toml::Value::Array(it) => it.into_iter().map(json).collect(),
        toml::Value::Table(it) => it.into_iter().map(|(key, value)| (key, json(value))).collect(),
    }
}

#[test]
fn takes_what_is_written_and_what_the_reader_takes() {
    let validator = Validator::new();
    assert!(validator.takes(&write(&users(), &everything(), &[])));
    assert!(validator.takes(&asking("field = \"session\", operator = \"at-most\", value = \"2h 30m\"")));
    assert!(validator.takes(&asking("field = \"last-login\", operator = \"is-before\", value = 2026-01-31")));
    assert!(validator.takes(&asking("field = \"status\", operator = \"equals\", other = \"status\"")));
}

#[test]
fn refuses_what_no_plugin_is_needed_to_refuse() {
    let validator = Validator::new();
    assert!(validator.takes(&file(CASE)), "what the others differ from");
    let bad = [
        String::new(),
        file(CASE).replace("version = 1", "version = 2"),
        file(""),
        file("case = []"),
        file("\n[[test.case]]\nall = []"),
        file(&format!("name = \"Sign in\"{CASE}")),
        file(&format!("treshold = \"95%\"{CASE}")),
        file(&format!("threshold = 95{CASE}")),
        file(&format!("threshold = \"100.01%\"{CASE}")),
        file(&format!("threshold = \"99.999%\"{CASE}")),
        file(&format!("when-empty = \"skip\"{CASE}")),
        file(&format!("controls = \"soc2:cc6.2\"{CASE}")),
        asking("feild = \"status\", operator = \"is-empty\""),
        asking("field = \"status\", operator = \"equal\", value = \"Active\""),
        asking("field = \"status\", operator = \"equals\", value = [1]"),
        asking("field = \"status\", operator = \"equals\", value = \"a\", other = \"roles\""),
        asking("field = \"last-login\", operator = \"is-at-most-days-ago\", days = -1"),
    ];
    for text in bad {
        assert!(!validator.takes(&text), "{text}");
        assert!(super::examples::suite(&text).is_err(), "{text}");
    }
}
