//! What a source and a network do to a collection, and that it makes no difference.

use std::time::Duration;

use crate::stage::Stage;
use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

const ARGUMENTS: [&str; 4] = ["--as-of", "2026-11-01", "--set", "page-size=300"];

async fn stage() -> Result<Stage> {
    Stage::new(World { assets: 1_000, ..World::default() }).await
}

/// Collects assets under faults, and gives the index of answers. The rows must be those
/// of a collection without faults.
async fn despite(faults: Vec<Rule>) -> Result<Vec<serde_json::Value>> {
    let stage = stage().await?;
    stage.collect("assets", "calm", &ARGUMENTS).await?.ended_with(0)?;
    stage.source.faults().set(faults);
    stage.collect("assets", "rough", &ARGUMENTS).await?.ended_with(0)?;
    let (calm, rough) = (stage.kept("calm"), stage.kept("rough"));
    assert!(calm.text("rows.ndjson")? == rough.text("rows.ndjson")?, "the rows differ");
    assert!(calm.text("proof.csv")? == rough.text("proof.csv")?, "the tables differ");
    rough.answers()
}

fn broken(answers: &[serde_json::Value]) -> usize {
    answers.iter().filter(|it| !it["broken"].is_null()).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break() -> Result<()> {
    for at in [0, 1, 5_000, 100_000] {
        let answers = despite(vec![Rule::on_request(2, Fault::ResetAt(at))]).await?;
        assert!(broken(&answers) <= 1, "after {at} bytes");
        assert_eq!(answers.len() - broken(&answers), 4, "after {at} bytes");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_break_off_are_recorded_as_such() -> Result<()> {
    let answers = despite(vec![Rule::on_request(3, Fault::ResetAt(150_000))]).await?;
    let broken: Vec<_> = answers.iter().filter(|it| !it["broken"].is_null()).collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0]["file"].is_null() && broken[0]["digest"].is_null(), "{}", broken[0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_take_no_calls_for_a_while() -> Result<()> {
    let answers = despite(vec![
        Rule::on_request(1, Fault::RateLimited { seconds: 1, header: true }),
        Rule::on_request(3, Fault::RateLimited { seconds: 1, header: false }),
        Rule::on_request(5, Fault::TooManyRequests { retry_after_seconds: 1 }),
    ])
    .await?;
    assert_eq!(answers.len(), 4 + 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_written_in_other_ways() -> Result<()> {
    for fault in [Fault::LowerCase, Fault::NoDeclaration, Fault::CommentInRecord] {
        despite(vec![Rule::always(fault)]).await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_xml_is_repaired_and_noted() -> Result<()> {
    for fault in [Fault::ControlCharacters, Fault::BadUtf8] {
        let stage = stage().await?;
        stage.source.faults().set([Rule::once(fault)]);
        stage.collect("assets", "out", &ARGUMENTS).await?.ended_with(0)?;
        let proof = stage.kept("out").proof()?;
        assert_eq!(proof["rows"], 1_000);
        assert!(proof["notes"].to_string().contains("U+FFFD"), "{}", proof["notes"]);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_at_the_border_counts_once() -> Result<()> {
    let stage = Stage::new(World { tickets: 1_500, ..World::default() }).await?;
    stage.source.faults().set([Rule::always(Fault::RepeatBorderTicket)]);
    stage.collect("tickets", "out", &["--as-of", "2026-11-01"]).await?.ended_with(0)?;
    let proof = stage.kept("out").proof()?;
    assert_eq!((&proof["rows"], &proof["completeness"]["duplicates"]), (&1_500.into(), &1.into()));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn other_clients_eat_the_quota() -> Result<()> {
    // 20 calls an hour, of which others take two between ours: the reserve is reached,
    // and waiting for it would take longer than the hour that a collection waits at most.
    let world = World { assets: 1_000, rate_limit: 20, other_clients: 2, ..World::default() };
    let stage = Stage::new(world).await?;
    let patience = Duration::from_secs(20);
    let arguments = ["--as-of", "2026-11-01", "--set", "page-size=50", "--max-wait", "2"];
    let called = tokio::time::timeout(patience, stage.collect("assets", "out", &arguments)).await??;
    let called = called.ended_with(3)?;
    assert!(called.stderr.contains("kept for other tools"), "{}", called.stderr);
    assert!(stage.source.requests().len() < 10, "it stops before it takes what others need");
    stage.nothing_kept()
}
