//! `exhibit plugin push` and `pull`: the real binary, and a registry on this machine.

mod registry;

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use self::registry::{Registry, sha256};

/// No call takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whoever pushes and pulls.
struct Person {
    folder: tempfile::TempDir,
}

impl Person {
    fn new() -> Result<Self> {
        Ok(Self { folder: tempfile::tempdir()? })
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Standard output where the call ends with 0, and else standard error.
    async fn exhibit(&self, arguments: &[&str], code: i32) -> Result<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("REGISTRY_USERNAME", "ada")
            .env("REGISTRY_PASSWORD", "canary-7f3a91")
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await.context("it does not end")??;
        let said = String::from_utf8(if code == 0 { output.stdout } else { output.stderr.clone() })?;
        let trouble = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code), "{arguments:?} ended with {}: {trouble}", output.status);
        ensure!(
            !said.contains("canary-7f3a91") && !trouble.contains("canary-7f3a91"),
            "the password is shown"
        );
        Ok(said)
    }

    /// Pushes the built plugin. Gives what JSON says.
    async fn push(&self, reference: &str, further: &[&str]) -> Result<Json> {
        let call = [&["plugin", "push", env!("QUALYS_PLUGIN"), reference, "--json"], further].concat();
        Ok(serde_json::from_str(&self.exhibit(&call, 0).await?)?)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_can_be_pulled_by_tag_and_by_digest() -> Result<()> {
    let (registry, person) = (Registry::start(None).await?, Person::new()?);
    let tag = registry.reference("acme/qualys:0.1.0");
    let pushed = person.push(&tag, &[]).await?;
    let artifact = pushed["artifact"].as_str().context("an artifact")?;

    person.exhibit(&["plugin", "pull", &tag], 0).await?;
    let digest = artifact.split('@').nth(1).context("a digest")?;
    let pinned = registry.reference(&format!("acme/qualys@{digest}"));
    person.exhibit(&["plugin", "pull", &pinned, "--out", "pinned.wasm"], 0).await?;

    let component = std::fs::read(env!("QUALYS_PLUGIN"))?;
    assert_eq!(pushed["component"], format!("sha256:{}", sha256(&component)));
    for file in ["qualys.wasm", "pinned.wasm"] {
        assert!(std::fs::read(person.path(file))? == component, "{file} is another component");
    }
    // The same once more is no other artifact, and a file of the same content is not in the way.
    assert_eq!(person.push(&tag, &[]).await?, pushed);
    person.exhibit(&["plugin", "pull", &tag], 0).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artifact_is_as_the_webassembly_community_has_it() -> Result<()> {
    let (registry, person) = (Registry::start(None).await?, Person::new()?);
    person.push(&registry.reference("acme/qualys:0.1.0"), &[]).await?;

    let manifest: Json = serde_json::from_slice(&registry.kept("/manifests/0.1.0").context("a manifest")?)?;
    assert_eq!(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let layers = manifest["layers"].as_array().context("layers")?;
    assert_eq!(layers.len(), 1);
    assert_eq!(layers[0]["mediaType"], "application/wasm");
    let version = &manifest["annotations"]["org.opencontainers.image.version"];
    assert_eq!(version, "0.1.0", "{manifest}");

    let digest = manifest["config"]["digest"].as_str().context("a digest")?;
    let config: Json = serde_json::from_slice(&registry.kept(digest).context("a config")?)?;
    assert_eq!((&config["architecture"], &config["os"]), (&"wasm".into(), &"wasip2".into()));
    assert_eq!(config["layerDigests"][0], layers[0]["digest"]);
    let exports = config["component"]["exports"].to_string();
    assert!(exports.contains("exhibit:plugin/collection@0.1.0"), "{config}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_at_the_registry_is_refused() -> Result<()> {
    let (registry, person) = (Registry::start(None).await?, Person::new()?);
    let tag = registry.reference("acme/qualys:0.1.0");
    let pushed = person.push(&tag, &[]).await?;
    let component = pushed["component"].as_str().context("a digest")?;
    registry.replace(component, |bytes| {
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
    });
    let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
    assert!(said.contains("not the one that the artifact names"), "{said}");
    registry.replace("/manifests/0.1.0", |bytes| bytes.push(b' '));
    let digest = pushed["artifact"].as_str().and_then(|it| it.split('@').nth(1)).context("a digest")?;
    person.exhibit(&["plugin", "pull", &registry.reference(&format!("acme/qualys@{digest}"))], 3).await?;
    registry.replace("/manifests/0.1.0", |bytes| *bytes = b"{}".to_vec());
    let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
    assert!(said.contains("no artifact of one component"), "{said}");
    assert_eq!(std::fs::read_dir(person.folder.path())?.count(), 0, "something was left behind");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_wants_a_login_gets_one() -> Result<()> {
    let (registry, person) = (Registry::start(Some(("ada", "canary-7f3a91"))).await?, Person::new()?);
    let tag = registry.reference("acme/qualys:0.1.0");
    let login = ["--username", "env:REGISTRY_USERNAME", "--password", "env:REGISTRY_PASSWORD"];
    person.push(&tag, &login).await?;
    person.exhibit(&[&["plugin", "pull", &tag], login.as_slice()].concat(), 0).await?;
    let said = person.exhibit(&["plugin", "pull", &tag, "--out", "other.wasm"], 3).await?;
    assert!(said.contains("next: say where the registry's credentials are kept"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said() -> Result<()> {
    let (registry, person) = (Registry::start(None).await?, Person::new()?);
    let said = person.exhibit(&["plugin", "pull", &registry.reference("acme/none:1.0.0")], 3).await?;
    assert!(said.contains("no such manifest"), "{said}");
    std::fs::write(person.path("text.wasm"), "no component")?;
    let tag = registry.reference("acme/text:1.0.0");
    person.exhibit(&["plugin", "push", "text.wasm", &tag], 2).await?;
    assert!(registry.kept("").is_none(), "something was pushed");
    person.exhibit(&["plugin", "pull", "Not A Reference"], 2).await?;
    Ok(())
}
