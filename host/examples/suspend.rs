//! Collects a proof without holding a process through the source's long waits: called again after the instant that it
//! prints, with the same arguments, it resumes.
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use exhibit::clock::{Clock, FixedClock, SystemClock};
use exhibit::collect::Connection;
use exhibit::contract::settings;
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{self, CollectOptions, Destination, Progress, Silent};

/// A longer wait than this one ends the process.
const HOLD: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plugin, origin, proof, out, now @ ..] = &arguments[..] else {
        anyhow::bail!("PLUGIN ORIGIN TYPE OUT [MILLISECONDS SINCE 1970]")
    };
    let clock: Arc<dyn Clock> = match now.first() {
        Some(now) => Arc::new(FixedClock(now.parse()?)),
        None => Arc::new(SystemClock),
    };
    let plugin = Plugin::load(&Engine::new()?, &std::fs::read(plugin)?, None).await?;
    let connection = Connection::builder(plugin.clone())
        .settings(settings::typical(&plugin.manifest().settings, [])?)
        .origin("api", origin)
        .secret("username", "env:API_USERNAME".parse()?)
        .secret("password", "env:API_PASSWORD".parse()?)
        .clock(Arc::clone(&clock))
        .build()
        .await?;
    let mut options = CollectOptions::default();
    options.hold = Some(HOLD);
    let out = Destination::Folder(Path::new(out));
    match run::collect(&connection, proof, out, &options, &*clock, &Silent).await? {
        Progress::Done(collected) => println!("collected {} rows", collected.proof.rows),
        Progress::Suspended(it) => println!("suspended until {}: {}", it.until, it.reason),
    }
    Ok(())
}
