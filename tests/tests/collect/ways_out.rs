//! Mistakes in a call: each says what is wrong, with what, and what to write instead.

use anyhow::{Result, ensure};
use exhibit_simulator::World;

use crate::stage::{Called, Stage};

/// Whether it ended as a mistake in the call, and said all of this.
fn says(called: Called, all: &[&str]) -> Result<()> {
    let called = called.ended_with(2)?;
    for said in all {
        ensure!(called.stderr.contains(said), "{said}: {called:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_are_missing_or_written_otherwise_say_how_to_write_them() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    for (further, said) in [
        (&[][..], &["no place is given for the evidence", "next: add --out DIR", "--store STORE --sign"][..]),
        (&["--store", "store"], &["no key is named", "next: name the store's key with --sign"]),
        (&["--out", "out", "--good-for", "30d"], &["--good-for", "write the number of days alone: 30"]),
        (&["--out", "out", "--max-wait", "5m"], &["--max-wait", "write the number of seconds alone: 300"]),
        (
            &["--out", "out", "--origin", "http://api.example"],
            &["--origin", "name the origin, as in NAME=URL"],
        ),
        (
            &["--out", "out", "--allow-network", "10.20.1.1/16"],
            &["--allow-network", "write 10.20.0.0/16 for the whole network, or 10.20.1.1 for that address"],
        ),
    ] {
        says(stage.connected(&[&["collect", "users"], further].concat()).await?, said)?;
    }
    let with = async |origin: &str, platform: &str| {
        let platform = format!("platform={platform}");
        let secrets = ["--secret", "username=env:NONE", "--secret", "password=env:NONE"];
        let call = ["collect", "users", "--out", "out", "--origin", origin, "--set", &platform];
        stage.exhibit(&[&call[..], &secrets].concat()).await
    };
    says(
        with("api=http://api.example", "US2").await?,
        &["`http://api.example` is not https", "next: write https://", "add --plain-http api"],
    )?;
    says(
        with("api=10.20.0.0/16", "US2").await?,
        &[
            "`10.20.0.0/16` is a network",
            "next: write --origin api=https://host; --allow-network 10.20.0.0/16",
        ],
    )?;
    says(with("api=https://api.example", "US22").await?, &["unknown platform `US22`; did you mean `US2`?"])?;
    ensure!(!stage.path("out").exists(), "nothing was collected");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_missing_are_named() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let init = ["evidence", "init", "store", "--name", "example.com/it", "--sign", "file:key.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    for (arguments, said) in [
        (
            &["verify", "store", "--key", "no.pub"][..],
            &["the public key cannot be read: no.pub: ", "next: name "][..],
        ),
        (
            &["verify", "store", "--key", "key.pem.pub", "--checkpoint", "no.checkpoint"],
            &["the checkpoint cannot be read: no.checkpoint: ", "next: name an earlier copy"],
        ),
        (
            &["verify", "store", "--tsa-cert", "no.pem"],
            &["cannot be read: no.pem: ", "next: name a file with"],
        ),
        (&["keys", "show", "no.pem"], &["no.pem", "next: name a file with a key"]),
    ] {
        says(stage.exhibit(arguments).await?, said)?;
    }
    let collect = ["collect", "users", "--out", "out", "--sign", "file:no.pem"];
    let said = ["the private key cannot be read: no.pem: ", "next: name it with --sign", "`exhibit keys new"];
    says(stage.connected(&collect).await?, &said)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_criteria_made_empty_says_which() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..World::default() }).await?;
    let called = stage.collect("assets", "assets", &["--with", "ips=10.255.255.1"]).await?.ended_with(0)?;
    for said in [
        "No rows: ",
        "Only this was asked for: ips = 10.255.255.1. A misspelt value",
        "Criteria: ips = 10.255.255.1.",
    ] {
        ensure!(called.stdout.contains(said), "{said}: {called:?}");
    }
    for format in ["html", "csv"] {
        let out = format!("assets.{format}");
        stage.exhibit(&["export", "assets", "--format", format, "--out", &out]).await?.ended_with(0)?;
    }
    let page = std::fs::read_to_string(stage.path("assets.html"))?;
    ensure!(page.contains("Criteria") && page.contains("ips = 10.255.255.1"), "{page}");
    Ok(())
}
