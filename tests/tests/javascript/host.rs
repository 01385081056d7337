//! A host in JavaScript, on the plugin as it is built.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use exhibit_simulator::{Fault, Rule, Simulator, World};
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::npm::{installed, script, source};
use crate::process::{ended, exhibit};

/// Far more than a collection of a few records takes.
pub(crate) const PATIENCE: Duration = Duration::from_secs(120);
const AS_OF: &str = "2026-11-01";

/// The host's folder with the plugin in it, made to run on Node; `None` where the caller's test is
/// skipped.
pub(crate) async fn folder() -> Result<Option<&'static Path>> {
    static READY: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    let ready = READY.get_or_try_init(async || {
        let Some(folder) = installed("host").await? else { return Ok(None) };
        let mut transpile = script(&folder, "transpile.mjs");
        transpile.args([env!("QUALYS_PLUGIN"), "plugin"]);
        ended(transpile, PATIENCE).await?.with(0)?;
        anyhow::Ok(Some(folder))
    });
    Ok(ready.await?.as_deref())
}

fn collecting(folder: &Path, source: &Simulator, world: &World, proof: &str) -> Command {
    let mut command = script(folder, "collect.mjs");
    command
        .args([proof, "--origin", &source.url(), "--set", "platform=US2", "--as-of", AS_OF])
        .env("EXHIBIT_USERNAME", &world.username)
        .env("EXHIBIT_PASSWORD", &world.password);
    command
}

/// The rows that `exhibit collect` keeps.
async fn kept(source: &Simulator, world: &World, proof: &str) -> Result<String> {
    let folder = tempfile::tempdir()?;
    let (origin, gateway) = (format!("api={}", source.url()), format!("gateway={}", source.url()));
    let mut command = exhibit(&["collect", proof, "--set", "platform=US2", "--as-of", AS_OF]);
    command
        .args(["--origin", &gateway])
        .args(["--origin", &origin, "--secret", "username=env:U", "--secret", "password=env:P", "--out"])
        .arg(folder.path().join("out"))
        .env("U", &world.username)
        .env("P", &world.password);
    ended(command, PATIENCE).await?.with(0)?;
    let rows = std::fs::read(folder.path().join("out/rows.ndjson.zst")).context("the rows")?;
    Ok(String::from_utf8(zstd::decode_all(&rows[..])?)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn its_rows_are_those_of_the_command() -> Result<()> {
    let Some(folder) = folder().await? else { return Ok(()) };
    let world = World { users: 40, assets: 1_500, tickets: 100, certificates: 250, ..World::default() };
    let source = Simulator::start(world.clone()).await?;
    for (proof, rows) in [("users", 40), ("assets", 1_500), ("tickets", 100), ("certificates", 250)] {
        let collected = ended(collecting(folder, &source, &world, proof), PATIENCE).await?.with(0)?.stdout;
        assert_eq!(collected.lines().count(), rows, "{proof}");
        assert!(collected == kept(&source, &world, proof).await?, "{proof}: other rows than the command's");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_the_plugin_says() -> Result<()> {
    let Some(folder) = folder().await? else { return Ok(()) };
    let world = World::default();
    let source = Simulator::start(world.clone()).await?;
    let wrong = World { password: "wrong".to_owned(), ..world };
    let refused = ended(collecting(folder, &source, &wrong, "users"), PATIENCE).await?.with(1)?;
    assert!(
        refused.stderr.starts_with("Qualys rejected the user name or the password"),
        "{}",
        refused.stderr
    );
    assert_eq!(refused.stdout, "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_and_asks_again() -> Result<()> {
    let Some(folder) = folder().await? else { return Ok(()) };
    let world = World { users: 40, ..World::default() };
    let source = Simulator::start(world.clone()).await?;
    let rows = kept(&source, &world, "users").await?;
    for fault in [Fault::ResetAt(3_000), Fault::RateLimited { seconds: 1, header: true }] {
        let before = source.requests().len();
        source.faults().set([Rule::once(fault)]);
        let collected = ended(collecting(folder, &source, &world, "users"), PATIENCE).await?.with(0)?;
        assert!(collected.stdout == rows, "{}", collected.stderr);
        assert_eq!(source.requests().len() - before, 2);
    }
    Ok(())
}

/// Two testers that were written apart come to the same, whatever is asked of whatever.
#[tokio::test(flavor = "multi_thread")]
async fn its_tester_and_the_plugin_s_agree() -> Result<()> {
    let Some(folder) = folder().await? else { return Ok(()) };
    let mut compare = script(folder, "compare.mjs");
    compare.arg("plugin").arg(source("plugin").join("src/tester"));
    let compared = ended(compare, PATIENCE).await?.with(0)?.stdout;
    let counts: Vec<u32> = compared.split(' ').filter_map(|it| it.parse().ok()).collect();
    assert!(matches!(counts[..], [all, refused] if all - refused > 1_000), "{compared}");
    Ok(())
}
