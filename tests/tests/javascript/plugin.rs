//! A plugin in JavaScript, run by the host as any other.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use exhibit::digest::Digest;
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::sync::OnceCell;

use crate::npm::{installed, node, script, source};
use crate::process::{Ended, ended, exhibit};
use crate::source::Source;

/// The whole of a JavaScript engine is put together, and later compiled.
const PATIENCE: Duration = Duration::from_secs(300);
/// What no plugin ever sees.
const PASSWORD: &str = "canary-51";

/// The plugin's component, built once; `None` where the caller's test is skipped.
async fn component() -> Result<Option<&'static Path>> {
    static BUILT: OnceCell<Option<PathBuf>> = OnceCell::const_new();
    Ok(BUILT.get_or_try_init(build).await?.as_deref())
}

async fn build() -> Result<Option<PathBuf>> {
    let Some(folder) = installed("plugin").await? else { return Ok(None) };
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit");
    let mut sources = Vec::new();
    for from in [source("plugin"), wit.clone()] {
        contents(&from, &mut sources)?;
    }
    let (made_of, mark) = (Digest::of(&sources).to_string(), folder.join(".built-of"));
    let component = folder.join("certificates.wasm");
    if !component.is_file() || fs::read_to_string(&mark).ok().as_ref() != Some(&made_of) {
        let mut build = script(&folder, "build.mjs");
        build.arg(wit).arg(&component);
        ended(build, PATIENCE).await?.with(0)?;
        fs::write(mark, made_of)?;
    }
    // So that no test waits for the compiler.
    ended(exhibit(&["plugin", "show", &component.display().to_string()]), PATIENCE).await?.with(0)?;
    Ok(Some(component))
}

/// All files, one after the other, each with its name.
fn contents(folder: &Path, into: &mut Vec<u8>) -> Result<()> {
    let mut entries: Vec<_> = fs::read_dir(folder)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries.into_iter().filter(|it| it.file_name() != "node_modules") {
        if entry.file_type()?.is_dir() {
            contents(&entry.path(), into)?;
        } else {
            into.extend(entry.file_name().as_encoded_bytes());
            into.extend(fs::read(entry.path())?);
        }
    }
    Ok(())
}

/// What a collection came to, and where it was to leave its folder.
struct Collected {
    ended: Ended,
    folder: tempfile::TempDir,
}

impl Collected {
    fn text(&self, file: &str) -> Result<String> {
        fs::read_to_string(self.folder.path().join("out").join(file))
            .with_context(|| format!("reading {file}"))
    }

    fn proof(&self) -> Result<Json> {
        Ok(serde_json::from_str(&self.text("proof.json")?)?)
    }
}

fn collecting(component: &Path, source: &Source, folder: &Path, further: &[&str]) -> Command {
    let mut command = exhibit(&["collect", "certificates", "--as-of", "2026-11-01", "--plugin"]);
    command
        .arg(component)
        .arg("--out")
        .arg(folder.join("out"))
        .args(["--origin", &source.origin()])
        .args(further)
        .env("PLAIN_USERNAME", "user")
        .env("PLAIN_PASSWORD", PASSWORD);
    command
}

async fn collect(component: &Path, source: &Source, further: &[&str]) -> Result<Collected> {
    let folder = tempfile::tempdir()?;
    let ended = ended(collecting(component, source, folder.path(), further), PATIENCE).await?;
    Ok(Collected { ended, folder })
}

#[tokio::test(flavor = "multi_thread")]
async fn its_own_tests_pass() -> Result<()> {
    if !node().await? {
        return Ok(());
    }
    let mut tests = Command::new("node");
    tests.arg("--test").current_dir(source("plugin"));
    ended(tests, PATIENCE).await?.with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_says_what_it_is() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let file = component.display().to_string();
    let shown = ended(exhibit(&["plugin", "show", &file, "--json"]), PATIENCE).await?.with(0)?.stdout;
    let shown: Json = serde_json::from_str(&shown)?;
    insta::assert_snapshot!(serde_json::to_string_pretty(&shown)?, @"");
    let types = ended(exhibit(&["types", "certificates", "--plugin", &file]), PATIENCE).await?.with(0)?;
    insta::assert_snapshot!(types.stdout, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_collects() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=example.com"]).await?;
    assert_eq!(collected.ended.code, Some(0), "{:?}", collected.ended);
    insta::assert_snapshot!(collected.text("rows.ndjson")?, @"");
    insta::assert_snapshot!(collected.text("proof.csv")?, @"");
    let proof = collected.proof()?;
    insta::assert_snapshot!(serde_json::to_string_pretty(&proof["completeness"])?, @"");
    insta::assert_snapshot!(serde_json::to_string_pretty(&proof["rejections"])?, @"");
    assert_eq!(source.asked(), ["/?q=example.com&output=json"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn criteria_and_windows_narrow_it_down() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let of_2011 = ["--with", "domain=example.com", "--from", "2011-01-01", "--to", "2012-01-01"];
    let collected = collect(component, &source, &of_2011).await?;
    assert_eq!(collected.proof()?["rows"], 1);
    assert!(collected.text("rows.ndjson")?.starts_with(r#"{"id":12,"#));
    let valid = ["--with", "domain=example.com", "--with", "expired=false"];
    collect(component, &source, &valid).await?.ended.with(0)?;
    assert_eq!(source.asked()[1], "/?q=example.com&output=json&exclude=expired");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_host_signs_for_it() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let unsigned = collect(component, &source, &["--with", "domain=private.example"]).await?.ended.with(3)?;
    assert!(unsigned.stderr.contains("set sign-in to basic"), "{}", unsigned.stderr);
    let signed = [
        "--with",
        "domain=private.example",
        "--set",
        "sign-in=basic",
        "--secret",
        "username=env:PLAIN_USERNAME",
        "--secret",
        "password=env:PLAIN_PASSWORD",
    ];
    let collected = collect(component, &source, &signed).await?;
    assert_eq!(collected.proof()?["rows"], 4);
    assert!(!collected.text("proof.json")?.contains(PASSWORD));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_waits_as_it_is_told() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let collected = collect(component, &source, &["--with", "domain=busy.example"]).await?;
    assert_eq!(collected.proof()?["rows"], 4);
    assert_eq!(source.asked().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_list_is_an_error() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let mut said = Vec::new();
    for further in [["--with", "domain=page.example"], ["--with", "domian=example.com"]] {
        let collected = collect(component, &source, &further).await?;
        assert!(!collected.folder.path().join("out").exists(), "nothing is kept");
        said.push(format!("{:?} {}", collected.ended.code, collected.ended.stderr));
    }
    insta::assert_snapshot!(said.join("\n"), @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_records_fit_into_its_memory() -> Result<()> {
    let Some(component) = component().await? else { return Ok(()) };
    let source = Source::start().await?;
    let begun = Instant::now();
    let collected = collect(component, &source, &["--with", "domain=many.example"]).await?;
    assert_eq!(collected.ended.code, Some(0), "{:?}", collected.ended);
    assert_eq!(collected.proof()?["rows"], 20_000);
    eprintln!("20000 records: {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}
