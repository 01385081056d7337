//! Secrets in environment variables.

use std::env;

use super::backend::{Lease, Reading, SecretBackend};
use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::Secret;

/// Secrets in environment variables: each is read when it is used.
#[derive(Debug)]
pub(super) struct Env;

impl SecretBackend for Env {
    fn scheme(&self) -> &'static str {
        "env"
    }

    fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
        Box::pin(async move {
            match reference {
                SecretRef::Env(name) => read(name).map(Lease::once),
                other => Err(SecretError::not_of_backend(other)),
            }
        })
    }
}

fn read(name: &str) -> Result<Secret, SecretError> {
    match env::var(name) {
        Ok(text) => Ok(Secret::from(text)),
        Err(env::VarError::NotPresent) => Err(SecretError::NotSet(name.to_owned())),
        Err(env::VarError::NotUnicode(_)) => Err(SecretError::NotText(SecretRef::Env(name.to_owned()))),
    }
}
