//! What is kept of each proof type.

use crate::stage::Stage;
use anyhow::{Context as _, Result};
use exhibit::digest::Digest;
use exhibit_simulator::{CallerRole, World};

fn world() -> World {
    World { assets: 2_500, users: 12, scans: 60, compliance_scans: 20, tickets: 2_500, ..World::default() }
}

/// The simulator's now, in the arguments of a call.
const AS_OF: [&str; 2] = ["--as-of", "2026-11-01"];

#[tokio::test(flavor = "multi_thread")]
async fn every_proof_type_is_kept_whole() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let year = ["--as-of", "2026-11-01", "--from", "2020-01-01", "--to", "2026-11-02"];
    for (proof, rows, further) in [
        ("assets", 2_500, AS_OF.as_slice()),
        ("users", 12, &AS_OF),
        ("vm-scans", 60, &year),
        ("pc-scans", 20, &year),
        ("tickets", 2_500, &AS_OF),
    ] {
        stage.collect(proof, proof, further).await?.ended_with(0)?;
        let kept = stage.kept(proof);
        let told = kept.proof()?;
        assert_eq!(kept.rows()?.len(), rows, "{proof}");
        assert_eq!(told["rows"], rows, "{proof}");
        assert_eq!(told["completeness"]["received"], rows, "{proof}");
        let csv = kept.text("proof.csv")?;
        assert!(csv.lines().count() > rows, "{proof}: a header and each row");
        let answers = kept.answers()?;
        assert_eq!(told["counts"]["answers"], answers.len(), "{proof}");
        for answer in answers {
            let body = kept.answer(answer["file"].as_str().context("a file")?)?;
            assert_eq!(answer["digest"], Digest::of(&body).to_string(), "{proof}");
            assert_eq!(answer["bytes"], body.len(), "{proof}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_any_size_give_the_same_rows() -> Result<()> {
    let stage = Stage::new(world()).await?;
    for (name, size) in [("whole", "page-size=10000"), ("pages", "page-size=700")] {
        stage.collect("assets", name, &[&AS_OF[..], &["--set", size]].concat()).await?.ended_with(0)?;
    }
    assert_eq!(stage.kept("pages").answers()?.len(), 4);
    assert!(stage.kept("whole").text("rows.ndjson")? == stage.kept("pages").text("rows.ndjson")?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_source_gives_the_same_rows() -> Result<()> {
    let stage = Stage::new(world()).await?;
    for name in ["once", "twice"] {
        stage.collect("tickets", name, &AS_OF).await?.ended_with(0)?;
    }
    assert!(stage.kept("once").text("rows.ndjson")? == stage.kept("twice").text("rows.ndjson")?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_account_may_not_see_is_absent_and_noted() -> Result<()> {
    let stage = Stage::new(World { caller_role: CallerRole::RestrictedUnitManager, ..world() }).await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let kept = stage.kept("users");
    assert!(kept.rows()?.iter().all(|row| row.get("last-login").is_none() && row.get("username").is_none()));
    let notes = kept.proof()?["notes"].to_string();
    assert!(notes.contains("which does not mean that they never signed in"), "{notes}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_cell_becomes_a_formula() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.collect("assets", "assets", &AS_OF).await?.ended_with(0)?;
    let kept = stage.kept("assets");
    assert!(kept.text("rows.ndjson")?.contains("=HYPERLINK"), "the source has such a name");
    let csv = kept.text("proof.csv")?;
    assert!(csv.contains("=HYPERLINK"));
    for line in csv.lines() {
        for cell in line.split(',') {
            assert!(!cell.trim_start_matches('"').trim_start().starts_with(['=', '+', '@']), "{line}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_can_be_collected() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let called = stage.connected(&["check"]).await?.ended_with(0)?;
    for proof in ["assets", "users", "vm-scans", "pc-scans", "tickets"] {
        assert!(called.stdout.contains(proof), "{}", called.stdout);
    }
    assert!(stage.source.requests().len() <= 6, "the least that shows it");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_collects_everything() -> Result<()> {
    let stage = Stage::new(World { assets: 10, ..world() }).await?;
    let called = stage.exhibit(&["demo", "--out", "demo"]).await?.ended_with(0)?;
    for proof in ["assets", "users", "vm-scans", "pc-scans", "tickets"] {
        assert!(stage.path("demo").join(proof).join("proof.json").is_file(), "{proof}");
    }
    assert!(called.stdout.contains("Try next"), "{}", called.stdout);
    Ok(())
}
