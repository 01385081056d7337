//! Evidence with a time stamp, from end to end: `openssl ts` is the authority, and checks what is kept, too.

mod authority;
mod stage;

use anyhow::{Context as _, Result};

use self::authority::{Authority, Key, openssl};
use self::stage::Stage;

#[tokio::test(flavor = "multi_thread")]
async fn evidence_says_since_when_it_is_there() -> Result<()> {
    let stage = Stage::new().await?;
    let Some(authority) = Authority::start(Key::P256).await? else { return Ok(()) };
    stage.exhibit(&["keys", "new", "--out", "evidence.pem"], 0).await?;
    for (folder, sign, of) in [
        ("signed", &["--sign", "file:evidence.pem"][..], "signature.json"),
        ("unsigned", &[][..], "proof.json"),
    ] {
        stage.collect(folder, &[&["--timestamp-url", &authority.url()], sign].concat(), 0).await?;

        // It claims to have one, and that was not checked.
        let unchecked = stage.exhibit(&["verify", folder], 1).await?;
        assert!(unchecked.contains("? skip  timestamp:"), "{unchecked}");
        assert!(unchecked.contains("name the file of that authority's certificates with --tsa-cert"));
        let root = authority.root();
        let trusted = ["--tsa-cert", &root, "--key", "evidence.pem.pub"];
        let trusted = if sign.is_empty() { &trusted[..2] } else { &trusted[..] };
        let checked = stage.exhibit(&[&["verify", folder], trusted].concat(), 0).await?;
        assert!(checked.contains("✔ pass  timestamp:"), "{checked}");
        assert!(checked.contains("[seen at 20"), "{checked}");

        // And without us.
        let (of, stamp) = (stage.path(folder).join(of), stage.path(folder).join("timestamp.tsr"));
        let said = openssl(
            authority.folder(),
            &[
                "ts",
                "-verify",
                "-data",
                &of.display().to_string(),
                "-in",
                &stamp.display().to_string(),
                "-CAfile",
                &authority.root(),
            ],
        )
        .await?;
        assert!(said.contains("Verification: OK"), "{said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_in_a_store_has_one_too() -> Result<()> {
    let stage = Stage::new().await?;
    let Some(authority) = Authority::start(Key::P256).await? else { return Ok(()) };
    stage.exhibit(&["keys", "new", "--out", "evidence.pem"], 0).await?;
    stage
        .exhibit(&["evidence", "init", "store", "--name", "example.com/it", "--sign", "file:evidence.pem"], 0)
        .await?;
    let url = authority.url();
    stage
        .collect_to(&["--store", "store", "--sign", "file:evidence.pem", "--timestamp-url", &url], 0)
        .await?;
    let trusted = ["--key", "evidence.pem.pub", "--tsa-cert", &authority.root(), "--json"];
    let said = stage.exhibit(&[&["verify", "store"], &trusted[..]].concat(), 0).await?;
    let report: serde_json::Value = serde_json::from_str(&said)?;
    let checks = report["checks"].as_array().context("checks")?;
    let stamped = checks.iter().find(|it| it["name"] == "timestamp").context("no check of the time stamp")?;
    assert_eq!(stamped["verdict"], "passed", "{stamped}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_that_is_not_the_evidence_s_is_noticed() -> Result<()> {
    let stage = Stage::new().await?;
    let Some(authority) = Authority::start(Key::P256).await? else { return Ok(()) };
    let Some(other) = Authority::start(Key::P256).await? else { return Ok(()) };
    let url = authority.url();
    stage.collect("one", &["--timestamp-url", &url], 0).await?;
    stage.collect("two", &["--timestamp-url", &url], 0).await?;
    stage.collect("none", &[], 0).await?;
    let failed = async |folder: &str, tsa: &[&str]| {
        let said = stage.exhibit(&[&["verify", folder], tsa].concat(), 1).await?;
        let line = said.lines().skip_while(|it| !it.starts_with("✘ fail  timestamp")).nth(1);
        Ok::<_, anyhow::Error>(line.context(said.clone())?.trim().to_owned())
    };
    let root = ["--tsa-cert", &authority.root()];
    assert_eq!(failed("none", &root).await?, "there is no time stamp");
    let said = failed("one", &["--tsa-cert", &other.root()]).await?;
    assert!(said.starts_with("the time stamp is not signed by a trusted certificate"), "{said}");

    let stamp = |folder: &str| stage.path(folder).join("timestamp.tsr");
    let mut bytes = std::fs::read(stamp("one"))?;
    std::fs::copy(stamp("two"), stamp("one"))?;
    // Without any certificate, too.
    let said = failed("one", &[]).await?;
    assert_eq!(said, "the time stamp does not match this evidence");
    // The signature is last.
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(stamp("one"), bytes)?;
    failed("one", &root).await?;
    std::fs::remove_file(stamp("one"))?;
    failed("one", &[]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn authorities_of_every_usual_key_are_checked() -> Result<()> {
    let stage = Stage::new().await?;
    for key in [Key::Rsa(2048), Key::Rsa(4096), Key::Ec("P-384"), Key::Ec("P-521")] {
        let Some(authority) = Authority::start(key).await? else { return Ok(()) };
        let folder = format!("{key:?}").replace(['(', ')', '"'], "-");
        stage.collect(&folder, &["--timestamp-url", &authority.url()], 0).await?;
        let said = stage.exhibit(&["verify", &folder, "--tsa-cert", &authority.root()], 0).await?;
        assert!(said.contains("✔ pass  timestamp:"), "{key:?}: {said}");
        // Its signature is altered: the key's kind makes no difference.
        let stamp = stage.path(&folder).join("timestamp.tsr");
        let mut bytes = std::fs::read(&stamp)?;
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        std::fs::write(&stamp, bytes)?;
        let said = stage.exhibit(&["verify", &folder, "--tsa-cert", &authority.root()], 1).await?;
        assert!(said.contains("✘ fail  timestamp:"), "{key:?}: {said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_checked_later_is_refused_when_it_comes() -> Result<()> {
    let stage = Stage::new().await?;
    for (key, kind) in [
        (Key::Rsa(1024), "an RSA key of 1024 bits and SHA-256"),
        (Key::Ec("brainpoolP256r1"), "a key on the elliptic curve brainpoolP256r1 and SHA-256"),
    ] {
        let Some(authority) = Authority::start(key).await? else { return Ok(()) };
        let folder = format!("{key:?}").replace(['(', ')', '"'], "-");
        let said = stage.collect(&folder, &["--timestamp-url", &authority.url()], 3).await?;
        assert!(
            said.contains(&format!("the authority signs with {kind}, which cannot be checked here")),
            "{said}"
        );
        assert!(said.contains(&format!("the evidence is in {folder}, without one")), "{said}");
        assert!(!stage.path(&folder).join("timestamp.tsr").exists());
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_stamp_that_cannot_be_checked_here_is_skipped_with_the_reason() -> Result<()> {
    let stage = Stage::new().await?;
    let Some(authority) = Authority::start(Key::P256).await? else { return Ok(()) };
    let Some(odd) = Authority::start(Key::Rsa(1024)).await? else { return Ok(()) };
    stage.collect("out", &["--timestamp-url", &authority.url()], 0).await?;
    // As an earlier version kept it: over the same bytes, by an authority whose key it did not look at.
    let (of, stamp) = (stage.path("out").join("proof.json"), stage.path("out").join("timestamp.tsr"));
    let of = of.display().to_string();
    let query = ["ts", "-query", "-data", &of, "-sha256", "-cert", "-out", "query.tsq"];
    openssl(odd.folder(), &query).await?;
    let stamp = stamp.display().to_string();
    let reply =
        ["ts", "-reply", "-config", "ts.cnf", "-section", "one", "-queryfile", "query.tsq", "-out", &stamp];
    openssl(odd.folder(), &reply).await?;
    let said = stage.exhibit(&["verify", "out", "--tsa-cert", &odd.root()], 1).await?;
    assert!(said.contains("? skip  timestamp:"), "{said}");
    assert!(said.contains("an RSA key of 1024 bits") && said.contains("openssl ts -verify"), "{said}");
    // Of an authority that is not trusted, that is no excuse.
    let said = stage.exhibit(&["verify", "out", "--tsa-cert", &authority.root()], 1).await?;
    assert!(said.contains("✘ fail  timestamp:"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_collected_is_kept_whatever_the_authority_does() -> Result<()> {
    let stage = Stage::new().await?;
    // The source answers, and no authority.
    let source = format!("{}/tsr", stage.source());
    for (folder, url) in [("other", source.as_str()), ("unreachable", "http://127.0.0.1:1/")] {
        let said = stage.collect(folder, &["--timestamp-url", url], 3).await?;
        assert!(said.contains(&format!("the evidence is in {folder}, without one")), "{said}");
        assert!(!stage.path(folder).join("timestamp.tsr").exists());
        stage.exhibit(&["verify", folder], 0).await?;
    }
    stage.collect("typo", &["--timestamp-url", "tsa.example"], 2).await?;
    assert!(!stage.path("typo").exists());
    Ok(())
}
