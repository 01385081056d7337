//! What a person sets, held against the parameters that the plugin declares.

use exhibit_rows::Shown;

use crate::nearest::nearest;
use crate::remedy::Remedy;

use super::catalog::{Choice, Parameter};
use super::types::{Instant, Kind, Setting, Value};

/// Why a set of settings cannot be used. Texts name the parameter, and what it takes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
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
        /// The nearest choice, where one is near, and all of them.
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

/// All that is wrong with a set of settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingErrors {
    first: SettingError,
    further: Vec<SettingError>,
}

impl SettingErrors {
    fn of(errors: impl IntoIterator<Item = SettingError>) -> Option<Self> {
        let mut errors = errors.into_iter();
        Some(Self { first: errors.next()?, further: errors.collect() })
    }
}

impl IntoIterator for SettingErrors {
    type Item = SettingError;
    type IntoIter = std::iter::Chain<std::iter::Once<SettingError>, std::vec::IntoIter<SettingError>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.further)
    }
}

impl SettingError {
    /// The parameter, or what was taken for one.
    pub fn name(&self) -> &str {
        match self {
            Self::Unknown { name, .. }
            | Self::Twice(name)
            | Self::Missing { name, .. }
            | Self::NotAChoice { name, .. }
            | Self::Unfit { name, .. } => name,
        }
    }

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
    read_all(parameters, given).map_err(|it| it.first)
}

/// The same.
///
/// # Errors
///
/// All that is wrong, in the order of what is given, and then what is missing, in the parameters' order.
pub fn read_all<'a>(
    parameters: &[Parameter],
    given: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Result<Vec<Setting>, SettingErrors> {
    let (mut settings, mut errors, mut unread) = (Vec::new(), Vec::new(), Vec::new());
    for (name, text) in given {
        match find(parameters, name).and_then(|it| value(it, text)) {
            Ok(value) => settings.push(Setting { name: name.to_owned(), value }),
            Err(error) => {
                unread.push(name);
                errors.push(error);
            }
        }
    }
    let completed = completed(parameters, settings, &unread);
    SettingErrors::of(errors.into_iter().chain(completed.as_ref().err().cloned().into_iter().flatten()))
        .map_or(completed, Err)
}

/// Adds the defaults of what is not set, and refuses what no parameter takes. In the
/// parameters' order.
///
/// # Errors
///
/// At the first name that no parameter has or that is set twice, at a value that its parameter does not take, and
/// where a required parameter has none.
pub fn complete(parameters: &[Parameter], settings: Vec<Setting>) -> Result<Vec<Setting>, SettingError> {
    complete_all(parameters, settings).map_err(|it| it.first)
}

/// The same.
///
/// # Errors
///
/// All that is wrong, as [`read_all`].
pub fn complete_all(parameters: &[Parameter], settings: Vec<Setting>) -> Result<Vec<Setting>, SettingErrors> {
    completed(parameters, settings, &[])
}

/// What stands in `unread` is set, too, to something that it cannot be.
fn completed(
    parameters: &[Parameter],
    mut settings: Vec<Setting>,
    unread: &[&str],
) -> Result<Vec<Setting>, SettingErrors> {
    let count = settings.len();
    let check = |index: usize| {
        let (before, rest) = settings.split_at_mut(index);
        let Some(setting) = rest.first_mut() else { return Ok(()) };
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
        Ok(())
    };
    let mut errors: Vec<_> = (0..count).map(check).filter_map(Result::err).collect();
    let mut complete = Vec::with_capacity(parameters.len());
    for parameter in parameters {
        let set = settings.iter().find(|it| it.name == parameter.name).map(|it| &it.value);
        match set.or(parameter.default.as_ref()) {
            Some(value) => complete.push(Setting { name: parameter.name.clone(), value: value.clone() }),
            None if parameter.required && !unread.contains(&parameter.name.as_str()) => {
                errors.push(SettingError::Missing {
                    name: parameter.name.clone(),
                    help: Shown::line(&parameter.help).to_string(),
                    choices: choices(&parameter.choices),
                });
            }
            None => {}
        }
    }
    SettingErrors::of(errors).map_or(Ok(complete), Err)
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
    let known = one_of(&parameter.choices);
    let remedy = match nearest(text, parameter.choices.iter().map(|it| it.value.as_str())) {
        Some(near) => format!("did you mean `{}`? It takes {known}", Shown::line(near)),
        None => format!("use {known}"),
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
    fn all_that_is_wrong_is_said_and_nothing_twice() {
        let mut parameters = [parameter("title", Kind::Text), parameter("count", Kind::Integer)];
        parameters.iter_mut().for_each(|it| it.required = true);
        let said = |given: &[(&'static str, &'static str)]| -> Vec<String> {
            let read = read_all(&parameters, given.iter().copied());
            read.err().into_iter().flatten().map(|it| it.name().to_owned()).collect()
        };
        assert_eq!(said(&[]), ["title", "count"]);
        assert_eq!(said(&[("count", "many"), ("nope", "1")]), ["count", "nope", "title"]);
        assert_eq!(said(&[("title", "a"), ("title", "b"), ("count", "1")]), ["title"]);
        assert!(said(&[("title", "a"), ("count", "1")]).is_empty());
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
        assert_eq!(
            refused.to_string(),
            "unknown role `read`; did you mean `reader`? It takes one of unit_manager, reader"
        );
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
