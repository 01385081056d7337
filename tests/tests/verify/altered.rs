//! Evidence that is not as it was.

use std::fs;

use anyhow::{Result, ensure};
use exhibit_simulator::World;

use crate::stage::Stage;
use crate::tree::files;
use crate::{without_digests, without_the_day};

/// Bytes of each file that are changed, spread over it. All of them would take hours.
const PLACES: usize = 5;

async fn stage() -> Result<Stage> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let further = ["--as-of", "2026-11-01", "--test", "suggested"];
    stage.collect("users", "users", &further).await?.ended_with(1)?;
    stage.exhibit(&["verify", "users"]).await?.ended_with(0)?;
    Ok(stage)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_of_any_file_is_noticed() -> Result<()> {
    let stage = stage().await?;
    for file in files(&stage.path("users"))? {
        // The file with all other digests is itself protected by a signature alone.
        if file.ends_with("proof.json") {
            continue;
        }
        let whole = fs::read(&file)?;
        for place in (0..PLACES).map(|it| it * (whole.len() - 1) / (PLACES - 1)) {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            let called = stage.exhibit(&["verify", "users"]).await?;
            ensure!(called.code == Some(1), "{}, byte {place}: {called:?}", file.display());
        }
        fs::write(&file, &whole)?;
    }
    stage.exhibit(&["verify", "users"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_missing_or_too_many_is_noticed() -> Result<()> {
    let stage = stage().await?;
    for file in files(&stage.path("users"))? {
        let aside = stage.path("aside");
        fs::rename(&file, &aside)?;
        let called = stage.exhibit(&["verify", "users"]).await?;
        // Without its proof it is no evidence at all.
        let code = if file.ends_with("proof.json") { 2 } else { 1 };
        ensure!(called.code == Some(code), "{}: {called:?}", file.display());
        fs::rename(&aside, &file)?;
    }
    for added in ["more.txt", "answers/000099.zst", "tests/0001/more.txt"] {
        fs::write(stage.path("users").join(added), "more")?;
        stage.exhibit(&["verify", "users"]).await?.ended_with(1)?;
        fs::remove_file(stage.path("users").join(added))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desktop_left_there_is_to_be_removed_and_the_rest_can_be_relied_on() -> Result<()> {
    let stage = stage().await?;
    for (left, program) in
        [(".DS_Store", "macOS"), ("answers/._000001.zst", "macOS"), ("Desktop.ini", "Windows")]
    {
        fs::write(stage.path("users").join(left), "left")?;
        let called = stage.exhibit(&["verify", "users", "--digests"]).await?.ended_with(1)?;
        let said = format!(
            "{left} was added: {program} leaves such files in folders that it shows or packs\n        \
             next: remove {left}, which is not part of it, and run `exhibit verify` again\n"
        );
        ensure!(called.stdout.contains(&said), "{called:?}");
        ensure!(
            called.stderr.contains("next: nothing else that was checked is wrong: remove what was added"),
            "{called:?}"
        );
        ensure!(!format!("{called:?}").contains("do not rely"), "{called:?}");
        fs::remove_file(stage.path("users").join(left))?;
        stage.exhibit(&["verify", "users", "--digests"]).await?.ended_with(0)?;
    }
    // What is altered weighs more than what was left beside it.
    fs::write(stage.path("users/.DS_Store"), "left")?;
    fs::write(stage.path("users/proof.csv"), "altered")?;
    let called = stage.exhibit(&["verify", "users", "--digests"]).await?.ended_with(1)?;
    ensure!(called.stdout.contains("proof.csv was altered") && called.stdout.contains(".DS_Store was added"));
    ensure!(called.stderr.contains("next: do not rely on this evidence"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_said_what_is_wrong() -> Result<()> {
    let stage = stage().await?;
    let altered = stage.kept("users").text("rows.ndjson.zst")?.replacen("\"Active\"", "\"Actuve\"", 1);
    fs::write(stage.path("users/rows.ndjson.zst"), zstd::encode_all(altered.as_bytes(), 3)?)?;
    let called = stage.exhibit(&["verify", "users"]).await?.ended_with(1)?;
    let said = without_digests(&called.stdout).replace(&stage.source.url(), "http://source");
    let said = without_the_day(&said);
    insta::assert_snapshot!(said, @"
    ✘ not verified: 4 of 11 checks failed (files, table, replay, tests)
    warning: ages and what is overdue are as of 2026-11-01T00:00:00Z, and the source was asked on …
    warning: the answers are of http://source, and not of https://qualysapi.qg2.apps.qualys.com, which the settings stand for

    ✔ pass  proof: proof.json says what was collected, and how [users, 3 rows, as of 2026-11-01T00:00:00Z]
    ? skip  signature: a trusted key signed it
            not signed: anyone with write access could replace it
    ✘ fail  files: every file is as it was written, and none was added
            rows.ndjson.zst was altered: … was written, and it is …
            next: do not rely on it: take it from where it was kept, or collect it again
    ✔ pass  runs: no run of tests was removed, swapped, renumbered or copied [1 run]
    ? skip  run signature: a trusted key signed the run of tests (run 1)
            not signed: anyone with write access could replace it
    ✔ pass  answers: every answer is as the source gave it [1 answer]
    ✘ fail  table: proof.csv shows what the rows say
            proof.csv does not show what the rows say
            next: do not rely on it: take it from where it was kept, or collect it again
    ✔ pass  record: proof.json says what follows from the answers and the rows [as stated: account, host version, beginning, settings that no request shows, headers of answers, requests, retries, waits, expiry, interruptions, the address of the source's page]
    ✔ pass  plugin: the plugin that collected it is trusted [qualys 0.1.0 (…)]
    ✘ fail  replay: the answers give the rows, byte for byte
            row 1: it differs in status
            next: do not rely on it: take it from where it was kept, or collect it again
    ✘ fail  tests: the tests give the same results again (run 1)
            rows.ndjson.zst was altered since it was collected: proof.json has …, and it is …
            next: do not rely on it: take it from where it was kept, or collect it again
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_other_rows_or_of_files_from_elsewhere_is_noticed() -> Result<()> {
    let stage = stage().await?;
    // Neither is signed, so only what follows from the evidence itself can tell.
    stage.exhibit(&["test", "users"]).await?;
    stage.exhibit(&["verify", "users"]).await?.ended_with(0)?;
    let file = stage.path("users/tests/0002/run.json");
    let whole = fs::read_to_string(&file)?;
    let run: serde_json::Value = serde_json::from_str(&whole)?;
    let rows = run["rows"].as_str().unwrap_or_default();
    fs::write(&file, whole.replacen(rows, &format!("sha256:{}", "0".repeat(64)), 1))?;
    let called = stage.exhibit(&["verify", "users"]).await?.ended_with(1)?;
    ensure!(called.stdout.contains("it is about other evidence, or about other rows"), "{called:?}");

    fs::write(stage.path("elsewhere"), "")?;
    fs::write(&file, whole.replacen("\"findings.csv\"", "\"../../../elsewhere\"", 1))?;
    let called = stage.exhibit(&["verify", "users"]).await?.ended_with(1)?;
    ensure!(
        called.stdout.contains("tests/0002/../../../elsewhere is no file that evidence has"),
        "{called:?}"
    );
    Ok(())
}

/// A file that is there and cannot be read: the system answers with EIO.
#[cfg(target_os = "linux")]
const UNREADABLE: &str = "/proc/self/mem";

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn what_this_machine_cannot_read_is_not_taken_for_altered() -> Result<()> {
    let stage = stage().await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let init = ["evidence", "init", "store", "--name", "example.com/evidence", "--sign", "file:key.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    let link = |path: &str| -> Result<()> {
        let path = stage.path(path);
        if path.exists() {
            fs::remove_file(&path)?;
        }
        Ok(std::os::unix::fs::symlink(UNREADABLE, &path)?)
    };
    for (file, evidence) in [
        ("bundle.exhibit.tar", "bundle.exhibit.tar"),
        ("users/proof.json", "users"),
        ("store/log/checkpoint", "store"),
    ] {
        link(file)?;
        let called = stage.exhibit(&["verify", evidence]).await?.ended_with(2)?;
        ensure!(called.stderr.contains("Input/output error"), "{file}: {called:?}");
        let said = called.stdout.clone() + &called.stderr;
        ensure!(!said.contains("altered") && !said.contains("do not rely"), "{file}: {called:?}");
    }
    Ok(())
}
