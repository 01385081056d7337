//! Big collections through the command line, from a simulator in this process into files,
//! with tests and without: how much memory the program takes, which must not depend on how
//! much there is, and how long it takes, with a signature and with all digests checked again, beside tools
//! that do nothing but fetch and compress.
//!
//! `cargo bench -p exhibit-tests --bench memory`

mod effort;
mod orientation;
mod peak;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use exhibit_simulator::{Simulator, World};

const PROGRAM: &str = env!("CARGO_BIN_EXE_exhibit-tested");
/// For the very first run, which compiles the plugin and keeps it for the others.
const FIRST_ASSETS: u64 = 1_000;
/// The second is what the bars are about; the first is what it is held against.
const ASSETS: [u64; 2] = [100_000, 1_000_000];
/// The most that the program may take, in MiB.
const BAR_MIB: f64 = 150.0;
/// By how much the second peak may lie from the first.
const BAR_GROWTH: f64 = 0.10;
/// What the plugin's suggested tests may add to the time of collecting.
const BAR_TESTING: f64 = 0.40;
/// How much longer it may take to collect, test, sign, and verify by digests than to fetch and compress.
const BAR_WHOLE: f64 = 1.6;
/// The simulated assets do not all pass.
const NOT_PASSED: i32 = 1;

const MIB: f64 = (1 << 20) as f64;

/// How long something took.
#[derive(Clone, Copy)]
struct Took {
    seconds: f64,
    /// Seconds of processors, the simulator's apart.
    effort: f64,
}

/// A collection that is over.
struct Collection {
    took: Took,
    /// MiB of memory.
    peak: f64,
    /// Bytes of the answers, decoded.
    bytes: u64,
}

/// The same assets, collected without tests and with them.
struct Measured {
    plain: Collection,
    /// Signed, too.
    tested: Collection,
    /// Checking all digests of that.
    verified: Took,
    /// Fetching and compressing the same, where there are tools that do.
    piped: Option<Took>,
}

#[tokio::main]
async fn main() -> Result<()> {
    let cache = tempfile::tempdir()?;
    println!("{:<28}{:>10}{:>10}{:>12}{:>9}{:>10}", "", "seconds", "of cpu", "rows/s", "MB/s", "peak MiB");
    let first = measure(FIRST_ASSETS, cache.path()).await?;
    let [few, many] = [measure(ASSETS[0], cache.path()).await?, measure(ASSETS[1], cache.path()).await?];

    println!();
    let all = [&first, &few, &many];
    let highest = all.into_iter().flat_map(|it| [it.plain.peak, it.tested.peak]).fold(0.0, f64::max);
    verdict(&format!("highest peak {highest:.1} MiB, bar {BAR_MIB} MiB"), highest < BAR_MIB);
    for (what, few, many) in [("", &few.plain, &many.plain), (", tested", &few.tested, &many.tested)] {
        let growth = many.peak / few.peak - 1.0;
        let (growth_said, bar) = (growth * 100.0, BAR_GROWTH * 100.0);
        let said = format!("{growth_said:+.1} % of memory with ten times the assets{what}, bar {bar:.0} %");
        verdict(&said, growth.abs() <= BAR_GROWTH);
    }
    let added = many.tested.took.seconds / many.plain.took.seconds - 1.0;
    let said = format!("testing adds {:.0} % to the time, bar {:.0} %", added * 100.0, BAR_TESTING * 100.0);
    verdict(&said, added <= BAR_TESTING);
    if let Some(piped) = many.piped {
        let of = |part: fn(&Took) -> f64| (part(&many.tested.took) + part(&many.verified)) / part(&piped);
        let (ratio, effort) = (of(|it| it.seconds), of(|it| it.effort));
        let said = format!(
            "collected, tested, signed and verified in {ratio:.2} of curl | zstd -3 ({effort:.2} of its \
             processor time), bar {BAR_WHOLE}"
        );
        verdict(&said, ratio <= BAR_WHOLE);
    }
    Ok(())
}

/// Collects that many assets, without tests and with them, then fetches the same without us.
async fn measure(assets: u64, cache: &Path) -> Result<Measured> {
    let simulator = Simulator::start(World { assets, ..World::default() }).await?;
    let (url, place, cache) = (simulator.url(), tempfile::tempdir()?, cache.to_owned());
    // Waits for other processes, which must not keep the simulator waiting.
    let (measured, piped) = tokio::task::spawn_blocking(move || {
        let key = place.path().join("key.pem");
        ended(Command::new(PROGRAM).args(["keys", "new", "--out"]).arg(&key))?;
        let plain = collect(&url, assets, None, &place.path().join("plain"), &cache)?;
        // Alone in its folder: a run is compared with runs of evidence beside it.
        let folder = place.path().join("alone/tested");
        let tested = collect(&url, assets, Some(&key), &folder, &cache)?;
        let public = key.with_extension("pem.pub");
        let mut verify = Command::new(PROGRAM);
        verify.args(["verify", "--digests", "--key"]).arg(public).arg(&folder);
        let ((), verified) = timed(|| ended(&mut verify))?;
        let piped = timed(|| orientation::pipe(&url, place.path()));
        let took = piped.as_ref().ok().map(|((), took)| *took);
        anyhow::Ok((Measured { plain, tested, verified, piped: took }, piped))
    })
    .await??;

    let line = |name: &str, took: Took, peak: &str| {
        let Took { seconds, effort } = took;
        let (rate, speed) = (assets as f64 / seconds, measured.plain.bytes as f64 / 1e6 / seconds);
        println!("{name:<28}{seconds:>10.2}{effort:>10.2}{rate:>12.0}{speed:>9.1}{peak:>10}");
    };
    let first = if assets == FIRST_ASSETS { ", first run" } else { "" };
    let Measured { plain, tested, verified, .. } = &measured;
    line(&format!("{assets} assets{first}"), plain.took, &format!("{:.1}", plain.peak));
    line("  the same, tested, signed", tested.took, &format!("{:.1}", tested.peak));
    line("  its digests, again", *verified, "");
    match piped {
        Ok(((), took)) => line("  the same, curl | zstd -3", took, ""),
        Err(why) => println!("  the same, curl | zstd -3    not measured: {why:#}"),
    }
    Ok(measured)
}

/// Does this with other processes, which it waits for.
fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<(T, Took)> {
    let (start, before) = (Instant::now(), effort::so_far()?);
    let done = work()?;
    Ok((done, Took { seconds: start.elapsed().as_secs_f64(), effort: effort::so_far()? - before }))
}

/// Runs a program that should end well, and says nothing that matters.
fn ended(program: &mut Command) -> Result<()> {
    let status = program.stdout(Stdio::null()).status()?;
    ensure!(status.success(), "{program:?}: {status}");
    Ok(())
}

/// Collects all assets into this folder, with tests where there is a key to sign with; compiled plugins
/// are kept in `cache`.
fn collect(url: &str, assets: u64, key: Option<&Path>, folder: &Path, cache: &Path) -> Result<Collection> {
    let World { username, password, .. } = World::default();
    let signed = key.map(|it| format!("file:{}", it.display()));
    let mut program = Command::new(PROGRAM);
    program
        .args(["collect", "assets", "--set", "platform=US2", "--origin", &format!("api={url}")])
        .args(["--secret", "username=env:BENCH_USERNAME", "--secret", "password=env:BENCH_PASSWORD"])
        .args(signed.iter().flat_map(|it| ["--test", "suggested", "--sign", it]))
        .arg("--out")
        .arg(folder)
        .env("XDG_CACHE_HOME", cache)
        .env("BENCH_USERNAME", username)
        .env("BENCH_PASSWORD", password)
        .stdout(Stdio::null());
    let code = if key.is_some() { NOT_PASSED } else { 0 };
    let (peak, took) = timed(|| {
        let mut program = program.spawn().context("exhibit does not start")?;
        peak::until_exit(&mut program, code)
    })?;
    let proof: serde_json::Value = serde_json::from_slice(&fs::read(folder.join("proof.json"))?)?;
    let count = |name: &str| proof["counts"][name].as_u64().context("a proof.json without its counts");
    ensure!(count("rows")? == assets, "{} rows of {assets}", count("rows")?);
    Ok(Collection { took, peak: peak as f64 / MIB, bytes: count("bytes")? })
}

fn verdict(what: &str, met: bool) {
    println!("{what}: {}", if met { "met" } else { "MISSED" });
}
