//! Signed evidence.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use tokio::process::Command;
use tokio::time::timeout;

use crate::stage::Stage;

/// A signed proof, and the arguments that verify it.
async fn signed() -> Result<(Stage, [&'static str; 4])> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let further = ["--as-of", "2026-11-01", "--sign", "file:key.pem"];
    stage.collect("users", "users", &further).await?.ended_with(0)?;
    let verify = ["verify", "users", "--key", "key.pem.pub"];
    stage.exhibit(&verify).await?.ended_with(0)?;
    Ok((stage, verify))
}

#[tokio::test(flavor = "multi_thread")]
async fn any_byte_of_the_account_or_its_signature_is_noticed() -> Result<()> {
    let (stage, verify) = signed().await?;
    for name in ["proof.json", "signature.json"] {
        let file = stage.path("users").join(name);
        let whole = fs::read(&file)?;
        for place in (0..whole.len()).step_by(whole.len().div_ceil(60)) {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            let called = stage.exhibit(&verify).await?;
            ensure!(called.code != Some(0), "{name}, byte {place}: {called:?}");
        }
        fs::write(&file, &whole)?;
    }
    stage.exhibit(&verify).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_is_missing_or_somebody_elses_is_noticed() -> Result<()> {
    let (stage, verify) = signed().await?;
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    stage.exhibit(&["verify", "users", "--key", "other.pem.pub"]).await?.ended_with(1)?;
    fs::remove_file(stage.path("users/signature.json"))?;
    stage.exhibit(&verify).await?.ended_with(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_nobody_is_said_to_vouch() -> Result<()> {
    let (stage, _) = signed().await?;
    // It claims to be signed, and that was not checked.
    let called = stage.exhibit(&["verify", "users", "--json"]).await?.ended_with(1)?;
    let said: serde_json::Value = serde_json::from_str(&called.stdout)?;
    let signature = said["checks"].as_array().into_iter().flatten().find(|it| it["name"] == "signature");
    assert_eq!(signature.map(|it| &it["verdict"]), Some(&"skipped".into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_none_is_told_before_anything_is_asked_and_not_repeated() -> Result<()> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    for key in ["hunter2-hunter2", "file:nowhere.pem"] {
        let called = stage.collect("users", "users", &["--sign", key]).await?.ended_with(2)?;
        ensure!(!called.stderr.contains("hunter2"), "{called:?}");
    }
    assert!(!stage.path("users").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_of_tests_is_vouched_for_by_its_own_signature() -> Result<()> {
    let (stage, verify) = signed().await?;
    let unsigned = stage.exhibit(&["test", "users"]).await?.ended_with(2)?;
    insta::assert_snapshot!(unsigned.stderr, @"
    error: the evidence is signed, and with a run of tests that is not signed it would no longer verify
    next: name the key that signs the run, with --sign file:KEY, or see what a run would give with --what-if, which writes nothing
    ");
    assert!(!stage.path("users/tests").exists(), "nothing was written");
    stage.exhibit(&["test", "users", "--sign", "file:key.pem"]).await?;
    let called = stage.exhibit(&verify).await?.ended_with(0)?;
    ensure!(called.stdout.contains("signed the run of tests (run 1) [key "), "{called:?}");
    for name in ["run.json", "signature.json"] {
        let file = stage.path("users/tests/0001").join(name);
        let whole = fs::read(&file)?;
        for place in (0..whole.len()).step_by(whole.len().div_ceil(20)) {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            let called = stage.exhibit(&verify).await?;
            ensure!(called.code != Some(0), "{name}, byte {place}: {called:?}");
        }
        fs::write(&file, &whole)?;
    }
    // A run of somebody else's is known as that.
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    stage.exhibit(&["test", "users", "--sign", "file:other.pem"]).await?;
    stage.exhibit(&verify).await?.ended_with(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_of_a_file_counts() -> Result<()> {
    let (stage, _) = signed().await?;
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    let both = ["other.pem.pub", "key.pem.pub"].map(|it| fs::read_to_string(stage.path(it)));
    let [other, own] = both;
    fs::write(stage.path("both.pub"), other? + &own?)?;
    stage.exhibit(&["verify", "users", "--key", "both.pub"]).await?.ended_with(0)?;
    let shown = stage.exhibit(&["keys", "show", "both.pub"]).await?.ended_with(2)?;
    ensure!(shown.stderr.contains("there are 2 public keys in it"), "{shown:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_public_key_that_is_to_sign_is_named_as_one() -> Result<()> {
    let (stage, _) = signed().await?;
    let called = stage.collect("users", "again", &["--sign", "file:key.pem.pub"]).await?.ended_with(2)?;
    ensure!(
        called.stderr.contains("file:key.pem.pub is a public key, and it is the private key that signs"),
        "{called:?}"
    );
    ensure!(!called.stderr.contains("chmod o-r it (file: key.pem.pub)"), "{called:?}");
    Ok(())
}

/// What is read from a pipe is waited for, and a signal ends that.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_is_waited_for_until_a_signal_comes() -> Result<()> {
    const PATIENCE: Duration = Duration::from_secs(60);
    let (stage, _) = signed().await?;
    let pipe = stage.path("pipe");
    ensure!(Command::new("mkfifo").arg(&pipe).status().await?.success());
    for (arguments, stopped) in [
        (&["verify", "users", "--key", "pipe"][..], true),
        (&["verify", "users", "--key", "key.pem.pub", "--tsa-cert", "pipe"], true),
        (&["keys", "show", "pipe"], true),
        (&["test-file", "check", "pipe"], true),
        (&["test", "users", "--what-if", "--test", "pipe"], true),
        (&["verify", "users", "--key", "pipe"], false),
    ] {
        let mut command = stage.command(arguments);
        let mut waits = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        // Its other end opens as the program opens this one.
        let to = pipe.clone();
        let opened = tokio::task::spawn_blocking(move || fs::OpenOptions::new().write(true).open(to));
        let mut other = timeout(PATIENCE, opened).await???;
        if stopped {
            let process = waits.id().context("it runs")?.to_string();
            Command::new("kill").args(["-TERM", &process]).status().await?;
        } else {
            other.write_all(&fs::read(stage.path("key.pem.pub"))?)?;
            drop(other);
        }
        let ended = timeout(PATIENCE, waits.wait()).await??;
        ensure!(ended.code() == Some(if stopped { 130 } else { 0 }), "{arguments:?}: {ended:?}");
    }
    Ok(())
}
