//! Without the network: recorded answers, and tests of rows that are there.

use std::path::Path;

use anyhow::{Context as _, Result};
use exhibit_simulator::World;

use crate::runtime::{COMMAND, Runtime, ran};

#[tokio::test(flavor = "multi_thread")]
async fn recorded_answers_give_the_same_rows() -> Result<()> {
    let Some(runtime) = Runtime::new(World { assets: 300, ..World::default() }).await? else { return Ok(()) };
    let paging = ["--set", "page-size=100"];
    runtime.stage.collect("assets", "out", &paging).await?.ended_with(0)?;
    let asked = runtime.stage.source.requests().len();
    let collect = |further: &[&str]| {
        let all =
            [&["collect", "assets", "--answers", "out/answers", "--set", "platform=US2"], further].concat();
        runtime.command(Path::new(COMMAND), &[], &all)
    };

    let replayed = ran(collect(&paging)).await?.ended_with(0)?;
    assert_eq!(String::from_utf8(replayed.stdout)?, runtime.stage.kept("out").text("rows.ndjson.zst")?);
    let other = ran(collect(&["--set", "page-size=99"])).await?.ended_with(2)?;
    assert!(
        other.stderr.contains("line 1: the recorded request is not the one that the plugin makes now"),
        "{}",
        other.stderr
    );

    // One answer in another's place.
    let answers = runtime.stage.path("out/answers");
    std::fs::copy(answers.join("000002.zst"), answers.join("000001.zst"))?;
    let swapped = ran(collect(&paging)).await?.ended_with(2)?;
    assert!(swapped.stderr.contains("the digest does not match"), "{}", swapped.stderr);
    assert!(swapped.stdout.is_empty(), "no row of it is out");
    assert_eq!(runtime.stage.source.requests().len(), asked, "the source was not asked");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn suggested_tests_run_over_what_was_collected() -> Result<()> {
    let Some(runtime) = Runtime::new(World::default()).await? else { return Ok(()) };
    let users = runtime.collect(&["users"]).await?.ended_with(0)?;
    std::fs::write(runtime.stage.path("users.ndjson"), &users.stdout)?;
    let test = |as_of: &str| {
        runtime.command(Path::new(COMMAND), &[], &["test", "users", "users.ndjson", "--as-of", as_of])
    };
    // Long after, no user has signed in lately.
    let failed = ran(test("2036-01-01")).await?.ended_with(1)?;
    let said = String::from_utf8(failed.stdout)?;
    let first = said.lines().find(|it| it.starts_with("FAILED")).context("a test that failed")?;
    assert!(first.contains(": "), "{said}");
    assert!(said.contains("last-login is \"20"), "{said}");

    std::fs::write(runtime.stage.path("users.ndjson"), b"{\"no-such-field\":1}\n")?;
    let wrong = ran(test("2026-01-01")).await?.ended_with(2)?;
    assert!(wrong.stderr.contains("users.ndjson: line 1: it has a field"), "{}", wrong.stderr);
    Ok(())
}
