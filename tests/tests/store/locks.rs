//! One process waits for another one only as long as it makes sense, says for whom, and can be stopped.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit::disk::{FileLock, Sharing};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;
use tokio::time::timeout;

use crate::Kept;

/// More than a command takes until it waits, and after that until it ends.
const PATIENCE: Duration = Duration::from_secs(60);

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_a_store_says_for_whom_and_ends_at_a_signal() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let own = std::process::id();
    for (lock, arguments) in [
        ("store/lock", ["verify", "store", "--key", "key.pem.pub"].as_slice()),
        ("store/log/lock", &["evidence", "list", "store", "--as-of", "2026-11-01"]),
        (
            "store/lock",
            &["evidence", "prune", "store", "--older-than", "1", "--confirm", "--sign", "file:key.pem"],
        ),
    ] {
        let held = FileLock::take(&kept.stage.path(lock), Sharing::Alone)?;
        for signal in ["-INT", "-TERM"] {
            let mut command = kept.stage.command(arguments);
            let mut waits = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
            let mut lines = BufReader::new(waits.stderr.take().context("standard error")?).lines();
            let said = async {
                while let Some(line) = lines.next_line().await? {
                    if line.contains("waiting, for ") {
                        return Ok(line);
                    }
                }
                anyhow::bail!("{arguments:?} does not say that it waits")
            };
            let said = timeout(PATIENCE, said).await??;
            ensure!(said.contains(&format!("is held by process {own}")), "{said}");
            ensure!(said.contains("so far and 10m 00s at most") && said.contains(lock), "{said}");
            let process = waits.id().context("it runs")?.to_string();
            Command::new("kill").args([signal, &process]).status().await?;
            let ended = timeout(PATIENCE, waits.wait()).await??;
            ensure!(ended.code() == Some(130), "{arguments:?}: {ended:?}");
            let mut rest = String::new();
            while let Some(line) = lines.next_line().await? {
                rest.push_str(&line);
            }
            ensure!(rest.contains("error: stopped"), "{rest}");
        }
        drop(held);
    }
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_has_it_once_it_is_free() -> Result<()> {
    let kept = Kept::new().await?;
    let held = FileLock::take(&kept.stage.path("store/lock"), Sharing::Alone)?;
    let collect = kept.collect("users", "2026-11-01", &[]);
    let free = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        drop(held);
    };
    let (collected, ()) = tokio::join!(collect, free);
    let collected = collected?.ended_with(0)?;
    ensure!(collected.stderr.contains("waiting, for 1s so far"), "{collected:?}");
    kept.verify().await?.ended_with(0)?;
    for lock in ["store/lock", "store/log/lock"] {
        assert_eq!(fs::read(kept.stage.path(lock))?, b"", "nothing of its holder is left");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_readers_could_open_is_closed_to_them_by_the_next_writer() -> Result<()> {
    let kept = Kept::new().await?;
    for day in ["2026-11-01", "2026-11-02"] {
        kept.collect("users", day, &[]).await?.ended_with(0)?;
        for lock in ["store/lock", "store/log/lock"] {
            let path = kept.stage.path(lock);
            assert_eq!(path.metadata()?.permissions().mode() & 0o777, 0o600, "{lock}");
            // As a program of before has made it, or a command that opens up all of a folder.
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644))?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_without_locks_is_read_as_it_is() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    for lock in ["store/lock", "store/log/lock"] {
        fs::remove_file(kept.stage.path(lock))?;
    }
    kept.verify().await?.ended_with(0)?;
    assert_eq!(kept.list("2026-11-01").await?.len(), 1);
    ensure!(!kept.stage.path("store/lock").exists(), "reading makes nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn collections_of_the_same_at_the_same_time_are_all_kept_and_told_apart() -> Result<()> {
    let kept = Kept::new().await?;
    let collect = || kept.collect("users", "2026-11-01", &[]);
    let (a, b, c, d) = tokio::join!(collect(), collect(), collect(), collect());
    for called in [a, b, c, d] {
        called?.ended_with(0)?;
    }
    kept.verify().await?.ended_with(0)?;
    let listed = kept.list("2026-11-01").await?;
    let mut names: Vec<&str> = listed.iter().filter_map(|it| it["kept"]["evidence"].as_str()).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 4, "{listed:?}");
    // Only the last one stands, and all others say that it is this one which does.
    let last = listed.iter().filter(|it| it["superseded-by"].is_null()).collect::<Vec<_>>();
    assert_eq!(last.len(), 1, "{listed:?}");
    let by = listed.iter().filter_map(|it| it["superseded-by"].as_str());
    ensure!(
        by.clone().count() == 3 && by.clone().all(|it| Some(it) == last[0]["kept"]["evidence"].as_str()),
        "{listed:?}"
    );
    Ok(())
}
