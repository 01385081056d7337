//! What a source and a network do to a collection, and that it makes no difference.

use std::time::Duration;

use crate::stage::{Kept, Stage};
use anyhow::Result;
use exhibit_simulator::{Fault, Rule, World};

const ARGUMENTS: [&str; 4] = ["--as-of", "2026-11-01", "--set", "page-size=300"];

async fn stage() -> Result<Stage> {
    Stage::new(World { assets: 1_000, ..World::default() }).await
}

/// A collection under faults, beside one without.
struct Despite {
    calm: Kept,
    rough: Kept,
}

/// Collects assets under faults. The rows must be those of a collection without them.
async fn despite(faults: Vec<Rule>) -> Result<(Stage, Despite)> {
    let stage = stage().await?;
    stage.collect("assets", "calm", &ARGUMENTS).await?.ended_with(0)?;
    stage.source.faults().set(faults);
    stage.collect("assets", "rough", &ARGUMENTS).await?.ended_with(0)?;
    let (calm, rough) = (stage.kept("calm"), stage.kept("rough"));
    assert!(calm.text("rows.ndjson.zst")? == rough.text("rows.ndjson.zst")?, "the rows differ");
    assert!(calm.text("proof.csv")? == rough.text("proof.csv")?, "the tables differ");
    Ok((stage, Despite { calm, rough }))
}

fn broken(answers: &[serde_json::Value]) -> usize {
    answers.iter().filter(|it| !it["broken"].is_null()).count()
}

/// What each whole answer was.
fn digests(answers: &[serde_json::Value]) -> Vec<&serde_json::Value> {
    answers.iter().map(|it| &it["digest"]).filter(|it| !it.is_null()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_that_break() -> Result<()> {
    for at in [0, 1, 5_000, 100_000] {
        let (_stage, it) = despite(vec![Rule::on_request(2, Fault::ResetAt(at))]).await?;
        let (answers, counts) = (it.rough.answers()?, &it.rough.proof()?["counts"]);
        assert_eq!(counts["retries"], 1, "after {at} bytes");
        // A connection that breaks before the head came gives no answer at all.
        assert!(broken(&answers) <= 1, "after {at} bytes");
        assert_eq!(answers.len() - broken(&answers), 4, "after {at} bytes");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_break_off_are_recorded_as_such() -> Result<()> {
    let (_stage, it) = despite(vec![Rule::on_request(3, Fault::ResetAt(150_000))]).await?;
    let answers = it.rough.answers()?;
    let broken: Vec<_> = answers.iter().filter(|it| !it["broken"].is_null()).collect();
    assert_eq!(broken.len(), 1);
    assert!(broken[0]["file"].is_null() && broken[0]["digest"].is_null(), "{}", broken[0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_bad_answer_to_a_read() -> Result<()> {
    for fault in [
        Fault::BadGateway,
        Fault::ServerError,
        Fault::RetryLater,
        Fault::Html { status: 520 },
        Fault::Html { status: 999 },
        Fault::GenericReturn { number: 999 },
        Fault::Garbage,
        Fault::TruncateAt(50_000),
    ] {
        let (_stage, it) = despite(vec![Rule::on_request(2, fault.clone())]).await?;
        assert_eq!(it.rough.proof()?["counts"]["retries"], 1, "{fault:?}");
        assert_eq!(broken(&it.rough.answers()?), 1, "{fault:?}: it is recorded why it was asked for again");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_a_gateway_cannot_deliver() -> Result<()> {
    for fault in [
        Fault::PageAbove { records: 100, status: 504 },
        Fault::PageAbove { records: 100, status: 413 },
        Fault::CutAbove { records: 100, bytes: 20_000 },
    ] {
        let (stage, it) = despite(vec![Rule::always(fault.clone())]).await?;
        let notes = it.rough.proof()?["notes"].to_string();
        assert!(notes.contains("pages of 100 records"), "{fault:?}: {notes}");
        stage.exhibit(&["verify", "rough"]).await?.ended_with(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_of_several_gzip_members() -> Result<()> {
    let (_stage, it) = despite(vec![Rule::always(Fault::GzipMembers)]).await?;
    assert_eq!(digests(&it.calm.answers()?).len(), digests(&it.rough.answers()?).len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn sources_that_take_no_calls_for_a_while() -> Result<()> {
    let (_stage, it) = despite(vec![
        Rule::on_request(1, Fault::RateLimited { seconds: 1, header: true }),
        Rule::on_request(3, Fault::RateLimited { seconds: 1, header: false }),
        Rule::on_request(5, Fault::TooManyRequests { retry_after_seconds: 1 }),
    ])
    .await?;
    assert_eq!(it.rough.answers()?.len(), 4 + 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_written_in_other_ways() -> Result<()> {
    for fault in [Fault::LowerCase, Fault::NoDeclaration, Fault::CommentInRecord] {
        let (_stage, it) = despite(vec![Rule::always(fault.clone())]).await?;
        let (calm, rough) = (it.calm.answers()?, it.rough.answers()?);
        for (calm, rough) in digests(&calm).into_iter().zip(digests(&rough)) {
            assert_ne!(calm, rough, "{fault:?}: the answers are written in the same way");
        }
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
    assert!(called.stderr.contains("reserved for other tools"), "{}", called.stderr);
    assert!(called.stderr.contains("--max-wait"), "the remedy can be typed: {}", called.stderr);
    assert!(stage.source.requests().len() < 10, "it stops before it takes what others need");
    assert!(called.stderr.contains("the same command resumes there"), "{}", called.stderr);
    assert!(!stage.path("out").exists(), "what can be resumed is no evidence");
    Ok(())
}
