//! Removing evidence that is no longer needed, and leaving in the log that it was there.

use std::collections::HashMap;

use exhibit_records::{Entry, EvidencePruned, Outcomes, Verdicts};

use crate::clock::DAY;
use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::{format_instant, parse_instant};
use crate::format::counted;
use crate::signing::SigningKey;

use super::catalog::Catalog;
use super::coverage::{Interval, NoTime};
use super::error::StoreError;
use super::folder::Store;
use super::package::{Package, State};
use super::recover::remove;

/// Which evidence is no longer needed. Any of the rules is enough; without one, none is. What a test failed over, or was
/// inconclusive, no rule removes: it has to be named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Policy {
    /// What other evidence has taken the place of.
    pub superseded: bool,
    /// What has been stale for so many days.
    pub stale_for_days: Option<u32>,
    /// What covers no time within so many days before now. Of what it is not known which time it covers, nothing.
    pub older_than_days: Option<u32>,
    /// These, by their names, whatever the verdicts of their tests, and whatever `proof_type` says.
    pub evidence: Vec<String>,
    /// Of what the rules above say, what is of this proof type.
    pub proof_type: Option<String>,
}

/// What a policy removes, and what it would remove if all tests over it had passed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct PrunePlan {
    /// What goes, oldest first.
    pub removed: Vec<Pruned>,
    /// What stays, oldest first: until it is named, where [`Pruned::not_passed`] says which tests did not pass; as long as another
    /// proof has the changes since it, where [`Pruned::needed_by`] names one.
    pub kept: Vec<Pruned>,
}

/// Evidence that a policy no longer needs, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Pruned {
    /// Its name.
    pub evidence: String,
    /// For people, and for the log.
    pub why: String,
    /// How large it is, in bytes; without its plugin, which other evidence may share. `None` where that is not known.
    pub bytes: Option<u64>,
    /// How many tests passed, failed or were inconclusive in the last run over it, where there was one and the log says so.
    pub tests: Option<Outcomes>,
    /// The last verdict of each test over it, by the test's name, as far as the log names them.
    pub verdicts: Verdicts,
    /// Which of its tests failed or were inconclusive, as a sentence. `None` where all passed that there were.
    pub not_passed: Option<String>,
    /// A proof that stays and has what changed since this one, or since one that this one is needed for.
    pub needed_by: Option<String>,
}

impl Policy {
    /// Whether it says what may go; a proof type alone does not.
    pub fn has_rule(&self) -> bool {
        self.superseded
            || self.stale_for_days.is_some()
            || self.older_than_days.is_some()
            || !self.evidence.is_empty()
    }

    /// Which evidence is no longer needed, and why.
    pub(super) fn plan(&self, catalog: &Catalog, now: Instant) -> PrunePlan {
        let mut plan = PrunePlan::default();
        // By its name, which of those that stay continues it: a proof comes after the one that it continues.
        let mut continued: HashMap<&str, &str> = HashMap::new();
        for package in catalog.packages().iter().rev().filter(|it| it.pruned.is_none()) {
            let named = self.names(package).then(|| "named by the operator".to_owned());
            let needed_by = continued.get(package.kept.evidence.as_str()).map(|it| (*it).to_owned());
            let why = named.clone().or_else(|| self.reason(package, now));
            let pruned = why.map(|why| Pruned { needed_by, ..Pruned::of(package, why) });
            match pruned {
                Some(pruned)
                    if pruned.needed_by.is_none() && (named.is_some() || pruned.not_passed.is_none()) =>
                {
                    plan.removed.push(pruned);
                    continue;
                }
                pruned => plan.kept.extend(pruned),
            }
            if let Some(predecessor) = &package.kept.predecessor {
                continued.insert(&predecessor.evidence, &package.kept.evidence);
            }
        }
        plan.removed.reverse();
        plan.kept.reverse();
        plan
    }

    /// What is named and cannot go, as something that stays continues it.
    fn check_needed(&self, plan: &PrunePlan) -> Result<(), StoreError> {
        let needed = plan.kept.iter().filter(|it| self.evidence.contains(&it.evidence));
        match needed.filter_map(|it| Some((it.evidence.clone(), it.needed_by.clone()?))).next() {
            Some((evidence, by)) => Err(StoreError::Continued { evidence, by }),
            None => Ok(()),
        }
    }

    fn names(&self, package: &Package) -> bool {
        self.evidence.contains(&package.kept.evidence)
    }

    /// Under which rule evidence is no longer needed, where it is not.
    fn reason(&self, package: &Package, now: Instant) -> Option<String> {
        let state = package.state(now);
        if state == State::Pruned || self.proof_type.as_ref().is_some_and(|it| *it != package.kept.proof_type)
        {
            return None;
        }
        // What is named goes now: it takes the place of nothing.
        let by = package.superseded_by.as_ref().filter(|it| !self.evidence.contains(it));
        if let (true, Some(by)) = (self.superseded, by) {
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
        let days = self.older_than_days?;
        let end = match Interval::of(package) {
            Ok(it) => format_instant(it.end),
            // What may cover a time has to be named.
            Err(NoTime::Unknown) => return None,
            Err(_) => package.kept.as_of.clone(),
        };
        passed(&end, days).then(|| {
            let days = counted(days.into(), "day", "days");
            format!("covers no time after {end}, more than {days} ago")
        })
    }
}

impl Pruned {
    fn of(package: &Package, why: String) -> Self {
        Self {
            evidence: package.kept.evidence.clone(),
            why,
            bytes: None,
            tests: package.tests(),
            verdicts: package.verdicts(),
            not_passed: package.not_passed(),
            needed_by: None,
        }
    }
}

impl Store {
    /// What this policy no longer needs. Sizes are not in it: [`crate::run::prune()`] adds them.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read; [`StoreError::NoEvidence`] where it names evidence that is not there, or no longer, and
    /// [`StoreError::Continued`] where it names what another proof needs that stays.
    pub fn to_prune(&self, policy: &Policy, now: Instant) -> Result<PrunePlan, StoreError> {
        let catalog = self.catalog()?;
        let is_there = |name: &&String| catalog.find(name).is_some_and(|it| it.pruned.is_none());
        match policy.evidence.iter().find(|it| !is_there(it)) {
            Some(unknown) => Err(StoreError::NoEvidence(unknown.clone())),
            None => {
                let plan = policy.plan(&catalog, now);
                policy.check_needed(&plan).map(|()| plan)
            }
        }
    }

    /// Removes what this policy no longer needs, and the plugins that nothing needs then. First the log
    /// says so: a process that is killed in between leaves what [`Self::recover`] finishes. What is named and
    /// gone already, as another process was quicker, is passed over.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read or written, or a file cannot be removed.
    pub fn prune(&self, policy: &Policy, key: &SigningKey, now: Instant) -> Result<PrunePlan, StoreError> {
        let _lock = self.lock_to_tidy()?;
        let plan = policy.plan(&self.catalog()?, now);
        policy.check_needed(&plan)?;
        if plan.removed.is_empty() {
            return Ok(plan);
        }
        let catalog = self.change(key, |catalog| {
            Ok(plan.removed.iter().filter_map(|it| tombstone(catalog, it, now)).collect())
        })?;
        for pruned in &plan.removed {
            let folder = self.evidence().join(&pruned.evidence);
            if disk::is_there(&folder)? {
                remove(&folder)?;
            }
        }
        self.sweep_plugins(&catalog)?;
        Ok(plan)
    }
}

/// What the log says of evidence that goes.
fn tombstone(catalog: &Catalog, pruned: &Pruned, now: Instant) -> Option<Entry> {
    let package = catalog.find(&pruned.evidence)?;
    Some(Entry::Pruned(EvidencePruned {
        at: format_instant(now),
        evidence: pruned.evidence.clone(),
        proof: package.kept.proof,
        why: pruned.why.clone(),
    }))
}

#[cfg(test)]
mod tests {
    use exhibit_records::{EvidenceAdded, ProvenTime, Span, Verdict};

    use super::super::catalog::tests::{catalog, kept, pruned, run, tested};
    use super::*;

    fn plan(policy: &Policy, entries: &[Entry], now: &str) -> PrunePlan {
        policy.plan(&catalog(entries).expect("a log"), parse_instant(now).expect("an instant"))
    }

    fn said(pruned: &[Pruned]) -> Vec<String> {
        pruned.iter().map(|it| format!("{}: {}", it.evidence, it.why)).collect()
    }

    fn reasons(policy: &Policy, entries: &[EvidenceAdded], now: &str) -> Vec<String> {
        let entries: Vec<Entry> = entries.iter().cloned().map(Entry::from).collect();
        said(&plan(policy, &entries, now).removed)
    }

    #[test]
    fn without_a_rule_nothing_goes() {
        assert!(reasons(&Policy::default(), &[kept("a", 1)], "2099-01-01T00:00:00Z").is_empty());
    }

    #[test]
    fn each_rule_says_why() {
        let window = Span { start: "2026-10-01T00:00:00Z".into(), end: "2026-11-01T00:00:00Z".into() };
        let scans = EvidenceAdded {
            window: Some(window),
            proves: Some(ProvenTime::Events),
            proof_type: "scans".to_owned(),
            ..kept("c", 20)
        };
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

    #[test]
    fn one_day_is_no_days() {
        let policy = Policy { older_than_days: Some(1), ..Policy::default() };
        let said = |it: EvidenceAdded, now| reasons(&policy, &[it], now);
        assert_eq!(
            said(kept("a", 1), "2026-12-02T07:59:59Z"),
            Vec::<String>::new(),
            "it covers until it is stale"
        );
        assert_eq!(
            said(kept("a", 1), "2026-12-02T08:00:00Z"),
            ["a: covers no time after 2026-12-01T08:00:00Z, more than 1 day ago"]
        );
        let of_an_instant = EvidenceAdded { expires: None, ..kept("a", 1) };
        assert_eq!(
            said(of_an_instant, "2026-11-02T08:00:00Z"),
            ["a: covers no time after 2026-11-01T08:00:00Z, more than 1 day ago"]
        );
        let unknown = EvidenceAdded { proves: None, ..kept("a", 1) };
        assert_eq!(said(unknown, "2029-11-02T08:00:00Z"), Vec::<String>::new());
    }

    const ALWAYS: &str = "2029-11-01T00:00:00Z";

    /// Each rule alone, so that `a` of November 2026 falls under it.
    fn rules() -> [Policy; 3] {
        [
            Policy { superseded: true, ..Policy::default() },
            Policy { stale_for_days: Some(1), ..Policy::default() },
            Policy { older_than_days: Some(1), ..Policy::default() },
        ]
    }

    #[test]
    fn no_rule_removes_what_failed() {
        for verdict in [Verdict::Fail, Verdict::Inconclusive, Verdict::NotApplicable] {
            let tests = [("mfa", verdict)];
            let of = |name: &str| Entry::from(tested(kept(name, 1), &tests));
            for policy in rules() {
                let plan = plan(&policy, &[of("a"), of("b")], ALWAYS);
                assert_eq!(said(&plan.removed), Vec::<String>::new(), "{policy:?}");
                assert_eq!(plan.kept[0].evidence, "a", "{policy:?}");
                let tests = plan.kept[0].not_passed.as_deref();
                assert!(tests.is_some_and(|it| it.contains("mfa")), "{policy:?}: {tests:?}");
            }
        }
    }

    #[test]
    fn what_failed_once_is_kept_after_a_run_that_passed() {
        let of = |name: &str| Entry::from(tested(kept(name, 1), &[("mfa", Verdict::Fail)]));
        let again = |name: &str| run(name, 2, &[("mfa", Verdict::Pass)]);
        for policy in rules() {
            let plan = plan(&policy, &[of("a"), again("a"), of("b"), again("b")], ALWAYS);
            assert_eq!((plan.removed.len(), plan.kept[0].evidence.as_str()), (0, "a"), "{policy:?}");
        }
    }

    #[test]
    fn every_rule_removes_what_passed() {
        let of = |name: &str| Entry::from(tested(kept(name, 1), &[("mfa", Verdict::Pass)]));
        for policy in rules() {
            let plan = plan(&policy, &[of("a"), of("b")], ALWAYS);
            assert_eq!((plan.removed[0].evidence.as_str(), plan.kept.len()), ("a", 0), "{policy:?}");
            assert_eq!(plan.removed[0].tests.map(|it| it.passed), Some(1));
        }
    }

    #[test]
    fn what_is_named_goes_whatever_its_tests_came_to() {
        let failed = |name: &str| Entry::from(tested(kept(name, 1), &[("mfa", Verdict::Fail)]));
        let entries = [failed("a"), failed("b"), failed("c"), pruned("c")];
        let policy = Policy {
            evidence: vec!["a".to_owned(), "c".to_owned()],
            proof_type: Some("scans".to_owned()),
            ..Policy::default()
        };
        assert!(policy.has_rule());
        let named = plan(&policy, &entries, ALWAYS);
        assert_eq!(said(&named.removed), ["a: named by the operator"]);
        assert_eq!(named.removed[0].not_passed.as_deref(), Some("failed: mfa (tests/0001)"));
        assert_eq!(named.kept, []);
        let policy = Policy { superseded: true, proof_type: None, ..policy };
        let both = plan(&policy, &entries[..2], ALWAYS);
        assert_eq!((both.removed.len(), both.kept.len()), (1, 0), "`b` is the last one: {both:?}");
    }

    #[test]
    fn what_goes_because_it_is_named_supersedes_nothing() {
        let entries = [Entry::from(kept("a", 1)), kept("b", 1).into()];
        let policy = Policy { superseded: true, evidence: vec!["b".to_owned()], ..Policy::default() };
        assert_eq!(said(&plan(&policy, &entries, ALWAYS).removed), ["b: named by the operator"]);
    }

    #[test]
    fn untested_evidence_is_no_reason_to_remove_what_was_tested() {
        let passed = tested(kept("a", 1), &[("mfa", Verdict::Pass)]);
        let policy = Policy { superseded: true, ..Policy::default() };
        let plan = plan(&policy, &[passed.into(), kept("b", 1).into()], ALWAYS);
        assert_eq!(plan, PrunePlan::default());
    }
}
