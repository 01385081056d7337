//! A million detections on fifty thousand hosts through the command line, with their titles, from a simulator in this
//! process into files, without their results and with them, some of which are of a megabyte: how much memory the
//! program takes, which must not depend on how many there are.
//!
//! `cargo bench -p exhibit-tests --bench detections`

#[path = "../memory/peak.rs"]
mod peak;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use exhibit_simulator::{Simulator, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_exhibit-tested");
/// For the very first run, which compiles the plugin and keeps it for the others.
const FIRST_HOSTS: u64 = 100;
/// The second is what the bar is about; the first is what it is compared with.
const HOSTS: [u64; 2] = [5_000, 50_000];
/// Of each host.
const DETECTIONS: u64 = 20;
/// Of so many detections, one has results of a megabyte.
const LONG_RESULTS: u64 = 20_000;
/// The most that the program may take, in MiB.
const BAR_MIB: f64 = 150.0;
/// By how much the second peak may lie from the first.
const BAR_GROWTH: f64 = 0.10;

const MIB: f64 = (1 << 20) as f64;

#[tokio::main]
async fn main() -> Result<()> {
    let cache = tempfile::tempdir()?;
    println!("{:<44}{:>10}{:>12}{:>10}{:>10}", "", "seconds", "rows/s", "requests", "peak MiB");
    measure(FIRST_HOSTS, "no", cache.path()).await?;
    for results in ["no", "yes"] {
        let few = measure(HOSTS[0], results, cache.path()).await?;
        let many = measure(HOSTS[1], results, cache.path()).await?;
        let highest = few.max(many);
        verdict(
            &format!("results {results}: highest peak {highest:.1} MiB, bar {BAR_MIB} MiB"),
            highest < BAR_MIB,
        );
        let growth = many / few - 1.0;
        let said = format!(
            "results {results}: {:+.1} % of memory with ten times the detections, bar {:.0} %",
            growth * 100.0,
            BAR_GROWTH * 100.0
        );
        verdict(&said, growth <= BAR_GROWTH);
    }
    Ok(())
}

/// Collects the detections of so many hosts. The peak, in MiB.
async fn measure(hosts: u64, results: &'static str, cache: &Path) -> Result<f64> {
    let world = World {
        assets: hosts,
        detections: DETECTIONS,
        long_results: LONG_RESULTS,
        rate_limit: u32::MAX,
        ..World::default()
    };
    let simulator = Simulator::start(world).await?;
    let (url, place, cache) = (simulator.url(), tempfile::tempdir()?, cache.to_owned());
    let start = Instant::now();
    // Waits for another process, which must not keep the simulator waiting.
    let peak = tokio::task::spawn_blocking(move || {
        let folder = place.path().join("out");
        let peak = collect(&url, results, &folder, &cache)?;
        let proof: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("proof.json"))?)?;
        let rows = proof["counts"]["rows"].as_u64().context("a proof.json without its counts")?;
        ensure!(rows == hosts * DETECTIONS, "{rows} rows of {}", hosts * DETECTIONS);
        anyhow::Ok(peak)
    })
    .await??;
    let seconds = start.elapsed().as_secs_f64();
    let (rows, peak) = (hosts * DETECTIONS, peak as f64 / MIB);
    let what = format!("{rows} detections, results {results}");
    let requests = simulator.requests().len();
    println!("{what:<44}{seconds:>10.2}{:>12.0}{requests:>10}{peak:>10.1}", rows as f64 / seconds);
    Ok(peak)
}

/// Collects all detections into this folder; compiled plugins are kept in `cache`. The peak, in bytes.
fn collect(url: &str, results: &str, folder: &Path, cache: &Path) -> Result<u64> {
    let World { username, password, .. } = World::default();
    let mut program = Command::new(PROGRAM);
    program
        .args(["collect", "detections", "--set", "platform=US2", "--origin", &format!("api={url}")])
        .args(["--with", "status=New,Active,Re-Opened,Fixed", "--with", &format!("results={results}")])
        .args(["--secret", "username=env:BENCH_USERNAME", "--secret", "password=env:BENCH_PASSWORD"])
        .arg("--out")
        .arg(folder)
        .env("XDG_CACHE_HOME", cache)
        .env("BENCH_USERNAME", username)
        .env("BENCH_PASSWORD", password)
        .stdout(Stdio::null());
    let mut program = program.spawn().context("exhibit does not start")?;
    peak::until_exit(&mut program, 0)
}

fn verdict(what: &str, met: bool) {
    println!("{what}: {}", if met { "met" } else { "MISSED" });
}
