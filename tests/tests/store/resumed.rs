//! A collection into an object store whose process was killed is resumed by another one.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Received, Rule, World};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::bucket::{BUCKET, Bucket};
use crate::stage::Stage;

/// Pages of a collection.
const PAGES: u64 = 20;
/// As many collections are killed; `EXHIBIT_TEST_KILLS` says otherwise.
const KILLS: u32 = 4;
const PATIENCE: Duration = Duration::from_secs(120);

/// A source with so many assets, and a new store in a bucket.
async fn store(assets: u64) -> Result<(Stage, Bucket, String)> {
    let world = World { assets, rate_limit: 1_000_000, concurrency_limit: 10, ..World::default() };
    let mut stage = Stage::new(world).await?;
    let bucket = Bucket::start().await?;
    stage.environment = bucket.environment();
    let url = format!("s3://{BUCKET}/store");
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let init = ["evidence", "init", &url, "--name", "example.com/evidence", "--sign", "file:key.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    Ok((stage, bucket, url))
}

fn collect(stage: &Stage, url: &str) -> Command {
    let mut command = stage.connecting(&[
        "collect",
        "assets",
        "--set",
        "page-size=50",
        "--store",
        url,
        "--sign",
        "file:key.pem",
        "--json",
    ]);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Requests, as they are told apart: by what they begin with.
fn asked(requests: &[Received]) -> Vec<String> {
    requests.iter().map(|it| it.parameter("id_min").unwrap_or("the first").to_owned()).collect()
}

/// How many pages are kept of the collection that was killed.
fn committed(bucket: &Bucket) -> usize {
    let left = bucket.names().into_iter().filter(|it| it.contains("/resume/"));
    left.filter_map(|it| it.rsplit('/').next()?.parse::<usize>().ok()).max().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_committed_page_is_requested_again() -> Result<()> {
    let kills = std::env::var("EXHIBIT_TEST_KILLS").ok().map_or(Ok(KILLS), |it| it.parse())?;
    let (stage, bucket, url) = store(PAGES * 50).await?;

    let (folder, _) = done(collect(&stage, &url)).await?;
    let whole = asked(&stage.source.requests());
    assert_eq!(whole.len() as u64, PAGES);
    let rows = rows(&stage, &folder).await?;
    ensure!(bucket.names().iter().all(|it| !it.contains("/resume/")), "{:?}", bucket.names());
    let (mut resumed, mut saved) = (0, 0);
    for round in 0..kills {
        let before = stage.source.requests().len();
        let mut running = collect(&stage, &url).spawn()?;
        let page = usize::try_from(u64::from(round * 7) % PAGES)? + 1;
        timeout(PATIENCE, stage.source.asked((before + page) as u64)).await?;
        // Scattered over what a page takes: that is what the pause is for.
        tokio::time::sleep(Duration::from_micros(u64::from(round) * 3_701 % 30_000)).await;
        running.start_kill()?;
        running.wait().await?;
        let kept = committed(&bucket);
        let killed = stage.source.requests().len();
        let (folder, said) = done(collect(&stage, &url)).await?;
        let since = asked(&stage.source.requests()[killed..]);
        if kept > 0 && killed < before + whole.len() {
            assert_eq!(since, whole[kept..], "{round}: after {kept} pages");
            ensure!(said.contains("is resumed after"), "{round}: {said}");
            resumed += 1;
            saved += kept;
        }
        ensure!(self::rows(&stage, &folder).await? == rows, "{round}: other rows");
        let left: Vec<_> = bucket.names().into_iter().filter(|it| it.contains("/resume/")).collect();
        ensure!(left.is_empty(), "{round}: {left:?}");
    }
    println!("{kills} killed, {resumed} resumed, {saved} pages not requested again");
    ensure!(resumed > 0, "none was killed between its first page and its end");
    stage.exhibit(&["verify", &url, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    Ok(())
}

/// A collection into a store of one's own, stopped after some pages.
async fn stopped(signal: &str) -> Result<(Stage, Bucket, String)> {
    let (stage, bucket, url) = store(PAGES * 50).await?;
    let stall = Fault::StallAt { bytes: 100, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::on_request(6, stall)]);
    let running = collect(&stage, &url).spawn()?;
    let pid = running.id().context("a running process")?;
    timeout(PATIENCE, stage.source.asked(6)).await?;
    stage.shell(&format!("kill -{signal} {pid}")).await?.ended_with(0)?;
    timeout(PATIENCE, running.wait_with_output()).await??;
    stage.source.faults().set([]);
    Ok((stage, bucket, url))
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_asked_to_stop_is_resumed_at_once() -> Result<()> {
    for signal in ["TERM", "INT", "KILL"] {
        let (stage, _bucket, url) = stopped(signal).await?;
        let (_, said) = done(collect(&stage, &url)).await?;
        ensure!(said.contains("is resumed after 5 answers"), "{signal}: {said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_have_written_there_is_not_resumed() -> Result<()> {
    let (stage, bucket, url) = stopped("KILL").await?;
    let page = bucket.names().into_iter().find(|it| it.ends_with("/000003")).context("the third page")?;
    bucket.alter(&page, |bytes| {
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
    })?;
    let (_, said) = done(collect(&stage, &url)).await?;
    ensure!(!said.contains("is resumed"), "{said}");
    ensure!(said.contains("was not signed with this key"), "{said}");
    stage.exhibit(&["verify", &url, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_still_runs_is_left_alone() -> Result<()> {
    let (stage, _bucket, url) = store(200).await?;
    let first = collect(&stage, &url).spawn()?;
    timeout(PATIENCE, stage.source.asked(2)).await?;
    let (_, said) = done(collect(&stage, &url)).await?;
    ensure!(!said.contains("is resumed"), "{said}");
    let first = timeout(PATIENCE, first.wait_with_output()).await??;
    ensure!(first.status.success(), "{}", String::from_utf8_lossy(&first.stderr));
    let called = stage.exhibit(&["verify", &url, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    ensure!(called.stdout.contains("2 proofs"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_may_still_run_is_named_and_its_pages_are_not_taken() -> Result<()> {
    let (stage, _bucket, url) = store(200).await?;
    let stall = Fault::StallAt { bytes: 100, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::on_request(3, stall)]);
    let mut first = collect(&stage, &url).spawn()?;
    timeout(PATIENCE, stage.source.asked(3)).await?;
    let (_, said) = done(collect(&stage, &url)).await?;
    ensure!(said.contains("another process has begun the same collection"), "{said}");
    ensure!(!said.contains("is resumed"), "{said}");
    first.kill().await?;
    Ok(())
}

/// Where the evidence is, and what was said on standard error.
async fn done(mut command: Command) -> Result<(String, String)> {
    let output = timeout(PATIENCE, command.output()).await??;
    let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
    ensure!(output.status.success(), "{stdout}{stderr}");
    let said: Json = serde_json::from_str(&stdout)?;
    Ok((said["folder"].as_str().context("where it is")?.to_owned(), stderr))
}

/// The rows of evidence in the store.
async fn rows(stage: &Stage, folder: &str) -> Result<Vec<u8>> {
    let out = stage.path("rows.csv");
    let name = out.display().to_string();
    stage.exhibit(&["export", folder, "--format", "csv", "--out", &name]).await?.ended_with(0)?;
    let rows = std::fs::read(&out)?;
    std::fs::remove_file(&out)?;
    Ok(rows)
}
