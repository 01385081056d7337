//! A plugin in a file is remembered when it is first used, and another one in its place is not used
//! before someone says so.

use std::path::Path;

use anyhow::{Context as _, Result, bail};
use exhibit_simulator::World;

use crate::stage::{Called, Stage};

/// As long as the id of the built-in plugin.
const OTHER_ID: &str = "qualyz";
/// A section that no runtime reads: another component, which does the same.
const OTHERWISE: &[u8] = b"\0\x02\x01x";

/// With a plugin in a file, and a place to remember it.
async fn stage() -> Result<Stage> {
    let mut stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let state = stage.path("state").display().to_string();
    stage.environment.push(("XDG_STATE_HOME".to_owned(), state));
    std::fs::write(stage.path("plugin.wasm"), of_another()?)?;
    Ok(stage)
}

/// The built-in plugin under an id of its own: under its own id, no other component is ever used without being named.
fn of_another() -> Result<Vec<u8>> {
    let mut component = std::fs::read(env!("QUALYS_PLUGIN"))?;
    let own = concat!("qualys@", env!("CARGO_PKG_VERSION")).as_bytes();
    let found: Vec<usize> = (0..component.len()).filter(|at| component[*at..].starts_with(own)).collect();
    let [at] = found[..] else {
        bail!("the id and the version are not in one place of the component: {found:?}")
    };
    component[at..at + OTHER_ID.len()].copy_from_slice(OTHER_ID.as_bytes());
    Ok(component)
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
    error: The plugin qualyz 0.1.0 (NOW) is not the one that was used here before (BEFORE)
    next: look at `exhibit plugin show plugin.wasm`, then trust it with --trust NOW
    ");
    assert!(!stage.path("refused").exists());

    // A user who trusts the other one learns that this is not it.
    collect(&stage, "wrong", &["--trust", &before]).await?.ended_with(2)?;
    collect(&stage, "trusted", &["--trust", &now]).await?.ended_with(0)?;
    let later = collect(&stage, "later", &[]).await?.ended_with(0)?;
    assert!(!later.stderr.contains("used here"), "{}", later.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_trusted_once_is_asked_about_where_it_replaces_another() -> Result<()> {
    let stage = stage().await?;
    collect(&stage, "first", &[]).await?.ended_with(0)?;
    std::fs::copy(stage.path("plugin.wasm"), stage.path("before.wasm"))?;
    change(&stage.path("plugin.wasm"))?;
    let now = digest(&stage).await?;
    collect(&stage, "second", &["--trust", &now]).await?.ended_with(0)?;

    std::fs::rename(stage.path("before.wasm"), stage.path("plugin.wasm"))?;
    let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?;
    assert!(refused.stderr.contains(&format!("used here before ({now})")), "{}", refused.stderr);
    // By a name of its own, it is what it was.
    std::fs::rename(stage.path("plugin.wasm"), stage.path("before.wasm"))?;
    let further = ["--plugin", "before.wasm"];
    stage.collect("users", "moved", &further).await?.ended_with(0)?;
    change(&stage.path("before.wasm"))?;
    change(&stage.path("before.wasm"))?;
    stage.collect("users", "changed", &further).await?.ended_with(2)?;
    Ok(())
}

/// Whoever is asked sees the id, and would take it for the built-in one.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_takes_the_place_of_another_under_the_id_of_the_built_in_one() -> Result<()> {
    let stage = stage().await?;
    collect(&stage, "first", &[]).await?.ended_with(0)?;
    let before = stage.path("before.wasm");
    std::fs::rename(stage.path("plugin.wasm"), &before)?;
    std::fs::copy(env!("QUALYS_PLUGIN"), stage.path("plugin.wasm"))?;
    change(&stage.path("plugin.wasm"))?;
    let now = digest(&stage).await?;
    let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?.stderr;
    assert!(refused.contains("calls itself `qualys`, which is the id of the built-in plugin"), "{refused}");
    assert!(refused.contains(&format!("--trust {now}")), "{refused}");
    // As an earlier version remembered it, whoever it was that said yes.
    let memory = stage.path("state/exhibit/plugins.json");
    let file = stage.path("plugin.wasm").canonicalize()?;
    let pins = serde_json::json!({ "plugins": [{ "id": "qualys", "file": file, "digest": now }] });
    std::fs::write(&memory, pins.to_string())?;
    let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?.stderr;
    assert!(refused.contains("calls itself `qualys`"), "{refused}");
    collect(&stage, "named", &["--trust", &now]).await?.ended_with(0)?;
    collect(&stage, "again", &[]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_one_than_collected_is_asked_about_before_it_judges() -> Result<()> {
    let stage = stage().await?;
    collect(&stage, "users", &[]).await?.ended_with(0)?;
    let test = ["test", "users", "--what-if", "--plugin", "plugin.wasm"];
    stage.exhibit(&test).await?.ended_with(1)?;
    change(&stage.path("plugin.wasm"))?;
    let refused = stage.exhibit(&test).await?.ended_with(2)?;
    assert!(refused.stderr.contains("is not the one that was used here before"), "{}", refused.stderr);
    let now = digest(&stage).await?;
    stage.exhibit(&[&test[..], &["--trust", &now]].concat()).await?.ended_with(1)?;
    Ok(())
}

/// With no place to remember plugins in, or with one that cannot be written.
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_remembered_someone_says_which_one_it_is() -> Result<()> {
    for state in [None, Some("plugin.wasm")] {
        let mut stage = stage().await?;
        stage.environment.clear();
        if let Some(file) = state {
            let file = stage.path(file).display().to_string();
            stage.environment.push(("XDG_STATE_HOME".to_owned(), file));
        }
        let now = digest(&stage).await?;
        let refused = collect(&stage, "refused", &[]).await?.ended_with(2)?;
        let said = refused.stderr;
        assert!(said.contains("cannot be recognized next time"), "{said}");
        assert!(said.contains(&format!("--trust {now}")), "{said}");
        assert!(!stage.path("refused").exists());
        // As that says.
        collect(&stage, "trusted", &["--trust", &now]).await?.ended_with(0)?;
        // Nobody changes the one that is built in.
        stage.collect("users", "built-in", &[]).await?.ended_with(0)?;
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_no_plugin() -> Result<()> {
    let stage = stage().await?;
    let pipe = stage.path("pipe").display().to_string();
    stage.shell(&format!("mkfifo {pipe}")).await?.ended_with(0)?;
    for plugin in ["/dev/zero", &pipe, "."] {
        for call in [
            &["types", "--plugin", plugin][..],
            &["plugin", "show", plugin],
            &["plugin", "check", plugin],
            &["plugin", "push", plugin, "127.0.0.1:1/acme/x:1"],
        ] {
            let said = stage.exhibit(call).await?.ended_with(2)?.stderr;
            assert!(said.contains("not a regular file"), "{call:?}: {said}");
            assert!(said.contains("next: name a component file"), "{call:?}: {said}");
        }
    }
    let large = std::fs::File::create(stage.path("large.wasm"))?;
    large.set_len(1 << 40)?;
    let said = stage.exhibit(&["types", "--plugin", "large.wasm"]).await?.ended_with(2)?.stderr;
    assert!(said.contains("larger than the limit of 67108864 bytes"), "{said}");
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
