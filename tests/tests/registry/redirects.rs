//! Where a registry sends those who ask: blobs are often elsewhere, and credentials never are.

use anyhow::Result;

use crate::PLUGIN;
use crate::person::{LOGIN, Person};
use crate::registry::{Login, Registry};

async fn stage() -> Result<(Registry, Registry, Person, String)> {
    let (registry, other) = (Registry::start(Login::None).await?, Registry::start(Login::None).await?);
    let (person, tag) = (Person::new()?, registry.reference("acme/things:1.0.0"));
    person.push(PLUGIN, &tag, &[]).await?;
    other.copy(&registry);
    registry.heard();
    Ok((registry, other, person, tag))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_elsewhere_is_got_there_without_credentials() -> Result<()> {
    for login in [Login::Basic, Login::Token] {
        for part in ["/blobs/sha256", "/manifests/"] {
            let (registry, other, person, tag) = stage().await?;
            registry.behave(|it| {
                it.login = login;
                it.moved = Some((part, other.url()));
            });
            person.pull(&tag, &LOGIN, 0).await?;
            let heard = other.heard();
            assert!(heard.iter().any(|it| it.path.contains(part)), "{heard:?}");
            assert!(heard.iter().all(|it| it.authorization.is_none()), "{heard:?}");
            assert!(registry.heard().iter().any(|it| it.authorization.is_some()));
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_sent_to_where_requests_do_not_go() -> Result<()> {
    let (registry, _, person, tag) = stage().await?;
    for there in [
        "http://blobs.exhibit.invalid",
        "https://169.254.169.254",
        "http://[fd00:ec2::254]",
        "https://a:b@blobs.exhibit.invalid",
        "file://",
    ] {
        registry.behave(|it| it.moved = Some(("/blobs/", there.to_owned())));
        let said = person.pull(&tag, &[], 3).await?;
        assert!(said.contains("was not followed"), "{there}: {said}");
    }
    // And not around in a circle.
    registry.heard();
    let here = registry.url();
    registry.behave(|it| it.moved = Some(("/blobs/", here.clone())));
    let said = person.pull(&tag, &[], 3).await?;
    assert!(said.contains("one redirect too many"), "{said}");
    assert!(registry.heard().len() < 10);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_elsewhere_has_no_credentials_with_it() -> Result<()> {
    let (registry, other, person, _) = stage().await?;
    let there = other.url();
    registry.behave(|it| {
        it.login = Login::Basic;
        it.uploads = Some(there.clone());
    });
    person.push(PLUGIN, &registry.reference("acme/others:1.0.0"), &LOGIN).await?;
    let heard = other.heard();
    assert_eq!(heard.iter().filter(|it| it.method == "PUT").count(), 2, "{heard:?}");
    assert!(heard.iter().all(|it| it.authorization.is_none()), "{heard:?}");
    for there in ["http://uploads.exhibit.invalid", "https://169.254.169.254"] {
        registry.behave(|it| it.uploads = Some(there.to_owned()));
        let call = ["plugin", "push", PLUGIN, &registry.reference("acme/more:1.0.0")];
        let said = person.exhibit(&[&call[..], &LOGIN[..]].concat(), 3).await?;
        assert!(said.contains("was not followed"), "{said}");
    }
    Ok(())
}
