//! Evidence of every format that was ever written, as it was committed at its time, with the binary of today: it
//! is verified, replayed, tested again, exported and bundled, and a changed byte of it is noticed.
//!
//! `host/EVIDENCE.md` says what makes a new format. Its fixture is then made by [`make`].

#[path = "../timestamp/authority.rs"]
#[expect(dead_code, reason = "the authority of other tests, too; not all of it is needed here")]
mod authority;
mod layout;
mod make;
#[path = "../collect/stage.rs"]
#[expect(dead_code, reason = "the stage of all whole-system tests; not all of it is needed here")]
mod stage;
#[path = "../collect/tree.rs"]
mod tree;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use exhibit_render::Format;
use exhibit_simulator::World;
use serde_json::Value as Json;

use self::layout::{AUTHORITY, BUNDLE, FIXTURES, FOLDER, KEY, STORE};
use self::stage::{Called, Stage};

/// When the first of it was collected, as it says.
const FIRST: &str = "2026-11-01";
/// An instant soon after all of it, so that what is listed does not depend on the day of the test.
const SOON: &str = "2026-11-05";

/// A copy of a fixture, in the folder of a stage.
struct Fixture {
    name: String,
    /// The digest of the plugin that collected it.
    plugin: String,
    stage: Stage,
}

impl Fixture {
    /// One for each format that was ever written.
    async fn all() -> Result<Vec<Self>> {
        let mut all = Vec::new();
        for entry in fs::read_dir(FIXTURES)? {
            let folder = entry?.path();
            if folder.is_dir() {
                let name = folder.file_name().context("a name")?.to_string_lossy().into_owned();
                let stage = Stage::new(World { users: 1, ..World::default() }).await?;
                tree::copy(&folder, &stage.path(""))?;
                let proof = stage.kept(FOLDER).proof()?;
                let plugin = proof["plugin"]["digest"].as_str().context("the digest of a plugin")?.to_owned();
                all.push(Self { name, plugin, stage });
            }
        }
        ensure!(!all.is_empty(), "{FIXTURES} has no fixture");
        Ok(all)
    }

    /// The evidence in its store, by their paths in the stage.
    fn in_store(&self) -> Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(self.stage.path(STORE).join("evidence"))? {
            names.push(format!("{STORE}/evidence/{}", entry?.file_name().to_string_lossy()));
        }
        ensure!(!names.is_empty(), "{}: nothing is in its store", self.name);
        Ok(names)
    }

    /// All of its evidence.
    fn evidence(&self) -> Result<Vec<String>> {
        Ok([vec![FOLDER.to_owned(), BUNDLE.to_owned()], self.in_store()?].concat())
    }

    async fn exhibit(&self, arguments: &[&str]) -> Result<Called> {
        self.stage.exhibit(arguments).await.with_context(|| format!("{}: {arguments:?}", self.name))
    }

    async fn verify(&self, what: &str, further: &[&str]) -> Result<Called> {
        // The plugin of its time: this program has another one, and does not trust what the evidence brings.
        let verify = ["verify", what, "--key", KEY, "--tsa-cert", AUTHORITY, "--trust", &self.plugin];
        self.exhibit(&[&verify[..], further].concat()).await
    }
}

/// The checks of a report, with their verdicts.
fn checks(report: &str) -> Result<Vec<(String, String)>> {
    let report: Json = serde_json::from_str(report)?;
    let text = |it: &Json| it.as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().context("checks")?;
    Ok(checks.iter().map(|it| (text(&it["name"]), text(&it["verdict"]))).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_of_it_is_verified_and_made_again() -> Result<()> {
    for fixture in Fixture::all().await? {
        for what in
            [&[FOLDER.to_owned(), BUNDLE.to_owned(), STORE.to_owned()][..], &fixture.in_store()?].concat()
        {
            let called = fixture.verify(&what, &["--json"]).await?.ended_with(0)?;
            let checks = checks(&called.stdout)?;
            for made in ["signature", "timestamp", "files", "answers", "plugin", "replay", "tests"] {
                ensure!(
                    checks.iter().any(|it| it.0 == made),
                    "{}: {what}: no {made}: {checks:?}",
                    fixture.name
                );
            }
            ensure!(checks.iter().all(|it| it.1 == "passed"), "{}: {what}: {checks:?}", fixture.name);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_tested_again() -> Result<()> {
    for fixture in Fixture::all().await? {
        let before = fixture.stage.kept(FOLDER).text("proof.json")?;
        fixture.exhibit(&["keys", "new", "--out", "later.pem"]).await?.ended_with(0)?;
        let tested = fixture.exhibit(&["test", FOLDER, "--sign", "file:later.pem", "--json"]).await?;
        ensure!(matches!(tested.code, Some(0 | 1)), "{}: {tested:?}", fixture.name);
        let said: Json = serde_json::from_str(&tested.stdout)?;
        let tests = said["run"]["tests"].as_array().context("tests")?;
        // With the last run that is kept with it, which was of the same tests.
        ensure!(tests.iter().any(|it| !it["since"].is_null()), "{}: {said}", fixture.name);
        ensure!(fixture.stage.kept(FOLDER).text("proof.json")? == before, "{}", fixture.name);
        // Each of the keys signed a part of it.
        fixture.verify(FOLDER, &["--key", "later.pem.pub"]).await?.ended_with(0)?;
        fixture.verify(FOLDER, &[]).await?.ended_with(1)?;

        for what in fixture.evidence()? {
            let tested = fixture.exhibit(&["test", &what, "--what-if"]).await?;
            ensure!(matches!(tested.code, Some(0 | 1)), "{}: {what}: {tested:?}", fixture.name);
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_exported_in_every_format() -> Result<()> {
    for fixture in Fixture::all().await? {
        for what in fixture.evidence()? {
            for format in Format::ALL.map(Format::name) {
                let export = ["export", &what, "--format", format, "--out", "export", "--redact", "personal"];
                fixture.exhibit(&export).await?.ended_with(0)?;
                let file = fixture.stage.path("export");
                ensure!(fs::metadata(&file)?.len() > 500, "{}: {what} as {format}", fixture.name);
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_bundled() -> Result<()> {
    for fixture in Fixture::all().await? {
        for what in [vec![FOLDER.to_owned()], fixture.in_store()?].concat() {
            fixture.exhibit(&["bundle", &what, "--out", "bundle.tar"]).await?.ended_with(0)?;
            fixture.verify("bundle.tar", &[]).await?.ended_with(0)?;
            fs::remove_file(fixture.stage.path("bundle.tar"))?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn its_store_is_listed() -> Result<()> {
    for fixture in Fixture::all().await? {
        let list = ["evidence", "list", STORE, "--all", "--as-of", SOON, "--json"];
        let listed: Vec<Json> = serde_json::from_str(&fixture.exhibit(&list).await?.ended_with(0)?.stdout)?;
        let pruned = listed.iter().filter(|it| it["state"] == "pruned").count();
        let tested =
            listed.iter().filter(|it| it["runs"].as_array().is_some_and(|it| !it.is_empty())).count();
        ensure!(pruned == 1 && tested > 0, "{}: {listed:?}", fixture.name);
        ensure!(listed.len() - pruned == fixture.in_store()?.len(), "{}: {listed:?}", fixture.name);
    }
    Ok(())
}

/// A program of that time would take entries of today for damage: the store says that it is of today then.
#[tokio::test(flavor = "multi_thread")]
async fn its_store_is_of_today_once_something_is_added() -> Result<()> {
    for fixture in Fixture::all().await? {
        fixture.exhibit(&["keys", "new", "--out", "later.pem"]).await?.ended_with(0)?;
        let record = || -> Result<Json> {
            Ok(serde_json::from_slice(&fs::read(fixture.stage.path(STORE).join("store.json"))?)?)
        };
        let before = record()?;
        // The fixture's key is thrown away: a store of another key is taken for an example of the same format.
        let pem = fs::read_to_string(fixture.stage.path("later.pem.pub"))?;
        let init = ["evidence", "init", "other", "--name", "example.com/other", "--sign", "file:later.pem"];
        fixture.exhibit(&init).await?.ended_with(0)?;
        let other = fixture.stage.path("other/store.json");
        let mut older: Json = serde_json::from_slice(&fs::read(&other)?)?;
        let today = older["format"].clone();
        older["format"] = before["format"].clone();
        ensure!(older["keys"][0] == pem, "{older}");
        fs::write(&other, older.to_string())?;
        fixture.exhibit(&["evidence", "list", "other"]).await?.ended_with(0)?;
        ensure!(
            fs::read(&other)? == older.to_string().as_bytes(),
            "{}: reading changes nothing",
            fixture.name
        );
        let collect = ["collect", "users", "--store", "other", "--sign", "file:later.pem", "--as-of", FIRST];
        fixture.stage.connected(&collect).await?.ended_with(0)?;
        let raised: Json = serde_json::from_slice(&fs::read(&other)?)?;
        older["format"] = today;
        assert_eq!(raised, older, "{}", fixture.name);
        let verify = ["verify", "other", "--key", "later.pem.pub"];
        fixture.exhibit(&verify).await?.ended_with(0)?;
    }
    Ok(())
}

/// What entries of before do not say, the evidence itself says, where it can.
#[tokio::test(flavor = "multi_thread")]
async fn users_of_its_store_are_covered_and_scans_where_it_is_said_what_they_prove() -> Result<()> {
    for fixture in Fixture::all().await? {
        let coverage = async |proof: &str| -> Result<Json> {
            let year = ["--from", "2026-01-01", "--to", "2100-01-01", "--json"];
            let called = fixture
                .exhibit(&[&["evidence", "coverage", STORE, proof][..], &year].concat())
                .await?
                .ended_with(1)?;
            let mut groups: Vec<Json> = serde_json::from_str(&called.stdout)?;
            groups.pop().context("one connection")
        };
        let users = coverage("users").await?;
        ensure!(users["share"].as_f64().is_some_and(|it| it > 0.0), "{}: {users}", fixture.name);
        let scans = coverage("vm-scans").await?;
        let says = !matches!(fixture.name.as_str(), "format-2" | "format-3");
        assert_eq!(scans["share"].as_f64().is_some_and(|it| it > 0.0), says, "{}: {scans}", fixture.name);
        let why = scans["not-counted"][0]["why"].as_str().unwrap_or_default();
        assert_eq!(why.contains("not known"), !says, "{}: {scans}", fixture.name);
    }
    Ok(())
}

/// Changes a byte in the middle of a file while `check` runs.
async fn changed(file: &Path, check: impl AsyncFnOnce() -> Result<()>) -> Result<()> {
    let whole = fs::read(file)?;
    let mut changed = whole.clone();
    *changed.get_mut(whole.len() / 2).context("a file that is not empty")? ^= 1;
    fs::write(file, &changed)?;
    let checked = check().await.with_context(|| file.display().to_string());
    fs::write(file, &whole)?;
    checked
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_byte_of_it_is_noticed() -> Result<()> {
    for fixture in Fixture::all().await? {
        for file in tree::files(&fixture.stage.path(FOLDER))? {
            let noticed = async || fixture.verify(FOLDER, &["--digests"]).await?.ended_with(1).map(drop);
            changed(&file, noticed).await?;
        }
        let bundle = fixture.stage.path(BUNDLE);
        changed(&bundle, async || {
            let called = fixture.verify(BUNDLE, &["--digests"]).await?;
            ensure!(matches!(called.code, Some(1 | 2)), "{called:?}");
            Ok(())
        })
        .await?;
        let of_store = tree::files(&fixture.stage.path(STORE))?;
        for file in of_store.iter().filter(|it| fs::metadata(it).is_ok_and(|it| it.len() > 0)) {
            changed(file, async || {
                let called = fixture.verify(STORE, &["--digests"]).await?;
                ensure!(matches!(called.code, Some(1 | 2)), "{called:?}");
                Ok(())
            })
            .await?;
        }
        // Nor was it the changing.
        for what in [FOLDER, BUNDLE, STORE] {
            fixture.verify(what, &["--digests"]).await?.ended_with(0)?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_format_of_today_has_a_fixture() -> Result<()> {
    let stage = Stage::new(World { users: 1, ..World::default() }).await?;
    stage.collect("users", "users", &[]).await?.ended_with(0)?;
    let folder = make::fixture(&stage.kept("users").proof()?)?;
    ensure!(
        folder.is_dir(),
        "{} is not there: tests/old_evidence/make.rs says how to make it",
        folder.display()
    );
    Ok(())
}
