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
        // Held while it is read, so that sessions that start at once read it once.
        let mut kept = self.kept.lock().await;
        let now = self.clock.now();
        kept.retain(|_, (_, until)| *until > now);
        match kept.get(name) {
            Some((secret, _)) => Ok(Arc::clone(secret)),
            None => self.read(name, &mut kept).await,
        }
    }

    /// Reads these again, as far as they were kept: the source refused them. Whether any of them is another one now,
    /// so that it is worth another try: the same one again would only count as another failed login.
    pub(super) async fn renew(&self, names: &[&str]) -> bool {
        let mut kept = self.kept.lock().await;
        let mut changed = false;
        for name in names {
            if let Some((refused, _)) = kept.remove(*name) {
                let read = self.read(name, &mut kept).await;
                changed |= read.is_ok_and(|it| it.reveal() != refused.reveal());
            }
        }
        changed
    }

    async fn read(
        &self,
        name: &str,
        kept: &mut BTreeMap<String, (Arc<Secret>, Instant)>,
    ) -> Result<Arc<Secret>, SignError> {
        let reference = self.references.get(name).ok_or_else(|| SignError::NoSecret(name.to_owned()))?;
        let lease = self.backends.read(reference).await;
        let lease = lease.map_err(|error| SignError::Secret { name: name.to_owned(), error })?;
        let until = lease.good_until();
        let secret = Arc::new(lease.into_secret());
        if let Some(until) = until {
            kept.insert(name.to_owned(), (Arc::clone(&secret), until));
        }
        Ok(secret)
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
        assert!(leases.renew(&["username", "password"]).await, "refused by the source, and another one now");
        assert_eq!(read().await?, "secret 1");
        clock.0.store(100, Ordering::Relaxed);
        assert!(!leases.renew(&["username"]).await, "it was not kept");
        assert_eq!(read().await?, "secret 2");
        assert_eq!(read().await?, "secret 3", "what has ended is not kept");
        Ok(())
    }

    /// The same secret each time.
    #[derive(Debug)]
    struct Constant;

    impl SecretBackend for Constant {
        fn scheme(&self) -> &'static str {
            "constant"
        }

        fn read<'a>(&'a self, _: &'a SecretRef) -> Reading<'a> {
            Box::pin(async { Ok(Lease::until(Secret::from("wrong".to_owned()), Instant::MAX)) })
        }
    }

    #[tokio::test]
    async fn a_refused_secret_that_is_the_same_again_is_not_tried_again() -> Result<(), SignError> {
        let reference = SecretRef::Other { scheme: "constant".to_owned(), address: String::new() };
        let references = BTreeMap::from([("password".to_owned(), reference)]);
        let backends = Backends::default().with(Arc::new(Constant));
        let leases = Leases::new(references, backends, Arc::new(Set::default()));
        leases.get("password").await?;
        assert!(!leases.renew(&["password"]).await);
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
