//! What a person sets, held against the parameters that the plugin declares.

use exhibit_rows::Shown;

use crate::nearest::nearest;
use crate::remedy::Remedy;

use super::catalog::{Choice, Parameter};
use super::types::{Instant, Kind, Setting, Value};

/// Why a set of settings cannot be used. Texts name the parameter, and what it takes.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SettingError {
    /// No parameter has this name.
    #[error("unknown parameter `{name}`; {}", offered(.known))]
    Unknown {
        /// What was set.
        name: String,
        /// What can be set, separated by ", ". Empty where nothing can be.
        known: String,
    },
    /// Set more than once.
    #[error("`{0}` is set twice: give it once")]
    Twice(String),
    /// There is no doing without it.
    #[error("`{name}` is not set: {help}{choices}")]
    Missing {
        /// The parameter.
        name: String,
        /// What it is for.
        help: String,
        /// Its choices, where it has any.
        choices: String,
    },
    /// Not one of the choices.
    #[error("unknown {name} `{value}`; {remedy}")]
    NotAChoice {
        /// The parameter.
        name: String,
        /// What it was set to, as far as it can be shown.
        value: String,
        /// The choice that was meant, where only the case differs; otherwise all of them.
        remedy: String,
    },
    /// Of another kind.
    #[error("`{name}` cannot be `{value}`: {why}")]
    Unfit {
        /// The parameter.
        name: String,
        /// What it was set to, as far as it can be shown.
        value: String,
        /// What it takes.
        why: String,
    },
}

impl SettingError {
    /// What to do next, where that is known. What is missing is given in another way for a setting than for a
    /// criterion, so the caller, which knows which it is, says that.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Unknown { name, known } => Remedy::meant(name, known),
            _ => None,
        }
    }
}

/// Reads names and values as a person gives them, adds the defaults of what is not
/// given, and refuses what no parameter takes. In the parameters' order.
///
/// Texts are taken as they are; several of them are separated by commas; an instant is
/// a date or RFC 3339; a duration is in seconds.
///
/// # Errors
///
/// At the first name that no parameter has or that is given twice, at a value that its parameter does not take, and
/// where a required parameter has none.
pub fn read<'a>(
    parameters: &[Parameter],
    given: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Setting>, SettingError> {
    let settings: Result<Vec<_>, _> = given
        .into_iter()
        .map(|(name, text)| {
            let parameter = find(parameters, name)?;
            Ok(Setting { name: name.to_owned(), value: value(parameter, text)? })
        })
        .collect();
    complete(parameters, settings?)
}

/// Adds the defaults of what is not set, and refuses what no parameter takes. In the
/// parameters' order.
///
/// # Errors
///
/// At the first name that no parameter has or that is set twice, at a value that its parameter does not take, and
/// where a required parameter has none.
pub fn complete(parameters: &[Parameter], mut settings: Vec<Setting>) -> Result<Vec<Setting>, SettingError> {
    for index in 0..settings.len() {
        let (before, rest) = settings.split_at_mut(index);
        let Some(setting) = rest.first_mut() else { break };
        let parameter = find(parameters, &setting.name)?;
        if before.iter().any(|it| it.name == setting.name) {
            return Err(SettingError::Twice(setting.name.clone()));
        }
        if !is_of(&setting.value, parameter.kind) {
            return Err(unfit(parameter, "this value", takes(parameter.kind)));
        }
        if let Value::Text(text) = &setting.value {
            setting.value = Value::Text(choose(parameter, text)?);
        }
    }
    let mut complete = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let set = settings.iter().find(|it| it.name == parameter.name).map(|it| &it.value);
        match set.or(parameter.default.as_ref()) {
            Some(value) => complete.push(Setting { name: parameter.name.clone(), value: value.clone() }),
            None if parameter.required => {
                return Err(SettingError::Missing {
                    name: parameter.name.clone(),
                    help: Shown::line(&parameter.help).to_string(),
                    choices: choices(&parameter.choices),
                });
            }
            None => {}
        }
    }
    Ok(complete)
}

/// What somebody might set: what is given, as [`read`] takes it; then defaults; then, of what there is
/// no doing without, the first choice.
///
/// # Errors
///
/// As [`read`], which includes a required parameter that has neither a default nor choices.
pub fn typical<'a>(
    parameters: &'a [Parameter],
    given: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Setting>, SettingError> {
    let mut given: Vec<(&str, &str)> = given.into_iter().collect();
    for it in parameters.iter().filter(|it| it.required && it.default.is_none()) {
        if let Some(first) = it.choices.first()
            && !given.iter().any(|(name, _)| *name == it.name)
        {
            given.push((&it.name, &first.value));
        }
    }
    read(parameters, given)
}

/// Whether the value is one of the kind, and not one that says nothing.
pub fn is_of(value: &Value, kind: Kind) -> bool {
    let writable = !matches!(value, Value::Number(number) if !number.is_finite());
    value.kind() == Some(kind) && writable
}

fn find<'a>(parameters: &'a [Parameter], name: &str) -> Result<&'a Parameter, SettingError> {
    parameters.iter().find(|it| it.name == name).ok_or_else(|| {
        let known: Vec<_> = parameters.iter().map(|it| it.name.as_str()).collect();
        SettingError::Unknown { name: Shown::line(name).to_string(), known: known.join(", ") }
    })
}

fn offered(known: &str) -> String {
    if known.is_empty() { "no parameters are taken here".to_owned() } else { format!("known: {known}") }
}

fn value(parameter: &Parameter, text: &str) -> Result<Value, SettingError> {
    let value = match parameter.kind {
        Kind::Text => Some(Value::Text(choose(parameter, text)?)),
        Kind::Integer => text.parse().ok().map(Value::Integer),
        Kind::Number => text.parse().ok().filter(|it: &f64| it.is_finite()).map(Value::Number),
        Kind::Boolean => match text {
            "true" | "yes" => Some(Value::Boolean(true)),
            "false" | "no" => Some(Value::Boolean(false)),
            _ => None,
        },
        Kind::Instant => instant(text).map(Value::Instant),
        Kind::Duration => text.parse().ok().map(Value::Duration),
        Kind::Texts => {
            let texts: Vec<_> = text.split(',').map(|it| it.trim().to_owned()).collect();
            Some(Value::Texts(texts.into_iter().filter(|it| !it.is_empty()).collect()))
        }
    };
    value.ok_or_else(|| unfit(parameter, text, takes(parameter.kind)))
}

/// A point in time as people write it: see [`exhibit_rows::instant::typed`].
pub fn instant(text: &str) -> Option<Instant> {
    exhibit_rows::instant::typed(text)
}

fn takes(kind: Kind) -> String {
    match kind {
        Kind::Text => "it takes a text",
        Kind::Integer => "it takes a whole number",
        Kind::Number => "it takes a number",
        Kind::Boolean => "it takes true or false",
        Kind::Instant => "it takes a date, or date and time as in 2026-01-31T12:00:00Z",
        Kind::Duration => "it takes a number of seconds",
        Kind::Texts => "it takes texts, separated by commas",
    }
    .to_owned()
}

/// The choice that a text means: the one that is written so, or the only one that is but for the case, by its value or by what
/// people read. The text itself where there are no choices.
fn choose(parameter: &Parameter, text: &str) -> Result<String, SettingError> {
    if parameter.choices.is_empty() || parameter.choices.iter().any(|it| it.value == text) {
        return Ok(text.to_owned());
    }
    let is_meant = |it: &&Choice| [&it.value, &it.label].iter().any(|it| it.eq_ignore_ascii_case(text));
    let mut meant = parameter.choices.iter().filter(is_meant);
    if let (Some(only), None) = (meant.next(), meant.next()) {
        return Ok(only.value.clone());
    }
    let remedy = match nearest(text, parameter.choices.iter().map(|it| it.value.as_str())) {
        Some(near) => format!("did you mean `{}`?", Shown::line(near)),
        None => format!("use {}", one_of(&parameter.choices)),
    };
    let (name, value) = (parameter.name.clone(), Shown::line(text).to_string());
    Err(SettingError::NotAChoice { name, value, remedy })
}

fn choices(choices: &[Choice]) -> String {
    if choices.is_empty() {
        return String::new();
    }
    format!(" ({})", one_of(choices))
}

fn one_of(choices: &[Choice]) -> String {
    let values: Vec<_> = choices.iter().map(|it| it.value.as_str()).collect();
    format!("one of {}", Shown::line(&values.join(", ")))
}

fn unfit(parameter: &Parameter, value: &str, why: String) -> SettingError {
    SettingError::Unfit { name: parameter.name.clone(), value: Shown::line(value).to_string(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameter(name: &str, kind: Kind) -> Parameter {
        Parameter {
            name: name.to_owned(),
            label: String::new(),
            help: "What it is for.".to_owned(),
            kind,
            choices: vec![],
            required: false,
            default: None,
        }
    }

    fn parameters() -> Vec<Parameter> {
        let choice = |value: &str| Choice { value: value.to_owned(), label: String::new() };
        vec![
            Parameter {
                required: true,
                choices: vec![choice("north"), choice("south")],
                ..parameter("pole", Kind::Text)
            },
            Parameter { default: Some(Value::Integer(30)), ..parameter("reserve", Kind::Integer) },
            parameter("since", Kind::Instant),
            parameter("tags", Kind::Texts),
        ]
    }

    fn refused(given: &[(&str, &str)]) -> String {
        read(&parameters(), given.iter().copied()).expect_err("should be refused").to_string()
    }

    #[test]
    fn reads_what_is_given_and_adds_the_defaults() {
        let given = [("tags", "one, two"), ("since", "1970-01-02"), ("pole", "north")];
        let set = |name: &str, value| Setting { name: name.to_owned(), value };
        assert_eq!(
            read(&parameters(), given),
            Ok(vec![
                set("pole", Value::Text("north".to_owned())),
                set("reserve", Value::Integer(30)),
                set("since", Value::Instant(86_400_000)),
                set("tags", Value::Texts(vec!["one".to_owned(), "two".to_owned()])),
            ])
        );
    }

    #[test]
    fn a_choice_is_meant_whatever_its_case_and_by_its_label() {
        let choice = |value: &str, label: &str| Choice { value: value.to_owned(), label: label.to_owned() };
        let choices = vec![choice("unit_manager", "Unit Manager"), choice("reader", "Reader")];
        let role = Parameter { required: true, choices, ..parameter("role", Kind::Text) };
        for (given, meant) in [("Reader", "reader"), ("unit manager", "unit_manager"), ("reader", "reader")] {
            let read = read(std::slice::from_ref(&role), [("role", given)]).expect("one is meant");
            assert_eq!(read[0].value, Value::Text(meant.to_owned()), "{given}");
        }
        let refused = read(std::slice::from_ref(&role), [("role", "read")]).expect_err("none is meant");
        assert_eq!(refused.to_string(), "unknown role `read`; did you mean `reader`?");
    }

    #[test]
    fn says_what_is_wrong() {
        assert_eq!(
            [
                refused(&[]),
                refused(&[("pole", "east")]),
                refused(&[("pole", "north"), ("pole", "south")]),
                refused(&[("pole", "north"), ("reserve", "many")]),
                refused(&[("equator", "1")]),
            ],
            [
                "`pole` is not set: What it is for. (one of north, south)",
                "unknown pole `east`; use one of north, south",
                "`pole` is set twice: give it once",
                "`reserve` cannot be `many`: it takes a whole number",
                "unknown parameter `equator`; known: pole, reserve, since, tags",
            ]
        );
        let none = read(&[], [("equator", "1")]).expect_err("nothing can be set");
        assert_eq!(none.to_string(), "unknown parameter `equator`; no parameters are taken here");
    }
}
