//! Files are for their owner alone from the moment they are there, and go when the process that made them is killed.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use exhibit_simulator::World;
use tokio::process::{Child, Command};

use crate::stage::Stage;

/// More than a command takes until it has begun to write.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many commands are begun until one is killed in the right moment.
const ATTEMPTS: usize = 20;

/// The same command, where files that say nothing else are for everyone to read and to write.
fn open_to_all(command: &Command) -> Command {
    let inner = command.as_std();
    let mut outer = Command::new("sh");
    outer.args(["-c", "umask 000; exec \"$@\"", "sh"]).arg(inner.get_program()).args(inner.get_args());
    outer.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    outer.envs(inner.get_envs().filter_map(|(name, value)| Some((name, value?))));
    if let Some(folder) = inner.get_current_dir() {
        outer.current_dir(folder);
    }
    outer
}

/// Everything in a folder and below, folders too.
fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.symlink_metadata()?.is_dir() {
                open.push(path.clone());
            }
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn mode(path: &Path) -> Result<u32> {
    Ok(path.symlink_metadata()?.permissions().mode() & 0o777)
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_made_is_for_its_owner_alone_whatever_the_umask() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let folder = stage.path("");
    let run = async |command: Command, code: i32| -> Result<()> {
        let output = open_to_all(&command).output().await?;
        ensure!(
            output.status.code() == Some(code),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(())
    };
    run(stage.command(&["keys", "new", "--out", "key.pem"]), 0).await?;
    let collect =
        ["collect", "users", "--out", "new/folder/users", "--test", "suggested", "--sign", "file:key.pem"];
    run(stage.connecting(&[&collect[..], &["--junit", "collected.xml"]].concat()), 1).await?;
    let test = ["test", "new/folder/users", "--sign", "file:key.pem", "--junit", "tested.xml"];
    run(stage.command(&test), 1).await?;
    for format in ["csv", "json", "html", "xlsx", "parquet", "pdf", "oscal", "in-toto"] {
        let out = format!("users.{format}");
        run(stage.command(&["export", "new/folder/users", "--format", format, "--out", &out]), 0).await?;
    }
    run(stage.command(&["bundle", "new/folder/users", "--out", "users.tar"]), 0).await?;
    run(stage.command(&["verify", "users.tar", "--key", "key.pem.pub", "--junit", "verified.xml"]), 0)
        .await?;
    let init = ["evidence", "init", "new/store", "--name", "example.com/e", "--sign", "file:key.pem"];
    run(stage.command(&init), 0).await?;
    let into = ["collect", "users", "--store", "new/store", "--sign", "file:key.pem"];
    run(stage.connecting(&into), 0).await?;
    run(stage.command(&["verify", "new/store", "--key", "key.pem.pub"]), 0).await?;

    let found = all(&folder)?;
    ensure!(found.len() > 40, "{found:?}");
    for path in found {
        let is_public = path.extension().is_some_and(|it| it == "pub");
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        let mode = mode(&path)?;
        ensure!(is_public || mode == wanted, "{} has {mode:o}", path.display());
    }

    // What a person has opened up stays so when it is replaced.
    for name in ["users.json", "tested.xml"] {
        fs::set_permissions(stage.path(name), fs::Permissions::from_mode(0o644))?;
    }
    run(stage.command(&["export", "new/folder/users", "--format", "json", "--out", "users.json"]), 0).await?;
    run(stage.command(&test), 1).await?;
    assert_eq!([mode(&stage.path("users.json"))?, mode(&stage.path("tested.xml"))?], [0o644; 2]);
    Ok(())
}

/// Begins a command, and kills it as soon as there is something of it in `place` whose name begins so.
async fn killed(mut command: Command, place: &Path, prefix: &str) -> Result<Option<PathBuf>> {
    let mut running: Child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let began = Instant::now();
    loop {
        if let Some(left) = beginning_with(place, prefix)?.pop() {
            running.start_kill()?;
            running.wait().await?;
            // It may have ended, or not have locked it, by then.
            return Ok(Some(left).filter(|it| it.exists() && (it.is_file() || it.join("lock").exists())));
        }
        if running.try_wait()?.is_some() {
            return Ok(None);
        }
        if began.elapsed() > PATIENCE {
            bail!("it has made nothing in {}", place.display());
        }
        tokio::time::sleep(Duration::from_micros(200)).await;
    }
}

fn beginning_with(place: &Path, prefix: &str) -> Result<Vec<PathBuf>> {
    let is_one = |it: &OsString| it.to_string_lossy().starts_with(prefix);
    let entries = fs::read_dir(place)?;
    Ok(entries.flatten().filter(|it| is_one(&it.file_name())).map(|it| it.path()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_killed_command_unpacked_or_wrote_goes_with_the_next_one() -> Result<()> {
    let mut stage = Stage::new(World { assets: 3_000, rate_limit: 100_000, ..World::default() }).await?;
    stage.collect("assets", "out/assets", &["--test", "suggested"]).await?.ended_with(1)?;
    stage.exhibit(&["bundle", "out/assets", "--out", "assets.tar"]).await?.ended_with(0)?;
    let temporary = stage.path("temporary");
    fs::create_dir(&temporary)?;
    stage.environment.push(("TMPDIR".to_owned(), temporary.display().to_string()));
    let out = stage.path("exported");
    fs::create_dir(&out)?;

    let (scratch, unfinished) = ("exhibit-scratch-", ".exhibit-unfinished-");
    let next = ["types"].as_slice();
    let export = ["export", "out/assets", "--format", "html", "--out", "exported/assets.html"].as_slice();
    for (arguments, place, prefix, next) in [
        (["verify", "assets.tar"].as_slice(), &temporary, scratch, next),
        (&["test", "assets.tar", "--what-if"], &temporary, scratch, next),
        (&["export", "assets.tar", "--format", "json", "--out", "assets.json"], &temporary, scratch, next),
        (&["bundle", "out/assets", "--out", "again.tar"], &temporary, scratch, next),
        (export, &out, unfinished, export),
    ] {
        let mut left = None;
        for _ in 0..ATTEMPTS {
            left = killed(stage.command(arguments), place, prefix).await?;
            let _ = fs::remove_file(stage.path("again.tar"));
            if left.is_some() {
                break;
            }
            // One that was killed before it had its lock is empty, and goes a minute later.
            let is_early = |it: &&PathBuf| it.is_dir() && !it.join("lock").exists();
            for early in beginning_with(place, prefix)?.iter().filter(is_early) {
                let mut files = all(early)?;
                files.retain(|it| it.is_file() && !it.ends_with("lock.new"));
                ensure!(files.is_empty(), "{files:?}");
                fs::remove_dir_all(early)?;
            }
        }
        let Some(left) = left else { bail!("{arguments:?} was never killed in time") };
        ensure!(mode(&left)? & 0o077 == 0, "{} has {:o}", left.display(), mode(&left)?);
        stage.exhibit(next).await?.ended_with(0)?;
        ensure!(!left.exists(), "{arguments:?} left {}", left.display());
        ensure!(beginning_with(place, prefix)?.is_empty(), "{arguments:?}");
    }
    Ok(())
}
