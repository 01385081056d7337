//! Removing evidence that is no longer needed, and leaving in the log that it was there.

use exhibit_records::{Entry, EvidencePruned};

use crate::clock::DAY;
use crate::contract::types::Instant;
use crate::evidence::{format_instant, parse_instant};
use crate::format::counted;
use crate::signing::SigningKey;

use super::catalog::{Catalog, Package, State};
use super::error::StoreError;
use super::folder::Store;
use super::recover::remove;

/// Which evidence is no longer needed. Any of the rules is enough; without one, none is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// What other evidence has taken the place of.
    pub superseded: bool,
    /// What has been stale for so many days.
    pub stale_for_days: Option<u32>,
    /// What covers no time within so many days before now.
    pub older_than_days: Option<u32>,
    /// Of this proof type alone.
    pub proof_type: Option<String>,
}

impl Policy {
    /// Whether it says what may go; a proof type alone does not.
    pub fn has_rule(&self) -> bool {
        self.superseded || self.stale_for_days.is_some() || self.older_than_days.is_some()
    }
}

/// Evidence that a policy no longer needs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reason {
    /// Its name.
    pub evidence: String,
    /// For people, and for the log.
    pub why: String,
}

impl Policy {
    /// Which evidence is no longer needed, and why.
    fn reasons(&self, catalog: &Catalog, now: Instant) -> Vec<Reason> {
        let reason =
            |it: &Package| self.reason(it, now).map(|why| Reason { evidence: it.kept.evidence.clone(), why });
        catalog.packages().iter().filter_map(reason).collect()
    }

    /// Why evidence is no longer needed, where it is not.
    fn reason(&self, package: &Package, now: Instant) -> Option<String> {
        let state = package.state(now);
        if state == State::Pruned || self.proof_type.as_ref().is_some_and(|it| *it != package.kept.proof_type)
        {
            return None;
        }
        if let (true, Some(by)) = (self.superseded, &package.superseded_by) {
            return Some(format!("superseded by {by}"));
        }
        let passed = |since: &str, days: u32| {
            parse_instant(since).is_some_and(|it| it.saturating_add(DAY * Instant::from(days)) <= now)
        };
        if let (Some(days), Some(expires)) = (self.stale_for_days, &package.kept.expires)
            && passed(expires, days)
        {
            let days = counted(days.into(), "day", "days");
            return Some(format!("stale since {expires}, for more than {days}"));
        }
        let end = package.kept.window.as_ref().map_or(&package.kept.as_of, |it| &it.end);
        match self.older_than_days {
            Some(days) if passed(end, days) => {
                let days = counted(days.into(), "day", "days");
                Some(format!("covers no time after {end}, more than {days} ago"))
            }
            _ => None,
        }
    }
}

impl Store {
    /// What this policy no longer needs.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read.
    pub fn to_prune(&self, policy: &Policy, now: Instant) -> Result<Vec<Reason>, StoreError> {
        Ok(policy.reasons(&self.catalog()?, now))
    }

    /// Removes what this policy no longer needs, and the plugins that nothing needs then. First the log
    /// says so: a process that is killed in between leaves what [`Self::recover`] finishes.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read or written, or a file cannot be removed.
    pub fn prune(&self, policy: &Policy, key: &SigningKey, now: Instant) -> Result<Vec<Reason>, StoreError> {
        let _lock = self.lock_to_tidy()?;
        let reasons = self.to_prune(policy, now)?;
        if reasons.is_empty() {
            return Ok(reasons);
        }
        let catalog = self.change(key, |catalog| {
            Ok(reasons.iter().filter_map(|it| tombstone(catalog, it, now)).collect())
        })?;
        for reason in &reasons {
            let folder = self.evidence().join(&reason.evidence);
            if folder.exists() {
                remove(&folder)?;
            }
        }
        self.sweep_plugins(&catalog)?;
        Ok(reasons)
    }
}

/// What the log says of evidence that goes.
fn tombstone(catalog: &Catalog, reason: &Reason, now: Instant) -> Option<Entry> {
    let package = catalog.find(&reason.evidence)?;
    Some(Entry::Pruned(EvidencePruned {
        at: format_instant(now),
        evidence: reason.evidence.clone(),
        proof: package.kept.proof,
        why: reason.why.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use super::super::catalog::tests::{catalog, kept};
    use super::*;
    use exhibit_records::EvidenceAdded;
    use exhibit_records::Span;

    fn reasons(policy: &Policy, entries: &[EvidenceAdded], now: &str) -> Vec<String> {
        let entries: Vec<Entry> = entries.iter().cloned().map(Entry::from).collect();
        let now = parse_instant(now).expect("an instant");
        let catalog = catalog(&entries).expect("a log");
        let said = |it: &Package| policy.reason(it, now).map(|why| format!("{}: {why}", it.kept.evidence));
        catalog.packages().iter().filter_map(said).collect()
    }

    #[test]
    fn without_a_rule_nothing_goes() {
        assert!(reasons(&Policy::default(), &[kept("a", 1)], "2099-01-01T00:00:00Z").is_empty());
    }

    #[test]
    fn each_rule_says_why() {
        let window = Span { start: "2026-10-01T00:00:00Z".into(), end: "2026-11-01T00:00:00Z".into() };
        let scans = EvidenceAdded { window: Some(window), proof_type: "scans".to_owned(), ..kept("c", 20) };
        let again = EvidenceAdded { supersedes: Some("a".to_owned()), ..kept("b", 1) };
        let all = [kept("a", 1), again, scans];
        let policy = Policy { superseded: true, ..Policy::default() };
        assert_eq!(reasons(&policy, &all, "2026-11-02T00:00:00Z"), ["a: superseded by b"]);
        let policy = Policy { stale_for_days: Some(10), ..Policy::default() };
        assert_eq!(reasons(&policy, &all, "2026-12-11T07:59:59Z"), Vec::<String>::new());
        assert_eq!(
            reasons(&policy, &all, "2026-12-11T08:00:00Z"),
            [
                "a: stale since 2026-12-01T08:00:00Z, for more than 10 days",
                "b: stale since 2026-12-01T08:00:00Z, for more than 10 days",
            ]
        );
        let policy =
            Policy { older_than_days: Some(365), proof_type: Some("scans".to_owned()), ..Policy::default() };
        assert_eq!(
            reasons(&policy, &all, "2027-11-01T00:00:00Z"),
            ["c: covers no time after 2026-11-01T00:00:00Z, more than 365 days ago",]
        );
    }
}
