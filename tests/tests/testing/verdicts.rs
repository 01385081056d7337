//! What is kept of a run.

use anyhow::{Context as _, Result};
use exhibit::records::Digest;
use serde_json::Value as Json;

use crate::{AS_OF, stage};

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_is_tested_as_it_is_collected() -> Result<()> {
    let stage = stage().await?;
    let arguments = [&AS_OF[..], &["--test", "suggested"]].concat();
    let called = stage.collect("users", "users", &arguments).await?.ended_with(1)?;
    let tests = called.stdout.split_once("Tests ").context("tests")?.1;
    insta::assert_snapshot!(tests.split("\n\nList of Users").next().unwrap_or_default());
    let kept = stage.kept("users");
    let run: Json = serde_json::from_str(&kept.text("tests/0001/run.json")?)?;
    let listed = |owner: &Json, path: &str| -> Result<()> {
        let parts = owner["parts"].as_array().context("parts")?;
        let part = parts.iter().find(|it| path.ends_with(it["path"].as_str().unwrap_or("?")));
        let part = part.with_context(|| format!("{path} is not listed"))?;
        let digest = if path.ends_with(".zst") { &part["content"]["digest"] } else { &part["digest"] };
        assert_eq!(*digest, Digest::of(kept.text(path)?.as_bytes()).to_string(), "{path}");
        Ok(())
    };
    listed(&kept.proof()?, "tests/0001/run.json")?;
    for file in
        ["tests.toml", "verdicts.ndjson.zst", "findings.ndjson.zst", "findings.csv", "history.ndjson.zst"]
    {
        listed(&run, &format!("tests/0001/{file}"))?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_row_has_a_verdict_and_every_fault_a_reason() -> Result<()> {
    let stage = stage().await?;
    stage.collect("assets", "assets", &AS_OF).await?.ended_with(0)?;
    stage.exhibit(&["test", "assets"]).await?.ended_with(1)?;
    let kept = stage.kept("assets");
    let lines = |file: &str| -> Result<Vec<Json>> {
        kept.text(&format!("tests/0001/{file}"))?.lines().map(|it| Ok(serde_json::from_str(it)?)).collect()
    };
    let (rows, verdicts) = (kept.rows()?, lines("verdicts.ndjson.zst")?);
    let findings = lines("findings.ndjson.zst")?;
    assert_eq!(rows.len(), verdicts.len());
    let mut faults = 0;
    for (row, verdict) in rows.iter().zip(&verdicts) {
        assert_eq!(verdict["key"][0], row["host-id"]);
        for (test, outcome) in verdict["verdicts"].as_object().context("verdicts")? {
            let found = findings.iter().find(|it| it["test"] == **test && it["key"] == verdict["key"]);
            let faulted = ["fail", "inconclusive"].contains(&outcome.as_str().unwrap_or_default());
            assert_eq!(found.is_some(), faulted, "{test} of {row}");
            if let Some(found) = found {
                faults += 1;
                assert_eq!(found["verdict"], *outcome);
                let found = &found["found"][0];
                let field = found["field"].as_str().context("a field")?;
                assert_eq!(found.get("seen"), row.get(field), "{test} of {row}");
            }
        }
    }
    assert_eq!(faults, findings.len());
    assert!(faults > 0, "the simulated assets should not all be well");
    let csv = kept.text("tests/0001/findings.csv")?;
    assert_eq!(csv.lines().next(), Some("\u{feff}test,row,host-id,verdict,field,seen,wanted"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_not_be_seen_is_neither_passed_nor_failed() -> Result<()> {
    let mut world = exhibit_simulator::World { users: 12, ..Default::default() };
    world.caller_role = exhibit_simulator::CallerRole::RestrictedUnitManager;
    let stage = crate::stage::Stage::new(world).await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let called = stage.exhibit(&["test", "users", "--json"]).await?.ended_with(1)?;
    let said: Json = serde_json::from_str(&called.stdout)?;
    let test = &said["run"]["tests"][0];
    assert_eq!(test["name"], "logged-in-within-90-days");
    assert_eq!(test["outcome"], "inconclusive");
    assert_eq!((&test["passed"], &test["failed"]), (&Json::from(0), &Json::from(0)));
    assert_eq!(test["rows"][0]["found"][0]["field"], "last-login");
    Ok(())
}
