//! A plugin built against a frozen version, in the host of today.

use anyhow::{Context as _, Result, bail, ensure};
use exhibit::contract::collection::{Job, Method, Response, Step, Task};
use exhibit::contract::types::Value;
use exhibit::plugin::{Engine, LoadError, Plugin};
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::frozen;

/// 2026-01-01T00:00:00Z.
const AS_OF: i64 = 1_767_225_600_000;
/// The version that it was written against.
const FROZEN: &str = "0.1.0";

/// The plugin as a component, said to be of another version of the contract.
fn component(version: &str) -> Result<Vec<u8>> {
    let rename = |text: &str| {
        text.replace(&format!("plugin@{FROZEN};"), &format!("plugin@{version};"))
            .replace(&format!("@since(version = {FROZEN})"), &format!("@since(version = {version})"))
    };
    let mut resolve = Resolve::default();
    let world = frozen::read(&mut resolve, &frozen::folder(FROZEN), rename)?;
    let code = include_str!("plugin-0.1.0.wat").replace(&format!("@{FROZEN}"), &format!("@{version}"));
    let mut module = wat::parse_str(code)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

async fn refused(version: &str) -> Result<(LoadError, String)> {
    match Plugin::load(&Engine::new()?, &component(version)?, None).await {
        Ok(_) => bail!("{version} was loaded"),
        Err(error) => {
            let said = error.to_string();
            Ok((error, said))
        }
    }
}

/// From its manifest to its rows.
async fn works(version: &str) -> Result<()> {
    let plugin = Plugin::load(&Engine::new()?, &component(version)?, None).await?;
    let manifest = plugin.manifest();
    ensure!(manifest.id == "frozen" && manifest.proof_type("things").is_some(), "{manifest:?}");
    ensure!(plugin.imports().is_empty(), "{:?}", plugin.imports());
    ensure!(plugin.line() == "0.1", "{}", plugin.line());
    let origins = plugin.resolve(&[]).await?;
    ensure!(origins.len() == 1 && origins[0].url.as_deref() == Some("https://api.example"), "{origins:?}");

    let job = Job {
        task: Task::Collect("things".to_owned()),
        settings: vec![],
        criteria: vec![],
        window: None,
        since: None,
        as_of: AS_OF,
        id: None,
        checkpoint: None,
    };
    let mut session = plugin.open(&job).await?;
    match session.next().await? {
        Step::Send(request) => {
            ensure!(request.method == Method::Get && request.path == "/things", "{request:?}");
        }
        other => bail!("{other:?} instead of a request"),
    }
    session.accept(&Response { status: 200, headers: vec![] }).await?;
    let batch = session.feed(b"a thing").await?;
    ensure!(batch.rows == [[Value::Text("a thing".to_owned())]], "{batch:?}");
    session.end().await?;
    match session.next().await? {
        Step::Finished(summary) => ensure!((summary.pages, summary.rows) == (1, 1), "{summary:?}"),
        other => bail!("{other:?} instead of the end"),
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_the_first_version_works() -> Result<()> {
    works(FROZEN).await.context("a host of today and a plugin of 0.1.0")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_of_a_later_version_of_the_line_works() -> Result<()> {
    works("0.1.9").await.context("a host of 0.1.0 and a plugin of 0.1.9")
}

#[tokio::test(flavor = "multi_thread")]
async fn another_line_is_refused_with_what_to_do() -> Result<()> {
    let (newer, said) = refused("0.3.0").await?;
    assert!(matches!(newer, LoadError::TooNew { .. }), "{newer:?}");
    insta::assert_snapshot!(said, @"the plugin is of line 0.3 of the contract (version 0.3.0), and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's");

    let (newer, said) = refused("1.0.0").await?;
    assert!(matches!(newer, LoadError::TooNew { .. }), "{newer:?}");
    insta::assert_snapshot!(said, @"the plugin is of line 1 of the contract (version 1.0.0), and this host runs lines 0.1 and 0.2: update this program to a version that runs the plugin's");

    let (older, said) = refused("0.0.9").await?;
    assert!(matches!(older, LoadError::TooOld { .. }), "{older:?}");
    insta::assert_snapshot!(said, @"the plugin is of line 0.0.9 of the contract, and this host runs lines 0.1 and 0.2: rebuild the plugin against such a line, or use an older exhibit");
    Ok(())
}

/// As the linker of a component that says that it has the contract, and has another one.
#[tokio::test(flavor = "multi_thread")]
async fn the_right_version_with_other_types_is_refused() -> Result<()> {
    let mut resolve = Resolve::default();
    let changed = |text: &str| text.replace("    seconds: u32,", "    seconds: u16,");
    let world = frozen::read(&mut resolve, &frozen::folder(FROZEN), changed)?;
    let mut module = wat::parse_str(include_str!("plugin-0.1.0.wat"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    let component = ComponentEncoder::default().module(&module)?.encode()?;
    match Plugin::load(&Engine::new()?, &component, None).await {
        Err(LoadError::OtherTypes { .. }) => Ok(()),
        other => bail!("{other:?}"),
    }
}

/// The plugin, with an import of this interface that it calls when asked for its manifest.
fn component_importing(interface: &str) -> Result<Vec<u8>> {
    let (package, name) = interface.split_once('/').context("package and interface")?;
    let (name, version) = name.split_once('@').context("a version")?;
    let mut resolve = Resolve::default();
    let imported = format!("package {package}@{version}; interface {name} {{ call: func(); }}");
    resolve.push_str("imported.wit", &imported)?;
    let rename = |text: &str| {
        text.replace("world plugin {", &format!("world plugin {{\n  import {package}/{name}@{version};"))
    };
    let world = frozen::read(&mut resolve, &frozen::folder(FROZEN), rename)?;
    let describe = r#"(func (export "exhibit:plugin/catalog@0.1.0#describe") (result i32)"#;
    let code = include_str!("plugin-0.1.0.wat")
        .replacen("(module", &format!(r#"(module (import "{interface}" "call" (func $imported))"#), 1)
        .replace(describe, &format!("{describe} (call $imported)"));
    let mut module = wat::parse_str(code)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_imports_the_network_or_more_than_wasi_is_refused() -> Result<()> {
    for interface in ["wasi:sockets/tcp@0.2.6", "wasi:http/outgoing-handler@0.2.6", "acme:network/tcp@1.0.0"]
    {
        let loaded = Plugin::load(&Engine::new()?, &component_importing(interface)?, None).await;
        let Err(error) = loaded else { bail!("a plugin that imports {interface} was loaded") };
        ensure!(matches!(&error, LoadError::Imports(it) if *it == [interface]), "{error:?}");
        ensure!(error.to_string().contains(interface), "{error}");
    }
    Ok(())
}
