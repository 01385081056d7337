//! A piece of evidence in a store, by its log: its tests, and what became of it.

use std::collections::BTreeSet;

use exhibit_records::{
    EvidenceAdded, EvidencePruned, EvidenceTested, Outcomes, ProvenTime, Verdict, Verdicts,
};

use crate::contract::types::Instant;
use crate::evidence::parse_instant;
use crate::testing::earlier;

/// So many names of tests are in one sentence; the rest is counted.
const NAMED_TESTS: usize = 5;

/// Evidence, and what became of it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Package {
    /// Where in the log its coming is, counted from 0.
    pub index: u64,
    /// Its coming.
    pub kept: EvidenceAdded,
    /// Runs of tests that came after it.
    pub runs: Vec<EvidenceTested>,
    /// The evidence that takes its place: the last that came after it, is of the same things at the same time, still
    /// exists, was tested with all tests that this one was tested with, and lacks nothing that the source said there is, unless
    /// this one does, too.
    pub superseded_by: Option<String>,
    /// Which time it proves: as its entry says, or its own record, where the entry is of before that was said.
    pub proves: Option<ProvenTime>,
    /// Its going.
    pub pruned: Option<EvidencePruned>,
    /// Whether it is not in the store any more, and was not pruned either: as far as that was looked at.
    pub is_missing: bool,
    /// Whether the proof that it continues is there as it names it, and whatever that one continues; as far as it was looked at
    /// what is there.
    pub is_joined: bool,
    /// All entries of its coming and of its later runs of tests, in their order: some come twice.
    pub(super) entries: Vec<Logged>,
}

/// Where in the log something is said of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Logged {
    /// Counted from 0.
    pub(super) index: u64,
    /// Which of the evidence's later runs it is of; `None` for the evidence itself.
    pub(super) run: Option<usize>,
}

/// What evidence is worth at an instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It stands.
    Current,
    /// It has expired.
    Stale,
    /// The log lists it, and it is not in the store.
    Missing,
    /// Other evidence of the same things at the same time has taken its place.
    Superseded,
    /// It is gone.
    Pruned,
}

impl Package {
    /// As a check of the store needs it: what it is, and not what it is worth.
    pub(super) fn of_checks(index: u64, kept: EvidenceAdded) -> Self {
        let kept = EvidenceAdded {
            at: String::new(),
            label: String::new(),
            window: None,
            as_of: String::new(),
            asked: None,
            answered: None,
            expires: None,
            supersedes: None,
            verdicts: None,
            ..kept
        };
        Self {
            index,
            kept,
            runs: Vec::new(),
            superseded_by: None,
            proves: None,
            pruned: None,
            is_missing: false,
            is_joined: true,
            entries: vec![Logged { index, run: None }],
        }
    }
}

/// A run of tests, as the log has it: with the evidence, or after it.
struct LoggedRun<'a> {
    /// Its folder, such as `tests/0001`.
    folder: &'a str,
    tests: Option<Outcomes>,
    verdicts: Option<&'a Verdicts>,
}

impl Package {
    /// What the last run of tests came to, where there was one.
    pub fn tests(&self) -> Option<Outcomes> {
        self.runs.last().map_or(self.kept.tests, |it| it.tests)
    }

    /// The verdict of each test that was run over it, by its name: the last one, where it was run several times. Without
    /// those whose names the log does not say.
    pub fn verdicts(&self) -> Verdicts {
        let named = self.logged_runs().filter_map(|it| it.verdicts);
        named.flatten().map(|(name, verdict)| (name.clone(), *verdict)).collect()
    }

    /// Which of its tests failed, or were inconclusive, in whichever of their runs, as a sentence. `None` where none
    /// was: a test that passes the second time, over the same rows, is another test or was run on another day.
    pub fn not_passed(&self) -> Option<String> {
        let said: Vec<String> = self.logged_runs().filter_map(|it| it.not_passed()).collect();
        (!said.is_empty()).then(|| said.join("; "))
    }

    /// Whether all tests that were run over that evidence were run over this, too. The same name is the same test.
    pub(super) fn tests_all_of(&self, other: &Self) -> bool {
        let names = |it: &Self| -> BTreeSet<String> { it.verdicts().into_keys().collect() };
        let all_are_named = other.logged_runs().all(|it| it.verdicts.is_some());
        all_are_named && names(other).is_subset(&names(self))
    }

    /// In the order in which they were made.
    fn logged_runs(&self) -> impl Iterator<Item = LoggedRun<'_>> {
        let kept = &self.kept;
        let own = kept.tests.is_some().then_some(LoggedRun {
            folder: earlier::OWN,
            tests: kept.tests,
            verdicts: kept.verdicts.as_ref(),
        });
        let later = self.runs.iter().map(|it| LoggedRun {
            folder: &it.run,
            tests: it.tests,
            verdicts: it.verdicts.as_ref(),
        });
        own.into_iter().chain(later)
    }

    /// Whether its log lists this run, a folder such as `tests/0002`: by itself, or with the evidence.
    pub(crate) fn knows(&self, run: &str) -> bool {
        self.logged_runs().any(|it| it.folder == run)
    }

    /// What it is worth at this instant.
    pub fn state(&self, now: Instant) -> State {
        let expires = self.kept.expires.as_deref().and_then(parse_instant);
        match (&self.pruned, &self.superseded_by, expires) {
            (Some(_), _, _) => State::Pruned,
            (None, _, _) if self.is_missing => State::Missing,
            (None, Some(_), _) => State::Superseded,
            (None, None, Some(expires)) if expires <= now => State::Stale,
            (None, None, _) => State::Current,
        }
    }
}

impl LoggedRun<'_> {
    /// Which of its tests did not pass, and where that is written.
    fn not_passed(&self) -> Option<String> {
        let said = match (self.verdicts, self.tests) {
            (Some(verdicts), _) => {
                let of = |wanted: fn(Verdict) -> bool| -> Vec<&str> {
                    verdicts.iter().filter(|(_, it)| wanted(**it)).map(|(name, _)| name.as_str()).collect()
                };
                [
                    named(&of(|it| it == Verdict::Fail), "failed"),
                    named(&of(|it| !matches!(it, Verdict::Pass | Verdict::Fail)), "inconclusive"),
                ]
            }
            (None, Some(tests)) => {
                [counted(tests.failed, "failed"), counted(tests.inconclusive, "inconclusive")]
            }
            (None, None) => [Some("the log does not say whether its tests passed".to_owned()), None],
        };
        let said: Vec<String> = said.into_iter().flatten().collect();
        (!said.is_empty()).then(|| format!("{} ({})", said.join(", "), self.folder))
    }
}

/// `failed: mfa, stale`.
fn named(names: &[&str], what: &str) -> Option<String> {
    if names.is_empty() {
        return None;
    }
    let mut said = names[..names.len().min(NAMED_TESTS)].join(", ");
    if let Some(more) = names.len().checked_sub(NAMED_TESTS).filter(|it| *it > 0) {
        said.push_str(&format!(" and {more} more"));
    }
    Some(format!("{what}: {said}"))
}

/// `failed: 2 tests`, where their names are not known.
fn counted(number: u32, what: &str) -> Option<String> {
    let tests = crate::format::counted(number.into(), "test", "tests");
    (number > 0).then(|| format!("{what}: {tests}"))
}

#[cfg(test)]
mod tests {
    use exhibit_records::{Entry, Outcomes};

    use super::super::catalog::tests::{catalog, kept, run, tested};
    use super::*;

    fn not_passed(entries: &[Entry]) -> Option<String> {
        catalog(entries).expect("a log").find("a").expect("evidence").not_passed()
    }

    #[test]
    fn what_did_not_pass_is_named_whenever_it_was() {
        let mfa = |it| [("mfa", it), ("stale", Verdict::Pass)];
        let with = |it| Entry::from(tested(kept("a", 1), &mfa(it)));
        assert_eq!(not_passed(&[kept("a", 1).into()]), None);
        assert_eq!(not_passed(&[with(Verdict::Pass)]), None);
        assert_eq!(not_passed(&[with(Verdict::Fail)]).as_deref(), Some("failed: mfa (tests/0001)"));
        let inconclusive = not_passed(&[with(Verdict::Inconclusive)]);
        assert_eq!(inconclusive.as_deref(), Some("inconclusive: mfa (tests/0001)"));
        let again = [with(Verdict::Fail), run("a", 2, &mfa(Verdict::Pass))];
        assert_eq!(not_passed(&again).as_deref(), Some("failed: mfa (tests/0001)"));
        let later = [with(Verdict::Pass), run("a", 2, &mfa(Verdict::Fail))];
        assert_eq!(not_passed(&later).as_deref(), Some("failed: mfa (tests/0002)"));
    }

    #[test]
    fn of_many_tests_some_are_named_and_the_rest_counted() {
        let names: Vec<String> = (0..7).map(|it| format!("t{it}")).collect();
        let verdicts: Vec<(&str, Verdict)> = names.iter().map(|it| (it.as_str(), Verdict::Fail)).collect();
        let said = not_passed(&[tested(kept("a", 1), &verdicts).into()]);
        assert_eq!(said.as_deref(), Some("failed: t0, t1, t2, t3, t4 and 2 more (tests/0001)"));
    }

    #[test]
    fn entries_without_names_say_how_many_and_without_numbers_nothing_is_assumed() {
        let tests = Outcomes { passed: 3, failed: 1, inconclusive: 2 };
        let counted = EvidenceAdded { tests: Some(tests), ..kept("a", 1) };
        assert_eq!(
            not_passed(&[counted.into()]).as_deref(),
            Some("failed: 1 test, inconclusive: 2 tests (tests/0001)")
        );
        let mut unsaid = run("a", 1, &[]);
        if let Entry::Tested(it) = &mut unsaid {
            (it.tests, it.verdicts) = (None, None);
        }
        assert_eq!(
            not_passed(&[kept("a", 1).into(), unsaid]).as_deref(),
            Some("the log does not say whether its tests passed (tests/0001)")
        );
    }

    #[test]
    fn the_last_verdict_of_each_test_is_shown() {
        let entries = [
            tested(kept("a", 1), &[("mfa", Verdict::Fail), ("stale", Verdict::Pass)]).into(),
            run("a", 2, &[("mfa", Verdict::Pass)]),
        ];
        let verdicts = catalog(&entries).expect("a log").find("a").expect("evidence").verdicts();
        let expected = [("mfa".to_owned(), Verdict::Pass), ("stale".to_owned(), Verdict::Pass)];
        assert_eq!(verdicts, expected.into());
    }
}
