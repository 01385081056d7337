//! `exhibit keys`, from end to end.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

/// No call of a test takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(120);

/// What a program wrote, or why it did not run to a good end.
async fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .map_err(|_| format!("{} takes too long", program.display()))?
        .map_err(|error| format!("{} does not run: {error}", program.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

async fn exhibit(arguments: &[&str]) -> Result<String, String> {
    run(Path::new(env!("CARGO_BIN_EXE_exhibit-tested")), arguments).await
}

/// A folder with a new key in it, and the key's path.
async fn keyed() -> Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("key");
    exhibit(&["keys", "new", "--out", &key.display().to_string()]).await.map_err(anyhow::Error::msg)?;
    Ok((folder, key))
}

#[tokio::test]
async fn both_halves_of_a_key_show_the_same_public_key_and_neither_is_overwritten() -> Result<()> {
    let (_folder, key) = keyed().await?;
    let (private, public) = (key.display().to_string(), format!("{}.pub", key.display()));
    let shown = exhibit(&["keys", "show", &private]).await.map_err(anyhow::Error::msg)?;
    ensure!(Ok(&shown) == exhibit(&["keys", "show", &public]).await.as_ref(), "{shown}");
    ensure!(shown.ends_with(&fs::read_to_string(&public)?), "{shown}");
    ensure!(!shown.contains("PRIVATE"), "{shown}");

    let json = exhibit(&["keys", "show", &public, "--json"]).await.map_err(anyhow::Error::msg)?;
    let id = serde_json::from_str::<Json>(&json)?["id"].as_str().context("an id")?.to_owned();
    ensure!(shown.starts_with(&format!("# key {id}\n")), "{shown}");

    let before = fs::read(&key)?;
    let again = exhibit(&["keys", "new", "--out", &private]).await.expect_err("it is there");
    ensure!(again.contains("no key is ever overwritten"), "{again}");
    ensure!(fs::read(&key)? == before);
    let nothing = exhibit(&["keys", "show", env!("CARGO_MANIFEST_PATH")]).await.expect_err("no key");
    ensure!(nothing.contains("is no private Ed25519 key in PEM"), "{nothing}");
    Ok(())
}
