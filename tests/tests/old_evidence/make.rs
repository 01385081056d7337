//! Makes the fixture of the format that is written today:
//!
//! ```sh
//! cargo test --release -p exhibit-tests --test old_evidence -- --ignored
//! ```
//!
//! It is then committed, and not made again: what later versions must read is what this one wrote. What a fixture
//! has is the same for each format, so that all tests hold of all of them: evidence in a folder, with several pages,
//! an answer that broke off and two runs of tests; a store, with evidence that was tested again later and evidence
//! that was pruned; and a bundle from that store. All of it is signed, and has a time stamp. The keys are thrown
//! away.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};
use serde_json::Value as Json;

use crate::authority::{Authority, Key};
use crate::layout::{AUTHORITY, BUNDLE, FIXTURES, FOLDER, KEY, STORE};
use crate::stage::Stage;
use crate::tree;

/// What counts as now, in the order in which it goes by.
const FIRST: &str = "2026-11-01";
const LATER: &str = "2026-11-03";
const SIGNED: [&str; 2] = ["--sign", "file:key.pem"];

/// Where the fixture of this evidence's format is.
pub(crate) fn fixture(proof: &Json) -> Result<PathBuf> {
    let format = proof["format"].as_u64().context("a format")?;
    Ok(Path::new(FIXTURES).join(format!("format-{format}")))
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes into the repository: what it makes is made once for each format"]
async fn make_the_fixture_of_today() -> Result<()> {
    let world = World { assets: 40, users: 6, scans: 12, ..World::default() };
    let stage = Stage::new(world).await?;
    let authority = Authority::start(Key::P256).await?.context("it takes openssl to make a time stamp")?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;

    stage.source.faults().set([Rule::on_request(2, Fault::ResetAt(5_000))]);
    let url = authority.url();
    let (stamped, tests) = (["--timestamp-url", &url], ["--test", "suggested"]);
    let further = [&["--as-of", FIRST, "--set", "page-size=15"], &stamped[..], &tests, &SIGNED].concat();
    stage.collect("assets", FOLDER, &further).await?.ended_with(1)?;
    let broken = stage.kept(FOLDER).answers()?.iter().filter(|it| !it["broken"].is_null()).count();
    ensure!(broken == 1, "one answer was to break off, and {broken} did");
    test(&stage, FOLDER).await?;

    let init = ["evidence", "init", STORE, "--name", "example.com/evidence"];
    stage.exhibit(&[&init[..], &SIGNED].concat()).await?.ended_with(0)?;
    let scans = [&["--from", "2026-10-01", "--to", "2026-11-01"][..], &stamped, &tests].concat();
    let first = store(&stage, "vm-scans", FIRST, &scans).await?;
    // Of the same window, with the same tests: it supersedes the first.
    let second = store(&stage, "vm-scans", LATER, &scans).await?;
    test(&stage, &second).await?;
    // A window that the plugin chose, and one that is a filter.
    store(&stage, "pc-scans", FIRST, &[&stamped[..], &tests].concat()).await?;
    let october = ["--from", "2026-10-01", "--to", "2026-11-01"];
    store(&stage, "tickets", FIRST, &[&october[..], &stamped, &tests].concat()).await?;
    let users = store(&stage, "users", FIRST, &[stamped, tests].concat()).await?;
    // By its name: no rule removes what a test failed over.
    let name = first.rsplit('/').next().context("a name")?;
    let prune = ["evidence", "prune", STORE, "--evidence", name, "--as-of", LATER, "--confirm"];
    stage.exhibit(&[&prune[..], &SIGNED].concat()).await?.ended_with(0)?;
    ensure!(!stage.path(&first).exists(), "{first} was to be pruned");
    stage.exhibit(&["bundle", &users, "--out", BUNDLE]).await?.ended_with(0)?;

    let fixture = fixture(&stage.kept(FOLDER).proof()?)?;
    ensure!(!fixture.exists(), "{} is there, and stays as it is", fixture.display());
    fs::create_dir_all(&fixture)?;
    for folder in [FOLDER, STORE] {
        tree::copy(&stage.path(folder), &fixture.join(folder))?;
    }
    for file in [BUNDLE, KEY] {
        fs::copy(stage.path(file), fixture.join(file))?;
    }
    fs::copy(authority.root(), fixture.join(AUTHORITY))?;
    names_no_place(&fixture, &stage.path("").display().to_string())
}

/// Evidence in the store. Gives its path in the stage.
async fn store(stage: &Stage, proof: &str, as_of: &str, further: &[&str]) -> Result<String> {
    let collect = ["collect", proof, "--store", STORE, "--as-of", as_of, "--json"];
    let called = stage.connected(&[&collect[..], &SIGNED, further].concat()).await?;
    ensure!(matches!(called.code, Some(0 | 1)), "{called:?}");
    let said: Json = serde_json::from_str(&called.stdout)?;
    Ok(said["folder"].as_str().context("a folder")?.to_owned())
}

async fn test(stage: &Stage, evidence: &str) -> Result<()> {
    let called = stage.exhibit(&[&["test", evidence][..], &SIGNED].concat()).await?;
    ensure!(matches!(called.code, Some(0 | 1)), "{called:?}");
    Ok(())
}

/// Fails where a file tells where on this machine it was made.
fn names_no_place(fixture: &Path, stage: &str) -> Result<()> {
    let home = std::env::home_dir().context("a home")?.display().to_string();
    for file in tree::files(fixture)? {
        let bytes = fs::read(&file)?;
        let bytes = if file.extension().is_some_and(|it| it == "zst") {
            zstd::decode_all(&bytes[..])?
        } else {
            bytes
        };
        for place in [stage.trim_end_matches('/'), env!("CARGO_MANIFEST_DIR"), &home] {
            let is_named = bytes.windows(place.len()).any(|it| it == place.as_bytes());
            ensure!(!is_named, "{} names {place}", file.display());
        }
    }
    Ok(())
}
