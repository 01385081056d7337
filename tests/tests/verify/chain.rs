//! Runs of tests that were removed, swapped, renumbered or copied.

use std::fs;
use std::process::Stdio;

use anyhow::{Result, ensure};
use exhibit_simulator::World;

use crate::stage::{Called, Stage};
use crate::tree::copy;

/// Evidence with the run that it came with and two later ones. All of it is signed, where that is asked for.
async fn tested(signed: bool) -> Result<Stage> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let sign: &[&str] = if signed { &["--sign", "file:key.pem"] } else { &[] };
    let collect = [&["--as-of", "2026-11-01", "--test", "suggested"], sign].concat();
    stage.collect("users", "users", &collect).await?.ended_with(1)?;
    for _ in 0..2 {
        stage.exhibit(&[&["test", "users"], sign].concat()).await?.ended_with(1)?;
    }
    Ok(stage)
}

async fn verify(stage: &Stage, what: &str, signed: bool) -> Result<Called> {
    let key: &[&str] = if signed { &["--key", "key.pem.pub"] } else { &[] };
    stage.exhibit(&[&["verify", what, "--digests"], key].concat()).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_runs_is_noticed_in_a_folder_and_in_a_bundle() -> Result<()> {
    for signed in [false, true] {
        let stage = tested(signed).await?;
        let whole = verify(&stage, "users", signed).await?.ended_with(0)?;
        ensure!(whole.stdout.contains("renumbered or copied [3 runs]"), "{whole:?}");
        copy(&stage.path("users"), &stage.path("kept"))?;
        let run = |number: u32| stage.path(&format!("users/tests/{number:04}"));
        for (what, said) in [
            ("removed", "tests/0002 is missing, which tests/0003 names as the run before it"),
            ("renumbered", "tests/0002 had another number when it was made"),
            ("swapped", "tests/0002 had another number when it was made"),
            ("copied", "tests/0004 is a copy of tests/0002"),
        ] {
            match what {
                "removed" => fs::remove_dir_all(run(2))?,
                "renumbered" => {
                    fs::remove_dir_all(run(2))?;
                    fs::rename(run(3), run(2))?;
                }
                "swapped" => {
                    fs::rename(run(2), run(9))?;
                    fs::rename(run(3), run(2))?;
                    fs::rename(run(9), run(3))?;
                }
                _ => copy(&run(2), &run(4))?,
            }
            stage.exhibit(&["bundle", "users", "--out", "bundle.tar"]).await?.ended_with(0)?;
            for place in ["users", "bundle.tar"] {
                let called = verify(&stage, place, signed).await?.ended_with(1)?;
                ensure!(called.stdout.contains(said), "{what}, {place}, {signed}: {called:?}");
            }
            fs::remove_file(stage.path("bundle.tar"))?;
            fs::remove_dir_all(stage.path("users"))?;
            copy(&stage.path("kept"), &stage.path("users"))?;
        }
        verify(&stage, "users", signed).await?.ended_with(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_that_was_made_again_without_the_key_is_noticed_with_it() -> Result<()> {
    let stage = tested(true).await?;
    // The second run goes, and the third is made to come after the first.
    fs::remove_dir_all(stage.path("users/tests/0002"))?;
    let file = stage.path("users/tests/0003/run.json");
    let mut run: serde_json::Value = serde_json::from_slice(&fs::read(&file)?)?;
    let first = fs::read(stage.path("users/tests/0001/run.json"))?;
    run["previous"] = serde_json::json!({
        "file": "tests/0001/run.json",
        "digest": exhibit::records::Digest::of(&first),
    });
    fs::write(&file, run.to_string())?;
    let called = verify(&stage, "users", true).await?.ended_with(1)?;
    ensure!(called.stdout.contains("renumbered or copied [2 runs]"), "the chain itself holds: {called:?}");
    ensure!(called.stdout.contains("✘ fail  run signature"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_test_at_once_and_each_run_names_the_one_before_it() -> Result<()> {
    const AT_ONCE: usize = 4;
    let stage = tested(true).await?;
    let mut running = Vec::new();
    for _ in 0..AT_ONCE {
        let mut command = stage.command(&["test", "users", "--sign", "file:key.pem"]);
        running.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    }
    for mut child in running {
        ensure!(child.wait().await?.code() == Some(1), "no run was kept");
    }
    let called = verify(&stage, "users", true).await?.ended_with(0)?;
    ensure!(called.stdout.contains("renumbered or copied [7 runs]"), "{called:?}");
    Ok(())
}
