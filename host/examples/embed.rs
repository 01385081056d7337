//! Collects a proof, tests it and reads its rows, as a platform that embeds the library does.
use std::path::Path;

use anyhow::{Context as _, Result};
use exhibit::clock::SystemClock;
use exhibit::collect::Connection;
use exhibit::contract::settings;
use exhibit::evidence::read;
use exhibit::plugin::{Engine, Plugin};
use exhibit::run::{self, CollectOptions, Destination, Silent};
use exhibit::testing::file::{Source, Suite};

/// Gives how many tests failed, and how many rows there are.
async fn embed(plugin: &[u8], origin: &str, proof: &str, out: &Path) -> Result<(usize, usize)> {
    let plugin = Plugin::load(&Engine::new()?, plugin, None).await?;
    let manifest = plugin.manifest();
    let connection = Connection::builder(plugin.clone())
        .settings(settings::typical(&manifest.settings, [])?)
        .origin("api", origin)
        .secret("username", "env:API_USERNAME".parse()?)
        .secret("password", "env:API_PASSWORD".parse()?)
        .build()
        .await?;
    let suite = Suite::gather(&[Source::Suggested], manifest.proof_type(proof).context("a proof type")?)?;
    let mut options = CollectOptions::default();
    options.suite = Some(&suite);
    let to = Destination::Folder(out);
    let ended = run::collect(&connection, proof, to, &options, &SystemClock, &Silent).await?;
    let collected = ended.done().context("the source wants to be left alone for a while")?;
    let tested = collected.tests.context("tests were given")??;
    let rows = read::rows(&collected.folder, &collected.proof)?.collect::<Result<Vec<_>, _>>()?;
    Ok((tested.run.tests.iter().filter(|test| test.outcome.faults()).count(), rows.len()))
}
#[tokio::main]
async fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [plugin, origin, proof, out] = &arguments[..] else { anyhow::bail!("PLUGIN ORIGIN TYPE OUT") };
    println!("{:?}", embed(&std::fs::read(plugin)?, origin, proof, Path::new(out)).await?);
    Ok(())
}
