//! What there is in a store, by its log.

use std::collections::{HashMap, HashSet};
use std::io;

use exhibit_records::{Digest, Entry, EvidenceAdded, EvidenceTested, ProvenTime};

use super::dates::Dates;
use super::package::{Logged, Package};
use super::supersession::is_no_less_than;

/// All evidence that was ever kept in a store, in the order of its coming.
#[derive(Debug, Clone, Default)]
pub struct Catalog {
    packages: Vec<Package>,
    by_name: HashMap<String, usize>,
    proofs: HashSet<Digest>,
    /// Whether only what a check of the store needs is kept of each entry.
    for_checks: bool,
    /// What is of the same things, in the order of its coming.
    by_about: HashMap<Digest, Vec<usize>>,
    /// When what is in the log was entered. Of what was pruned the caller can have said when: that is as stated.
    dates: Dates,
}

impl Catalog {
    /// One that is to say what there is, and not what it is worth: it takes a fraction of the memory.
    pub(super) fn for_checks() -> Self {
        Self { for_checks: true, ..Self::default() }
    }

    /// The next entry of the log. Says what is wrong with one that makes no sense after those before it.
    ///
    /// # Errors
    ///
    /// A sentence about what is wrong with the entry.
    pub fn read(&mut self, index: u64, entry: &[u8]) -> Result<(), String> {
        match serde_json::from_slice(entry).map_err(|error| error.to_string())? {
            Entry::Kept(kept) => self.kept(index, *kept),
            Entry::Tested(tested) => {
                if !tested.run.split('/').all(is_name) {
                    return Err("it names an invalid run".to_owned());
                }
                let at = self.known(&tested.evidence)?;
                self.dates.next(index, &tested.at);
                let Package { runs, entries, .. } = &mut self.packages[at];
                let place = match runs.iter().position(|it| it.run == tested.run) {
                    Some(known) if runs[known].digest == tested.digest => known,
                    Some(_) => return Err(format!("two runs are called `{}`", tested.run)),
                    None if self.for_checks => {
                        runs.push(EvidenceTested { tests: None, verdicts: None, ..tested });
                        runs.len() - 1
                    }
                    None => {
                        runs.push(tested);
                        runs.len() - 1
                    }
                };
                entries.push(Logged { index, run: Some(place) });
                self.supersede(at);
                Ok(())
            }
            Entry::Pruned(pruned) => {
                let at = self.known(&pruned.evidence)?;
                let package = &mut self.packages[at];
                if package.kept.proof != pruned.proof {
                    return Err(format!(
                        "other evidence than `{}` was pruned under its name",
                        pruned.evidence
                    ));
                }
                package.pruned = Some(pruned);
                self.join_all();
                self.supersede(at);
                Ok(())
            }
        }
    }

    fn kept(&mut self, index: u64, kept: EvidenceAdded) -> Result<(), String> {
        if !is_name(&kept.evidence) {
            return Err("it names invalid evidence".to_owned());
        }
        if let Some(&known) = self.by_name.get(&kept.evidence) {
            // Two processes may each have entered what a third had left behind.
            if self.packages[known].kept.proof != kept.proof {
                return Err(format!("two proofs are called `{}`", kept.evidence));
            }
            self.dates.next(index, &kept.at);
            self.packages[known].entries.push(Logged { index, run: None });
            return Ok(());
        }
        if !self.proofs.insert(kept.proof) {
            return Err(format!("`{}` is there already, under another name", kept.evidence));
        }
        if let Some(earlier) = &kept.supersedes {
            self.known(earlier)?;
        }
        self.dates.next(index, &kept.at);
        if self.for_checks {
            let (index, at) = (index, self.packages.len());
            self.by_name.insert(kept.evidence.clone(), at);
            self.packages.push(Package::of_checks(index, kept));
            return Ok(());
        }
        let at = self.packages.len();
        let is_joined = self.is_joined(&kept);
        self.by_name.insert(kept.evidence.clone(), at);
        self.by_about.entry(kept.about).or_default().push(at);
        let proves = kept.proves;
        self.packages.push(Package {
            index,
            kept,
            runs: Vec::new(),
            superseded_by: None,
            proves,
            pruned: None,
            is_missing: false,
            is_joined,
            entries: vec![Logged { index, run: None }],
        });
        self.supersede(at);
        Ok(())
    }

    /// Where the evidence of this name is.
    fn known(&self, evidence: &str) -> Result<usize, String> {
        let at = self.by_name.get(evidence).copied();
        at.ok_or_else(|| format!("there was no evidence `{evidence}`"))
    }

    /// Says of all evidence of the same things at the same time as this which of it is superseded, as of the log so far:
    /// tests that are run later, and evidence that goes, change that. What `supersedes` in an entry says is not enough: it
    /// was written before those.
    fn supersede(&mut self, changed: usize) {
        if self.for_checks {
            return;
        }
        let kept = &self.packages[changed].kept;
        let of_same_things = self.by_about.get(&kept.about).map_or(&[][..], Vec::as_slice);
        let same: Vec<usize> =
            of_same_things.iter().copied().filter(|&it| self.packages[it].kept.same_as(kept)).collect();
        for (place, &earlier) in same.iter().enumerate() {
            let by = same[place + 1..].iter().rev().map(|&it| &self.packages[it]);
            let by =
                by.filter(|it| it.pruned.is_none()).find(|it| is_no_less_than(it, &self.packages[earlier]));
            let by = by.map(|it| it.kept.evidence.clone());
            self.packages[earlier].superseded_by = by;
        }
    }

    /// Asks the records of evidence whose entries do not say which time it proves.
    pub(super) fn complete(&mut self, proves: impl Fn(&EvidenceAdded) -> Option<ProvenTime>) {
        for package in self.packages.iter_mut().filter(|it| it.proves.is_none() && it.pruned.is_none()) {
            package.proves = proves(&package.kept);
        }
        // What it covers may be known only now.
        for at in 0..self.packages.len() {
            self.supersede(at);
        }
    }

    /// Looks which evidence is there.
    ///
    /// # Errors
    /// Where that cannot be known: it is neither there nor missing.
    pub(super) fn look(&mut self, is_there: impl Fn(&str) -> io::Result<bool>) -> io::Result<()> {
        for package in self.packages.iter_mut().filter(|it| it.pruned.is_none()) {
            package.is_missing = !is_there(&package.kept.evidence)?;
        }
        self.join_all();
        Ok(())
    }

    /// Whether the proof that this one continues is there as it names it, and whatever that one continues. One that has all that
    /// there is continues none.
    fn is_joined(&self, kept: &EvidenceAdded) -> bool {
        let (Some(since), Some(named)) = (&kept.since, &kept.predecessor) else {
            return kept.since.is_none() && kept.predecessor.is_none();
        };
        self.find(&named.evidence).is_some_and(|it| {
            let is_named = it.kept.proof == named.proof && it.kept.point.as_ref() == Some(since);
            is_named && it.kept.about == kept.about && it.pruned.is_none() && !it.is_missing && it.is_joined
        })
    }

    /// The same of all of it, after some was removed or found missing.
    fn join_all(&mut self) {
        if self.for_checks || self.packages.iter().all(|it| it.kept.since.is_none()) {
            return;
        }
        // A proof comes after the one that it continues.
        for at in 0..self.packages.len() {
            self.packages[at].is_joined = self.is_joined(&self.packages[at].kept);
        }
    }

    /// All of it.
    pub fn packages(&self) -> &[Package] {
        &self.packages
    }

    /// Entries about this evidence that are dated before one that comes before them: why that is wrong.
    pub(crate) fn misordered(&self, package: &Package) -> Vec<String> {
        self.dates.of(&package.entries).map(str::to_owned).collect()
    }

    /// When what is in the log was entered.
    pub(super) fn dates(&self) -> &Dates {
        &self.dates
    }

    /// The evidence of this name.
    pub fn find(&self, evidence: &str) -> Option<&Package> {
        self.by_name.get(evidence).map(|&it| &self.packages[it])
    }

    /// What evidence like this takes the place of, as it comes: the last of what still stands.
    pub(super) fn superseded_by(&self, kept: &EvidenceAdded) -> Option<&Package> {
        let new = Package {
            index: 0,
            kept: kept.clone(),
            runs: Vec::new(),
            superseded_by: None,
            proves: kept.proves,
            pruned: None,
            is_missing: false,
            is_joined: self.is_joined(kept),
            entries: Vec::new(),
        };
        let stands = |it: &&Package| it.superseded_by.is_none() && it.pruned.is_none();
        let superseded = |it: &&Package| it.kept.same_as(kept) && is_no_less_than(&new, it);
        self.packages.iter().rev().filter(stands).find(superseded)
    }
}

/// Whether it can be the name of a file, and of nothing outside of its folder.
pub(crate) fn is_name(text: &str) -> bool {
    let fits = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    !text.is_empty() && !text.starts_with('.') && text.chars().all(fits)
}

#[cfg(test)]
pub(super) mod tests {
    use exhibit_records::{Entry, EvidencePruned, EvidenceTested, Outcomes, Span, Verdict, Verdicts};

    use super::super::package::State;
    use super::*;
    use crate::contract::types::Instant;
    use crate::evidence::parse_instant;

    /// Evidence of users, as of a day of November 2026.
    pub(in crate::store) fn kept(name: &str, day: u32) -> EvidenceAdded {
        EvidenceAdded {
            at: format!("2026-11-{day:02}T08:00:01Z"),
            evidence: name.to_owned(),
            proof: Digest::of(name.as_bytes()),
            plugin: None,
            proof_type: "users".to_owned(),
            label: "platform=US2".to_owned(),
            about: Digest::of(b"users of US2"),
            proves: Some(ProvenTime::State),
            window: None,
            as_of: format!("2026-11-{day:02}T08:00:00Z"),
            asked: Some(format!("2026-11-{day:02}T08:00:00Z")),
            clock_offset: None,
            answered: None,
            point: None,
            since: None,
            predecessor: None,
            expires: Some(format!("2026-12-{day:02}T08:00:00Z")),
            rows: 12,
            complete: None,
            supersedes: None,
            tests: None,
            verdicts: None,
        }
    }

    /// The same, collected with these tests.
    pub(in crate::store) fn tested(kept: EvidenceAdded, verdicts: &[(&str, Verdict)]) -> EvidenceAdded {
        let verdicts: Verdicts = verdicts.iter().map(|(name, it)| ((*name).to_owned(), *it)).collect();
        let tests = Some(verdicts.values().copied().collect());
        EvidenceAdded { tests, verdicts: Some(verdicts), ..kept }
    }

    /// A later run of these tests over evidence.
    pub(in crate::store) fn run(evidence: &str, number: u32, verdicts: &[(&str, Verdict)]) -> Entry {
        let it = tested(kept(evidence, 1), verdicts);
        Entry::Tested(EvidenceTested {
            at: "2026-11-05T00:00:00Z".to_owned(),
            evidence: evidence.to_owned(),
            run: format!("tests/{number:04}"),
            digest: Digest::of(format!("{evidence} {number}").as_bytes()),
            tests: it.tests,
            verdicts: it.verdicts,
        })
    }

    /// That this evidence went.
    pub(in crate::store) fn pruned(evidence: &str) -> Entry {
        Entry::Pruned(EvidencePruned {
            at: "2026-11-09T00:00:00Z".to_owned(),
            evidence: evidence.to_owned(),
            proof: Digest::of(evidence.as_bytes()),
            why: "superseded".to_owned(),
        })
    }

    pub(in crate::store) fn catalog(entries: &[Entry]) -> Result<Catalog, String> {
        let mut catalog = Catalog::default();
        for (index, entry) in (0..).zip(entries) {
            catalog.read(index, &serde_json::to_vec(entry).expect("JSON"))?;
        }
        Ok(catalog)
    }

    fn now(text: &str) -> Instant {
        parse_instant(text).expect("an instant")
    }

    #[test]
    fn evidence_stands_until_it_expires_is_superseded_or_pruned() {
        let again = EvidenceAdded { supersedes: Some("a".to_owned()), ..kept("b", 1) };
        let entries = [Entry::from(kept("a", 1)), Entry::from(again), pruned("a")];
        let before = now("2026-11-30T23:59:59Z");
        let state = |entries: &[Entry], name: &str, now| {
            catalog(entries).expect("a log").find(name).expect("evidence").state(now)
        };
        assert_eq!(state(&entries[..1], "a", before), State::Current);
        assert_eq!(state(&entries[..1], "a", now("2026-12-01T08:00:00Z")), State::Stale);
        assert_eq!(state(&entries[..2], "a", before), State::Superseded);
        assert_eq!(state(&entries, "a", before), State::Pruned);
        assert_eq!(state(&entries, "b", before), State::Current);
    }

    #[test]
    fn evidence_that_covers_less_time_takes_no_place() {
        let at = |text: &str| Some(text.to_owned());
        let collected = |asked: &str, expires: &str| {
            let kept = EvidenceAdded { asked: at(asked), expires: at(expires), ..kept("b", 1) };
            superseded(&[super::tests::kept("a", 1).into(), kept.into()])
        };
        let long = "2026-12-01T08:00:00Z";
        assert_eq!(collected("2026-11-01T08:30:00Z", long), ["a by b"], "it was made again");
        assert_eq!(collected("2026-11-01T09:30:00Z", long), [""; 0], "an hour would no longer be covered");
        assert_eq!(collected("2026-11-01T08:30:00Z", "2026-11-02T08:00:00Z"), [""; 0], "good for a day");
        assert_eq!(collected("2026-11-01T08:30:00Z", "2026-11-01T08:00:00Z"), [""; 0], "stale as it came");
        assert_eq!(collected("2026-11-01T08:30:00Z", "never"), [""; 0], "it is not known what it covers");
    }

    #[test]
    fn a_check_knows_what_there_is_as_a_list_does() {
        let collected_with = tested(kept("a", 1), &[("mfa", Verdict::Pass)]);
        let entries = [collected_with.into(), kept("b", 2).into(), run("b", 1, &[]), pruned("a")];
        let mut of_checks = Catalog::for_checks();
        for (index, entry) in (0..).zip(&entries) {
            of_checks.read(index, &serde_json::to_vec(entry).expect("JSON")).expect("it makes sense");
        }
        let known = |catalog: &Catalog| {
            let package = |it: &Package| {
                let runs = ["tests/0001", "tests/0002"].map(|run| it.knows(run));
                let kept = (it.kept.evidence.clone(), it.kept.proof, it.kept.plugin);
                (
                    it.index,
                    kept,
                    runs,
                    it.runs.iter().map(|it| it.digest).collect::<Vec<_>>(),
                    it.pruned.is_some(),
                )
            };
            catalog.packages().iter().map(package).collect::<Vec<_>>()
        };
        assert_eq!(known(&of_checks), known(&catalog(&entries).expect("a log")));
        assert!(of_checks.read(4, b"{}").is_err());
        let copy = EvidenceAdded { evidence: "c".to_owned(), ..kept("b", 2) };
        let copy = serde_json::to_vec(&Entry::from(copy)).expect("JSON");
        assert_eq!(of_checks.read(4, &copy).expect_err("a copy"), "`c` is there already, under another name");
    }

    #[test]
    fn what_makes_no_sense_is_said() {
        let other = EvidenceAdded { proof: Digest::of(b"other"), ..kept("a", 1) };
        let refused = catalog(&[Entry::from(kept("a", 1)), Entry::from(other)]).expect_err("another proof");
        assert_eq!(refused, "two proofs are called `a`");
        let pruned = EvidencePruned {
            at: String::new(),
            evidence: "b".to_owned(),
            proof: Digest::of(b"b"),
            why: String::new(),
        };
        assert_eq!(catalog(&[Entry::Pruned(pruned)]).expect_err("nothing"), "there was no evidence `b`");
    }

    #[test]
    fn a_copy_under_another_name_takes_nothings_place() {
        let copy =
            EvidenceAdded { evidence: "b".to_owned(), supersedes: Some("a".to_owned()), ..kept("a", 1) };
        assert!(catalog(&[Entry::from(kept("a", 1)), Entry::from(copy)]).is_err());
    }

    #[test]
    fn no_name_leads_out_of_the_store() {
        for name in ["", "..", ".hidden", "a/b", "../a", "/a", "a\\b", "a\0"] {
            assert!(catalog(&[Entry::from(kept(name, 1))]).is_err(), "{name:?}");
        }
    }

    #[test]
    fn what_was_left_behind_may_be_entered_twice() {
        let catalog = catalog(&[Entry::from(kept("a", 1)), Entry::from(kept("a", 1))]).expect("a log");
        assert_eq!(catalog.packages().len(), 1);
    }

    #[test]
    fn only_the_same_things_at_the_same_time_take_each_others_place() {
        let window = |end: &str| Some(Span { start: "2026-10-01T00:00:00Z".into(), end: end.into() });
        let scans = EvidenceAdded {
            window: window("2026-11-01T00:00:00Z"),
            proves: Some(ProvenTime::Events),
            ..kept("a", 1)
        };
        let catalog = catalog(&[Entry::from(scans.clone()), Entry::from(kept("b", 2))]).expect("a log");
        let of = |kept: EvidenceAdded| catalog.superseded_by(&kept).map(|it| it.kept.evidence.clone());
        assert_eq!(
            of(EvidenceAdded { as_of: "2027-01-01T00:00:00Z".to_owned(), ..scans.clone() }),
            Some("a".to_owned())
        );
        assert_eq!(of(EvidenceAdded { window: window("2026-10-31T00:00:00Z"), ..scans.clone() }), None);
        assert_eq!(of(EvidenceAdded { about: Digest::of(b"users of EU1"), ..scans }), None);
        assert_eq!(of(kept("c", 2)), Some("b".to_owned()));
        assert_eq!(of(kept("c", 3)), None);
    }

    /// What of these entries is superseded: `a by b`.
    fn superseded(entries: &[Entry]) -> Vec<String> {
        let catalog = catalog(entries).expect("a log");
        let said = |it: &Package| Some(format!("{} by {}", it.kept.evidence, it.superseded_by.as_deref()?));
        catalog.packages().iter().filter_map(said).collect()
    }

    #[test]
    fn what_lacks_something_takes_no_place_of_what_does_not() {
        let of = |name: &str, complete| Entry::from(EvidenceAdded { complete, ..kept(name, 1) });
        for whole in [Some(true), None] {
            assert_eq!(
                superseded(&[of("a", whole), of("b", Some(false))]),
                Vec::<String>::new(),
                "{whole:?}"
            );
            assert_eq!(superseded(&[of("a", Some(false)), of("b", whole)]), ["a by b"], "{whole:?}");
        }
        assert_eq!(superseded(&[of("a", Some(false)), of("b", Some(false))]), ["a by b"]);
        let entries = [of("a", Some(true)), of("b", Some(false)), of("c", Some(true))];
        assert_eq!(superseded(&entries), ["a by c", "b by c"]);
    }

    #[test]
    fn untested_evidence_takes_no_tested_evidences_place() {
        let failed = tested(kept("a", 1), &[("mfa", Verdict::Fail)]);
        let passed = tested(kept("a", 1), &[("mfa", Verdict::Pass)]);
        for first in [failed, passed] {
            assert_eq!(superseded(&[first.into(), kept("b", 1).into()]), Vec::<String>::new());
        }
    }

    #[test]
    fn every_test_of_the_older_has_to_be_run_over_the_newer() {
        let (mfa, stale) = (("mfa", Verdict::Fail), ("stale", Verdict::Pass));
        let of = |name: &str, tests: &[(&str, Verdict)]| Entry::from(tested(kept(name, 1), tests));
        let none: [&str; 0] = [];
        assert_eq!(superseded(&[of("a", &[mfa, stale]), of("b", &[mfa])]), none);
        assert_eq!(superseded(&[of("a", &[mfa]), of("b", &[("mfa-2", Verdict::Pass)])]), none);
        assert_eq!(superseded(&[of("a", &[mfa]), of("b", &[stale, mfa])]), ["a by b"]);
        assert_eq!(superseded(&[kept("a", 1).into(), of("b", &[mfa])]), ["a by b"]);
        // Whatever came in between: the last one that has all of them.
        let three = [of("a", &[mfa]), kept("b", 1).into(), of("c", &[mfa])];
        assert_eq!(superseded(&three), ["a by c", "b by c"]);
    }

    #[test]
    fn tests_that_are_run_later_count_too() {
        let mfa = [("mfa", Verdict::Pass)];
        let both = [Entry::from(tested(kept("a", 1), &mfa)), Entry::from(kept("b", 1))];
        let later = |more: Entry| [&both[..], &[more]].concat();
        assert_eq!(superseded(&later(run("b", 1, &mfa))), ["a by b"]);
        let one_more = [("mfa", Verdict::Pass), ("stale", Verdict::Pass)];
        let caught_up = [later(run("b", 1, &mfa)), vec![run("a", 2, &one_more)]].concat();
        assert_eq!(superseded(&caught_up), Vec::<String>::new());
        assert_eq!(superseded(&[caught_up, vec![run("b", 2, &one_more)]].concat()), ["a by b"]);
    }

    #[test]
    fn tests_whose_names_the_log_does_not_say_are_not_known_to_be_the_same() {
        let tests = Some(Outcomes { passed: 1, ..Outcomes::default() });
        let unnamed = |name: &str| Entry::from(EvidenceAdded { tests, ..kept(name, 1) });
        let named = Entry::from(tested(kept("b", 1), &[("mfa", Verdict::Pass)]));
        assert_eq!(superseded(&[unnamed("a"), named]), Vec::<String>::new());
        assert_eq!(superseded(&[unnamed("a"), unnamed("b")]), Vec::<String>::new());
        assert_eq!(superseded(&[kept("a", 1).into(), unnamed("b")]), ["a by b"]);
    }

    #[test]
    fn what_is_gone_takes_nothings_place() {
        let entries = [Entry::from(kept("a", 1)), kept("b", 1).into(), kept("c", 1).into()];
        assert_eq!(superseded(&entries), ["a by c", "b by c"]);
        assert_eq!(superseded(&[&entries[..], &[pruned("c")]].concat()), ["a by b"]);
    }

    #[test]
    fn evidence_supersedes_as_it_comes_what_it_has_the_tests_of() {
        let mfa = [("mfa", Verdict::Fail)];
        let catalog = catalog(&[tested(kept("a", 1), &mfa).into()]).expect("a log");
        assert!(catalog.superseded_by(&kept("b", 1)).is_none());
        assert!(catalog.superseded_by(&tested(kept("b", 1), &mfa)).is_some());
    }
}
