//! Whatever happens to a store behind its back is noticed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, ensure};

use crate::Kept;

/// A store with two proofs.
async fn filled() -> Result<Kept> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    kept.verify().await?.ended_with(0)?;
    Ok(kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_gone_renamed_or_somebody_elses_is_noticed() -> Result<()> {
    let kept = filled().await?;
    let (folder, aside) = (kept.folder()?, kept.stage.path("aside"));
    fs::rename(&folder, &aside)?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("is missing"), "{called:?}");
    let other = folder.with_file_name("users-of-somebody");
    fs::rename(&aside, &other)?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("users-of-somebody is not in the log"), "{called:?}");
    fs::rename(&other, &folder)?;
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_put_back_is_noticed_by_whoever_kept_a_checkpoint() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let (store, old) = (kept.stage.path("store"), kept.stage.path("old"));
    copy(&store, &old)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    fs::copy(store.join("log/checkpoint"), kept.stage.path("checkpoint"))?;
    // By itself, the old store is whole.
    kept.stage.exhibit(&["verify", "old", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let held = ["verify", "old", "--key", "key.pem.pub", "--checkpoint", "checkpoint"];
    let called = kept.stage.exhibit(&held).await?.ended_with(1)?;
    ensure!(called.stdout.contains("some were removed, or an old copy was put back"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_byte_of_the_log_counts() -> Result<()> {
    let kept = filled().await?;
    let key = exhibit::signing::read_public(&kept.stage.path("key.pem.pub"))??;
    let folder = kept.stage.path("store");
    let keys = [key];
    let failed = || {
        let store = exhibit::store::Checked { folder: &folder, keys: &keys, earlier: None };
        exhibit::store::check(&store, &mut |_| ()).map_or(true, |(report, _)| report.failed() > 0)
    };
    ensure!(!failed(), "it is whole at first");
    let mut files = files(&folder.join("log"))?;
    files.push(folder.join("store.json"));
    let mut flipped = 0;
    for file in files {
        let whole = fs::read(&file)?;
        for place in 0..whole.len() {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            // A key that the store says of itself is no key that anybody trusts.
            let own_word = file.ends_with("store.json");
            ensure!(own_word || failed(), "{}, byte {place}", file.display());
            flipped += usize::from(!own_word);
        }
        fs::write(&file, &whole)?;
        if !whole.is_empty() {
            fs::remove_file(&file)?;
            ensure!(failed(), "{} was removed", file.display());
            fs::write(&file, &whole)?;
        }
    }
    ensure!(!failed(), "it is whole again");
    ensure!(flipped > 1000, "{flipped} bytes");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_puts_there_is_never_signed() -> Result<()> {
    let kept = filled().await?;
    let stage = &kept.stage;
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    stage.collect("users", "store/evidence/smuggled", &["--sign", "file:other.pem"]).await?.ended_with(0)?;
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("was not signed with this key"), "{called:?}");
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("smuggled is not in the log"), "{called:?}");
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(self::files(&path)?);
        } else {
            files.push(path);
        }
    }
    Ok(files)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to)?;
        } else {
            fs::copy(entry.path(), &to)?;
        }
    }
    Ok(())
}
