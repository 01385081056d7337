//! What a registry may say is bounded, and so is what it may give.

use anyhow::{Context as _, Result};
use serde_json::{Value as Json, json};

use crate::PLUGIN;
use crate::person::{LOGIN, Person};
use crate::registry::{Login, Registry};

/// What may be on its way after reading has stopped: buffers of both ends.
const ON_THE_WAY: usize = 32 << 20;

async fn stage() -> Result<(Registry, Person, String)> {
    let (registry, person) = (Registry::start(Login::None).await?, Person::new()?);
    let tag = registry.reference("acme/things:1.0.0");
    person.push(PLUGIN, &tag, &[]).await?;
    registry.heard();
    Ok((registry, person, tag))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_end_is_not_read_to_its_end() -> Result<()> {
    for (part, status, begins) in [
        ("/v2/", "500 Internal Server Error", r#"{"errors":[{"message":""#),
        ("/manifests/", "500 Internal Server Error", r#"{"errors":[{"message":""#),
        ("/manifests/", "200 OK", r#"{"config":{"digest":""#),
        ("/blobs/sha256", "403 Forbidden", "<html>"),
        ("/blobs/sha256", "200 OK", "\0asm"),
        ("/token", "200 OK", r#"{"token":""#),
        ("/token", "400 Bad Request", r#"{"errors":[{"message":""#),
    ] {
        let (registry, person, tag) = stage().await?;
        registry.behave(|it| {
            it.login = if part == "/token" { Login::Token } else { Login::None };
            it.endless = Some((part, status, begins));
        });
        person.pull(&tag, &LOGIN, 3).await?;
        let given = registry.endless_bytes();
        assert!(given < ON_THE_WAY, "{part} {status}: {given} bytes");
        let call = ["plugin", "push", PLUGIN, &registry.reference("acme/more:1.0.0")];
        if ["/token", "/v2/"].contains(&part) {
            person.exhibit(&[&call[..], &LOGIN[..]].concat(), 3).await?;
        }
        let given = registry.endless_bytes();
        assert!(given < 2 * ON_THE_WAY, "{part} {status}: {given} bytes");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_artifact_that_is_no_component_is_not_got() -> Result<()> {
    let (registry, person, tag) = stage().await?;
    let manifest = registry.kept("/manifests/1.0.0").context("a manifest")?;
    let manifest: Json = serde_json::from_slice(&manifest)?;
    let refused = async |change: &dyn Fn(&mut Json)| {
        let mut changed = manifest.clone();
        change(&mut changed);
        registry.replace("/manifests/1.0.0", |it| *it = changed.to_string().into_bytes());
        registry.heard();
        let said = person.pull(&tag, &[], 3).await?;
        let heard = registry.heard();
        assert!(heard.iter().all(|it| !it.path.contains("/blobs/")), "{heard:?}");
        anyhow::Ok(said)
    };
    let said = refused(&|it| it["layers"][0]["size"] = json!(1_u64 << 40)).await?;
    assert!(said.contains("1099511627776 bytes"), "{said}");
    let said = refused(&|it| it["layers"][0]["size"] = json!(-1)).await?;
    assert!(said.contains("no artifact of one component"), "{said}");
    let said = refused(&|it| it["layers"] = json!([it["layers"][0], it["layers"][0]])).await?;
    assert!(said.contains("does not have exactly one layer"), "{said}");
    let said = refused(&|it| it["layers"] = json!([])).await?;
    assert!(said.contains("does not have exactly one layer"), "{said}");
    let said = refused(&|it| it["layers"][0]["digest"] = json!("sha256:../../../v2/other")).await?;
    assert!(said.contains("does not name its component by a SHA-256"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_of_another_size_is_not_the_one() -> Result<()> {
    let (registry, person, tag) = stage().await?;
    registry.replace("/manifests/1.0.0", |it| {
        let text = String::from_utf8_lossy(it).replace("\"size\":", "\"size\":1");
        *it = text.into_bytes();
    });
    person.pull(&tag, &[], 3).await?;
    assert_eq!(std::fs::read_dir(person.folder.path())?.count(), 0, "something was left behind");
    Ok(())
}
