//! Several at once.

use std::collections::BTreeSet;
use std::{fs, thread};

use crate::log::Log;
use crate::signing::key_of;

use super::super::lock::LOCK;
use super::{Stage, entry, log_in};

#[test]
fn writers_take_turns_and_readers_see_whole_logs() {
    const WRITERS: u64 = 4;
    const EACH: u64 = 12;
    let stage = Stage::with(250);
    let folder = stage.log.folder();
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            scope.spawn(move || {
                for at in 0..EACH {
                    let new = entry(1000 + writer * EACH + at);
                    log_in(folder).append(&[&new], &key_of(1)).expect("appended");
                }
            });
        }
        scope.spawn(move || {
            let mut last = 0;
            for _ in 0..20 {
                let audit = log_in(folder).read().expect("a log").audit(|_, _| {}).expect("sound");
                assert!(audit.entries >= last && audit.strays.is_empty(), "{audit:?}");
                last = audit.entries;
            }
        });
    });
    let mut seen = Vec::new();
    stage.log.read().expect("a log").audit(|_, it| seen.push(it.to_vec())).expect("sound");
    assert_eq!(seen.len() as u64, 250 + WRITERS * EACH);
    let expected: BTreeSet<_> = (0..250).chain(1000..1000 + WRITERS * EACH).map(entry).collect();
    assert_eq!(seen.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_copy_without_the_lock_is_read_without_writing() {
    let stage = Stage::with(3);
    fs::remove_file(stage.log.folder().join(LOCK)).expect("removed");
    assert!(stage.log.read().is_ok_and(|it| it.audit(|_, _| {}).is_ok()));
    assert!(!stage.log.folder().join(LOCK).exists());
}

#[test]
fn the_key_may_change() {
    let stage = Stage::with(3);
    let keys = vec![key_of(1).public(), key_of(2).public()];
    let both = Log::new(stage.log.folder(), stage.log.origin().clone(), keys);
    let kept = both.read().expect("a log").checkpoint().clone();
    both.append(&[b"signed with the new one"], &key_of(2)).expect("appended");
    assert!(both.read().expect("a log").consistency(&kept).is_ok());
    assert!(stage.log.read().is_err());
}
