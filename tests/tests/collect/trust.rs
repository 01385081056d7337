//! A plugin in a file is remembered when it is first used, and another one in its place is not used
//! before someone says so.

use std::path::Path;

use anyhow::{Context as _, Result};
use exhibit_simulator::World;

use crate::stage::{Called, Stage};

/// A section that no runtime reads: another component, which does the same.
const OTHERWISE: &[u8] = b"\0\x02\x01x";

/// With a plugin in a file, and a place to remember it.
async fn stage() -> Result<Stage> {
    let mut stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let state = stage.path("state").display().to_string();
    stage.environment.push(("XDG_STATE_HOME".to_owned(), state));
    std::fs::copy(env!("QUALYS_PLUGIN"), stage.path("plugin.wasm"))?;
    Ok(stage)
}

/// Makes it another one.
fn change(file: &Path) -> Result<()> {
    let mut component = std::fs::read(file)?;
    component.extend(OTHERWISE);
    Ok(std::fs::write(file, component)?)
}

async fn collect(stage: &Stage, name: &str, further: &[&str]) -> Result<Called> {
    stage.collect("users", name, &[&["--plugin", "plugin.wasm"], further].concat()).await
}

async fn digest(stage: &Stage) -> Result<String> {
    let shown = stage.exhibit(&["plugin", "show", "plugin.wasm", "--json"]).await?.ended_with(0)?;
    let shown: serde_json::Value = serde_json::from_str(&shown.stdout)?;
    Ok(shown["digest"].as_str().context("a digest")?.to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_one_is_shown_and_remembered() -> Result<()> {
    let stage = stage().await?;
    let first = collect(&stage, "first", &[]).await?.ended_with(0)?;
    assert!(first.stderr.contains("is used here for the first time."), "{}", first.stderr);
    assert!(first.stderr.contains("Signed with: username, password"), "{}", first.stderr);
    let kept = std::fs::read_to_string(stage.path("state/exhibit/plugins.json"))?;
    assert!(kept.contains(&digest(&stage).await?), "{kept}");
    let second = collect(&stage, "second", &[]).await?.ended_with(0)?;
    assert!(!second.stderr.contains("first time"), "{}", second.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_one_in_its_place_is_not_used_before_someone_says_so() -> Result<()> {
    let stage = stage().await?;
    collect(&stage, "first", &[]).await?.ended_with(0)?;
    let before = digest(&stage).await?;
    change(&stage.path("plugin.wasm"))?;
    let now = digest(&stage).await?;

    let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?;
    let said = refused.stderr.replace(&before, "BEFORE").replace(&now, "NOW");
    insta::assert_snapshot!(said.trim_end(), @"
    error: The plugin qualys 0.1.0 (NOW) is not the one that was used here before (BEFORE)
    next: look at `exhibit plugin show plugin.wasm`, then trust it with --trust NOW
    ");
    assert!(!stage.path("refused").exists());

    // Someone who trusts the other one is told that this is not it.
    collect(&stage, "wrong", &["--trust", &before]).await?.ended_with(2)?;
    collect(&stage, "trusted", &["--trust", &now]).await?.ended_with(0)?;
    let later = collect(&stage, "later", &[]).await?.ended_with(0)?;
    assert!(!later.stderr.contains("used here"), "{}", later.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_memory_that_cannot_be_read_is_no_trust() -> Result<()> {
    let stage = stage().await?;
    std::fs::create_dir_all(stage.path("state/exhibit"))?;
    std::fs::write(stage.path("state/exhibit/plugins.json"), "[")?;
    let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?;
    assert!(refused.stderr.contains("mend the file, or remove it"), "{}", refused.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_one_needs_no_memory() -> Result<()> {
    let stage = stage().await?;
    let called = stage.collect("users", "built-in", &[]).await?.ended_with(0)?;
    assert!(!called.stderr.contains("first time"), "{}", called.stderr);
    assert!(!stage.path("state").exists());
    Ok(())
}
