//! What a person set, checked against what the manifest asks for.

use std::collections::BTreeMap;

use crate::contract::catalog::{Choice, Parameter};
use crate::contract::types::{Error, Instant, Kind, Setting, Value};
use crate::problem::invalid;

/// Named values of the right kinds, defaults filled in.
#[derive(Debug, Clone, Default)]
pub struct Arguments(BTreeMap<String, Value>);

impl Arguments {
    /// Checks what was given; `what` is what one of them is called, such as `setting`.
    ///
    /// # Errors
    /// `invalid` for anything unknown, missing, given twice or of another kind.
    pub fn check(what: &str, parameters: &[Parameter], given: Vec<Setting>) -> Result<Self, Error> {
        let mut values = BTreeMap::new();
        for Setting { name, value } in given {
            let Some(parameter) = parameters.iter().find(|it| it.name == name) else {
                let known: Vec<&str> = parameters.iter().map(|it| it.name.as_str()).collect();
                let message = match known.as_slice() {
                    [] => format!("unknown {what} {name:?}: no {what} is accepted here"),
                    known => format!("unknown {what} {name:?}: choose from {}", known.join(", ")),
                };
                return Err(invalid(message).about(name));
            };
            let value = parameter.admitted(what, value)?;
            if values.insert(name.clone(), value).is_some() {
                return Err(invalid(format!("the {what} {name:?} is given twice")).about(name));
            }
        }
        for parameter in parameters {
            if values.contains_key(&parameter.name) {
                continue;
            }
            if let Some(default) = &parameter.default {
                values.insert(parameter.name.clone(), default.clone());
            } else if parameter.required {
                let message = format!("the {what} {:?} is missing: {}", parameter.name, parameter.help);
                return Err(invalid(message).about(&parameter.name));
            }
        }
        Ok(Self(values))
    }

    /// A text, where one is set.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.0.get(name) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }

    /// Several texts; none where nothing is set.
    pub fn texts(&self, name: &str) -> &[String] {
        match self.0.get(name) {
            Some(Value::Texts(texts)) => texts,
            _ => &[],
        }
    }

    /// A whole number, where one is set.
    pub fn integer(&self, name: &str) -> Option<i64> {
        match self.0.get(name) {
            Some(Value::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// A date, where one is set.
    pub fn instant(&self, name: &str) -> Option<Instant> {
        match self.0.get(name) {
            Some(Value::Instant(instant)) => Some(*instant),
            _ => None,
        }
    }

    /// Yes or no, where it is set.
    pub fn boolean(&self, name: &str) -> Option<bool> {
        match self.0.get(name) {
            Some(Value::Boolean(boolean)) => Some(*boolean),
            _ => None,
        }
    }
}

impl Parameter {
    /// The value as the parameter takes it: of its choices, the one that is meant.
    fn admitted(&self, what: &str, value: Value) -> Result<Value, Error> {
        let name = &self.name;
        if value.kind() != Some(self.kind) {
            let message = format!("the {what} {name:?} must be {}", self.kind.in_words());
            return Err(invalid(message).about(name));
        }
        if self.choices.is_empty() {
            return Ok(value);
        }
        let choice = |text: String| {
            self.choice(&text).map(|it| it.value.clone()).ok_or_else(|| {
                let choices: Vec<&str> = self.choices.iter().map(|it| it.value.as_str()).collect();
                let message =
                    format!("the {what} {name:?} cannot be {text:?}: choose from {}", choices.join(", "));
                invalid(message).about(name)
            })
        };
        Ok(match value {
            Value::Text(text) => Value::Text(choice(text)?),
            Value::Texts(texts) => Value::Texts(texts.into_iter().map(choice).collect::<Result<_, _>>()?),
            other => other,
        })
    }

    /// The choice that a text means: the one that is written so, or the only one that is but for the case, by its value or by
    /// what people read.
    fn choice(&self, text: &str) -> Option<&Choice> {
        let exact = self.choices.iter().find(|it| it.value == text);
        let is_meant = |it: &&Choice| [&it.value, &it.label].iter().any(|it| it.eq_ignore_ascii_case(text));
        let mut similar = self.choices.iter().filter(is_meant);
        exact.or(match (similar.next(), similar.next()) {
            (Some(only), None) => Some(only),
            _ => None,
        })
    }
}

impl Kind {
    /// For people: what a value of this kind is.
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Text => "a text",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::Instant => "a date",
            Self::Duration => "a number of seconds",
            Self::Texts => "a list of texts",
        }
    }
}

impl Value {
    /// The kind of what it holds; `None` for `absent` and `empty`, which fit any.
    pub fn kind(&self) -> Option<Kind> {
        match self {
            Self::Absent | Self::Empty => None,
            Self::Text(_) => Some(Kind::Text),
            Self::Integer(_) => Some(Kind::Integer),
            Self::Number(_) => Some(Kind::Number),
            Self::Boolean(_) => Some(Kind::Boolean),
            Self::Instant(_) => Some(Kind::Instant),
            Self::Duration(_) => Some(Kind::Duration),
            Self::Texts(_) => Some(Kind::Texts),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters() -> Vec<Parameter> {
        vec![
            Parameter::text("platform", "Platform", "Where the account lives.")
                .required()
                .choices([("US1", "US 1"), ("EU1", "EU 1")]),
            Parameter::integer("page-size", "Page size", "Records an answer.").default(Value::Integer(1000)),
        ]
    }

    fn set(name: &str, value: Value) -> Setting {
        Setting { name: name.to_owned(), value }
    }

    fn refused(given: Vec<Setting>) -> String {
        let error = Arguments::check("setting", &parameters(), given).expect_err("refused");
        error.problem().message.clone()
    }

    #[test]
    fn fills_in_defaults() {
        let given = vec![set("platform", Value::Text("EU1".to_owned()))];
        let arguments = Arguments::check("setting", &parameters(), given).expect("taken");
        assert_eq!(arguments.text("platform"), Some("EU1"));
        assert_eq!(arguments.integer("page-size"), Some(1000));
    }

    #[test]
    fn a_choice_is_meant_whatever_its_case_and_by_its_label() {
        for text in ["EU1", "eu1", "eu 1"] {
            let given = vec![set("platform", Value::Text(text.to_owned()))];
            let arguments = Arguments::check("setting", &parameters(), given).expect("taken");
            assert_eq!(arguments.text("platform"), Some("EU1"), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong() {
        let text = |it: &str| Value::Text(it.to_owned());
        assert_eq!(refused(vec![]), "the setting \"platform\" is missing: Where the account lives.");
        assert_eq!(
            refused(vec![set("plattform", text("US1"))]),
            "unknown setting \"plattform\": choose from platform, page-size"
        );
        assert_eq!(
            refused(vec![set("platform", text("MARS1"))]),
            "the setting \"platform\" cannot be \"MARS1\": choose from US1, EU1"
        );
        assert_eq!(
            refused(vec![set("page-size", text("many"))]),
            "the setting \"page-size\" must be a whole number"
        );
        let twice = vec![set("platform", text("US1")), set("platform", text("US1"))];
        assert_eq!(refused(twice), "the setting \"platform\" is given twice");
    }
}
