//! What is kept of each proof type.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail, ensure};
use exhibit::records::Digest;
use exhibit_simulator::{CallerRole, World};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::stage::Stage;

fn world() -> World {
    World {
        assets: 2_500,
        detections: 1,
        users: 12,
        scans: 60,
        compliance_scans: 20,
        schedules: 12,
        tickets: 2_500,
        was_scans: 2_200,
        certificates: 450,
        ..World::default()
    }
}

/// The simulator's now, in the arguments of a call.
const AS_OF: [&str; 2] = ["--as-of", "2026-11-01"];

#[tokio::test(flavor = "multi_thread")]
async fn every_proof_type_is_kept_whole() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let years = ["--as-of", "2026-11-01", "--from", "2020-01-01", "--to", "2026-11-02"];
    let all = ["--as-of", "2026-11-01", "--with", "status=New,Active,Re-Opened,Fixed"];
    for proof in &stage.types().await? {
        let (rows, further) = match proof.as_str() {
            "assets" | "tickets" => (2_500, AS_OF.as_slice()),
            "users" | "scan-schedules" => (12, AS_OF.as_slice()),
            "certificates" => (450, AS_OF.as_slice()),
            // Where nothing else is said, those that are fixed are not.
            "detections" => (2_500, &all[..]),
            // Where nothing else is said, those of the last 30 days are collected.
            "vm-scans" => (60, &years[..]),
            "pc-scans" => (20, &years[..]),
            "was-scans" => (2_200, &years[..]),
            other => bail!("{other}: how many are there in the world of this test?"),
        };
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
    assert!(stage.kept("whole").text("rows.ndjson.zst")? == stage.kept("pages").text("rows.ndjson.zst")?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_source_gives_the_same_rows() -> Result<()> {
    let stage = Stage::new(world()).await?;
    for name in ["once", "twice"] {
        stage.collect("tickets", name, &AS_OF).await?.ended_with(0)?;
    }
    assert!(stage.kept("once").text("rows.ndjson.zst")? == stage.kept("twice").text("rows.ndjson.zst")?);
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
    assert!(kept.text("rows.ndjson.zst")?.contains("=HYPERLINK"), "the source has such a name");
    let csv = kept.text("proof.csv")?;
    assert!(csv.contains("=HYPERLINK"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(csv.as_bytes());
    for (column, cell) in
        reader.records().collect::<Result<Vec<_>, _>>()?.iter().flat_map(|it| it.iter().enumerate())
    {
        let number = cell.parse::<f64>().is_ok();
        assert!(number || !cell.trim_start().starts_with(['=', '+', '-', '@']), "column {column}: {cell}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_what_can_be_collected() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let called = stage.connected(&["check"]).await?.ended_with(0)?;
    let types = stage.types().await?;
    for proof in &types {
        assert!(called.stdout.contains(proof), "{}", called.stdout);
    }
    // Operations with the same needs are asked for once, and each list that they look names up in.
    let asked = stage.source.requests().len();
    assert!(asked <= 36, "the least that shows it, of 300 calls an hour: {asked}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_does_not_try_a_refused_password_again() -> Result<()> {
    let mut stage = Stage::new(world()).await?;
    stage.login.1 = "wrong-one".to_owned();
    let called = stage.connected(&["check"]).await?.ended_with(3)?;
    // A line for each, below a heading and the line under it.
    let others = called.stdout.lines().count() - 3;
    assert!(others > stage.types().await?.len(), "operations, too: {}", called.stdout);
    assert_eq!(called.stdout.matches("not tried: the credentials were refused").count(), others);
    assert_eq!(stage.source.requests().len(), 1, "further ones could lock the account");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn check_tries_once_what_stands_in_the_way_of_all() -> Result<()> {
    let mut stage = Stage::new(world()).await?;
    // Nothing listens there any more.
    let gone = tokio::net::TcpListener::bind("127.0.0.1:0").await?.local_addr()?;
    stage.origin = format!("http://{gone}");
    let begun = std::time::Instant::now();
    let called = stage.connected(&["check"]).await?.ended_with(3)?;
    assert!(begun.elapsed() < std::time::Duration::from_secs(15), "{:?}", begun.elapsed());
    let others = called.stdout.lines().count() - 3;
    let words = called.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
    assert_eq!(words.matches("not tried: http").count(), others, "{}", called.stdout);
    assert_eq!(called.stderr.matches(": asking api for ").count(), 2, "{}", called.stderr);
    assert!(called.stderr.contains("; attempt 2 is next"), "{}", called.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_collects_everything() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let types = stage.types().await?;
    for folder in ["exhibit-demo", "exhibit-demo-2"] {
        let called = stage.exhibit(&["demo"]).await?.ended_with(0)?;
        for proof in &types {
            assert!(stage.path(folder).join(proof).join("proof.json").is_file(), "{folder}: {proof}");
        }
        assert_eq!(called.stderr, "", "nothing to warn of");
        for command in called.stdout.split("Try next:\n").nth(1).context("what to try")?.lines() {
            // The simulated assets do not all pass.
            let code = if command.contains(" test ") { 1 } else { 0 };
            stage.shell(command).await?.ended_with(code).context(command.to_owned())?;
        }
        for mark in ["✔ pass ", "✘ fail ", "? inconclusive "] {
            assert!(called.stdout.lines().any(|it| it.starts_with(mark)), "no test is shown with {mark}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_keeps_its_source_for_whoever_wants_to_go_on() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let mut command = stage.command(&["demo", "--serve"]);
    let mut demo = command.stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut lines = BufReader::new(demo.stdout.take().context("what it says")?).lines();
    let mut said = vec!["set -e".to_owned()];
    while let Some(line) = lines.next_line().await? {
        let is_last = line.contains(" verify evidence ");
        if line.contains("From another terminal") {
            said.truncate(1);
        } else {
            said.push(line);
        }
        if is_last && said.iter().any(|it| it.contains("evidence init")) {
            break;
        }
    }
    let called = stage.shell(&said.join("\n")).await?.ended_with(0)?;
    ensure!(called.stdout.contains("1 proof]"), "{called:?}");
    let called = stage.exhibit(&["verify", "exhibit-demo/users"]).await?.ended_with(0)?;
    ensure!(!called.stdout.contains("one of the clocks was wrong"), "the demo warns of itself: {called:?}");
    let id = demo.id().context("it is running")?.to_string();
    stage.shell(&format!("kill -INT {id}")).await?.ended_with(0)?;
    assert_eq!(demo.wait().await?.code(), Some(0));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_tells_machines_the_same() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let called = stage.exhibit(&["demo", "--json"]).await?.ended_with(0)?;
    let made: Vec<serde_json::Value> = serde_json::from_str(&called.stdout)?;
    let collected: Vec<_> = made.iter().filter_map(|it| it["proof"]["type"]["name"].as_str()).collect();
    let types = stage.types().await?;
    assert_eq!(collected[..types.len()], types);
    assert_eq!(collected[types.len()..], ["users"], "once more, by an account that sees less");
    assert!(made.iter().all(|it| it["folder"].as_str().is_some_and(|it| stage.path(it).is_dir())));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_another_time_says_so() -> Result<()> {
    let stage = Stage::new(World { users: 3, ..world() }).await?;
    let called = stage.collect("users", "out", &["--as-of", "2001-02-03"]).await?.ended_with(0)?;
    let notes = &stage.kept("out").proof()?["host-notes"];
    assert_eq!(notes.as_array().map(Vec::len), Some(1), "{notes}");
    assert!(notes[0].as_str().is_some_and(|it| it.contains("2001-02-03T00:00:00Z")), "{notes}");
    assert!(
        called.stderr.starts_with("warning: ") && called.stderr.contains("2001-02-03"),
        "{}",
        called.stderr
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn types_and_plugin_are_described_without_a_source() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let list = stage.exhibit(&["types"]).await?.ended_with(0)?.stdout;
    let one = stage.exhibit(&["types", "tickets"]).await?.ended_with(0)?.stdout;
    let plugin = stage.exhibit(&["plugin", "show"]).await?.ended_with(0)?.stdout;
    let types = stage.types().await?;
    for proof in &types {
        assert!(list.contains(proof) && plugin.contains(&format!("Collects {proof}:")), "{proof}");
    }
    assert!(one.contains("--with NAME=VALUE") && one.contains("states"), "{one}");
    assert!(
        plugin.contains("Talks to the origin api: ") && plugin.contains("the origin gateway: "),
        "{plugin}"
    );

    let plugin = stage.exhibit(&["plugin", "show", "--json"]).await?.ended_with(0)?.stdout;
    let plugin: serde_json::Value = serde_json::from_str(&plugin)?;
    assert_eq!(plugin["proof-types"], serde_json::json!(types));
    assert!(stage.source.requests().is_empty());
    Ok(())
}
