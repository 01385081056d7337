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
    assert_eq!(skipped, ["? skip  log: the log of its store has it, and says of it what it shows"]);
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
async fn one_that_was_altered_is_a_failed_check_in_each_form() -> Result<()> {
    let stage = bundled().await?;
    let whole = fs::read(stage.path(BUNDLE))?;
    let green = ["verify", BUNDLE, "--digests", "--key", "key.pem.pub", "--junit", "junit.xml"];
    stage.exhibit(&green).await?.ended_with(0)?;
    ensure!(!fs::read_to_string(stage.path("junit.xml"))?.contains("<failure"), "it is whole");
    let altered: [(&str, Vec<u8>); 3] = [
        ("cut", whole[..whole.len() - 512].to_vec()),
        ("longer", [&whole[..], b"\0"].concat()),
        ("another name", [b"x", &whole[1..]].concat()),
    ];
    for (what, bytes) in altered {
        fs::write(stage.path("altered.exhibit.tar"), bytes)?;
        let verify = ["verify", "altered.exhibit.tar", "--key", "key.pem.pub", "--junit", "junit.xml"];
        let called = stage.exhibit(&verify).await?.ended_with(1)?;
        ensure!(called.stdout.contains("✘ fail  files"), "{what}: {called:?}");
        let report = fs::read_to_string(stage.path("junit.xml"))?;
        ensure!(report.contains("<failure") && report.contains("files:"), "{what}: {report}");
        let called = stage.exhibit(&[&verify[..2], &["--json"]].concat()).await?.ended_with(1)?;
        let said: serde_json::Value = serde_json::from_str(&called.stdout)?;
        ensure!(said["checks"][0]["name"] == "files", "{what}: {said}");
    }
    // Where nothing can be checked, no report of another run is left.
    fs::write(stage.path("notes.txt"), "of a person")?;
    stage.exhibit(&green).await?.ended_with(0)?;
    stage.exhibit(&["verify", "notes.txt", "--junit", "junit.xml"]).await?.ended_with(2)?;
    let report = fs::read_to_string(stage.path("junit.xml"))?;
    ensure!(report.contains("<error") && !report.contains("<failure"), "{report}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_altered_is_not_bundled() -> Result<()> {
    let stage = bundled().await?;
    stage.shell("mkdir it && tar -xf users.exhibit.tar -C it").await?.ended_with(0)?;
    let table = stage.path("it/proof.csv");
    let text = fs::read_to_string(&table)?;
    fs::write(&table, format!("{text}\n"))?;
    let refused = stage.exhibit(&["bundle", "it", "--out", "again2.tar"]).await?.ended_with(2)?;
    ensure!(refused.stderr.contains("proof.csv was altered"), "{refused:?}");
    ensure!(!stage.path("again2.tar").exists(), "it was written");
    fs::write(&table, text)?;
    stage.exhibit(&["bundle", "it", "--out", "again2.tar"]).await?.ended_with(0)?;
    Ok(())
}

/// What somebody put into evidence is moved and removed by no command that writes beside it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_in_evidence_of_others_stays_where_it_is() -> Result<()> {
    let stage = bundled().await?;
    stage.shell("mkdir it && tar -xf users.exhibit.tar -C it").await?.ended_with(0)?;
    let partial = stage.path("it/.exhibit.partial-1-0");
    fs::create_dir_all(partial.join("moving/tests/0009"))?;
    fs::write(partial.join("moving/tests/0009/run.json"), "forged")?;
    fs::write(partial.join("lock"), "")?;
    stage.shell("mkdir other && tar -xf users.exhibit.tar -C other").await?.ended_with(0)?;
    stage.exhibit(&["bundle", "other", "--out", "other.exhibit.tar"]).await?.ended_with(0)?;
    stage.collect("users", "more", &["--as-of", "2026-11-01"]).await?.ended_with(0)?;
    ensure!(partial.join("moving/tests/0009/run.json").exists(), "it was moved");
    ensure!(!stage.path("it/tests/0009").exists(), "it is evidence now");
    let called = stage.exhibit(&["verify", "it", "--key", "key.pem.pub"]).await?.ended_with(1)?;
    ensure!(called.stdout.contains("next: remove .exhibit.partial-1-0"), "{called:?}");
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
