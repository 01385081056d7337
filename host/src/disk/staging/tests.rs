use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::folders::names;
use super::form::{LAST, LOCK, MARK, MOVING, WRITTEN};
use super::*;

type Tested = io::Result<()>;

fn left(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> =
        names(folder).unwrap_or_default().iter().map(|it| it.to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// What a process has left that was killed in the middle.
fn leftover(place: &Path, name: &str) -> io::Result<PathBuf> {
    let partial = StagingDir::create(place, name, 0)?.expect("the name is free");
    fs::write(partial.written().join("half.txt"), "half")?;
    // The lock goes with the file; the folder stays.
    Ok(partial.path.clone())
}

#[test]
fn what_was_left_is_removed_and_what_is_being_written_is_not() -> Tested {
    let place = tempfile::tempdir()?;
    let dead = leftover(place.path(), "dead")?;
    let alive = StagingDir::create(place.path(), "alive", 0)?.expect("the name is free");
    clean_up_stale(place.path(), "other");
    assert!(dead.join("written/half.txt").exists(), "another name");
    clean_up_stale(place.path(), "dead");
    clean_up_stale(place.path(), "alive");
    assert!(!dead.exists());
    assert!(alive.written().is_dir());
    alive.remove()?;
    assert_eq!(left(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn what_is_in_the_making_is_told_from_what_was_left_and_from_anything_else() -> Tested {
    let place = tempfile::tempdir()?;
    leftover(place.path(), "dead")?;
    let alive = StagingDir::create(place.path(), "alive", 0)?.expect("the name is free");
    let resumable = StagingDir::create(place.path(), "later", 0)?.expect("the name is free");
    resumable.keep_to_resume(|_| Ok(()))?;
    drop(resumable);
    fs::create_dir(place.path().join(".empty.partial-7-0"))?;
    let strange = leftover(place.path(), "strange")?;
    fs::write(strange.join("mine.txt"), "mine")?;
    fs::create_dir(place.path().join(".no-leftover"))?;
    let states: Vec<State> = found(place.path())?.into_iter().map(|it| it.1).collect();
    assert_eq!(states, [State::UnderWay, State::Left, State::Left, State::Resumable]);
    // Looking takes nothing away.
    assert_eq!(found(place.path())?.len(), 4);
    alive.remove()
}

#[test]
fn nothing_else_is_touched() -> Tested {
    let place = tempfile::tempdir()?;
    let keep = [".a.partial-1-2", ".a.partial-01-2", ".a.partial-1", "a.partial-1-2", ".partial-1-2", "b"];
    for name in keep {
        fs::create_dir(place.path().join(name))?;
        fs::write(place.path().join(name).join("mine.txt"), "mine")?;
    }
    // A folder with a lock and other contents is left alone, too.
    let dead = leftover(place.path(), "dead")?;
    fs::write(dead.join("mine.txt"), "mine")?;
    let before = left(place.path());
    clean_up_all(place.path());
    assert_eq!(left(place.path()), before);
    assert!(dead.join("written/half.txt").exists());
    for name in keep {
        assert!(place.path().join(name).join("mine.txt").exists(), "{name}");
    }
    Ok(())
}

#[test]
fn one_that_was_killed_at_once_has_nothing_and_goes() -> Tested {
    let place = tempfile::tempdir()?;
    fs::create_dir(place.path().join(".a.partial-7-0"))?;
    // And one that had put all of it in its place.
    drop(StagingDir::create(place.path(), "b", 0)?);
    clean_up_stale(place.path(), "c");
    assert_eq!(left(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn evidence_of_others_is_left_as_it_is_whatever_is_in_it() -> Tested {
    let place = tempfile::tempdir()?;
    let theirs = place.path().join("theirs");
    let tests = theirs.join("tests");
    let mut all = Vec::new();
    for (folder, name) in [(&theirs, WITHIN), (&theirs, "notes"), (&tests, WITHIN)] {
        fs::create_dir_all(folder)?;
        for (attempt, part) in [WRITTEN, MOVING].into_iter().enumerate() {
            let partial = folder.join(format!(".{name}{MARK}1-{attempt}"));
            fs::create_dir_all(partial.join(part).join("tests/0001"))?;
            fs::write(partial.join(part).join("tests/0001/run.json"), "forged")?;
            fs::write(partial.join(LOCK), "")?;
            all.push(partial.join(part).join("tests/0001/run.json"));
        }
    }
    fs::write(theirs.join(LAST), LAST)?;
    let before = left(&theirs);
    // Commands that write beside it, and those that are refused for what is there.
    clean_up_stale(place.path(), "other");
    clean_up_stale(place.path(), "theirs");
    clean_up_stale(&theirs, "notes");
    clean_up_within(&theirs);
    assert_eq!(unmoved(&theirs), None, "it is whole");
    assert_eq!((left(&theirs), left(&tests).len()), (before, 2));
    assert!(all.iter().all(|it| it.exists()), "{all:?}");
    Ok(())
}

#[test]
fn what_was_on_its_way_is_moved_by_no_other_process_and_kept() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("there");
    fs::create_dir(&there)?;
    let partial = StagingDir::create(&there, WITHIN, 0)?.expect("the name is free");
    for name in ["a.txt", "b.txt", LAST] {
        fs::write(partial.written().join(name), name)?;
    }
    let moving = partial.begin_moving()?;
    assert_eq!(unmoved(&there), None, "its process still moves it");
    drop(partial);
    for moved in ["", "a.txt"] {
        if !moved.is_empty() {
            fs::rename(moving.join(moved), there.join(moved))?;
        }
        clean_up_within(&there);
        clean_up_stale(place.path(), "there");
        assert_eq!(unmoved(&there), Some(moving.clone()));
    }
    assert_eq!(left(&moving), ["b.txt", LAST]);
    Ok(())
}

#[test]
#[cfg(unix)]
fn links_are_not_followed() -> Tested {
    let place = tempfile::tempdir()?;
    let mine = place.path().join("mine");
    fs::create_dir(&mine)?;
    fs::write(mine.join("mine.txt"), "mine")?;
    let dead = leftover(place.path(), "dead")?;
    std::os::unix::fs::symlink(&mine, dead.join("written/link"))?;
    let linked = place.path().join(".linked.partial-1-0");
    std::os::unix::fs::symlink(&mine, &linked)?;
    clean_up_all(place.path());
    assert!(dead.exists() && linked.is_symlink() && mine.join("mine.txt").exists());
    Ok(())
}

#[test]
fn what_cannot_be_resumed_yet_goes_with_the_rest() -> Tested {
    let place = tempfile::tempdir()?;
    let killed = StagingDir::create(place.path(), "killed", 0)?.expect("the name is free");
    let failed = killed.keep_to_resume(|folder| {
        fs::write(folder.join("half.json"), "{")?;
        Err(io::ErrorKind::StorageFull.into())
    });
    assert_eq!(failed.map_err(|it| it.kind()), Err(io::ErrorKind::StorageFull));
    drop(killed);
    assert_eq!(found(place.path())?.first().map(|it| it.1), Some(State::Left));
    assert_eq!(StagingDir::resumable(place.path())?, []);
    clean_up_all(place.path());
    assert_eq!(left(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn what_is_complete_and_was_not_moved_is_named_as_that_and_stays() -> Tested {
    let place = tempfile::tempdir()?;
    let whole = StagingDir::create(place.path(), "whole", 0)?.expect("the name is free");
    fs::write(whole.written().join(LAST), LAST)?;
    whole.abandon()?;
    clean_up_all(place.path());
    assert_eq!(found(place.path())?.first().map(|it| it.1), Some(State::Stranded));
    Ok(())
}
