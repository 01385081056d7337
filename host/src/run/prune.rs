//! Removing evidence that a rule no longer needs.

use crate::clock::Clock;
use crate::contract::types::Instant;
use crate::retry::Retry;
use crate::signing::SigningKey;
use crate::store::{OpenError, OpenStore, Policy, Reason, StoreError};

use super::events::{Event, Events};

/// Why nothing was pruned.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PruneFailure {
    /// The policy has no rule, so all evidence stays.
    #[error("no pruning rule is given, so nothing is pruned")]
    NoRule,
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be reached.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Removes what a policy no longer needs, and says so in the store's log, which `key` signs. Without a key nothing is
/// removed: gives what would be. `as_of` is the instant that counts as now for the policy; the clock's, where it is
/// `None`.
///
/// ```no_run
/// # async fn prune(key: exhibit::signing::SigningKey) -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
///
/// use exhibit::clock::SystemClock;
/// use exhibit::run::{self, Silent};
/// use exhibit::store::{Location, ObjectStoreOptions, Policy};
///
/// let mut store = Location::from(Path::new("evidence")).store(&ObjectStoreOptions::default()).await?;
/// let policy = Policy { older_than_days: Some(1095), ..Policy::default() };
/// for removed in run::prune(&mut store, &policy, Some(&key), None, &SystemClock, &Silent).await? {
///     println!("{}: {}", removed.evidence, removed.why);
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where the store cannot be read or written, or the policy has no rule.
pub async fn prune(
    store: &mut OpenStore,
    policy: &Policy,
    key: Option<&SigningKey>,
    as_of: Option<Instant>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Vec<Reason>, PruneFailure> {
    if !policy.has_rule() {
        return Err(PruneFailure::NoRule);
    }
    let now = as_of.unwrap_or_else(|| clock.now());
    let Some(key) = key else { return Ok(store.store.to_prune(policy, now)?) };
    let recovered = store.recover(key, clock.now()).await?;
    events.event(&Event::Recovered { what: &recovered, store });
    let reasons = store.store.prune(policy, key, now)?;
    store.finish(&|store| store.prune(policy, key, now).map(drop)).await?;
    store.remove_pruned().await?;
    Ok(reasons)
}

impl PruneFailure {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Open(error) => error.retry(),
            _ => Retry::NeedsPerson,
        }
    }
}
