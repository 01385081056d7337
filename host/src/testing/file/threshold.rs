//! The share of rows that must pass: `"97.5%"` for people, hundredths of a percent in the
//! contract.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

/// All rows, in hundredths of a percent.
pub const ALL: u32 = 10_000;
/// A percentage from 0 to 100, with at most two decimals.
const PATTERN: &str = r"^(100(\.0{1,2})?|[0-9]{1,2}(\.[0-9]{1,2})?)%$";
/// Hundredths in a percent.
const HUNDREDTHS: u32 = 100;

/// A share, as it is written: anything, so that the error for `95` can say what to
/// write.
#[derive(Debug, Clone, Deserialize)]
#[serde(transparent)]
pub(super) struct Share(toml::Value);

/// Why something is no share: what it is, and what to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoShare {
    pub(super) what: String,
    pub(super) remedy: String,
}

impl Share {
    /// In hundredths of a percent.
    pub(super) fn hundredths(&self) -> Result<u32, NoShare> {
        match &self.0 {
            toml::Value::String(text) => percent(text),
            toml::Value::Integer(number @ 0..=100) => Err(bare(&number.to_string())),
            // What the contract counts in, so somebody has read the contract.
            toml::Value::Integer(number @ 101..=10_000) => {
                Err(bare(&write(u32::try_from(*number).unwrap_or(ALL)).replace('%', "")))
            }
            toml::Value::Integer(10_001..) => Err(above()),
            toml::Value::Integer(_) => Err(unreadable("it is less than nothing")),
            toml::Value::Float(_) => Err(bare("97.5")),
            other => Err(NoShare {
                what: format!("a threshold is a percentage, and this is of the kind {}", other.type_str()),
                remedy: "write it as in threshold = \"97.5%\"".to_owned(),
            }),
        }
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "A percentage from 0% to 100%, with at most two decimals, such as 97.5%.",
            "pattern": PATTERN,
        })
    }
}

/// As people write it: without zeroes that say nothing.
pub fn write(hundredths: u32) -> String {
    let (whole, rest) = (hundredths / HUNDREDTHS, hundredths % HUNDREDTHS);
    match rest {
        0 => format!("{whole}%"),
        rest if rest % 10 == 0 => format!("{whole}.{}%", rest / 10),
        rest => format!("{whole}.{rest:02}%"),
    }
}

fn percent(text: &str) -> Result<u32, NoShare> {
    let number = text.strip_suffix('%').ok_or_else(|| unreadable("its % is missing"))?;
    let (whole, decimals) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit());
    if !digits(whole) || !digits(decimals) {
        return Err(unreadable("it should be digits, a point if need be, and %"));
    }
    if decimals.len() > 2 {
        return Err(unreadable("it may have two decimals at most"));
    }
    // Shorter than that it is a number, and longer than that it is above 100 anyway.
    let whole: u32 = whole.parse().map_err(|_| above())?;
    let rest: u32 = format!("{decimals:0<2}").parse().map_err(|_| above())?;
    match whole.checked_mul(HUNDREDTHS).and_then(|it| it.checked_add(rest)) {
        Some(hundredths) if hundredths <= ALL => Ok(hundredths),
        _ => Err(above()),
    }
}

fn unreadable(why: &str) -> NoShare {
    NoShare {
        what: format!("this threshold cannot be read: {why}"),
        remedy: "write a percentage, as in threshold = \"97.5%\"".to_owned(),
    }
}

fn bare(meant: &str) -> NoShare {
    NoShare {
        what: "a threshold without a unit could be read in more than one way".to_owned(),
        remedy: format!("write a percentage in quotes, as in threshold = \"{meant}%\""),
    }
}

fn above() -> NoShare {
    NoShare {
        what: "this threshold is more than all rows".to_owned(),
        remedy: "write a percentage up to threshold = \"100%\", which is all".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_share_reads_back_as_it_was_written() {
        for hundredths in 0..=ALL {
            assert_eq!(percent(&write(hundredths)), Ok(hundredths), "{}", write(hundredths));
        }
        assert_eq!([0, 5, 50, 9_750, ALL].map(write), ["0%", "0.05%", "0.5%", "97.5%", "100%"]);
    }

    #[test]
    fn says_what_to_write_instead() {
        let said = |value: toml::Value| match Share(value).hundredths() {
            Ok(hundredths) => hundredths.to_string(),
            Err(NoShare { what, remedy }) => format!("{what} | {remedy}"),
        };
        let texts =
            ["95", "%", ".5%", "5.%", "+5%", "99.999%", "100.01%", "99999999999%", "95 %", "９%", "1e2%"];
        let mut all: Vec<String> = texts.map(|it| format!("{it}: {}", said(it.into()))).into();
        all.extend([95, 9_500, 10_001, -1].map(|it: i64| format!("{it}: {}", said(it.into()))));
        all.push(format!("0.95: {}", said(0.95.into())));
        all.push(format!("true: {}", said(true.into())));
        insta::assert_snapshot!(all.join("\n"), @r#"
        95: this threshold cannot be read: its % is missing | write a percentage, as in threshold = "97.5%"
        %: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        .5%: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        5.%: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        +5%: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        99.999%: this threshold cannot be read: it may have two decimals at most | write a percentage, as in threshold = "97.5%"
        100.01%: this threshold is more than all rows | write a percentage up to threshold = "100%", which is all
        99999999999%: this threshold is more than all rows | write a percentage up to threshold = "100%", which is all
        95 %: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        ９%: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        1e2%: this threshold cannot be read: it should be digits, a point if need be, and % | write a percentage, as in threshold = "97.5%"
        95: a threshold without a unit could be read in more than one way | write a percentage in quotes, as in threshold = "95%"
        9500: a threshold without a unit could be read in more than one way | write a percentage in quotes, as in threshold = "95%"
        10001: this threshold is more than all rows | write a percentage up to threshold = "100%", which is all
        -1: this threshold cannot be read: it is less than nothing | write a percentage, as in threshold = "97.5%"
        0.95: a threshold without a unit could be read in more than one way | write a percentage in quotes, as in threshold = "97.5%"
        true: a threshold is a percentage, and this is of the kind boolean | write it as in threshold = "97.5%"
        "#);
    }
}
