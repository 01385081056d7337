//! Signatures and statements, as PyPI's packages of in-toto check them.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use exhibit::records::Digest;
use exhibit::secrets::{Backends, SecretRef};
use exhibit::signing::{Envelope, Predicate, SigningKey, Statement, Subject, TestResult};
use exhibit_simulator::World;
use serde_json::{Value as Json, json};

use crate::evidence::{Exports, Persons};
use crate::stage::Stage;
use crate::tools::Python;

/// The versions that are known to work; newer ones may check otherwise.
const PACKAGES: [&str; 3] =
    ["securesystemslib[crypto]==1.6.0", "in-toto==3.1.0", "in-toto-attestation==0.9.3"];

async fn in_toto() -> Result<Option<Python>> {
    Python::with("in-toto", &PACKAGES).await
}

/// A stage with a new key `key` and its public half.
async fn keyed(world: World) -> Result<Stage> {
    let stage = Stage::new(world).await?;
    stage.exhibit(&["keys", "new", "--out", "key"]).await?.ended_with(0)?;
    Ok(stage)
}

/// What the packages say of an envelope, where they take it, and refuse it once it is altered.
async fn checked(python: &Python, stage: &Stage, envelope: &[u8]) -> Result<String> {
    let mut altered: Json = serde_json::from_slice(envelope)?;
    altered["payload"] = altered["payload"].as_str().context("a payload")?.replacen('e', "f", 1).into();
    let path = |name: &str| stage.path(name).display().to_string();
    fs::write(path("sealed"), envelope)?;
    fs::write(path("altered"), altered.to_string())?;
    let arguments = [&*path("key.pub"), &path("sealed"), &path("altered")];
    python.run(include_str!("in_toto_envelope.py"), &arguments).await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_toto_checks_what_the_library_signs() -> Result<()> {
    let Some(python) = in_toto().await? else { return Ok(()) };
    let stage = keyed(World::default()).await?;
    let subject = |name: &str| Subject { name: name.to_owned(), digest: Digest::of(name.as_bytes()) };
    let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
    let result = TestResult::new(vec![subject("users.toml")], names(&["a", "ü"]), vec![], names(&["b"]))?;
    let key = SigningKey::read(&SecretRef::File(stage.path("key")), &Backends::default()).await?;
    let envelope = Envelope::seal(&Statement::new(vec![subject("rows.ndjson")], result)?, &key)?.to_bytes();
    let said = checked(&python, &stage, &envelope).await?;
    assert_eq!(said, format!("application/vnd.in-toto+json {} rows.ndjson\n", TestResult::TYPE));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_toto_checks_evidence_and_runs_of_tests() -> Result<()> {
    let Some(python) = in_toto().await? else { return Ok(()) };
    let stage = keyed(World { users: 5, ..World::default() }).await?;
    stage.collect("users", "users", &["--as-of", "2026-11-01", "--sign", "file:key"]).await?.ended_with(0)?;
    let run = stage.exhibit(&["test", "users", "--sign", "file:key"]).await?;
    ensure!(matches!(run.code, Some(0 | 1)), "{run:?}");
    for (file, predicate, subject) in [
        ("signature.json", "https://exhibit.invalid/evidence/v1", "proof.json"),
        ("tests/0001/signature.json", TestResult::TYPE, "rows.ndjson"),
    ] {
        let said = checked(&python, &stage, &fs::read(stage.path("users").join(file))?).await?;
        assert_eq!(said, format!("application/vnd.in-toto+json {predicate} {subject}\n"));
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn in_toto_reads_the_exported_statement() -> Result<()> {
    let Some(python) = in_toto().await? else { return Ok(()) };
    let statement = Exports::new().await?;
    let statement = statement.file("in-toto", Persons::Named).await?;
    let said = python.run(include_str!("in_toto_statement.py"), &[&statement]).await?;
    let said: Json = serde_json::from_str(&said)?;
    assert_eq!(said, json!(["FAILED", ["owned"], ["scanned"], 3]));
    Ok(())
}
