//! Values as files say them, and what they are for a field of some kind.

use std::borrow::Cow;

use jiff::SpanRelativeTo;
use jiff::fmt::friendly::SpanParser;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use crate::contract::settings;
use crate::contract::types::{Kind, Value};

/// A value, as it is written: anything that TOML knows, so that an error for another than
/// the field holds can name what it holds.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Literal(toml::Value);

impl Literal {
    /// What it is as a value of this kind; `None` where it is of another.
    pub(super) fn value(&self, kind: Kind) -> Option<Value> {
        use toml::Value as Toml;
        Some(match (kind, &self.0) {
            (Kind::Text, Toml::String(text)) => Value::Text(text.clone()),
            (Kind::Integer, Toml::Integer(number)) => Value::Integer(*number),
            (Kind::Number, Toml::Float(number)) if number.is_finite() => Value::Number(*number),
            (Kind::Number, Toml::Integer(number)) => Value::Number(*number as f64),
            (Kind::Boolean, Toml::Boolean(boolean)) => Value::Boolean(*boolean),
            (Kind::Instant, Toml::String(text)) => Value::Instant(settings::instant(text)?),
            // Without its zone a time could be anybody's: only dates go without.
            (Kind::Instant, Toml::Datetime(it)) if it.time.is_none() || it.offset.is_some() => {
                Value::Instant(settings::instant(&it.to_string())?)
            }
            (Kind::Duration, Toml::Integer(seconds)) => Value::Duration(u64::try_from(*seconds).ok()?),
            (Kind::Duration, Toml::String(text)) => Value::Duration(duration(text)?),
            (Kind::Texts, Toml::Array(texts)) => {
                let texts: Option<Vec<_>> = texts.iter().map(|it| it.as_str().map(str::to_owned)).collect();
                Value::Texts(texts?)
            }
            _ => return None,
        })
    }
}

impl JsonSchema for Literal {
    fn schema_name() -> Cow<'static, str> {
        "Value".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A text, a number, true or false, a date (as TOML's own, or in quotes), a length of \
                time (seconds, or a text such as \"2h 30m\"), or an array of texts: as the field holds.",
            "anyOf": [
                { "type": ["string", "number", "boolean"] },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}

/// Seconds of a length of time such as `2h 30m` or `3 days`. A day has 24 hours; months and
/// years have no length.
fn duration(text: &str) -> Option<u64> {
    let span = SpanParser::new().parse_span(text).ok()?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    (duration.subsec_nanos() == 0).then(|| u64::try_from(duration.as_secs()).ok())?
}

/// How a kind reads in a sentence about a field.
pub(super) fn holds(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text",
        Kind::Integer => "a whole number",
        Kind::Number => "a number",
        Kind::Boolean => "true or false",
        Kind::Instant => "a point in time",
        Kind::Duration => "a length of time",
        Kind::Texts => "several texts",
    }
}

/// What to write where a value of this kind is wanted.
pub(super) fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "a text is written in quotes, as in value = \"Active\"",
        Kind::Integer => "a whole number is written as in value = 30",
        Kind::Number => "a number is written as in value = 7.5",
        Kind::Boolean => "write value = true or value = false",
        Kind::Instant => {
            "write a date as in value = 2026-01-31, or a date and time with its zone as in \
             value = 2026-01-31T12:00:00Z"
        }
        Kind::Duration => "write seconds as in value = 9000, or a text as in value = \"2h 30m\"",
        Kind::Texts => "several texts are written as in value = [\"one\", \"two\"]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: Kind, written: &str) -> String {
        let mut table: toml::Table = toml::from_str(&format!("value = {written}")).expect("TOML");
        match Literal(table.remove("value").expect("a value")).value(kind) {
            Some(value) => format!("{value:?}"),
            None => "no".to_owned(),
        }
    }

    #[test]
    fn each_kind_has_its_ways_of_writing() {
        let cases = [
            (Kind::Text, ["\"a\"", "5", "[\"a\"]", "true"].as_slice()),
            (Kind::Integer, &["-5", "5.0", "\"5\""]),
            (Kind::Number, &["5", "0.5", "1e3", "nan", "inf", "\"5\""]),
            (Kind::Boolean, &["true", "\"true\"", "1"]),
            (
                Kind::Instant,
                &[
                    "1970-01-02",
                    "1970-01-02T00:00:00+01:00",
                    "1970-01-02 00:00:00Z",
                    "\"1970-01-02\"",
                    "\"1970-01-02T00:00:00Z\"",
                    "1970-01-02T00:00:00",
                    "07:32:00",
                    "\"yesterday\"",
                    "0",
                ],
            ),
            (
                Kind::Duration,
                &[
                    "60",
                    "-60",
                    "\"2h 30m\"",
                    "\"3 days\"",
                    "\"1w\"",
                    "\"1 month\"",
                    "\"1.5s\"",
                    "\"-1h\"",
                    "\"60\"",
                ],
            ),
            (Kind::Texts, &["[\"a\", \"b\"]", "[]", "[\"a\", 1]", "\"a\""]),
        ];
        let lines: Vec<String> = cases
            .iter()
            .flat_map(|(kind, texts)| {
                texts.iter().map(|it| format!("{} {it}: {}", kind.name(), read(*kind, it)))
            })
            .collect();
        insta::assert_snapshot!(lines.join("\n"), @r#"
        text "a": Value::Text("a")
        text 5: no
        text ["a"]: no
        text true: no
        integer -5: Value::Integer(-5)
        integer 5.0: no
        integer "5": no
        number 5: Value::Number(5.0)
        number 0.5: Value::Number(0.5)
        number 1e3: Value::Number(1000.0)
        number nan: no
        number inf: no
        number "5": no
        boolean true: Value::Boolean(true)
        boolean "true": no
        boolean 1: no
        instant 1970-01-02: Value::Instant(86400000)
        instant 1970-01-02T00:00:00+01:00: Value::Instant(82800000)
        instant 1970-01-02 00:00:00Z: Value::Instant(86400000)
        instant "1970-01-02": Value::Instant(86400000)
        instant "1970-01-02T00:00:00Z": Value::Instant(86400000)
        instant 1970-01-02T00:00:00: no
        instant 07:32:00: no
        instant "yesterday": no
        instant 0: no
        duration 60: Value::Duration(60)
        duration -60: no
        duration "2h 30m": Value::Duration(9000)
        duration "3 days": Value::Duration(259200)
        duration "1w": Value::Duration(604800)
        duration "1 month": no
        duration "1.5s": no
        duration "-1h": no
        duration "60": no
        texts ["a", "b"]: Value::Texts(["a", "b"])
        texts []: Value::Texts([])
        texts ["a", 1]: no
        texts "a": no
        "#);
    }
}
