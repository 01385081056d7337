//! The plugin's parse-and-map of a big list of assets, rows handed to the host: against
//! the same code without a sandbox, and against what others would parse it with.
//!
//! `cargo bench -p exhibit-tests --bench parse`

mod answer;
mod baselines;
mod native;
mod process;
mod sandboxed;
mod series;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use self::baselines::Baseline;
use self::series::Series;

/// Enough for 100 MB.
const ASSETS: u64 = 100_000;
/// Rounds of the plugin and of the same code native.
const ROUNDS: usize = 9;
/// Rounds in which the others take part, too: they take longer, and vary less.
const ROUNDS_OF_OTHERS: usize = 3;

#[tokio::main]
async fn main() -> Result<()> {
    let target = target_dir()?;
    let file = target.join("bench-answer.xml");
    let answer = answer::make(ASSETS, &file).await?;
    let plugin = sandboxed::load(&target).await?;
    let place = target.join("bench-native");
    let mut native = baselines::native(native::build(&place), &place);
    let mut others = baselines::others(&target.join("bench-baselines"));

    // Warms the caches up, and the pages of the answer.
    sandboxed::read(&plugin, &answer).await?;
    let mut seconds = Series::default();
    for round in 0..ROUNDS {
        let reading = sandboxed::read(&plugin, &answer).await?;
        ensure!(reading.rows == ASSETS, "the plugin found {} rows of {ASSETS}", reading.rows);
        seconds.push(reading.seconds);
        native.read(&file, ASSETS, reading.seconds)?;
        if round < ROUNDS_OF_OTHERS {
            for other in &mut others {
                other.read(&file, ASSETS, reading.seconds)?;
            }
        }
    }
    let baselines: Vec<Baseline> = [native].into_iter().chain(others).collect();
    report(answer.len(), &seconds, &baselines);
    Ok(())
}

fn report(bytes: usize, plugin: &Series, baselines: &[Baseline]) {
    let megabytes = bytes as f64 / 1e6;
    println!("\n{ASSETS} assets in one answer of {megabytes:.0} MB");
    println!("\n{:<30}{:>9}{:>9}{:>9}{:>9}{:>10}", "seconds", "median", "min", "max", "MB/s", "rows/s");
    let line = |name: &str, series: &Series| {
        let (median, min, max) = (series.median(), series.min(), series.max());
        let (speed, rate) = (megabytes / median, ASSETS as f64 / median);
        println!("{name:<30}{median:>9.3}{min:>9.3}{max:>9.3}{speed:>9.1}{rate:>10.0}");
    };
    line("the plugin, rows in the host", plugin);
    for baseline in baselines {
        match &baseline.command {
            Ok(_) => line(baseline.name, &baseline.seconds),
            Err(why) => println!("{:<30}not measured: {why}", baseline.name),
        }
    }

    println!("\n{:<30}{:>9}{:>9}{:>9}{:>9}", "times as fast as", "median", "min", "max", "bar");
    for baseline in baselines.iter().filter(|it| it.command.is_ok()) {
        let Baseline { name, bar, ratios, .. } = baseline;
        let (median, min, max) = (ratios.median(), ratios.min(), ratios.max());
        let verdict = if median >= *bar { "met" } else { "MISSED" };
        println!("{name:<30}{median:>9.2}{min:>9.2}{max:>9.2}{bar:>9.1}  {verdict}");
    }
}

/// Where cargo puts what it builds: this program is in it.
fn target_dir() -> Result<PathBuf> {
    let program = std::env::current_exe()?;
    let found = program.ancestors().find(|it| it.join("CACHEDIR.TAG").is_file());
    found.map(Path::to_owned).context("this program is in no target directory: start it with `cargo bench`")
}
