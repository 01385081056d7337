//! OpenSSL reads our keys, and we read its.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use exhibit::secrets::{Backends, SecretRef};
use exhibit::signing::SigningKey;
use exhibit_simulator::World;
use exhibit_skipped::skip;
use tokio::process::Command;

use crate::stage::Stage;
use crate::tools::run;

fn openssl(arguments: &[&str]) -> Command {
    let mut command = Command::new("openssl");
    command.args(arguments);
    command
}

#[tokio::test]
async fn openssl_reads_our_keys_and_we_read_its() -> Result<()> {
    if let Err(reason) = run(openssl(&["version"])).await {
        return Ok(skip("openssl", reason)?);
    }
    let stage = Stage::new(World::default()).await?;
    let path = |name: &str| stage.path(name).display().to_string();
    stage.exhibit(&["keys", "new", "--out", "ours"]).await?.ended_with(0)?;
    let ours = run(openssl(&["pkey", "-in", &path("ours"), "-pubout"])).await;
    ensure!(ours == Ok(fs::read_to_string(path("ours.pub"))?), "{ours:?}");

    let generate = openssl(&["genpkey", "-algorithm", "ed25519", "-out", &path("theirs")]);
    run(generate).await.map_err(anyhow::Error::msg)?;
    let public = run(openssl(&["pkey", "-in", &path("theirs"), "-pubout"])).await;
    let read = SigningKey::read(&SecretRef::File(path("theirs").into()), &Backends::default()).await?;
    ensure!(public == Ok(read.public().to_pem()), "{public:?}");
    // And the command.
    let shown = stage.exhibit(&["keys", "show", "theirs"]).await?.ended_with(0)?.stdout;
    ensure!(shown.ends_with(&public.ok().context("a public key")?), "{shown}");
    Ok(())
}
