//! Where secrets come from: one backend for each scheme of references.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::backend::{Lease, SecretBackend};
use super::env::Env;
use super::error::SecretError;
use super::file::InFile;
use super::reference::SecretRef;

/// Backends, each by its scheme. The default has `env` and `file`.
#[derive(Debug, Clone)]
pub struct Backends(BTreeMap<&'static str, Arc<dyn SecretBackend>>);

impl Default for Backends {
    fn default() -> Self {
        Self(BTreeMap::new()).with(Arc::new(Env)).with(Arc::new(InFile))
    }
}

impl Backends {
    /// With this one, in place of another one of its scheme.
    #[must_use]
    pub fn with(mut self, backend: Arc<dyn SecretBackend>) -> Self {
        self.0.insert(backend.scheme(), backend);
        self
    }

    /// Reads the secret that a reference names, from where it is kept.
    ///
    /// # Errors
    /// Where there is no such secret, it cannot be read or is empty, or no backend reads such references.
    pub async fn read(&self, reference: &SecretRef) -> Result<Lease, SecretError> {
        let backend = self.0.get(reference.scheme());
        let backend = backend.ok_or_else(|| SecretError::NoBackend(reference.scheme().to_owned()))?;
        let lease = backend.read(reference).await?;
        if lease.is_empty() { Err(SecretError::Empty(reference.clone())) } else { Ok(lease) }
    }
}
