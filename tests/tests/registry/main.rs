//! `exhibit plugin push` and `pull`: the real binary, and a registry on this machine.

mod bounds;
mod credentials;
#[path = "../collect/encrypted.rs"]
mod encrypted;
mod person;
mod redirects;
mod registry;
mod wire;

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

use self::person::{LOGIN, Person};
use self::registry::{Login, Registry, sha256};

/// Small, so that compiling it takes no time.
const PLUGIN: &str = env!("BROKEN_PLUGIN");

/// The digest by which what was pushed is pinned.
fn pinned(pushed: &Json) -> Result<&str> {
    pushed["artifact"].as_str().and_then(|it| it.split('@').nth(1)).context("a digest")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_can_be_pulled_by_tag_and_by_digest() -> Result<()> {
    let (registry, author, person) = (Registry::start(Login::None).await?, Person::new()?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    let pushed = author.push(PLUGIN, &tag, &[]).await?;

    person.exhibit(&["plugin", "pull", &tag], 0).await?;
    let pinned = registry.reference(&format!("acme/things@{}", pinned(&pushed)?));
    person.exhibit(&["plugin", "pull", &pinned, "--out", "pinned.wasm"], 0).await?;

    let component = std::fs::read(PLUGIN)?;
    assert_eq!(pushed["component"], format!("sha256:{}", sha256(&component)));
    for file in ["things.wasm", "pinned.wasm"] {
        assert!(std::fs::read(person.path(file))? == component, "{file} is another component");
    }
    // The same once more is no other artifact, and a file of the same content is not in the way.
    assert_eq!(author.push(PLUGIN, &tag, &[]).await?, pushed);
    person.exhibit(&["plugin", "pull", &tag], 0).await?;
    // Another one is.
    std::fs::write(person.path("things.wasm"), "mine")?;
    person.exhibit(&["plugin", "pull", &tag], 2).await?;
    assert_eq!(std::fs::read(person.path("things.wasm"))?, b"mine");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_artifact_is_as_the_webassembly_community_has_it() -> Result<()> {
    let (registry, person) = (Registry::start(Login::None).await?, Person::new()?);
    person.push(env!("QUALYS_PLUGIN"), &registry.reference("acme/qualys:0.1.0"), &[]).await?;

    let manifest: Json = serde_json::from_slice(&registry.kept("/manifests/0.1.0").context("a manifest")?)?;
    assert_eq!(manifest["mediaType"], "application/vnd.oci.image.manifest.v1+json");
    assert_eq!(manifest["config"]["mediaType"], "application/vnd.wasm.config.v0+json");
    let layers = manifest["layers"].as_array().context("layers")?;
    assert_eq!(layers.len(), 1);
    assert_eq!(layers[0]["mediaType"], "application/wasm");
    assert_eq!(layers[0]["annotations"]["org.opencontainers.image.title"], "qualys.wasm");
    let version = &manifest["annotations"]["org.opencontainers.image.version"];
    assert_eq!(version, "0.1.0", "{manifest}");

    let digest = manifest["config"]["digest"].as_str().context("a digest")?;
    let config: Json = serde_json::from_slice(&registry.kept(digest).context("a config")?)?;
    assert_eq!((&config["architecture"], &config["os"]), (&"wasm".into(), &"wasip2".into()));
    assert_eq!(config["layerDigests"][0], layers[0]["digest"]);
    let exports = config["component"]["exports"].to_string();
    assert!(exports.contains("exhibit:plugin/collection@0.2.0"), "{config}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_at_the_registry_is_refused() -> Result<()> {
    let (registry, author, person) = (Registry::start(Login::None).await?, Person::new()?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    let pushed = author.push(PLUGIN, &tag, &[]).await?;
    let component = pushed["component"].as_str().context("a digest")?;
    registry.replace(component, |bytes| {
        if let Some(last) = bytes.last_mut() {
            *last ^= 1;
        }
    });
    let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
    assert!(said.contains(component), "{said}");
    registry.replace("/manifests/1.0.0", |bytes| bytes.push(b' '));
    let pinned = registry.reference(&format!("acme/things@{}", pinned(&pushed)?));
    person.exhibit(&["plugin", "pull", &pinned], 3).await?;
    registry.replace("/manifests/1.0.0", |bytes| *bytes = b"{}".to_vec());
    let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
    assert!(said.contains("no artifact of one component"), "{said}");
    registry.replace("/manifests/1.0.0", |bytes| *bytes = vec![b' '; (4 << 20) + 1]);
    let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
    assert!(said.contains("more than 4194304 bytes"), "{said}");
    assert_eq!(std::fs::read_dir(person.folder.path())?.count(), 0, "something was left behind");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_wants_a_login_gets_one() -> Result<()> {
    for wanted in [Login::Basic, Login::Token] {
        let (registry, author, person) = (Registry::start(wanted).await?, Person::new()?, Person::new()?);
        let tag = registry.reference("acme/things:1.0.0");
        let login = LOGIN;
        let pushed = author.push(PLUGIN, &tag, &login).await?;

        let said = person.exhibit(&["plugin", "pull", &tag], 3).await?;
        assert!(said.contains("next: say where the registry's credentials are kept"), "{wanted:?}: {said}");
        let named = format!("oci:{tag}");
        let said = person.exhibit(&["types", "--plugin", &named], 3).await?;
        assert!(said.contains("next: get it with `exhibit plugin pull"), "{wanted:?}: {said}");
        // As that says.
        person.exhibit(&[&["plugin", "pull", &tag], login.as_slice()].concat(), 0).await?;
        let pinned = format!("oci:{}", registry.reference(&format!("acme/things@{}", pinned(&pushed)?)));
        person.exhibit(&["types", "--plugin", &pinned], 0).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_plugin_needs_its_registry_once() -> Result<()> {
    let (registry, author, person) = (Registry::start(Login::None).await?, Person::new()?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    let pushed = author.push(PLUGIN, &tag, &[]).await?;
    let (tag, place) = (format!("oci:{tag}"), format!("oci:{}", registry.reference("acme/things")));
    let pinned = format!("{place}@{}", pinned(&pushed)?);
    for named in [&tag, &pinned] {
        let types = person.exhibit(&["types", "--plugin", named], 0).await?;
        assert!(types.contains("things"), "{types}");
        person.exhibit(&["plugin", "show", named], 0).await?;
    }
    drop(registry);
    person.exhibit(&["types", "--plugin", &pinned], 0).await?;
    // What the tag means now, only the registry knows.
    person.exhibit(&["types", "--plugin", &tag], 3).await?;
    // What is kept is believed for what it is, not for where it lies.
    let cache = person.home.path().join(".cache/exhibit/plugins");
    let component = pushed["component"].as_str().and_then(|it| it.split(':').nth(1)).context("a digest")?;
    std::fs::write(cache.join(format!("{component}.wasm")), "another")?;
    person.exhibit(&["types", "--plugin", &pinned], 3).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_one_under_the_same_name_is_asked_about() -> Result<()> {
    let (registry, author, person) = (Registry::start(Login::None).await?, Person::new()?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    author.push(PLUGIN, &tag, &[]).await?;
    let collect = async |plugin: &str, further: &[&str]| {
        // There is no such origin; whether the plugin may be used is settled before that is said.
        let call = ["collect", "things", "--plugin", plugin, "--set", "flaw=none", "--out", "out"];
        let call = [&call[..], &["--origin", "no=http://127.0.0.1:1"], further].concat();
        person.exhibit(&call, 2).await
    };
    let (settled, other) = ("`no`", "is not the one that was used here before");
    let tag = format!("oci:{tag}");
    let said = collect(&tag, &[]).await?;
    assert!(said.contains("is used here for the first time") && said.contains(settled), "{said}");
    let said = collect(&tag, &[]).await?;
    assert!(!said.contains("first time") && said.contains(settled), "{said}");

    let mut changed = std::fs::read(PLUGIN)?;
    let mood = b"testing:behaves";
    let at = changed.windows(mood.len()).position(|it| it == mood).context("the mood")?;
    changed[at..at + mood.len()].copy_from_slice(b"testing:refuses");
    std::fs::write(author.path("other.wasm"), changed)?;
    let pushed = author.push("other.wasm", &registry.reference("acme/things:1.0.0"), &[]).await?;
    let said = collect(&tag, &[]).await?;
    assert!(said.contains(other) && !said.contains(settled), "{said}");
    assert!(said.contains(&format!("exhibit plugin show {tag}")), "{said}");
    let place = registry.reference("acme/things");
    let said = collect(&format!("oci:{place}@{}", pinned(&pushed)?), &[]).await?;
    assert!(said.contains(settled), "{said}");

    // Both were used by now, and yet the tag stands for another one than it last did.
    assert!(collect(&tag, &[]).await?.contains(other));
    let now = pushed["component"].as_str().context("a digest")?;
    assert!(collect(&tag, &["--trust", now]).await?.contains(settled));
    assert!(collect(&tag, &[]).await?.contains(settled));
    author.push(PLUGIN, &registry.reference("acme/things:1.0.0"), &[]).await?;
    assert!(collect(&tag, &[]).await?.contains(other));
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_file_is_not_read_to_be_compared() -> Result<()> {
    let (registry, person) = (Registry::start(Login::None).await?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    person.push(PLUGIN, &tag, &[]).await?;
    let made = std::process::Command::new("mkfifo").arg(person.path("pipe")).status()?;
    anyhow::ensure!(made.success(), "no pipe");
    for out in ["pipe", "/dev/zero", "."] {
        person.pull(&tag, &["--out", out], 2).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said() -> Result<()> {
    let (registry, person) = (Registry::start(Login::None).await?, Person::new()?);
    let said = person.exhibit(&["plugin", "pull", &registry.reference("acme/none:1.0.0")], 3).await?;
    assert!(said.contains("no such manifest"), "{said}");
    std::fs::write(person.path("text.wasm"), "no component")?;
    let tag = registry.reference("acme/text:1.0.0");
    person.exhibit(&["plugin", "push", "text.wasm", &tag], 2).await?;
    assert!(registry.kept("").is_none(), "something was pushed");
    person.exhibit(&["plugin", "pull", "Not A Reference"], 2).await?;
    person.exhibit(&["types", "--plugin", "oci:Not A Reference"], 2).await?;
    Ok(())
}
