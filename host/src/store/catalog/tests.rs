//! What stands, what takes whose place, and what makes no sense.

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
    let copy = EvidenceAdded { evidence: "b".to_owned(), supersedes: Some("a".to_owned()), ..kept("a", 1) };
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
        assert_eq!(superseded(&[of("a", whole), of("b", Some(false))]), Vec::<String>::new(), "{whole:?}");
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
