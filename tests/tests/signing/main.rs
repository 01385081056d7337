//! Keys and signatures as others see them: OpenSSL, and the Python packages of in-toto.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit::records::Digest;
use exhibit::secrets::SecretRef;
use exhibit::signing::{Envelope, Predicate, SigningKey, Statement, Subject, TestResult};
use exhibit_skipped::skip;
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

/// Installing takes half a minute; who waits longer has no usable network.
const PATIENCE: Duration = Duration::from_secs(240);

/// The versions that are known to work; newer ones may check otherwise.
const PACKAGES: [&str; 3] =
    ["securesystemslib[crypto]==1.6.0", "in-toto==3.1.0", "in-toto-attestation==0.9.3"];

/// What a program wrote, or why it did not run to a good end.
async fn run(program: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).kill_on_drop(true);
    let output = timeout(PATIENCE, command.output())
        .await
        .map_err(|_| format!("{} takes too long", program.display()))?
        .map_err(|error| format!("{} does not run: {error}", program.display()))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

async fn exhibit(arguments: &[&str]) -> Result<String, String> {
    run(Path::new(env!("CARGO_BIN_EXE_exhibit-tested")), arguments).await
}

/// A folder with a new key in it, and the key's path.
async fn keyed() -> Result<(tempfile::TempDir, PathBuf)> {
    let folder = tempfile::tempdir()?;
    let key = folder.path().join("key");
    exhibit(&["keys", "new", "--out", &key.display().to_string()]).await.map_err(anyhow::Error::msg)?;
    Ok((folder, key))
}

fn sealed(key: &SigningKey) -> Result<Envelope> {
    let subject = |name: &str| Subject { name: name.to_owned(), digest: Digest::of(name.as_bytes()) };
    let names = |names: &[&str]| names.iter().map(|&it| it.to_owned()).collect();
    let result = TestResult::new(vec![subject("users.toml")], names(&["a", "ü"]), vec![], names(&["b"]))?;
    Ok(Envelope::seal(&Statement::new(vec![subject("rows.ndjson")], result)?, key)?)
}

#[tokio::test]
async fn both_halves_of_a_key_show_the_same_public_key_and_neither_is_overwritten() -> Result<()> {
    let (_folder, key) = keyed().await?;
    let (private, public) = (key.display().to_string(), format!("{}.pub", key.display()));
    let shown = exhibit(&["keys", "show", &private]).await.map_err(anyhow::Error::msg)?;
    ensure!(Ok(&shown) == exhibit(&["keys", "show", &public]).await.as_ref(), "{shown}");
    ensure!(shown.ends_with(&fs::read_to_string(&public)?), "{shown}");
    ensure!(!shown.contains("PRIVATE"), "{shown}");

    let json = exhibit(&["keys", "show", &public, "--json"]).await.map_err(anyhow::Error::msg)?;
    let id = serde_json::from_str::<Json>(&json)?["id"].as_str().context("an id")?.to_owned();
    ensure!(shown.starts_with(&format!("# key {id}\n")), "{shown}");

    let before = fs::read(&key)?;
    let again = exhibit(&["keys", "new", "--out", &private]).await.expect_err("it is there");
    ensure!(again.contains("no key is ever overwritten"), "{again}");
    ensure!(fs::read(&key)? == before);
    let nothing = exhibit(&["keys", "show", env!("CARGO_MANIFEST_PATH")]).await.expect_err("no key");
    ensure!(nothing.contains("is no private Ed25519 key in PEM"), "{nothing}");
    Ok(())
}

#[tokio::test]
async fn openssl_reads_our_keys_and_we_read_its() -> Result<()> {
    let (folder, key) = keyed().await?;
    let openssl = Path::new("openssl");
    if let Err(reason) = run(openssl, &["version"]).await {
        return Ok(skip("openssl", reason)?);
    }
    let ours = run(openssl, &["pkey", "-in", &key.display().to_string(), "-pubout"]).await;
    ensure!(ours == Ok(fs::read_to_string(format!("{}.pub", key.display()))?), "{ours:?}");

    let theirs = folder.path().join("theirs").display().to_string();
    run(openssl, &["genpkey", "-algorithm", "ed25519", "-out", &theirs]).await.map_err(anyhow::Error::msg)?;
    let public = run(openssl, &["pkey", "-in", &theirs, "-pubout"]).await;
    let read = SigningKey::read(&SecretRef::File(theirs.into()))?;
    ensure!(public == Ok(read.public().to_pem()), "{public:?}");
    Ok(())
}

#[tokio::test]
async fn python_checks_what_we_sign() -> Result<()> {
    let (folder, key) = keyed().await?;
    let path = |name: &str| folder.path().join(name).display().to_string();
    let python = folder.path().join("venv/bin/python");
    let install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check"];
    let ready = match run(Path::new("python3"), &["-m", "venv", &path("venv")]).await {
        Ok(_) => run(&python, &[&install[..], &PACKAGES].concat()).await,
        Err(reason) => Err(reason),
    };
    if let Err(reason) = ready {
        return Ok(skip("pip", format!("in-toto cannot be installed: {reason}"))?);
    }
    let envelope = sealed(&SigningKey::read(&SecretRef::File(key.clone()))?)?.to_bytes();
    let mut altered: Json = serde_json::from_slice(&envelope)?;
    altered["payload"] = altered["payload"].as_str().context("a payload")?.replacen('e', "f", 1).into();
    fs::write(path("sealed"), &envelope)?;
    fs::write(path("altered"), altered.to_string())?;

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/signing/verify.py").display().to_string();
    let public = format!("{}.pub", key.display());
    let said = run(&python, &[&script, &public, &path("sealed"), &path("altered")]).await;
    let expected = format!("application/vnd.in-toto+json {} rows.ndjson\n", TestResult::TYPE);
    ensure!(said == Ok(expected), "{said:?}");
    Ok(())
}
