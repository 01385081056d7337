//! What processes that were killed left in a store is finished by the next one.

use std::fs;

use anyhow::{Result, ensure};
use exhibit::records::Digest;

use crate::Kept;
use crate::tree::copy;

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_was_not_entered_yet_is_entered() -> Result<()> {
    let kept = Kept::new().await?;
    fs::rename(kept.stage.path("store/log"), kept.stage.path("log"))?;
    // As if the process had ended between the two: the evidence is in place, and the log is of before.
    let log = kept.stage.path("log");
    kept.collect("users", "2026-11-01", &[]).await?;
    ensure!(kept.folders()?.is_empty(), "a store without its log takes nothing");
    fs::rename(&log, kept.stage.path("store/log"))?;
    let made = kept.stage.path("made");
    kept.stage
        .collect("users", "made", &["--sign", "file:key.pem", "--as-of", "2026-11-01"])
        .await?
        .ended_with(0)?;
    let digest = Digest::of(&fs::read(made.join("proof.json"))?);
    let name = format!("users-20261101T000000Z-{}", &digest.hex()[..8]);
    fs::rename(&made, kept.stage.path("store/evidence").join(name))?;
    kept.verify().await?.ended_with(1)?;
    let called = kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("had not been entered in the log, and is now"), "{called:?}");
    kept.verify().await?.ended_with(0)?;
    assert_eq!(kept.list("2026-11-02").await?.len(), 2);
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
    kept.verify().await?.ended_with(1)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(!folder.exists(), "{}", folder.display());
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_was_not_entered_yet_is_entered_and_a_copy_of_one_is_not() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let (log, before) = (kept.stage.path("store/log"), kept.stage.path("log"));
    copy(&log, &before)?;
    let folder = kept.folder()?;
    let evidence = folder.display().to_string();
    kept.stage.exhibit(&["test", &evidence, "--sign", "file:key.pem"]).await?;
    // As if the process had ended between the two: the run is in place, and the log is of before.
    fs::remove_dir_all(&log)?;
    fs::rename(&before, &log)?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/0001 is not in the log"), "{called:?}");
    let called = kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("tests/0001 had not been entered in the log, and is now"), "{called:?}");
    kept.verify().await?.ended_with(0)?;

    // Nobody makes the last word of an earlier one.
    copy(&folder.join("tests/0001"), &folder.join("tests/0002"))?;
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
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
