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
    clean_up_stale(place.path());
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
    clean_up_stale(place.path());
    assert_eq!(left(place.path()), before);
    assert!(dead.join("written/half.txt").exists());
    for name in keep {
        assert!(place.path().join(name).join("mine.txt").exists(), "{name}");
    }
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
    clean_up_stale(place.path());
    assert_eq!(left(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn what_is_complete_and_was_not_moved_is_named_as_that_and_stays() -> Tested {
    let place = tempfile::tempdir()?;
    let whole = StagingDir::create(place.path(), "whole", 0)?.expect("the name is free");
    fs::write(whole.written().join(LAST), LAST)?;
    whole.abandon()?;
    clean_up_stale(place.path());
    assert_eq!(found(place.path())?.first().map(|it| it.1), Some(State::Stranded));
    Ok(())
}

#[test]
fn one_that_was_killed_at_once_has_nothing_and_goes() -> Tested {
    let place = tempfile::tempdir()?;
    fs::create_dir(place.path().join(".a.partial-7-0"))?;
    clean_up_stale(place.path());
    assert_eq!(left(place.path()), [""; 0]);
    Ok(())
}

#[test]
fn what_is_left_in_whole_evidence_goes() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("there");
    fs::create_dir(&there)?;
    let partial = StagingDir::create(&there, WITHIN, 0)?.expect("the name is free");
    fs::write(partial.written().join(LAST), LAST)?;
    move_all(&partial.begin_moving()?, &there)?;
    drop(partial);
    clean_up_stale(place.path());
    assert_eq!(left(&there), [LAST]);
    Ok(())
}

#[test]
fn a_move_that_was_begun_is_ended_and_replaces_nothing() -> Tested {
    let place = tempfile::tempdir()?;
    let there = place.path().join("there");
    for taken in [false, true] {
        fs::create_dir(&there)?;
        let partial = StagingDir::create(&there, WITHIN, 0)?.expect("the name is free");
        for name in ["a.txt", "b.txt", LAST] {
            fs::write(partial.written().join(name), name)?;
        }
        let moving = partial.begin_moving()?;
        fs::rename(moving.join("a.txt"), there.join("a.txt"))?;
        if taken {
            fs::write(there.join("b.txt"), "mine")?;
        }
        drop(partial);
        clean_up_stale(place.path());
        if taken {
            assert_eq!(fs::read_to_string(there.join("b.txt"))?, "mine");
            assert!(moving.join(LAST).exists(), "nothing is lost");
        } else {
            assert_eq!(left(&there), ["a.txt", "b.txt", LAST]);
        }
        fs::remove_dir_all(&there)?;
    }
    Ok(())
}
