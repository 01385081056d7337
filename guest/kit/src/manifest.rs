//! Builders for the parts of a manifest.

use crate::contract::catalog::{ChangesUse, Choice, Parameter, ProvenTime, WindowUse};
use crate::contract::types::{Kind, Value};

impl WindowUse {
    /// A window within which events happened: a proof covers the whole of it.
    pub fn of_events(help: &str) -> Self {
        Self { help: help.to_owned(), proves: ProvenTime::Events }
    }

    /// A window that a date of each record must lie in, which later events change: a proof covers the instant at which
    /// the source was asked.
    pub fn filter_of_state(help: &str) -> Self {
        Self { help: help.to_owned(), proves: ProvenTime::State }
    }
}

impl ChangesUse {
    /// What changed: what counts as that, and which fields are not dated by it.
    pub fn of(help: &str, lagging: &[&str]) -> Self {
        let lagging = lagging.iter().map(|it| (*it).to_owned()).collect();
        Self { help: help.to_owned(), lagging, left: None }
    }

    /// With a field that says of a record that it no longer meets the criteria.
    #[must_use]
    pub fn left(self, field: &str) -> Self {
        Self { left: Some(field.to_owned()), ..self }
    }
}

impl Parameter {
    /// A parameter of some kind: its name, its label, and what it does.
    pub fn new(name: &str, kind: Kind, label: &str, help: &str) -> Self {
        Self {
            name: name.to_owned(),
            label: label.to_owned(),
            help: help.to_owned(),
            kind,
            choices: Vec::new(),
            required: false,
            default: None,
        }
    }

    /// A parameter that is a text.
    pub fn text(name: &str, label: &str, help: &str) -> Self {
        Self::new(name, Kind::Text, label, help)
    }

    /// A parameter that is several texts.
    pub fn texts(name: &str, label: &str, help: &str) -> Self {
        Self::new(name, Kind::Texts, label, help)
    }

    /// A parameter that is a whole number.
    pub fn integer(name: &str, label: &str, help: &str) -> Self {
        Self::new(name, Kind::Integer, label, help)
    }

    /// It must be set.
    #[must_use]
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Only these values: what is set, and what a person reads.
    #[must_use]
    pub fn choices<'a>(self, choices: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let choice =
            |(value, label): (&str, &str)| Choice { value: value.to_owned(), label: label.to_owned() };
        Self { choices: choices.into_iter().map(choice).collect(), ..self }
    }

    /// The value where nothing is set.
    #[must_use]
    pub fn default(self, value: Value) -> Self {
        Self { default: Some(value), ..self }
    }
}
