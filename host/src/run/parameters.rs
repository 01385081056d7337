//! What is wrong with the parameters of an operation: all of it at once, with where the right values are to be found.

use std::fmt;

use crate::contract::Manifest;
use crate::contract::settings::{SettingError, SettingErrors};

/// What is wrong with one parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ParameterFault {
    /// What is wrong.
    pub error: SettingError,
    /// The name of the lookup that lists what it takes, where the plugin has one.
    pub lookup: Option<String>,
}

impl fmt::Display for ParameterFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

/// The same faults, each with the lookup that lists what the parameter takes.
pub fn parameter_faults(manifest: &Manifest, errors: SettingErrors) -> Vec<ParameterFault> {
    let lookup = |error: &SettingError| {
        let lists = manifest.lookups.iter().find(|it| it.parameters.iter().any(|it| it == error.name()))?;
        Some(lists.name.clone())
    };
    errors.into_iter().map(|error| ParameterFault { lookup: lookup(&error), error }).collect()
}
