//! The records of evidence: JSON that is read strictly, and written again as the same record.

use std::fmt::Debug;

use exhibit::evidence::{read, recorded};
use exhibit::store::{Catalog, Coverage, Interval};
use exhibit_records::{AnswerRecord, Entry, EvidenceAdded, Outcomes, Proof, Run, StoreRecord, about};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// So many lines of a log or an index; more only repeat.
const LINES: usize = 64;
/// 2026-11-01T00:00:00Z.
const NOW: i64 = 1_793_491_200_000;

/// `proof.json`.
pub fn proof(bytes: &[u8]) {
    let Ok(proof) = Proof::parse(bytes) else { return };
    let written = json(&proof);
    assert_eq!(Proof::parse(&written).expect("it was written"), proof);
    // Both read times and kinds, and the caller sees their errors.
    drop((recorded::job(&proof), read::fields(&proof)));
    drop((proof.proven_span(), proof.asked(), proof.filter(), about(&proof)));
    let entry = Entry::from(EvidenceAdded::new("name", &proof, &written, None, String::new()));
    same_again(&entry);
}

/// `run.json`.
pub fn run(bytes: &[u8]) {
    let Ok(run) = Run::parse(bytes) else { return };
    assert_eq!(Run::parse(&json(&run)).expect("it was written"), run);
    drop((run.verdicts(), run.passed(), Outcomes::from(&run)));
}

/// `store.json`.
pub fn store(bytes: &[u8]) {
    let Ok(record) = StoreRecord::parse(bytes) else { return };
    assert_eq!(StoreRecord::parse(&json(&record)).expect("it was written"), record);
}

/// The entries of a store's log, one a line, and what the store makes of them.
pub fn entries(bytes: &[u8]) {
    let mut catalog = Catalog::default();
    for (index, line) in bytes.split(|it| *it == b'\n').take(LINES).enumerate() {
        if let Ok(entry) = serde_json::from_slice::<Entry>(line) {
            same_again(&entry);
        }
        // What makes no sense after the entries before it is not taken.
        drop(catalog.read(index as u64, line));
    }
    let mut intervals = Vec::new();
    for package in catalog.packages() {
        drop((package.state(NOW), package.tests(), package.verdicts(), package.not_passed()));
        assert!(catalog.find(&package.kept.evidence).is_some());
        intervals.extend(Interval::of(package));
    }
    for (start, end) in [(0, NOW), (NOW, 0), (i64::MIN, i64::MAX)] {
        let coverage = Coverage::of(&intervals, start, end);
        assert!(coverage.gaps().count() + coverage.overlaps().count() <= 2 * coverage.intervals.len());
        assert!((0.0..=1.0).contains(&coverage.share()), "{}", coverage.share());
    }
}

/// The index of answers, one a line.
pub fn answers(bytes: &[u8]) {
    for line in bytes.split(|it| *it == b'\n').take(LINES) {
        if let Ok(record) = serde_json::from_slice::<AnswerRecord>(line) {
            same_again(&record);
            drop(recorded::received(&record));
        }
    }
}

fn json(record: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(record).expect("plain values")
}

/// What is written is read as the same.
fn same_again<T: Serialize + DeserializeOwned + PartialEq + Debug>(record: &T) {
    let again: T = serde_json::from_slice(&json(record)).expect("it was written");
    assert_eq!(again, *record);
}
