//! The plugin as it is built: what it imports, and what it says about how it was made.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use exhibit::plugin::{Engine, Plugin};
use exhibit_skipped::skip;

/// A plugin is compiled and tried in full, on a machine that has other things to do.
const PATIENCE: Duration = Duration::from_secs(300);

async fn built() -> Result<Plugin> {
    let file = Path::new(env!("QUALYS_PLUGIN"));
    let component = std::fs::read(file).with_context(|| file.display().to_string())?;
    Ok(Plugin::load(&Engine::new()?, &component, None).await?)
}

/// What the host links, with nothing behind it. Which interfaces of these packages a standard library brings
/// along differs between toolchains; the network's packages, `wasi:sockets` and `wasi:http`, are not here.
const LINKED_EMPTY: [&str; 5] = ["wasi:cli/", "wasi:clocks/", "wasi:filesystem/", "wasi:io/", "wasi:random/"];

#[tokio::test(flavor = "multi_thread")]
async fn imports_are_of_wasi_and_none_of_them_of_the_network() -> Result<()> {
    let plugin = built().await?;
    // Without any, this plugin would have been built in another way than people's are.
    assert!(!plugin.imports().is_empty());
    for import in plugin.imports() {
        assert!(LINKED_EMPTY.iter().any(|it| import.starts_with(it)), "{import}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_standard_library_s_imports_it_is_the_same_plugin() -> Result<()> {
    let Ok(module) = std::fs::read(env!("QUALYS_BARE_MODULE")) else {
        return Ok(skip("toolchain", "it cannot build for wasm32-unknown-unknown")?);
    };
    let component = wit_component::ComponentEncoder::default().module(&module)?.validate(true).encode()?;
    let bare = Plugin::load(&Engine::new()?, &component, None).await?;
    assert_eq!(bare.imports(), Vec::<String>::new());
    assert_eq!(bare.exports(), built().await?.exports());

    // No clock, no randomness, no environment: nothing of what it does may need them.
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("bare.wasm");
    std::fs::write(&file, component)?;
    let mut check = tokio::process::Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
    check.args(["plugin", "check", "--set", "platform=US2"]).arg(&file).env_clear().kill_on_drop(true);
    let ended = tokio::time::timeout(PATIENCE, check.output()).await.context("it does not end")??;
    let said = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(0), "{said}");
    assert!(said.contains("imports nothing of the host [0 interfaces of WASI"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_it_is_made_of_and_no_place_where_it_was_built() -> Result<()> {
    let plugin = built().await?;
    let said = plugin.metadata();
    assert_eq!(said.version.as_deref(), Some(plugin.manifest().version.as_str()));
    assert_eq!(said.licenses.as_deref(), Some("MIT OR Apache-2.0"));
    let packages =
        said.packages.as_ref().context("no list")?.as_ref().map_err(|it| anyhow::anyhow!("{it}"))?;
    let names: Vec<String> = packages.iter().map(|it| format!("{} ({})", it.name, it.source)).collect();
    insta::assert_snapshot!(names.join("\n"), @"
    exhibit-plugin (local)
    exhibit-qualys (local)
    form_urlencoded (crates.io)
    itoa (crates.io)
    jiff (crates.io)
    jiff-core (crates.io)
    memchr (crates.io)
    percent-encoding (crates.io)
    quick-xml (crates.io)
    regex-lite (crates.io)
    serde (crates.io)
    serde_core (crates.io)
    serde_json (crates.io)
    strsim (crates.io)
    wit-bindgen (crates.io)
    zmij (crates.io)
    ");

    let component = std::fs::read(env!("QUALYS_PLUGIN"))?;
    let home = std::env::home_dir().context("a home")?;
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("a workspace")?;
    for place in [home.join(".cargo"), workspace.to_owned()] {
        let place = place.display().to_string();
        let named = component.windows(place.len()).any(|it| it == place.as_bytes());
        assert!(!named, "the component names {place}");
    }
    Ok(())
}
