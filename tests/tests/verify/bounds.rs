//! Evidence that would take all memory, or all time: it is refused soon, and by name.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;

#[cfg(target_os = "linux")]
use crate::high_water;
use crate::stage::Stage;

/// The most that the program may take, as in collecting.
const MOST_BYTES: u64 = 150 << 20;
/// Far more than any of these takes.
const PATIENCE: Duration = Duration::from_secs(30);
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// A text of 62 MB: it took 2.9 GB.
const MUCH: usize = 62_000_000;
/// Less than the bound for bytes.
const LESS: usize = 15_000_000;

/// Evidence `users` with its tests.
async fn collected() -> Result<Stage> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let further = ["--as-of", "2026-11-01", "--test", "suggested"];
    stage.collect("users", "users", &further).await?.ended_with(1)?;
    Ok(stage)
}

/// So many bytes of this, again and again, between what comes before and after in the text, at the first place of `at`.
fn filled(text: &str, at: &str, piece: &str, bytes: usize) -> Result<String> {
    let place = text.find(at).with_context(|| format!("no {at}"))? + at.len();
    let (before, after) = text.split_at(place);
    Ok(format!("{before}{}{after}", piece.repeat(bytes / piece.len())))
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn records_that_would_take_all_memory_are_refused() -> Result<()> {
    let stage = collected().await?;
    let cases = [
        ("proof.json", "\"notes\": [", "\"\","),
        ("proof.json", "\"settings\": [", "{\"name\":\"a\",\"kind\":null,\"value\":[{\"\":0}]},"),
        ("tests/0001/run.json", "\"controls\": [", "\"\","),
        ("answers/index.ndjson", "\"query\":[", "[\"\",\"\"],"),
        ("answers/index.ndjson", "\"query\":[", "[\"                                        \",\"\"],"),
        ("proof.json", "\"host\": \"", "a"),
    ];
    for (file, at, piece) in cases {
        let path = stage.path("users").join(file);
        let original = fs::read_to_string(&path)?;
        for bytes in [MUCH, LESS] {
            fs::write(&path, filled(&original, at, piece, bytes)?)?;
            for command in
                [&["verify", "users", "--digests"][..], &["verify", "users"], &["test", "users", "--what-if"]]
            {
                let began = Instant::now();
                let (code, peak) = peak(stage.command(command)).await?;
                let took = began.elapsed();
                let what =
                    format!("{file} with {bytes} bytes of {piece}: {command:?}, {peak} bytes, {took:?}");
                ensure!(peak < MOST_BYTES && took < PATIENCE, "{what}");
                // One long text is within the bounds, and says what the collector states.
                let is_refused = bytes == MUCH || piece != "a";
                let codes = if is_refused { 1..=2 } else { 0..=1 };
                ensure!(code.is_some_and(|it| codes.contains(&it)), "{what}: {code:?}");
            }
        }
        fs::write(&path, original)?;
    }
    stage.exhibit(&["verify", "users"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_is_named_with_its_bound() -> Result<()> {
    let stage = collected().await?;
    let said = async |file: &str, at: &str, piece: &str, bytes| {
        let path = stage.path("users").join(file);
        let original = fs::read_to_string(&path)?;
        fs::write(&path, filled(&original, at, piece, bytes)?)?;
        let called = stage.exhibit(&["verify", "users", "--digests"]).await?.ended_with(1)?;
        fs::write(&path, original)?;
        let line = called.stdout.lines().find(|it| it.contains("which no such"));
        anyhow::Ok(line.with_context(|| called.stdout.clone())?.trim().to_owned())
    };
    let all = [
        said("proof.json", "\"host\": \"", "a", MUCH).await?,
        said("proof.json", "\"notes\": [", "\"\",", LESS).await?,
        said("answers/index.ndjson", "\"query\":[", "[\"\",\"\"],", LESS).await?,
    ];
    insta::assert_snapshot!(all.join("\n"), @"
    users/proof.json: it has more than 16777216 bytes, which no such file has
    users/proof.json: it has more than 250000 values, which no such record has
    answers/index.ndjson: answers/index.ndjson, line 1: it has more than 20000 values, which no such record has
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_takes_longer_than_it_may_leaves_it_unchecked() -> Result<()> {
    let stage = collected().await?;
    let called = stage.exhibit(&["verify", "users", "--max-plugin-time", "0"]).await?.ended_with(1)?;
    let first = called.stdout.lines().next().context("a verdict")?;
    ensure!(
        first.starts_with("? not verified: what is required could not be checked (replay, tests)"),
        "{}",
        called.stdout
    );
    let said = "the plugin's calls together took longer than 0s, which is all that they may take";
    ensure!(called.stdout.contains(said), "{}", called.stdout);
    ensure!(called.stdout.contains("allow it more time with --max-plugin-time SECONDS"), "{}", called.stdout);
    stage.exhibit(&["verify", "users", "--max-plugin-time", "600"]).await?.ended_with(0)?;

    let called = stage.exhibit(&["test", "users", "--max-plugin-time", "0"]).await?.ended_with(3)?;
    ensure!(called.stderr.contains(said) && called.stderr.contains("--max-plugin-time"), "{}", called.stderr);
    Ok(())
}

/// The exit code of a command, and the most that it had in memory.
#[cfg(target_os = "linux")]
async fn peak(mut command: tokio::process::Command) -> Result<(Option<i32>, u64)> {
    let (out, error) = (std::process::Stdio::null(), std::process::Stdio::null());
    let mut running = command.stdout(out).stderr(error).spawn()?;
    let process = running.id().context("a process")?;
    ensure!(std::path::Path::new("/proc/self/status").exists(), "there is no /proc");
    // What ends between two looks has taken little.
    let mut peak = 0;
    loop {
        if let Some(ended) = running.try_wait()? {
            return Ok((ended.code(), peak));
        }
        peak = high_water::of_child(process).unwrap_or(0).max(peak);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
