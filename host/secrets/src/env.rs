//! Secrets in environment variables.

use std::env;

use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::Secret;

pub(super) fn read(name: &str) -> Result<Secret, SecretError> {
    match env::var(name) {
        Ok(text) => Ok(Secret::from(text)),
        Err(env::VarError::NotPresent) => Err(SecretError::NotSet(name.to_owned())),
        Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(SecretRef::Env(name.to_owned()))),
    }
}
