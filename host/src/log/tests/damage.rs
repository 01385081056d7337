//! Logs that somebody altered, or that a process died over.

use std::fs;
use std::path::{Path, PathBuf};

use crate::log::{ENTRY_BYTES, Log, LogError};
use crate::signing::key_of;

use super::super::folder::ASIDE;
use super::super::lock::LOCK;
use super::{Stage, copy, copy_file, entry, files, log_in};

fn sound(log: &Log) -> bool {
    log.read().is_ok_and(|it| it.audit(|_, _| {}).is_ok())
}

/// All files but the lock, which has nothing in it and comes back by itself.
fn parts(folder: &Path) -> Vec<PathBuf> {
    files(folder).into_iter().filter(|it| it != Path::new(LOCK)).collect()
}

#[test]
fn every_altered_byte_and_every_missing_file_is_noticed() {
    // Every bit of a small one; of a larger one, with full tiles, some bytes of every file.
    for (size, step) in [(0, 1), (1, 1), (3, 1), (300, 97)] {
        let stage = Stage::with(size);
        let folder = stage.log.folder();
        assert!(sound(&stage.log), "{size}");
        for file in parts(folder) {
            let path = folder.join(&file);
            let whole = fs::read(&path).expect("read");
            for at in (0..whole.len()).step_by(step) {
                for bit in 0..8 {
                    let mut altered = whole.clone();
                    altered[at] ^= 1 << bit;
                    fs::write(&path, &altered).expect("written");
                    assert!(!sound(&stage.log), "{size}: byte {at}, bit {bit} of {}", file.display());
                }
            }
            for other in [&whole[..whole.len() - 1], &[&whole[..], b"\0"].concat()] {
                fs::write(&path, other).expect("written");
                assert!(!sound(&stage.log), "{size}: the length of {}", file.display());
            }
            fs::remove_file(&path).expect("removed");
            assert!(!sound(&stage.log), "{size}: without {}", file.display());
            fs::create_dir(&path).expect("made");
            assert!(!sound(&stage.log), "{size}: a folder as {}", file.display());
            fs::remove_dir(&path).expect("removed");
            fs::write(&path, &whole).expect("written");
        }
        assert!(sound(&stage.log), "{size}");
    }
}

#[test]
fn what_was_altered_is_neither_given_out_nor_gone_on_with() {
    let stage = Stage::with(3);
    let bundle = stage.log.folder().join("tile/entries/000.p/3");
    let whole = fs::read(&bundle).expect("read");
    let altered = String::from_utf8(whole).expect("text").replace("entry 1", "entry 7");
    fs::write(&bundle, altered).expect("written");
    let view = stage.log.read().expect("a log");
    assert!(matches!(view.entry(1), Err(LogError::Damaged(it)) if it == bundle));
    drop(view);
    let before = fs::read(stage.log.folder().join("checkpoint")).expect("read");
    assert!(matches!(stage.log.append(&[b"more"], &key_of(1)), Err(LogError::Damaged(_))));
    assert_eq!(fs::read(stage.log.folder().join("checkpoint")).expect("read"), before);
}

/// A process may die after any of its steps: before the checkpoint is in its place the log is
/// what it was, and from then on what it became; and it can be gone on with.
#[test]
fn a_death_at_any_step_leaves_the_old_log_or_the_new_one() {
    for (size, more) in [(0, 1), (3, 2), (254, 2), (255, 300), (256, 1), (510, 5)] {
        let (before, after) = (Stage::with(size), Stage::with(size));
        after.append(&(size..size + more).map(entry).collect::<Vec<_>>());
        let (old, new) = (before.log.folder(), after.log.folder());
        let is_new = |it: &PathBuf| !old.join(it).exists() && it != Path::new("checkpoint");
        let tiles: Vec<PathBuf> = files(new).into_iter().filter(is_new).collect();
        for steps in 0..=tiles.len() {
            let dead = before.beside(&format!("dead {steps}"));
            copy(old, &dead);
            for tile in &tiles[..steps] {
                copy_file(new, &dead, tile);
            }
            fs::write(dead.join(ASIDE), "half of someth").expect("written");
            check(&log_in(&dead), size, steps + 1);
        }
        // The checkpoint is in its place, and the old tiles are not yet removed.
        let dead = before.beside("dead late");
        copy(old, &dead);
        copy(new, &dead);
        // They do no harm, unless they never were in the log.
        for left in files(&dead).into_iter().filter(|it| !new.join(it).exists()) {
            let whole = fs::read(dead.join(&left)).expect("read");
            fs::write(dead.join(&left), [&whole[..whole.len() - 1], b"\x07"].concat()).expect("written");
            let audit = log_in(&dead).read().expect("a log").audit(|_, _| {}).expect("sound");
            assert_eq!(audit.strays, [dead.join(&left)]);
            fs::write(dead.join(&left), whole).expect("written");
        }
        check(&log_in(&dead), size + more, 0);
    }
}

/// The log has these entries and so many strays, and takes others than those that it died over.
fn check(log: &Log, size: u64, strays: usize) {
    let mut seen = Vec::new();
    let audit = log.read().expect("a log").audit(|_, it| seen.push(it.to_vec())).expect("sound");
    assert_eq!(seen, (0..size).map(entry).collect::<Vec<_>>());
    assert_eq!(audit.strays.len(), strays, "{:?}", audit.strays);
    // All of it is known for what an append leaves, so it is not taken for what somebody put there.
    assert_eq!(audit.left, audit.strays);
    let others: Vec<Vec<u8>> = (0..700).map(|it| format!("other {it}").into_bytes()).collect();
    let others: Vec<&[u8]> = others.iter().map(Vec::as_slice).collect();
    // One first, so that tiles of the same names and other bytes are in the way.
    for new in [&others[..1], &others[1..]] {
        log.append(new, &key_of(1)).expect("appended");
        assert!(sound(log));
    }
    let audit = log.read().expect("a log").audit(|_, _| {}).expect("sound");
    assert_eq!((audit.entries, audit.strays), (size + 700, vec![]));
}

#[test]
fn what_does_not_belong_is_named() {
    let stage = Stage::with(2);
    let folder = stage.log.folder();
    let strays =
        ["tile/0/000.p/1", "tile/0/001", "tile/0/99999999999999999999", "tile/9/000", "tile/x", "zzz"];
    for name in strays {
        fs::write(folder.join(name).with_file_name(""), "").ok();
        fs::create_dir_all(folder.join(name).parent().expect("a folder")).expect("made");
        fs::write(folder.join(name), "x").expect("written");
    }
    let audit = stage.log.read().expect("a log").audit(|_, _| {}).expect("sound");
    assert_eq!(audit.strays, strays.map(|it| folder.join(it)));
    assert_eq!(audit.left, Vec::<PathBuf>::new());
}

#[test]
fn an_entry_too_many_or_too_long_changes_nothing() {
    let stage = Stage::with(2);
    let before = fs::read(stage.log.folder().join("checkpoint")).expect("read");
    let long = vec![0; ENTRY_BYTES + 1];
    let error = stage.log.append(&[b"fits", &long], &key_of(1));
    assert!(matches!(error, Err(LogError::TooLong(65_536))));
    assert!(matches!(stage.log.append(&[b"fits"], &key_of(2)), Err(LogError::UntrustedKey)));
    assert_eq!(stage.log.append(&[], &key_of(1)).expect("nothing").first, 2);
    assert_eq!(fs::read(stage.log.folder().join("checkpoint")).expect("read"), before);
    assert!(sound(&stage.log));
    let appended = stage.log.append(&[&long[1..], b""], &key_of(1)).expect("appended");
    assert_eq!((appended.first, appended.checkpoint.size), (2, 4));
    assert_eq!(stage.log.read().expect("a log").entry(2).expect("an entry").0, &long[1..]);
    assert!(sound(&stage.log));
}

#[test]
fn a_log_is_made_once_and_missed_when_it_is_gone() {
    let stage = Stage::with(2);
    assert!(matches!(stage.log.create(&key_of(1)), Err(LogError::Occupied(_))));
    fs::remove_file(stage.log.folder().join("checkpoint")).expect("removed");
    assert!(matches!(stage.log.read(), Err(LogError::NoLog(_))));
    assert!(matches!(stage.log.append(&[b"x"], &key_of(1)), Err(LogError::NoLog(_))));
    assert!(matches!(stage.log.create(&key_of(1)), Err(LogError::Occupied(_))));
    let nowhere = log_in(&stage.beside("nowhere"));
    assert!(matches!(nowhere.append(&[b"x"], &key_of(1)), Err(LogError::NoLog(_))));
    assert!(!stage.beside("nowhere").exists());
}
