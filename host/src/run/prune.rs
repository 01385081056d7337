//! Removing evidence that a rule no longer needs.

use crate::clock::Clock;
use crate::contract::types::Instant;
use crate::retry::Retry;
use crate::signing::SigningKey;
use crate::store::{OpenError, OpenStore, Policy, PrunePlan, StoreError};

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
/// removed: gives what would be. What the policy's rules say and a test failed over is not removed: it is in the plan's
/// `kept`, and goes when the policy names it. `as_of` is the instant that counts as now for the policy; the clock's, where it is
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
/// let mut policy = Policy::default();
/// policy.older_than_days = Some(1095);
/// let plan = run::prune(&mut store, &policy, Some(&key), None, &SystemClock, &Silent).await?;
/// for removed in &plan.removed {
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
) -> Result<PrunePlan, PruneFailure> {
    if !policy.has_rule() {
        return Err(PruneFailure::NoRule);
    }
    let now = as_of.unwrap_or_else(|| clock.now());
    let Some(key) = key else { return Ok(measured(store, store.store.to_prune(policy, now)?)) };
    let recovered = store.recover(key, clock.now()).await?;
    events.event(&Event::Recovered { what: &recovered, store });
    // Before it goes: how large it was, and whether all that is named is there.
    let planned = measured(store, store.store.to_prune(policy, now)?);
    let mut plan = store.store.prune(policy, key, now)?;
    for pruned in plan.removed.iter_mut().chain(&mut plan.kept) {
        let before = planned.removed.iter().chain(&planned.kept).find(|it| it.evidence == pruned.evidence);
        pruned.bytes = before.and_then(|it| it.bytes);
    }
    store.finish(&|store| store.prune(policy, key, now).map(drop)).await?;
    store.remove_pruned().await?;
    Ok(plan)
}

/// With the size of each.
fn measured(store: &OpenStore, mut plan: PrunePlan) -> PrunePlan {
    for pruned in plan.removed.iter_mut().chain(&mut plan.kept) {
        pruned.bytes = store.bytes_of(&pruned.evidence);
    }
    plan
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
