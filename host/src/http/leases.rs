//! The secrets of a connection: read when they are used, and used again as long as their backends say.

use std::collections::BTreeMap;
use std::sync::Arc;

use exhibit_secrets::{Backends, READ_LIMIT, Secret, SecretRef};
use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::clock::Clock;
use crate::contract::types::Instant;

use super::sign_error::SignError;

/// Secrets by the names that the manifest gives them.
pub(super) struct Leases {
    places: BTreeMap<String, Place>,
    backends: Backends,
    clock: Arc<dyn Clock>,
}

/// Where one secret is, and what is known of it.
struct Place {
    reference: SecretRef,
    /// The secret, where it may be used again, and until when. Locked while it is read, so that sessions that start at
    /// once read it once; each secret by itself, so that one that does not come holds up no other.
    kept: Mutex<Option<(Arc<Secret>, Instant)>>,
}

impl Leases {
    pub(super) fn new(
        references: BTreeMap<String, SecretRef>,
        backends: Backends,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let place = |reference| Place { reference, kept: Mutex::default() };
        let places = references.into_iter().map(|(name, reference)| (name, place(reference))).collect();
        Self { places, backends, clock }
    }

    /// Where they are kept, by their names.
    pub(super) fn references(&self) -> Vec<(String, String)> {
        self.places.iter().map(|(name, it)| (name.clone(), it.reference.to_string())).collect()
    }

    /// The secret of this name: from its backend, unless it was read before and is good still.
    pub(super) async fn get(&self, name: &str) -> Result<Arc<Secret>, SignError> {
        let place = self.places.get(name).ok_or_else(|| SignError::NoSecret(name.to_owned()))?;
        let Ok(mut kept) = timeout(READ_LIMIT, place.kept.lock()).await else {
            // Others wait for it one after the other, each for as long as one may: this is no turn to wait for.
            return self.read(name, place).await.map(|(secret, _)| secret);
        };
        let now = self.clock.now();
        if let Some((secret, _)) = kept.as_ref().filter(|(_, until)| *until > now) {
            return Ok(Arc::clone(secret));
        }
        *kept = None;
        self.read_into(&mut kept, name, place).await
    }

    /// Reads these again, as far as they were kept: the source refused them. Whether any of them is another one now,
    /// so that it is worth another try: the same one again would only count as another failed login.
    pub(super) async fn renew(&self, names: &[&str]) -> bool {
        join_all(names.iter().map(|name| self.renew_one(name))).await.contains(&true)
    }

    async fn renew_one(&self, name: &str) -> bool {
        let Some(place) = self.places.get(name) else { return false };
        let Ok(mut kept) = timeout(READ_LIMIT, place.kept.lock()).await else { return false };
        let Some((refused, _)) = kept.take() else { return false };
        let read = self.read_into(&mut kept, name, place).await;
        read.is_ok_and(|it| it.reveal() != refused.reveal())
    }

    async fn read_into(
        &self,
        kept: &mut Option<(Arc<Secret>, Instant)>,
        name: &str,
        place: &Place,
    ) -> Result<Arc<Secret>, SignError> {
        let (secret, until) = self.read(name, place).await?;
        *kept = until.map(|until| (Arc::clone(&secret), until));
        Ok(secret)
    }

    /// The secret, and until when it may be used again. Waits for [`READ_LIMIT`] at most.
    async fn read(&self, name: &str, place: &Place) -> Result<(Arc<Secret>, Option<Instant>), SignError> {
        let lease = self.backends.read(&place.reference).await;
        let lease = lease.map_err(|error| SignError::Secret { name: name.to_owned(), error })?;
        let until = lease.good_until();
        Ok((Arc::new(lease.into_secret()), until))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use std::time::Duration;

    use exhibit_secrets::{Lease, Reading, SecretBackend};

    use super::*;
    use crate::retry::{Retry, SOON};

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
        let expected = "the secret `password`: no secret backend reads references of this scheme; known schemes: env, file";
        assert_eq!(error.as_deref(), Some(expected));
    }

    /// Gives each secret after the seconds that its address says, and counts how often it is asked.
    #[derive(Debug, Default)]
    struct Slow(AtomicI64);

    impl SecretBackend for Slow {
        fn scheme(&self) -> &'static str {
            "slow"
        }

        fn read<'a>(&'a self, reference: &'a SecretRef) -> Reading<'a> {
            self.0.fetch_add(1, Ordering::Relaxed);
            Box::pin(async move {
                let address = reference.to_string().replace("slow:", "");
                let seconds = address.parse().unwrap_or(u64::MAX);
                tokio::time::sleep(Duration::from_secs(seconds)).await;
                Ok(Lease::until(Secret::from(address), Instant::MAX))
            })
        }
    }

    fn slow(secrets: &[(&str, &str)]) -> (Leases, Arc<Slow>) {
        let reference =
            |address: &str| SecretRef::Other { scheme: "slow".to_owned(), address: address.to_owned() };
        let references = secrets.iter().map(|(name, address)| ((*name).to_owned(), reference(address)));
        let slow = Arc::new(Slow::default());
        let backends = Backends::default().with(Arc::<Slow>::clone(&slow));
        (Leases::new(references.collect(), backends, Arc::new(Set::default())), slow)
    }

    #[tokio::test(start_paused = true)]
    async fn a_secret_that_does_not_come_holds_up_no_other() {
        let (leases, _) = slow(&[("hangs", "never"), ("comes", "2")]);
        let begun = tokio::time::Instant::now();
        let hangs = async {
            let error = leases.get("hangs").await.err();
            (error.map(|it| (it.to_string(), it.retry())), begun.elapsed())
        };
        let comes = async { (leases.get("comes").await.is_ok(), begun.elapsed()) };
        let (hung, came) = tokio::join!(hangs, comes);
        assert_eq!(came, (true, Duration::from_secs(2)));
        let expected = "the secret `hangs`: slow:never: not read within 30s".to_owned();
        assert_eq!(hung, (Some((expected, Retry::After(SOON))), READ_LIMIT));
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_start_at_once_read_a_secret_once() {
        let (leases, backend) = slow(&[("password", "2")]);
        let got = tokio::join!(leases.get("password"), leases.get("password"), leases.get("password"));
        assert!(got.0.is_ok() && got.1.is_ok() && got.2.is_ok());
        assert_eq!(backend.0.load(Ordering::Relaxed), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn sessions_that_wait_for_one_secret_wait_at_the_same_time() {
        let (leases, _) = slow(&[("password", "never")]);
        let begun = tokio::time::Instant::now();
        let all = join_all((0..10).map(|_| leases.get("password"))).await;
        assert!(all.iter().all(Result::is_err));
        assert!(begun.elapsed() <= 2 * READ_LIMIT, "{:?}", begun.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn secrets_of_one_signature_are_read_at_the_same_time() {
        let (leases, _) = slow(&[("username", "20"), ("password", "25")]);
        let begun = tokio::time::Instant::now();
        let both = tokio::join!(leases.get("username"), leases.get("password"));
        assert!(both.0.is_ok() && both.1.is_ok());
        assert_eq!(begun.elapsed(), Duration::from_secs(25));
        assert!(!leases.renew(&["username", "password"]).await, "the same ones again");
        assert_eq!(begun.elapsed(), Duration::from_secs(50));
    }
}
