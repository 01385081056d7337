//! Getting a secret from where it is kept.

use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::Secret;
use super::{env, file};

impl SecretRef {
    /// Gets the secret from where it is kept, now: of an environment variable or a file. What other backends keep is
    /// read by [`Backends`](super::Backends).
    ///
    /// # Errors
    /// Where there is no such secret, or it cannot be read.
    pub fn resolve(&self) -> Result<Secret, SecretError> {
        let secret = match self {
            Self::Env(name) => env::read(name)?,
            Self::File(path) => file::read(path)?,
            Self::Other { scheme, .. } => return Err(SecretError::NoBackend(scheme.clone())),
        };
        if secret.reveal().is_empty() {
            return Err(SecretError::Empty(self.clone()));
        }
        Ok(secret)
    }
}
