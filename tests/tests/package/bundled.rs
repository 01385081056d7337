//! Evidence as one file.

use std::fs;

use anyhow::{Result, ensure};
use exhibit_simulator::World;
use exhibit_skipped::skip;

use crate::stage::Stage;

const BUNDLE: &str = "users.exhibit.tar";

/// A signed and tested proof as a bundle alone.
async fn bundled() -> Result<Stage> {
    let stage = Stage::new(World { users: 5, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let further = ["--as-of", "2026-11-01", "--test", "suggested", "--sign", "file:key.pem", "--bundle"];
    let called = stage.collect("users", "users", &further).await?.ended_with(1)?;
    ensure!(called.stdout.contains(BUNDLE), "{}", called.stdout);
    let again = stage.exhibit(&["bundle", "users", "--out", "again.tar"]).await?.ended_with(0)?;
    ensure!(again.stderr.contains("the bundle carries no proof that a log lists the evidence"), "{again:?}");
    ensure!(fs::read(stage.path(BUNDLE))? == fs::read(stage.path("again.tar"))?, "not the same bytes");
    let taken = stage.exhibit(&["bundle", "users"]).await?.ended_with(2)?;
    ensure!(taken.stderr.contains("is there already"), "{}", taken.stderr);
    stage.exhibit(&["export", "users", "--format", "csv", "--out", "folder.csv"]).await?.ended_with(0)?;
    fs::remove_dir_all(stage.path("users"))?;
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_verified_tested_and_exported_as_a_folder_is() -> Result<()> {
    let stage = bundled().await?;
    let verified = stage.exhibit(&["verify", BUNDLE, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let skipped: Vec<&str> = verified.stdout.lines().filter(|it| it.contains("skip")).collect();
    assert_eq!(skipped, ["? skip  log: the log of its store has it"]);
    let why = "it is in no store's log, or the bundle was made without its proof";
    ensure!(verified.stdout.contains(why), "{}", verified.stdout);
    let tested = stage.exhibit(&["test", BUNDLE, "--what-if"]).await?.ended_with(1)?;
    ensure!(tested.stdout.contains("Nothing was written"), "{}", tested.stdout);
    let added = stage.exhibit(&["test", BUNDLE]).await?.ended_with(2)?;
    insta::assert_snapshot!(added.stderr, @"
    error: users.exhibit.tar is a bundle, to which no run can be added
    next: see what a run would give with --what-if, or unpack it with tar -xf into a folder
    ");
    stage.exhibit(&["export", BUNDLE, "--format", "csv", "--out", "bundle.csv"]).await?.ended_with(0)?;
    ensure!(fs::read(stage.path("bundle.csv"))? == fs::read(stage.path("folder.csv"))?, "another export");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tar_unpacks_it() -> Result<()> {
    let stage = bundled().await?;
    stage.shell("mkdir unpacked && tar -xf users.exhibit.tar -C unpacked").await?.ended_with(0)?;
    stage.exhibit(&["verify", "unpacked", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_altered_or_made_otherwise_is_refused() -> Result<()> {
    let stage = bundled().await?;
    let whole = fs::read(stage.path(BUNDLE))?;
    let mut dice = crate::dice::Dice::new(3);
    for _ in 0..10 {
        let at = usize::try_from(dice.below(whole.len() as u64))?;
        let mut altered = whole.clone();
        altered[at] ^= 1;
        fs::write(stage.path("altered.tar"), &altered)?;
        let called = stage.exhibit(&["verify", "altered.tar", "--digests", "--key", "key.pem.pub"]).await?;
        ensure!(matches!(called.code, Some(1 | 2)), "byte {at}: {called:?}");
    }
    // The same files, with owners and times.
    stage
        .shell("mkdir it && tar -xf users.exhibit.tar -C it && tar -cf other.tar -C it .")
        .await?
        .ended_with(0)?;
    let refused = stage.exhibit(&["verify", "other.tar"]).await?.ended_with(2)?;
    insta::assert_snapshot!(refused.stderr, @"
    error: other.tar is not a bundle: it is a tar archive that another program made, in which changes could go unnoticed
    next: unpack it into an empty folder (`tar -xf FILE -C DIR`) and verify the folder with proof.json in it; `exhibit bundle` makes a bundle of that folder again
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_program_packed_is_got_back_by_unpacking_it() -> Result<()> {
    let stage = bundled().await?;
    stage.shell("mkdir it && tar -xf users.exhibit.tar -C it").await?.ended_with(0)?;
    if stage.shell("command -v python3").await?.code != Some(0) {
        return Ok(skip("python3", "it is not on the path")?);
    }
    // Files of a bundle have no time, and a zip archive knows none before 1980.
    stage.shell("find it -exec touch '{}' +").await?.ended_with(0)?;
    let zipped = "python3 -m zipfile -c other.zip it/ && python3 -m zipfile -e other.zip out";
    stage.shell(zipped).await?.ended_with(0)?;
    let refused = stage.exhibit(&["verify", "other.zip"]).await?.ended_with(2)?;
    insta::assert_snapshot!(refused.stderr, @"
    error: other.zip is not a bundle: it is a zip archive that another program made, in which changes could go unnoticed
    next: unpack it into an empty folder (`unzip FILE -d DIR`) and verify the folder with proof.json in it; `exhibit bundle` makes a bundle of that folder again
    ");
    // Archivers put the folder into another one.
    let around = stage.exhibit(&["verify", "out"]).await?.ended_with(2)?;
    insta::assert_snapshot!(around.stderr, @"
    error: out is no evidence: it has no proof.json
    next: name the folder `it` in it
    ");
    stage.exhibit(&["verify", "out/it", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    stage.exhibit(&["bundle", "out/it", "--out", "again2.tar"]).await?.ended_with(0)?;
    ensure!(fs::read(stage.path(BUNDLE))? == fs::read(stage.path("again2.tar"))?, "not the same bytes");
    Ok(())
}
