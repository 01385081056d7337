//! What a backend is: a place that secrets are kept in.

use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::error::SecretError;
use super::reference::SecretRef;
use super::secret::Secret;

/// A secret on its way from a backend.
pub type Reading<'a> = Pin<Box<dyn Future<Output = Result<Lease, SecretError>> + Send + 'a>>;

/// A place that secrets are kept in. `env` and `file` are there; a platform supplies others by implementing this.
///
/// ```
/// use std::sync::Arc;
///
/// use exhibit_secrets::{Backends, Lease, Reading, Secret, SecretBackend, SecretError, SecretRef};
///
/// /// The platform's own vault, here with one secret in it.
/// #[derive(Debug)]
/// struct Vault;
///
/// impl SecretBackend for Vault {
///     fn scheme(&self) -> &'static str {
///         "vault"
///     }
///
///     fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
///         Box::pin(async move {
///             match reference {
///                 SecretRef::Other { address, .. } if address == "qualys/password" => {
///                     Ok(Lease::once(Secret::from("open sesame".to_owned())))
///                 }
///                 other => Err(SecretError::Backend {
///                     reference: other.clone(),
///                     why: "the vault has no such secret".to_owned(),
///                     cause: None,
///                 }),
///             }
///         })
///     }
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let backends = Backends::default().with(Arc::new(Vault));
/// let reference = backends.reference("vault:qualys/password")?;
/// assert_eq!(backends.read(&reference).await?.into_secret().reveal(), "open sesame");
///
/// // What no backend reads is refused where it is written, and not repeated.
/// let refused = backends.reference("volt:qualys/password").unwrap_err();
/// assert!(refused.to_string().contains("known schemes: env, file, vault"));
/// # Ok(())
/// # }
/// ```
pub trait SecretBackend: fmt::Debug + Send + Sync {
    /// What the references begin with that it reads, without the colon: lower-case letters.
    fn scheme(&self) -> &'static str;

    /// Reads the secret that a reference of its scheme names, now.
    ///
    /// # Errors
    /// Where there is no such secret, or it cannot be read.
    fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a>;
}

/// A secret, and for how long it may be used before it is read again.
pub struct Lease {
    secret: Secret,
    good_until: Option<i64>,
}

impl Lease {
    /// For one use.
    pub fn once(secret: Secret) -> Self {
        Self { secret, good_until: None }
    }

    /// Until this instant: milliseconds since 1970-01-01T00:00:00Z.
    pub fn until(secret: Secret, good_until: i64) -> Self {
        Self { secret, good_until: Some(good_until) }
    }

    /// The instant until which it may be used again, in milliseconds since 1970-01-01T00:00:00Z. `None`: it may not.
    pub fn good_until(&self) -> Option<i64> {
        self.good_until
    }

    pub(super) fn is_empty(&self) -> bool {
        self.secret.reveal().is_empty()
    }

    /// The secret itself.
    pub fn into_secret(self) -> Secret {
        self.secret
    }
}
