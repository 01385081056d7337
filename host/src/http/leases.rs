//! The secrets of a connection: read when they are used, and used again as long as their backends say.

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_secrets::{Backends, Secret, SecretRef};
use tokio::sync::Mutex;

use crate::clock::Clock;
use crate::contract::types::Instant;

use super::sign_error::SignError;

/// Secrets by the names that the manifest gives them.
pub(super) struct Leases {
    references: BTreeMap<String, SecretRef>,
    backends: Backends,
    /// Those that may be used again, and until when.
    kept: Mutex<BTreeMap<String, (Arc<Secret>, Instant)>>,
    clock: Arc<dyn Clock>,
}

impl Leases {
    pub(super) fn new(
        references: BTreeMap<String, SecretRef>,
        backends: Backends,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self { references, backends, kept: Mutex::default(), clock }
    }

    /// The secret of this name: from its backend, unless it was read before and is good still.
    pub(super) async fn get(&self, name: &str) -> Result<Arc<Secret>, SignError> {
        let reference = self.references.get(name).ok_or_else(|| SignError::NoSecret(name.to_owned()))?;
        // Held while it is read, so that sessions that start at once read it once.
        let mut kept = self.kept.lock().await;
        if let Some((secret, until)) = kept.get(name)
            && *until > self.clock.now()
        {
            return Ok(Arc::clone(secret));
        }
        let lease = self.backends.read(reference).await;
        let lease = lease.map_err(|error| SignError::Secret { name: name.to_owned(), error })?;
        let until = lease.good_until();
        let secret = Arc::new(lease.into_secret());
        match until {
            Some(until) => drop(kept.insert(name.to_owned(), (Arc::clone(&secret), until))),
            None => drop(kept.remove(name)),
        }
        Ok(secret)
    }

    /// Has these read again when they are used next. Whether any of them was kept.
    pub(super) async fn forget(&self, names: &[&str]) -> bool {
        let mut kept = self.kept.lock().await;
        let before = kept.len();
        for name in names {
            kept.remove(*name);
        }
        kept.len() < before
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use exhibit_secrets::{Lease, Reading, SecretBackend};

    use super::*;

    /// A clock that a test sets.
    #[derive(Debug, Default)]
    struct Set(AtomicI64);

    impl Clock for Set {
        fn now(&self) -> Instant {
            self.0.load(Ordering::Relaxed)
        }
    }

    /// Another secret each time, good for a hundred milliseconds from the epoch on.
    #[derive(Debug, Default)]
    struct Rotating(AtomicI64);

    impl SecretBackend for Rotating {
        fn scheme(&self) -> &'static str {
            "rotating"
        }

        fn read<'a>(&'a self, _: &'a SecretRef) -> Reading<'a> {
            let number = self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move { Ok(Lease::until(Secret::from(format!("secret {number}")), 100)) })
        }
    }

    #[tokio::test]
    async fn a_lease_is_used_until_it_ends_or_is_refused() -> Result<(), SignError> {
        let reference = SecretRef::Other { scheme: "rotating".to_owned(), address: "safe/object".to_owned() };
        let clock = Arc::new(Set::default());
        let backends = Backends::default().with(Arc::new(Rotating::default()));
        let references = BTreeMap::from([("password".to_owned(), reference)]);
        let leases = Leases::new(references, backends, Arc::<Set>::clone(&clock));
        let read = async || leases.get("password").await.map(|it| it.reveal().to_owned());
        assert_eq!(read().await?, "secret 0");
        assert_eq!(read().await?, "secret 0");
        assert!(leases.forget(&["username", "password"]).await, "refused by the source");
        assert!(!leases.forget(&["username", "password"]).await, "nothing is kept any more");
        assert_eq!(read().await?, "secret 1");
        clock.0.store(100, Ordering::Relaxed);
        assert_eq!(read().await?, "secret 2");
        assert_eq!(read().await?, "secret 3", "what has ended is not kept");
        Ok(())
    }

    #[tokio::test]
    async fn what_no_backend_reads_is_said() {
        let reference = SecretRef::Other { scheme: "elsewhere".to_owned(), address: "x".to_owned() };
        let references = BTreeMap::from([("password".to_owned(), reference)]);
        let leases = Leases::new(references, Backends::default(), Arc::new(Set::default()));
        let error = leases.get("password").await.err().map(|it| it.to_string());
        let expected = "the secret `password`: no secret backend reads references of the form elsewhere:…";
        assert_eq!(error.as_deref(), Some(expected));
    }
}
