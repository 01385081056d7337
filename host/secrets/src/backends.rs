//! Where secrets come from: one backend for each scheme of references.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;

use super::backend::{Lease, SecretBackend};
use super::env::Env;
use super::error::SecretError;
use super::file::InFile;
use super::reference::{NotAReference, SecretRef};

/// How long a secret is waited for. A vault answers in milliseconds, or in some seconds where it first logs in or was
/// asleep; requests, and the sessions of other accounts, wait meanwhile. What takes longer hangs.
pub const READ_LIMIT: Duration = Duration::from_secs(30);

/// Backends, each by its scheme. The default has `env` and `file`. All secrets are read here: those that sign
/// requests, private keys, and credentials of registries.
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

    /// The reference that a person wrote, such as `env:NAME`.
    ///
    /// # Errors
    /// Where the text is no reference, or of a scheme that no backend reads. No part of it is repeated, in case it is
    /// the secret itself.
    pub fn reference(&self, text: &str) -> Result<SecretRef, NotAReference> {
        let reference: SecretRef = text.parse()?;
        match self.0.contains_key(reference.scheme()) {
            true => Ok(reference),
            false => Err(NotAReference::UnknownScheme { known: self.known() }),
        }
    }

    /// That a backend reads references of this scheme. Reads nothing.
    ///
    /// # Errors
    /// [`SecretError::NoBackend`], where none does.
    pub fn check(&self, reference: &SecretRef) -> Result<(), SecretError> {
        self.backend(reference).map(drop)
    }

    /// Reads the secret that a reference names, from where it is kept. Waits for it for [`READ_LIMIT`] at most. Runs
    /// on tokio with its time.
    ///
    /// # Errors
    /// Where there is no such secret, it cannot be read, not in time, or is empty, or no backend reads such references.
    pub async fn read(&self, reference: &SecretRef) -> Result<Lease, SecretError> {
        let read = timeout(READ_LIMIT, self.backend(reference)?.read(reference)).await;
        let timed_out = |_| SecretError::TimedOut { reference: reference.clone(), limit: READ_LIMIT };
        let lease = read.map_err(timed_out)??;
        if lease.is_empty() { Err(SecretError::Empty(reference.clone())) } else { Ok(lease) }
    }

    fn backend(&self, reference: &SecretRef) -> Result<&dyn SecretBackend, SecretError> {
        let backend = self.0.get(reference.scheme()).map(AsRef::as_ref);
        backend.ok_or_else(|| SecretError::NoBackend { known: self.known() })
    }

    fn known(&self) -> String {
        self.0.keys().copied().collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use std::future;

    use super::super::backend::Reading;
    use super::super::secret::Secret;
    use super::*;

    /// Gives the address as the secret; one that is named `never` never comes.
    #[derive(Debug)]
    struct Vault;

    impl SecretBackend for Vault {
        fn scheme(&self) -> &'static str {
            "vault"
        }

        fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
            Box::pin(async move {
                match reference {
                    SecretRef::Other { address, .. } if address == "never" => future::pending().await,
                    SecretRef::Other { address, .. } => Ok(Lease::once(Secret::from(address.clone()))),
                    other => Err(SecretError::not_of_backend(other)),
                }
            })
        }
    }

    fn with_vault() -> Backends {
        Backends::default().with(Arc::new(Vault))
    }

    #[test]
    fn a_scheme_is_taken_once_a_backend_reads_it() {
        let error = Backends::default().reference("vault:a").expect_err("should be refused").to_string();
        let expected = "no secret backend reads references of this scheme; known schemes: env, file (it is not \
                        repeated here, in case it is the secret itself)";
        assert_eq!(error, expected);
        assert_eq!(with_vault().reference("vault:a").map(|it| it.to_string()), Ok("vault:a".to_owned()));
        let other = with_vault().reference("strongbox:a").expect_err("should be refused").to_string();
        assert!(other.contains("known schemes: env, file, vault"), "{other}");
    }

    #[tokio::test]
    async fn what_a_platforms_backend_keeps_is_read() -> anyhow::Result<()> {
        let reference = with_vault().reference("vault:open sesame")?;
        with_vault().check(&reference)?;
        assert_eq!(with_vault().read(&reference).await?.into_secret().reveal(), "open sesame");
        assert!(matches!(Backends::default().check(&reference), Err(SecretError::NoBackend { .. })));
        let error = Backends::default().read(&reference).await.err().map(|it| it.to_string());
        let expected = "no secret backend reads references of this scheme; known schemes: env, file";
        assert_eq!(error.as_deref(), Some(expected));
        Ok(())
    }

    #[tokio::test(start_paused = true)]
    async fn a_backend_that_hangs_is_waited_for_no_longer_than_the_limit() -> anyhow::Result<()> {
        let begun = tokio::time::Instant::now();
        let error = with_vault().read(&with_vault().reference("vault:never")?).await.err();
        assert_eq!(error.map(|it| it.to_string()).as_deref(), Some("vault:never: not read within 30s"));
        assert_eq!(begun.elapsed().as_secs(), READ_LIMIT.as_secs());
        Ok(())
    }
}
