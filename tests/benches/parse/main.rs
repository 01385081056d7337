//! The plugin's parse-and-map of a big list of assets, rows handed to the host: against
//! the same code without a sandbox, and against what others would parse it with.
//!
//! `cargo bench -p exhibit-tests --bench parse`

mod answer;
mod native;
mod peers;
mod sandboxed;
mod series;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::peers::Peer;
use self::series::Series;

/// Enough for 100 MB.
const ASSETS: u64 = 100_000;
/// Rounds of the plugin and of the same code native.
const ROUNDS: usize = 9;
/// Rounds in which the others take part, too: they take longer, and vary less.
const ROUNDS_OF_PEERS: usize = 3;

/// What the plugin is fed at a time, as by a collection.
const CHUNK_BYTES: usize = 64 << 10;
/// 2026-11-01T00:00:00Z.
const AS_OF: i64 = 1_793_491_200_000;
/// Any of the plugin's platforms: nothing is sent there.
const PLATFORM: &str = "US2";

/// How fast the plugin must be, as a multiple of the same code native.
const BAR_OF_NATIVE: f64 = 0.5;

#[tokio::main]
async fn main() -> Result<()> {
    let target = target_dir()?;
    let file = target.join("bench-answer.xml");
    let answer = answer::make(ASSETS, &file).await?;
    let plugin = sandboxed::load(&target).await?;
    let mut peers = peers::all(&target.join("bench-peers"));

    let (mut wasm, mut native) = (Series::default(), Series::default());
    for round in 0..=ROUNDS {
        let (w, n) = (sandboxed::read(&plugin, &answer).await?, native::read(&answer)?);
        ensure!(w.rows == ASSETS && n.rows == ASSETS, "{} and {} rows of {ASSETS}", w.rows, n.rows);
        if round == 0 {
            // Warms the caches, and the pages of the answer.
            continue;
        }
        if round <= ROUNDS_OF_PEERS {
            for peer in &mut peers {
                peer.read(&file, ASSETS, w.seconds)?;
            }
        }
        wasm.push(w.seconds);
        native.push(n.seconds);
    }
    report(answer.len(), &wasm, &native, &peers);
    Ok(())
}

fn report(bytes: usize, wasm: &Series, native: &Series, peers: &[Peer]) {
    let megabytes = bytes as f64 / 1e6;
    println!(
        "\n{ASSETS} assets in one answer of {megabytes:.0} MB, fed in chunks of {} KiB",
        CHUNK_BYTES >> 10
    );
    println!("\n{:<32}{:>9}{:>9}{:>9}{:>9}{:>12}", "", "median", "min", "max", "MB/s", "rows/s");
    let line = |name: &str, series: &Series| {
        let median = series.median();
        println!(
            "{name:<32}{median:>7.3} s{:>7.3} s{:>7.3} s{:>9.1}{:>12.0}",
            series.min(),
            series.max(),
            megabytes / median,
            ASSETS as f64 / median
        );
    };
    line("plugin, rows in the host", wasm);
    line("the same code, native", native);
    for peer in peers {
        match &peer.command {
            Err(why) => println!("{:<32}not measured: {why}", peer.name),
            Ok(_) => line(peer.name, &peer.seconds),
        }
    }

    println!("\n{:<32}{:>9}{:>18}{:>9}", "how many times as fast", "median", "min to max", "bar");
    verdict("the same code, native", &native.over(wasm), BAR_OF_NATIVE);
    for peer in peers.iter().filter(|it| it.command.is_ok()) {
        verdict(peer.name, &peer.ratios, peer.bar);
    }
}

fn verdict(name: &str, ratios: &Series, bar: f64) {
    let (median, range) = (ratios.median(), format!("{:.2} to {:.2}", ratios.min(), ratios.max()));
    let word = if median >= bar { "met" } else { "MISSED" };
    println!("{name:<32}{median:>9.2}{range:>18}{bar:>9.1}  {word}");
}

/// Where cargo puts what it builds: this program is in it.
fn target_dir() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let found = program.ancestors().find(|it| it.join("CACHEDIR.TAG").is_file());
    found.map(Path::to_owned).context("this program is in no target directory: start it with `cargo bench`")
}
