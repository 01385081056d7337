//! Secrets in environment variables.

use std::env;

use super::{Secret, SecretError, SecretRef};

/// What a shell takes as a variable's name.
pub(super) fn is_name(text: &str) -> bool {
    let begins_well = text.starts_with(|it: char| it.is_ascii_alphabetic() || it == '_');
    begins_well && text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'_')
}

pub(super) fn read(name: &str) -> Result<Secret, SecretError> {
    match env::var(name) {
        Ok(text) => Ok(Secret::from(text)),
        Err(env::VarError::NotPresent) => Err(SecretError::NotSet(name.to_owned())),
        Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(SecretRef::Env(name.to_owned()))),
    }
}
