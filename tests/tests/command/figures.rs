//! What a collection of a hundred thousand hosts takes.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use tokio::process::Command;

use crate::composed::compose;
use crate::high_water;
use crate::runtime::{COMMAND, Runtime, ran};

const ASSETS: u64 = 100_000;
/// The runtime, its compiler included, and all that the component holds.
const MOST_BYTES: u64 = 120 << 20;
/// The kernel keeps the peak itself, so only what happens in the very last of these is missed.
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);
/// Ten times what it takes on two cores.
const PATIENCE: Duration = Duration::from_secs(100);

/// Runs it to its end, into a file. The most that it had in memory at once, in bytes.
async fn peak(mut command: Command, into: &Path) -> Result<u64> {
    let began = Instant::now();
    command.stdout(std::fs::File::create(into)?).stderr(std::process::Stdio::null());
    let mut child = command.spawn()?;
    let process = child.id().context("a running process")?;
    let mut peak = None;
    while began.elapsed() < PATIENCE {
        if let Some(ended) = child.try_wait()? {
            ensure!(ended.success(), "it ended with {ended}");
            return peak.context("there is no /proc");
        }
        peak = high_water::of_child(process).max(peak);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
    child.kill().await?;
    anyhow::bail!("it does not end")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_hosts_fit_into_little_memory() -> Result<()> {
    let world = World { assets: ASSETS, rate_limit: 1_000, ..World::default() };
    let Some(runtime) = Runtime::new(world).await? else { return Ok(()) };
    runtime.stage.collect("assets", "out", &[]).await?.ended_with(0)?;
    let rows = runtime.stage.kept("out").text("rows.ndjson.zst")?;
    assert_eq!(rows.lines().count() as u64, ASSETS);
    let (file, variables) = compose(&runtime)?;
    // Compiled code comes out of the runtime's cache, as at every run but the first: how much memory a
    // compiler takes goes with the number of cores.
    for component in [Path::new(COMMAND), &file] {
        ran(runtime.command(component, &[], &["types"])).await?.ended_with(0)?;
    }
    let collecting = |component: &Path, variables: &[(&str, &str)], further: &[&str]| {
        let all = runtime.collecting(&[&["assets"], further].concat());
        let all: Vec<&str> = all.iter().map(String::as_str).collect();
        runtime.command(component, variables, &all)
    };
    let into = runtime.stage.path("rows.ndjson");
    for (name, command) in [
        ("alone", collecting(Path::new(COMMAND), &runtime.login(), &[])),
        ("signed", collecting(&file, &variables, &["--signer"])),
    ] {
        let began = Instant::now();
        let peak = peak(command, &into).await?;
        println!("{name}: {:.1} s, {} MiB at the most", began.elapsed().as_secs_f64(), peak >> 20);
        ensure!(std::fs::read_to_string(&into)? == rows, "{name}: the rows are not the host's");
        ensure!(peak < MOST_BYTES, "{name}: {peak} bytes at the most");
    }
    Ok(())
}
