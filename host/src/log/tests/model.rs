//! Logs of random sizes against the definitions of RFC 6962, computed as they are written.

use proptest::prelude::*;
use sha2::{Digest as _, Sha256};

use super::super::hash::Hash;
use super::{Stage, entry, files};

/// MTH, section 2.1.
fn tree(leaves: &[Vec<u8>]) -> Hash {
    let hash = |parts: &[&[u8]]| <[u8; 32]>::from(Sha256::digest(parts.concat())).into();
    match leaves {
        [] => hash(&[]),
        [one] => hash(&[&[0], one]),
        more => {
            let (left, right) = more.split_at(split(more.len()));
            hash(&[&[1], tree(left).as_bytes(), tree(right).as_bytes()])
        }
    }
}

/// PATH, section 2.1.1.
fn path(index: usize, leaves: &[Vec<u8>]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut below, beside) = if index < left.len() {
        (path(index, left), tree(right))
    } else {
        (path(index - left.len(), right), tree(left))
    };
    below.push(beside);
    below
}

/// SUBPROOF, section 2.1.2; PROOF is that of `whole`.
fn proof(earlier: usize, leaves: &[Vec<u8>], whole: bool) -> Vec<Hash> {
    if earlier == leaves.len() {
        return if whole { Vec::new() } else { vec![tree(leaves)] };
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut below, beside) = if earlier <= left.len() {
        (proof(earlier, left, whole), tree(right))
    } else {
        (proof(earlier - left.len(), right, false), tree(left))
    };
    below.push(beside);
    below
}

/// The largest power of two that is smaller.
fn split(length: usize) -> usize {
    length.next_power_of_two() / 2
}

/// Sizes around the borders of tiles are as likely as all others.
fn batch() -> impl Strategy<Value = usize> {
    prop_oneof![0..4_usize, 0..70_usize, 250..260_usize, 505..515_usize]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_log_is_what_the_standard_says(
        batches in prop::collection::vec(batch(), 1..5),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 8),
    ) {
        let stage = Stage::new();
        let mut entries = Vec::new();
        let mut earlier = vec![stage.log.read().expect("a log").checkpoint().clone()];
        for batch in batches {
            let new: Vec<_> = (0..batch).map(|it| entry((entries.len() + it) as u64)).collect();
            entries.extend(new.clone());
            let checkpoint = stage.append(&new);
            prop_assert_eq!((checkpoint.size, checkpoint.root), (entries.len() as u64, tree(&entries)));

            let view = stage.log.read().expect("a log");
            prop_assert_eq!(view.checkpoint(), &checkpoint);
            let mut seen = Vec::new();
            let audit = view.audit(|_, it| seen.push(it.to_vec())).expect("sound");
            prop_assert_eq!(&seen, &entries);
            prop_assert_eq!((audit.entries, audit.strays), (entries.len() as u64, vec![]));

            for pick in picks.iter().filter(|_| !entries.is_empty()) {
                let index = pick.index(entries.len());
                let (found, inclusion) = view.entry(index as u64).expect("an entry");
                prop_assert_eq!(&found, &entries[index]);
                prop_assert_eq!(&inclusion.path, &path(index, &entries));
            }
            for before in &earlier {
                let consistency = view.consistency(before).expect("consistent");
                let expected = match before.size {
                    0 => Vec::new(),
                    size => proof(size as usize, &entries, true),
                };
                prop_assert_eq!(&consistency.hashes, &expected);
                prop_assert_eq!(consistency.verify(before, &checkpoint), Ok(()));
            }
            earlier.push(checkpoint);
        }
    }
}

#[test]
fn three_levels_of_tiles() {
    let size = 256 * 256 + 3;
    let stage = Stage::with(size);
    let entries: Vec<_> = (0..size).map(entry).collect();
    let view = stage.log.read().expect("a log");
    assert_eq!(view.checkpoint().root, tree(&entries));
    for index in [0, 255, 256, 65_535, 65_536, size - 1] {
        let (found, inclusion) = view.entry(index).expect("an entry");
        assert_eq!((found, inclusion.path), (entry(index), path(index as usize, &entries)));
    }
    assert_eq!(view.audit(|_, _| {}).expect("sound").strays, Vec::<std::path::PathBuf>::new());
    let paths = files(stage.log.folder());
    // The checkpoint, the lock, and full and partial tiles of each level and of entries.
    assert_eq!(paths.len(), 2 + 2 * (256 + 1) + 1 + 1);
    for path in ["tile/0/255", "tile/0/256.p/3", "tile/1/000", "tile/2/000.p/1", "tile/entries/256.p/3"] {
        assert!(paths.contains(&path.into()), "{path}: {paths:?}");
    }
}
