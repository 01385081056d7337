//! What a test failed over stays until it is named, and untested evidence takes no tested evidence's place.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value as Json;

use crate::Kept;
use crate::stage::Called;

const WINDOW: [&str; 4] = ["--from", "2026-10-01", "--to", "2026-11-01"];
const CONFIRM: [&str; 3] = ["--confirm", "--sign", "file:key.pem"];

/// A store, and tests of scans: `found`, which passes, and `none`, which fails.
struct Tested {
    kept: Kept,
    both: String,
    passing: String,
}

impl Tested {
    async fn new() -> Result<Self> {
        let kept = Kept::new().await?;
        let test = |name: &str, operator: &str| {
            format!(
                "[[test]]\nname = \"{name}\"\nproof = \"vm-scans\"\nlabel = \"{name}\"\n\
                 case = [{{ all = [{{ field = \"reference\", operator = \"{operator}\" }}] }}]\n"
            )
        };
        let file = |name: &str, tests: &[String]| -> Result<String> {
            let path = kept.stage.path(name);
            fs::write(&path, format!("version = 1\n{}", tests.concat()))?;
            Ok(path.display().to_string())
        };
        let (found, none) = (test("found", "is-not-empty"), test("none", "is-empty"));
        let both = file("both.toml", &[found.clone(), none])?;
        let passing = file("passing.toml", &[found])?;
        Ok(Self { kept, both, passing })
    }

    /// Collects scans, with these tests. Gives the evidence's name.
    async fn scans(&self, as_of: &str, tests: Option<&str>) -> Result<String> {
        let tests = tests.map_or_else(Vec::new, |it| vec!["--test", it]);
        let further = [&WINDOW[..], &["--json"], &tests].concat();
        let called = self.kept.collect("vm-scans", as_of, &further).await?;
        ensure!(matches!(called.code, Some(0 | 1)), "{called:?}");
        let said: Json = serde_json::from_str(&called.stdout)?;
        let folder = said["folder"].as_str().context("a folder")?;
        Ok(folder.rsplit('/').next().unwrap_or_default().to_owned())
    }

    async fn prune(&self, further: &[&str]) -> Result<Called> {
        self.kept.stage.exhibit(&[&["evidence", "prune", "store"], further].concat()).await
    }

    fn has(&self, evidence: &str) -> bool {
        self.kept.stage.path("store/evidence").join(evidence).exists()
    }
}

/// The names in a list of `prune --json`.
fn names(list: &Json) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(|it| it["evidence"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn untested_evidence_supersedes_no_tested_evidence() -> Result<()> {
    let it = Tested::new().await?;
    let failed = it.scans("2026-11-02", Some(&it.both)).await?;
    let untested = it.scans("2026-11-03", None).await?;
    let fewer = it.scans("2026-11-04", Some(&it.passing)).await?;
    let listed = it.kept.list("2026-11-05").await?;
    let of = |name: &str| listed.iter().find(|it| it["kept"]["evidence"] == name);
    assert_eq!(of(&failed).context("listed")?["superseded-by"], Json::Null);
    assert_eq!(of(&untested).context("listed")?["superseded-by"], fewer.as_str());

    let called = it.prune(&["--superseded", "--confirm", "--sign", "file:key.pem", "--json"]).await?;
    let said: Json = serde_json::from_str(&called.ended_with(0)?.stdout)?;
    assert_eq!((names(&said["evidence"]), names(&said["kept"])), (vec![untested.as_str()], vec![]));
    ensure!(it.has(&failed) && it.has(&fewer) && !it.has(&untested));
    it.kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_kept_by_every_rule_until_it_is_named() -> Result<()> {
    let it = Tested::new().await?;
    let failed = it.scans("2026-11-02", Some(&it.both)).await?;
    let again = it.scans("2026-11-03", Some(&it.both)).await?;
    for rule in [&["--superseded"][..], &["--stale-for", "1"], &["--older-than", "1"]] {
        let as_of = ["--as-of", "2029-01-01"];
        let called = it.prune(&[rule, &as_of, &CONFIRM].concat()).await?.ended_with(0)?;
        for said in
            ["there is nothing to prune", "failed: none (tests/0001)", &format!("--evidence {failed}")]
        {
            ensure!(called.stdout.contains(said), "{rule:?}, {said}: {called:?}");
        }
        ensure!(it.has(&failed) && it.has(&again), "{rule:?}");
    }
    let called = it.prune(&["--evidence", &failed]).await?.ended_with(0)?;
    for said in ["named by the operator", "✘ 1 failed, ✔ 1 passed", "KiB", "--confirm removes them"] {
        ensure!(called.stdout.contains(said), "{said}: {called:?}");
    }
    ensure!(it.has(&failed), "without --confirm nothing goes");
    it.prune(&[&["--evidence", &failed][..], &CONFIRM].concat()).await?.ended_with(0)?;
    ensure!(!it.has(&failed) && it.has(&again));
    it.kept.verify().await?.ended_with(0)?;

    for gone in [failed.as_str(), "vm-scans-20261102T000000Z-00000000"] {
        let called = it.prune(&["--evidence", gone]).await?.ended_with(2)?;
        ensure!(called.stderr.contains(&format!("has no evidence `{gone}`")), "{called:?}");
        ensure!(called.stderr.contains("next: `exhibit evidence list`"), "{called:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_says_what_would_go_how_large_it_is_and_what_its_tests_came_to() -> Result<()> {
    let it = Tested::new().await?;
    let passed = it.scans("2026-11-02", Some(&it.passing)).await?;
    it.scans("2026-11-03", Some(&it.passing)).await?;
    let called = it.prune(&["--superseded", "--json"]).await?.ended_with(0)?;
    let said: Json = serde_json::from_str(&called.stdout)?;
    let pruned = &said["evidence"][0];
    assert_eq!(pruned["evidence"], passed.as_str());
    assert_eq!(pruned["verdicts"], serde_json::json!({"found": "pass"}));
    assert_eq!(pruned["tests"]["passed"], 1);
    let files = crate::tree::files(&it.kept.stage.path("store/evidence").join(&passed))?;
    let bytes = files.iter().map(|it| Ok(fs::metadata(it)?.len())).sum::<Result<u64>>()?;
    assert_eq!(pruned["bytes"], bytes);
    assert_eq!(said["pruned"], false);
    ensure!(it.has(&passed));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_that_are_run_later_over_the_newer_evidence_count() -> Result<()> {
    let it = Tested::new().await?;
    let older = it.scans("2026-11-02", Some(&it.passing)).await?;
    let newer = it.scans("2026-11-03", None).await?;
    let superseded = async || {
        let called = it.prune(&["--superseded", "--json"]).await?.ended_with(0)?;
        Ok::<_, anyhow::Error>(serde_json::from_str::<Json>(&called.stdout)?)
    };
    assert_eq!(names(&superseded().await?["evidence"]), Vec::<&str>::new());
    let folder = it.kept.stage.path("store/evidence").join(&newer).display().to_string();
    let test = ["test", &folder, "--test", &it.passing, "--sign", "file:key.pem"];
    it.kept.stage.exhibit(&test).await?.ended_with(0)?;
    assert_eq!(names(&superseded().await?["evidence"]), [older.as_str()]);
    Ok(())
}
