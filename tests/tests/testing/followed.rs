//! Rows from one run to the next.

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

use crate::stage::Stage;
use crate::{AS_OF, signed_in, stage};

/// How the one test of a run compares with its last run.
async fn since(stage: &Stage, arguments: &[&str]) -> Result<Json> {
    let called = stage.exhibit(&[&["test", "--json"], arguments].concat()).await?;
    let said: Json = serde_json::from_str(&called.stdout).with_context(|| called.stderr)?;
    Ok(said["run"]["tests"][0]["since"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_test_again_changes_nothing() -> Result<()> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let tests = signed_in(&stage, 90)?;
    assert_eq!(since(&stage, &["users", "--test", &tests]).await?, Json::Null);
    let again = since(&stage, &["users", "--test", &tests]).await?;
    assert_eq!((&again["run"], &again["edited"]), (&Json::from(1), &Json::from(false)));
    assert!(again["still-failing"].as_u64() > Some(0));
    for changed in ["new", "reopened", "fixed", "unclear", "out-of-scope", "gone"] {
        assert_eq!(again[changed], 0, "{changed}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_proof_beside_it_is_compared_with_the_last_one() -> Result<()> {
    let stage = stage().await?;
    let tests = signed_in(&stage, 90)?;
    for (name, as_of) in [("q3", "2026-11-01"), ("q4", "2027-02-01")] {
        let called =
            stage.collect("users", name, &["--as-of", as_of, "--test", &tests]).await?.ended_with(1)?;
        if name == "q4" {
            insta::assert_snapshot!(
                called
                    .stdout
                    .split_once("Tests ")
                    .context("tests")?
                    .1
                    .split("\n\nList of Users")
                    .next()
                    .unwrap_or_default()
            );
        }
    }
    // What covers an earlier time is not compared with what came later.
    let earlier = since(&stage, &["q3", "--test", &tests]).await?;
    assert_eq!(earlier["evidence"], "");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_edited_test_would_change_is_seen_and_not_kept() -> Result<()> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    stage.exhibit(&["test", "users", "--test", &signed_in(&stage, 90)?]).await?.ended_with(1)?;
    let tests = signed_in(&stage, 700)?;
    let called = stage.exhibit(&["test", "users", "--test", &tests, "--what-if"]).await?.ended_with(1)?;
    insta::assert_snapshot!(called.stdout);
    assert!(!stage.path("users/tests/0002").exists());
    // Had it been kept, the next run would be compared with it.
    assert_eq!(since(&stage, &["users", "--test", &tests]).await?["run"], 1);
    Ok(())
}
