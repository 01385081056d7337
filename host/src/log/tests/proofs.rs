//! Proofs on their own, as an auditor has them.

use crate::log::LogError;
use crate::signing::key_of;

use super::super::checkpoint::Checkpoint;
use super::super::hash::Hash;
use super::super::proof::{Consistency, Inclusion, ProofError};
use super::super::view::View;
use super::{Stage, entry, log_in};

fn verify(proof: &Inclusion, entry: &[u8]) -> Result<Checkpoint, ProofError> {
    let origin = "example.com/evidence".parse().expect("a name");
    proof.verify(entry, &origin, &[key_of(1).public()])
}

#[test]
fn every_altered_byte_of_an_inclusion_proof_is_noticed() {
    for (size, index) in [(1, 0), (2, 1), (5, 4), (7, 2), (300, 299)] {
        let stage = Stage::with(size);
        let (found, proof) = stage.log.read().expect("a log").entry(index).expect("an entry");
        let text = proof.to_text();
        assert_eq!(Inclusion::parse(&text).as_ref(), Ok(&proof));
        assert_eq!(verify(&proof, &found).map(|it| it.size), Ok(size));
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut altered = text.clone().into_bytes();
                altered[at] ^= 1 << bit;
                let holds = String::from_utf8(altered)
                    .is_ok_and(|it| Inclusion::parse(&it).is_ok_and(|it| verify(&it, &found).is_ok()));
                assert!(!holds, "{size}: byte {at}, bit {bit} of {text}");
            }
        }
    }
}

#[test]
fn an_inclusion_proof_is_of_one_entry_at_one_index_of_one_log() {
    let stage = Stage::with(20);
    let view = stage.log.read().expect("a log");
    for index in 0..20 {
        let (found, proof) = view.entry(index).expect("an entry");
        for other in (0..20).filter(|&it| it != index) {
            assert_eq!(verify(&proof, &entry(other)), Err(ProofError::NotIncluded));
            let moved = Inclusion { index: other, ..proof.clone() };
            assert_eq!(verify(&moved, &found), Err(ProofError::NotIncluded));
        }
        for index in [20, 1 << 48, u64::MAX] {
            let moved = Inclusion { index, ..proof.clone() };
            assert_eq!(verify(&moved, &found), Err(ProofError::NotIncluded));
        }
        let mut longer = proof.clone();
        longer.path.push(Hash::empty());
        assert_eq!(verify(&longer, &found), Err(ProofError::NotIncluded));
        let origin = "example.com/other".parse().expect("a name");
        assert!(proof.verify(&found, &origin, &[key_of(1).public()]).is_err());
        assert!(proof.verify(&found, stage.log.origin(), &[key_of(2).public()]).is_err());
    }
    assert!(matches!(view.entry(20), Err(LogError::NoEntry { index: 20, size: 20 })));
}

#[test]
fn reads_what_others_write_and_refuses_what_is_no_proof() {
    let stage = Stage::with(3);
    let (found, proof) = stage.log.read().expect("a log").entry(1).expect("an entry");
    let text = proof.to_text();
    let extra = text.replace("index 1", "extra aGVsbG8=\nindex 1");
    assert_eq!(Inclusion::parse(&extra).as_ref().map(|it| verify(it, &found).is_ok()), Ok(true));
    let no_hash = text.replacen("=\n", "\n", 1);
    let long =
        text.replacen("index 1\n", &format!("index 1\n{}", format!("{}\n", Hash::empty()).repeat(65)), 1);
    for text in [
        "",
        "\n\n",
        &text.replace("@v1", "@v2"),
        &text.replace("index 1", "index 01"),
        &text.replace("index 1", "index -1"),
        &text.replace("index 1\n", ""),
        &text.replace("index 1", "extra *\nindex 1"),
        &text.replace("\n\n", "\n"),
        &no_hash,
        &long,
        &"a".repeat(1 << 20),
    ] {
        assert!(matches!(Inclusion::parse(text), Err(ProofError::Form(_))), "{text}");
    }
}

#[test]
fn every_altered_byte_of_a_consistency_proof_is_noticed() {
    let stage = Stage::new();
    let mut checkpoints = vec![stage.log.read().expect("a log").checkpoint().clone()];
    for at in 0..24 {
        checkpoints.push(stage.append(&[entry(at)]));
        let view = stage.log.read().expect("a log");
        for earlier in &checkpoints {
            altered_in_every_way(&view, earlier);
        }
    }
}

fn altered_in_every_way(view: &View<'_>, earlier: &Checkpoint) {
    let later = view.checkpoint();
    let proof = view.consistency(earlier).expect("consistent");
    assert_eq!(proof.verify(earlier, later), Ok(()));
    for at in 0..proof.hashes.len() * 32 {
        let mut hashes = proof.hashes.clone();
        let mut bytes = *hashes[at / 32].as_bytes();
        bytes[at % 32] ^= 1;
        hashes[at / 32] = Hash::from(bytes);
        assert_eq!(Consistency { hashes }.verify(earlier, later), Err(ProofError::Inconsistent));
    }
    let mut longer = proof.clone();
    longer.hashes.push(Hash::empty());
    let mut hashes = proof.hashes.clone();
    let shorter = hashes.pop().map(|_| Consistency { hashes });
    for other in [Some(longer), shorter].into_iter().flatten() {
        assert_eq!(other.verify(earlier, later), Err(ProofError::Inconsistent));
    }
    let mut root = *earlier.root.as_bytes();
    root[0] ^= 1;
    let other = Checkpoint { root: Hash::from(root), ..earlier.clone() };
    assert_eq!(proof.verify(&other, later), Err(ProofError::Inconsistent));
    if earlier != later {
        assert_eq!(proof.verify(later, earlier), Err(ProofError::Inconsistent));
    }
    let elsewhere = Checkpoint { origin: "example.com/other".parse().expect("a name"), ..later.clone() };
    assert_eq!(proof.verify(earlier, &elsewhere), Err(ProofError::TwoLogs));
}

#[test]
fn a_log_is_held_to_a_checkpoint_that_somebody_kept() {
    let stage = Stage::with(5);
    let kept = stage.append(&[entry(5)]);

    // Put back to what it was before the last entry.
    let older = Stage::with(5);
    let shorter = older.log.read().expect("a log").consistency(&kept).map(drop);
    assert!(matches!(shorter, Err(LogError::Shorter { size: 5, earlier: 6 })), "{shorter:?}");

    // Rewritten without an entry, with the same key, and longer.
    let other = Stage::new();
    other.append(&[0, 1, 3, 4, 5, 6, 7].map(entry));
    let rewritten = other.log.read().expect("a log").consistency(&kept).map(drop);
    assert!(matches!(rewritten, Err(LogError::Rewritten(6))), "{rewritten:?}");

    assert!(log_in(stage.log.folder()).read().expect("a log").consistency(&kept).is_ok());
}
