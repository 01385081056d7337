//! What the components ask of a runtime.

use std::path::Path;

use anyhow::Result;
use wac_graph::CompositionGraph;
use wac_graph::types::Package;

use crate::runtime::{COMMAND, PLUGIN, Runtime, SIGNER, composed, ran};

/// What Rust's standard library asks for, whether it is used or not: which of these, differs between
/// toolchains. Nothing else may be asked for by a plugin.
const STANDARD_LIBRARY: [&str; 18] = [
    "wasi:cli/environment",
    "wasi:cli/exit",
    "wasi:cli/stderr",
    "wasi:cli/stdin",
    "wasi:cli/stdout",
    "wasi:cli/terminal-input",
    "wasi:cli/terminal-output",
    "wasi:cli/terminal-stderr",
    "wasi:cli/terminal-stdin",
    "wasi:cli/terminal-stdout",
    "wasi:clocks/monotonic-clock",
    "wasi:clocks/wall-clock",
    "wasi:filesystem/preopens",
    "wasi:filesystem/types",
    "wasi:io/error",
    "wasi:io/poll",
    "wasi:io/streams",
    "wasi:random/insecure-seed",
];
/// And what signing needs beside it.
const HTTP: [&str; 2] = ["wasi:http/outgoing-handler", "wasi:http/types"];
/// And a command: by random bytes an operation is told from every other one.
const COMMANDS: [&str; 3] = ["wasi:http/outgoing-handler", "wasi:http/types", "wasi:random/random"];

/// What a component imports and exports, sorted, without versions.
fn interfaces(component: Vec<u8>) -> Result<(Vec<String>, Vec<String>)> {
    let mut graph = CompositionGraph::new();
    let package = Package::from_bytes("exhibit:looked-at", None, component, graph.types_mut())?;
    let world = &graph.types()[package.ty()];
    let names = |all: Vec<&String>| {
        let mut names: Vec<String> = all
            .iter()
            .map(|it| it.split_once('@').map_or(it.as_str(), |(name, _)| name).to_owned())
            .collect();
        names.sort();
        names
    };
    Ok((names(world.imports.keys().collect()), names(world.exports.keys().collect())))
}

fn beyond_standard_library(imports: &[String]) -> Vec<&str> {
    imports.iter().map(String::as_str).filter(|it| !STANDARD_LIBRARY.contains(it)).collect()
}

#[test]
fn the_plugin_imports_nothing_but_what_the_standard_library_does() -> Result<()> {
    let (imports, exports) = interfaces(std::fs::read(PLUGIN)?)?;
    assert_eq!(beyond_standard_library(&imports), Vec::<&str>::new());
    let own = ["catalog", "collection", "testing", "types"].map(|it| format!("exhibit:plugin/{it}"));
    assert_eq!(exports, own);
    Ok(())
}

#[test]
fn the_command_imports_http_and_random_bytes_and_nothing_else() -> Result<()> {
    let (imports, exports) = interfaces(std::fs::read(COMMAND)?)?;
    assert_eq!(beyond_standard_library(&imports), COMMANDS);
    assert!(exports.contains(&"wasi:cli/run".to_owned()), "{exports:?}");
    Ok(())
}

#[test]
fn the_signer_stands_between_a_command_and_the_runtime() -> Result<()> {
    let (imports, exports) = interfaces(std::fs::read(SIGNER)?)?;
    assert_eq!(beyond_standard_library(&imports), HTTP);
    assert_eq!(exports, ["wasi:cli/environment", "wasi:http/outgoing-handler"]);
    let (imports, exports) = interfaces(composed()?)?;
    assert_eq!(beyond_standard_library(&imports), COMMANDS);
    assert!(exports.contains(&"wasi:cli/run".to_owned()), "{exports:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_runtime_prints_the_manifest_of_the_bare_plugin() -> Result<()> {
    let Some(runtime) = Runtime::new(exhibit_simulator::World::default()).await? else { return Ok(()) };
    let mut command = runtime.wasmtime();
    // Not even WASI's HTTP is there.
    command.args(["run", "--invoke", "describe()"]).arg(Path::new(PLUGIN));
    let said = ran(command).await?.ended_with(0)?;
    let said = String::from_utf8(said.stdout)?;
    assert!(said.starts_with("{id: \"qualys\", version: "), "{said}");
    Ok(())
}
