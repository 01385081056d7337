//! Proofs of what changed, and those that they continue: what counts together, and what stays as long as it is needed.

use exhibit_records::{Digest, EarlierProof, Entry, EvidenceAdded};

use super::catalog::Catalog;
use super::catalog::tests::{catalog, kept, pruned};
use super::coverage::{Interval, NoTime};
use super::prune::Policy;
use crate::evidence::parse_instant;

/// A proof with a point, that can be continued.
fn whole(name: &str, day: u32) -> EvidenceAdded {
    EvidenceAdded { point: Some(format!("2026-11-{day:02}T07:00:00Z")), ..kept(name, day) }
}

/// What changed since that one.
fn since(earlier: &EvidenceAdded, name: &str, day: u32) -> EvidenceAdded {
    let predecessor = EarlierProof { evidence: earlier.evidence.clone(), proof: earlier.proof };
    EvidenceAdded { since: earlier.point.clone(), predecessor: Some(predecessor), ..whole(name, day) }
}

/// Three, each of which continues the one before it.
fn three() -> [EvidenceAdded; 3] {
    let a = whole("a", 1);
    let b = since(&a, "b", 2);
    let c = since(&b, "c", 3);
    [a, b, c]
}

fn of(entries: &[EvidenceAdded]) -> Catalog {
    let entries: Vec<Entry> = entries.iter().cloned().map(Entry::from).collect();
    catalog(&entries).expect("a log")
}

/// Why each of them covers no time, where that is so.
fn uncovered(catalog: &Catalog) -> Vec<Option<NoTime>> {
    catalog.packages().iter().map(|it| Interval::of(it).err()).collect()
}

#[test]
fn a_chain_covers_what_a_whole_list_does() {
    let catalog = of(&three());
    assert_eq!(uncovered(&catalog), [None, None, None]);
    let last = Interval::of(&catalog.packages()[2]).expect("an interval");
    let alone = of(&[whole("c", 3)]);
    assert_eq!(last, Interval::of(&alone.packages()[0]).expect("an interval"));
}

#[test]
fn a_broken_chain_covers_nothing_from_there_on() {
    let [a, b, c] = three();
    let broken = Some(NoTime::Broken);
    assert_eq!(uncovered(&of(&[b.clone(), c.clone()])), [broken, broken], "there is no beginning");
    let other_point = EvidenceAdded { since: Some("2026-11-01T06:59:59Z".to_owned()), ..b.clone() };
    assert_eq!(
        uncovered(&of(&[a.clone(), other_point, c.clone()])),
        [None, broken, broken],
        "a gap between the two"
    );
    let incomplete = EvidenceAdded { point: None, ..a.clone() };
    assert_eq!(uncovered(&of(&[incomplete, b.clone(), c.clone()])), [None, broken, broken]);
    let other = EvidenceAdded { proof: Digest::of(b"other"), ..a.clone() };
    assert_eq!(uncovered(&of(&[other, b.clone(), c.clone()])), [None, broken, broken]);
    let of_others = EvidenceAdded { about: Digest::of(b"users of EU1"), ..a.clone() };
    assert_eq!(uncovered(&of(&[of_others, b.clone(), c.clone()])), [None, broken, broken]);
    let all = [a, b, c];
    let mut entries: Vec<Entry> = all.iter().cloned().map(Entry::from).collect();
    entries.push(pruned("b"));
    let catalog_of = catalog(&entries).expect("a log");
    assert_eq!(uncovered(&catalog_of)[2], broken);
    let mut missing = of(&all);
    missing.look(|name| Ok(name != "a")).expect("known");
    assert_eq!(uncovered(&missing), [Some(NoTime::Missing), broken, broken]);
    missing.look(|_| Ok(true)).expect("known");
    assert_eq!(uncovered(&missing), [None, None, None], "it was put back");
}

#[test]
fn changes_take_no_place_of_a_whole_list_nor_of_other_changes() {
    let a = whole("a", 1);
    let again = EvidenceAdded { as_of: a.as_of.clone(), ..since(&a, "b", 1) };
    assert!(of(&[a.clone(), again.clone()]).packages()[0].superseded_by.is_none());
    let twice = EvidenceAdded { evidence: "c".to_owned(), proof: Digest::of(b"c"), ..again.clone() };
    let catalog = of(&[a, again, twice]);
    assert_eq!(catalog.packages()[1].superseded_by.as_deref(), Some("c"), "the same changes, made again");
}

fn planned(
    policy: &Policy,
    entries: &[EvidenceAdded],
    now: &str,
) -> (Vec<String>, Vec<(String, Option<String>)>) {
    let plan = policy.plan(&of(entries), parse_instant(now).expect("an instant"));
    let kept = plan.kept.into_iter().map(|it| (it.evidence, it.needed_by));
    (plan.removed.into_iter().map(|it| it.evidence).collect(), kept.collect())
}

#[test]
fn what_a_proof_that_stays_continues_stays_and_so_does_what_that_continues() {
    let policy = Policy { stale_for_days: Some(1), ..Policy::default() };
    let needed = |name: &str, by: &str| (name.to_owned(), Some(by.to_owned()));
    // The first two have been stale for a day, and the last has not.
    let (removed, kept) = planned(&policy, &three(), "2026-12-03T08:00:00Z");
    assert_eq!((removed, kept), (vec![], vec![needed("a", "b"), needed("b", "c")]));
    let (removed, kept) = planned(&policy, &three(), "2026-12-04T08:00:00Z");
    assert_eq!(
        (removed.as_slice(), kept),
        (&["a", "b", "c"].map(str::to_owned)[..], vec![]),
        "all of them together"
    );
    let named = Policy { evidence: vec!["c".to_owned()], ..policy };
    let (removed, _) = planned(&named, &three(), "2026-12-03T08:00:00Z");
    assert_eq!(removed, ["a", "b", "c"], "nothing needs them any more");
}
