//! What processes that were killed left in a store is finished by the next one.

use std::fs;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use exhibit::records::Digest;

use crate::Kept;
use crate::tree::copy;

/// Has the log take no entry of this index: a process ends after it put something in place, as if it were killed there.
fn block(kept: &Kept, index: u64) -> Result<PathBuf> {
    let tile = kept.stage.path(&format!("store/log/tile/entries/000.p/{}", index + 1));
    fs::create_dir_all(&tile)?;
    Ok(tile)
}

/// What processes said that they enter, and have not.
fn begun(kept: &Kept) -> Result<usize> {
    Ok(fs::read_dir(kept.stage.path("store/begun"))?.count())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_was_not_entered_yet_is_entered() -> Result<()> {
    let kept = Kept::new().await?;
    let blocked = block(&kept, 0)?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(2)?;
    fs::remove_dir(&blocked)?;
    assert_eq!((kept.folders()?.len(), begun(&kept)?), (1, 1), "it is in place");
    // That is told from what somebody dropped there.
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("is not in the log yet: a process that was killed"), "{called:?}");
    let called = kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("had not been entered in the log, and is now"), "{called:?}");
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(!called.stdout.contains("not in the log"), "{called:?}");
    assert_eq!((kept.list("2026-11-02").await?.len(), begun(&kept)?), (2, 0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_this_store_did_not_begin_is_not_entered_whatever_key_signed_it() -> Result<()> {
    let kept = Kept::new().await?;
    let made = kept.stage.path("made");
    let collect = ["--sign", "file:key.pem", "--as-of", "2026-11-01"];
    kept.stage.collect("users", "made", &collect).await?.ended_with(0)?;
    let digest = Digest::of(&fs::read(made.join("proof.json"))?);
    let name = format!("users-20261101T000000Z-{}", &digest.hex()[..8]);
    let dropped = kept.stage.path("store/evidence").join(&name);
    fs::rename(&made, &dropped)?;
    let called = kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(
        called.stderr.contains("no command began to add it to this store: it is left alone"),
        "{called:?}"
    );
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains(&format!("{name} is not in the log")), "{called:?}");
    assert_eq!(kept.list("2026-11-02").await?.len(), 1);

    // Nor with what another store had said that it enters.
    let other = Kept::new().await?;
    let blocked = block(&other, 0)?;
    other.collect("users", "2026-11-01", &[]).await?.ended_with(2)?;
    fs::remove_dir(&blocked)?;
    copy(&other.folder()?, &dropped.with_file_name(other.folder()?.file_name().unwrap_or_default()))?;
    for intent in fs::read_dir(other.stage.path("store/begun"))? {
        let intent = intent?;
        fs::copy(intent.path(), kept.stage.path("store/begun").join(intent.file_name()))?;
    }
    kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    assert_eq!(kept.list("2026-11-03").await?.len(), 2);
    kept.verify().await?.ended_with(1)?;
    fs::remove_dir_all(&dropped)?;
    fs::remove_dir_all(dropped.with_file_name(other.folder()?.file_name().unwrap_or_default()))?;
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_was_pruned_already_goes() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &["--good-for", "1"]).await?.ended_with(0)?;
    let (folder, aside) = (kept.folder()?, kept.stage.path("aside"));
    fs::rename(&folder, &aside)?;
    let prune = ["evidence", "prune", "store", "--stale-for", "0", "--confirm", "--sign", "file:key.pem"];
    kept.stage.exhibit(&[&prune[..], &["--as-of", "2026-11-03"]].concat()).await?.ended_with(0)?;
    fs::rename(&aside, &folder)?;
    // As where a process was killed before it removed the folder.
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("is still there, and the log lists it as pruned"), "{called:?}");
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(!folder.exists(), "{}", folder.display());
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_not_entered_yet_is_entered_and_a_copy_of_one_is_not() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let folder = kept.folder()?;
    let evidence = folder.display().to_string();
    let blocked = block(&kept, 1)?;
    kept.stage.exhibit(&["test", &evidence, "--sign", "file:key.pem"]).await?.ended_with(2)?;
    fs::remove_dir(&blocked)?;
    for what in ["store", &evidence] {
        let called = kept.stage.exhibit(&["verify", what, "--key", "key.pem.pub"]).await?.ended_with(0)?;
        ensure!(called.stdout.contains("tests/0001 is not in the log yet"), "{called:?}");
    }
    let called = kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("tests/0001 had not been entered in the log, and is now"), "{called:?}");
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(!called.stdout.contains("not in the log"), "{called:?}");
    assert_eq!(begun(&kept)?, 0);

    // One that was made elsewhere, with the same key over the same evidence, is left alone.
    copy(&folder, &kept.stage.path("elsewhere"))?;
    kept.stage.exhibit(&["test", "elsewhere", "--sign", "file:key.pem"]).await?.ended_with(1)?;
    copy(&kept.stage.path("elsewhere/tests/0002"), &folder.join("tests/0002"))?;
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(
        called.stderr.contains("tests/0002 is not in the log, and no command began to add it"),
        "{called:?}"
    );
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/0002 is not in the log"), "{called:?}");
    fs::remove_dir_all(folder.join("tests/0002"))?;
    kept.verify().await?.ended_with(0)?;

    // Nobody makes the last word of an earlier one.
    copy(&folder.join("tests/0001"), &folder.join("tests/0002"))?;
    let called = kept.collect("users", "2026-11-04", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("it is left alone"), "{called:?}");
    kept.verify().await?.ended_with(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_other_evidence_is_nobodys() -> Result<()> {
    let kept = Kept::new().await?;
    // The same rows on both days.
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    let folders = kept.folders()?;
    let [first, second] = &folders[..] else { anyhow::bail!("{folders:?}") };
    let evidence = first.display().to_string();
    kept.stage.exhibit(&["test", &evidence, "--sign", "file:key.pem"]).await?;
    copy(&first.join("tests/0001"), &second.join("tests/0001"))?;
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("it is left alone"), "{called:?}");
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/0001 is not in the log"), "{called:?}");

    // And no other run is compared with it, and it is not listed.
    let evidence = second.display().to_string();
    let called =
        kept.stage.exhibit(&["test", &evidence, "--what-if", "--json", "--sign", "file:key.pem"]).await?;
    let said: serde_json::Value = serde_json::from_str(&called.stdout)?;
    assert_eq!(
        said["run"]["tests"][0]["since"]["evidence"],
        first.file_name().unwrap_or_default().to_string_lossy().as_ref()
    );
    let export = ["export", &evidence, "--format", "in-toto", "--out", "said.json"];
    let called = kept.stage.exhibit(&export).await?.ended_with(2)?;
    ensure!(called.stderr.contains("this evidence has none"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_written_is_said_and_what_was_left_goes() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let folder = kept.folder()?;
    let places = [folder.join("tests/.0001.partial-7-0"), folder.with_file_name(".users.partial-7-0")];
    let lock = |place: &PathBuf| place.join("lock");
    for place in &places {
        fs::create_dir_all(place.join("written"))?;
        fs::write(place.join("written/half"), "half")?;
        fs::write(lock(place), "")?;
    }
    // As long as a process has the locks, it is at work.
    let held = places.iter().map(|it| fs::File::open(lock(it))).collect::<Result<Vec<_>, _>>()?;
    for file in &held {
        file.lock()?;
    }
    let evidence = folder.display().to_string();
    for what in ["store", &evidence] {
        let called = kept.stage.exhibit(&["verify", what, "--key", "key.pem.pub"]).await?.ended_with(0)?;
        ensure!(what != "store" || called.stdout.contains(".users.partial-7-0 is under way"), "{called:?}");
        ensure!(
            what == "store" || called.stdout.contains("tests/.0001.partial-7-0 is under way"),
            "{called:?}"
        );
    }
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(places.iter().all(|it| it.join("written/half").exists()), "it is at work");
    drop(held);
    // Within the evidence it could be of whoever handed it on.
    let called = kept.stage.exhibit(&["verify", &evidence, "--key", "key.pem.pub"]).await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/.0001.partial-7-0 is no part of the evidence"), "{called:?}");
    ensure!(called.stdout.contains("next: remove tests/.0001.partial-7-0"), "{called:?}");
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains(".users.partial-7-0 was left by a process that was killed"), "{called:?}");
    // A bundle has nothing of it.
    kept.stage.exhibit(&["bundle", &evidence, "--out", "bundle.tar"]).await?.ended_with(0)?;
    kept.stage.exhibit(&["verify", "bundle.tar", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    // The next command that writes to the store removes it, whatever it does there.
    kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(places.iter().all(|it| !it.exists()), "it is left");
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(!called.stdout.contains("partial"), "{called:?}");

    // What only looks like it is no part of the evidence.
    fs::create_dir_all(&places[0])?;
    fs::write(places[0].join("junk"), "junk")?;
    kept.verify().await?.ended_with(1)?;
    Ok(())
}
