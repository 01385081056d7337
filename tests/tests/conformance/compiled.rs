//! Where plugins are compiled: those of others in a process of its own, which is bounded; the built-in one in the command.

use std::fmt::Write as _;

use anyhow::{Result, ensure};

use crate::stage::{Called, Stage};

/// What a command says inside when it begins such a process.
const BEGUN: &str = "a component is compiled in a process of its own";

fn begins_a_process(called: &Called) -> bool {
    called.stderr.contains(BEGUN)
}

#[tokio::test(flavor = "multi_thread")]
async fn plugins_of_others_are_compiled_in_a_process_of_its_own_once() -> Result<()> {
    let mut stage = Stage::new().await?;
    let evidence = stage.collect("none").await?;
    let plugin = env!("BROKEN_PLUGIN");
    let calls: [&[&str]; 5] = [
        &["plugin", "show", plugin],
        &["plugin", "check", plugin, "--set", "flaw=none"],
        &["types", "--plugin", plugin],
        &["verify", &evidence, "--allow-unknown-plugin"],
        &["verify", &evidence, "--plugin", plugin],
    ];
    for call in calls {
        stage.forget_compiled()?;
        let call = [call, &["--log", "debug"]].concat();
        let first = stage.exhibit(&call).await?;
        ensure!(begins_a_process(&first), "{call:?}: {}", first.stderr);
        let again = stage.exhibit(&call).await?;
        ensure!(!begins_a_process(&again), "{call:?} compiles what is kept: {}", again.stderr);
        ensure!(first.stdout == again.stdout, "{call:?}: {}", again.stdout);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_compiles_its_plugin_there_too() -> Result<()> {
    let mut stage = Stage::new().await?;
    stage.forget_compiled()?;
    let (out, plugin) = (stage.path("none"), env!("BROKEN_PLUGIN"));
    let call = ["collect", "things", "--plugin", plugin, "--set", "flaw=none", "--as-of", "2026-11-01"];
    let origin = stage.origin();
    let called =
        stage.exhibit(&[&call, &["--origin", &origin, "--out", &out, "--log", "debug"][..]].concat()).await?;
    ensure!(called.code == Some(0) && begins_a_process(&called), "{}", called.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_plugin_begins_no_process() -> Result<()> {
    let mut stage = Stage::new().await?;
    stage.forget_compiled()?;
    let called = stage.exhibit(&["types", "--log", "debug"]).await?;
    ensure!(called.code == Some(0) && !begins_a_process(&called), "{}", called.stderr);
    Ok(())
}

/// A component that exports what a plugin exports, with a function of 50,000 local variables.
fn bomb() -> Result<Vec<u8>> {
    let mut text = String::from("(component (core module (func (local");
    text.push_str(&" i64".repeat(50_000));
    text.push_str("))) (component $empty) (instance $hollow (instantiate $empty))");
    for interface in ["types", "catalog", "collection", "testing"] {
        write!(text, "(export \"exhibit:plugin/{interface}@0.2.0\" (instance $hollow))")?;
    }
    text.push(')');
    Ok(wat::parse_str(text)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_too_much_for_the_compiler_is_refused_by_each_command() -> Result<()> {
    let stage = Stage::new().await?;
    let file = stage.path("bomb.wasm");
    std::fs::write(&file, bomb()?)?;
    let out = stage.path("out");
    let calls: [(&[&str], i32); 4] = [
        (&["plugin", "show", &file], 3),
        (&["plugin", "check", &file], 1),
        (&["types", "--plugin", &file], 3),
        (&["collect", "things", "--plugin", &file, "--out", &out], 3),
    ];
    for (call, code) in calls {
        let called = stage.exhibit(&[call, &["--log", "debug"]].concat()).await?;
        let said = format!("{}{}", called.stdout, called.stderr);
        ensure!(called.code == Some(code), "{call:?}: {said}");
        let why =
            "the component has 50000 local variables in one function, and a plugin may have at most 2000";
        ensure!(said.contains(why) && !begins_a_process(&called), "{call:?}: {said}");
    }
    Ok(())
}
