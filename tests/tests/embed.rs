//! `host/examples/embed.rs`, the library in a program of one's own: it collects, tests and reads rows.

use std::time::Duration;

use anyhow::{Result, ensure};
use exhibit_simulator::{Simulator, World};
use tokio::process::Command;
use tokio::time::timeout;

/// It compiles the plugin first.
const PATIENCE: Duration = Duration::from_secs(120);

#[tokio::test(flavor = "multi_thread")]
async fn the_example_collects_tests_and_reads_rows() -> Result<()> {
    let world = World { users: 7, ..World::default() };
    let login = (world.username.clone(), world.password.clone());
    let source = Simulator::start(world).await?;
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("users");
    let mut example = Command::new(env!("CARGO_BIN_EXE_exhibit-embed"));
    example
        .args([env!("QUALYS_PLUGIN"), &source.url(), "users"])
        .arg(&out)
        .env("API_USERNAME", login.0)
        .env("API_PASSWORD", login.1)
        .kill_on_drop(true);
    let output = timeout(PATIENCE, example.output()).await??;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.success(), "{stdout}{stderr}");
    ensure!(stdout.trim_end().ends_with(", 7)"), "seven users: {stdout}");
    ensure!(out.join("tests/0001/run.json").is_file(), "the run of tests is kept");
    source.stop().await;
    Ok(())
}
