//! Where a registry's credentials go: to it, to its own realm, and to one that the caller names.

use std::net::SocketAddr;

use anyhow::Result;

use crate::PLUGIN;
use crate::encrypted::encrypted;
use crate::person::{LOGIN, Person};
use crate::registry::{Heard, Login, Registry};

/// What the registry wants is a token, and another server has it.
async fn stage() -> Result<(Registry, Registry, Person, String)> {
    let (registry, other) = (Registry::start(Login::None).await?, Registry::start(Login::Token).await?);
    let (person, tag) = (Person::new()?, registry.reference("acme/things:1.0.0"));
    person.push(PLUGIN, &tag, &[]).await?;
    registry.behave(|it| it.login = Login::Token);
    Ok((registry, other, person, tag))
}

fn authorizations(heard: &[Heard]) -> Vec<&str> {
    heard.iter().filter_map(|it| it.authorization.as_deref()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_goes_to_no_realm_elsewhere() -> Result<()> {
    let (registry, other, person, tag) = stage().await?;
    let realm = format!("{}/token", other.url());
    registry.behave(|it| it.realm = Some(realm.clone()));
    let said = person.pull(&tag, &LOGIN, 3).await?;
    assert_eq!(authorizations(&other.heard()), [""; 0], "somebody else has the password");
    assert!(said.contains(&other.url()) && said.contains("--realm"), "{said}");
    // Neither to what the realm's own host redirects to.
    registry.behave(|it| {
        it.realm = None;
        it.moved = Some(("/token", other.url()));
    });
    let said = person.pull(&tag, &LOGIN, 3).await?;
    assert_eq!(authorizations(&other.heard()), [""; 0], "somebody else has the password");
    assert!(said.contains("was not followed"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_realm_elsewhere_is_for_whoever_names_it_or_has_no_password() -> Result<()> {
    let (registry, other, mut person, tag) = stage().await?;
    let source = SocketAddr::from(([127, 0, 0, 1], other.port()));
    let (port, authority) = encrypted(&["localhost"], source).await?;
    let origin = format!("https://localhost:{port}");
    std::fs::write(person.path("authority.pem"), authority)?;
    person.environment.push(("SSL_CERT_FILE", person.path("authority.pem").display().to_string()));
    registry.behave(|it| it.realm = Some(format!("{origin}/token?tenant=7")));

    let said = person.pull(&tag, &LOGIN, 3).await?;
    assert!(other.heard().is_empty(), "another host is no better for being encrypted");
    assert!(said.contains(&format!("--realm {origin}")), "{said}");
    // As that says.
    person.pull(&tag, &[&LOGIN[..], &["--realm", &origin]].concat(), 0).await?;
    let heard = other.heard();
    assert_eq!(authorizations(&heard).len(), 1, "{heard:?}");
    assert_eq!(heard[0].query, "tenant=7&service=registry&scope=repository%3Aacme%2Fthings%3Apull");

    // Everybody may ask for what everybody gets.
    other.behave(|it| it.login = Login::AnyToken);
    std::fs::remove_file(person.path("things.wasm"))?;
    std::fs::remove_dir_all(person.home.path().join(".cache"))?;
    person.pull(&tag, &[], 0).await?;
    assert_eq!(authorizations(&other.heard()), [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_other_realm_wants_is_not_the_password_of_the_registry() -> Result<()> {
    let (registry, _, person, tag) = stage().await?;
    for realm in [
        "http://auth.exhibit.invalid/token",
        "https://169.254.169.254/latest",
        "https://ada:secret@127.0.0.1/token",
        "ftp://127.0.0.1/token",
        "no URL",
    ] {
        registry.behave(|it| it.realm = Some(realm.to_owned()));
        for login in [&LOGIN[..], &[]] {
            let said = person.pull(&tag, login, 3).await?;
            assert!(said.contains("pulling from"), "{realm}: {said}");
            assert!(!said.contains("secret"), "{realm}: {said}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_on_this_machine_is_reached_through_no_proxy() -> Result<()> {
    let (registry, proxy, mut person, tag) = stage().await?;
    for variable in ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"] {
        person.environment.push((variable, proxy.url()));
    }
    person.pull(&tag, &LOGIN, 0).await?;
    person.push(PLUGIN, &registry.reference("acme/things:2.0.0"), &LOGIN).await?;
    assert!(proxy.heard().is_empty(), "somebody else was asked to reach this machine");
    Ok(())
}
