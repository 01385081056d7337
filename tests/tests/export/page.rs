//! The page for browsers, in one: it sorts, filters, and makes no requests.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_skipped::skip;
use serde_json::{Value as Json, json};
use tokio::process::Command;
use tokio::time::timeout;

use crate::stage::Stage;
use crate::{USERS, export, exported};

/// A browser that was never started here takes some seconds.
const PATIENCE: Duration = Duration::from_secs(90);
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// Whether it can be run here.
async fn runs(program: &str) -> bool {
    let mut command = Command::new(program);
    let command = command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().await.is_ok_and(|it| it.success())
}

async fn browser() -> Option<&'static str> {
    for it in BROWSERS {
        if runs(it).await {
            return Some(it);
        }
    }
    None
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_sorts_and_filters_and_asks_nobody() -> Result<()> {
    let Some(browser) = browser().await else {
        return Ok(skip("browser", format!("none of {} was found", BROWSERS.join(", ")))?);
    };
    if !runs("node").await {
        return Ok(skip("node", format!("it drives {browser}"))?);
    }
    let stage = exported().await?;
    export(&stage, "users", "users.html", &["--format", "html"]).await?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/export/browse.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(browser).arg(stage.path("profile")).arg(stage.path("users.html"));
    let output = timeout(PATIENCE, node.stdin(Stdio::null()).kill_on_drop(true).output());
    let output = output.await.with_context(|| format!("{browser} does not end"))??;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let said: Json = serde_json::from_slice(&output.stdout)?;

    assert_eq!(said["errors"], json!([]));
    assert_eq!(said["requests"], json!([format!("file://{}", stage.path("users.html").display())]));
    assert_eq!(said["all"], format!("All {USERS} rows are shown."));
    let names = |which: &str| -> Vec<String> {
        said[which].as_array().into_iter().flatten().filter_map(|it| it.as_str().map(str::to_owned)).collect()
    };
    let mut sorted = names("up");
    sorted.sort();
    assert_eq!((names("up").len(), names("up")), (USERS as usize, sorted.clone()));
    sorted.reverse();
    assert_eq!(names("down"), sorted);
    assert_eq!(said["found"], json!([sorted[0]]));
    assert_eq!(said["status"], format!("1 of {USERS} rows are shown."));
    let (failed, excepted) = failing(&stage)?;
    ensure!(failed > 0 && excepted > 0);
    assert_eq!((&said["failed"], &said["excepted"]), (&json!(failed), &json!(excepted)));
    Ok(())
}

/// How many rows fail a test that failed, and how many others one that passed by its threshold.
fn failing(stage: &Stage) -> Result<(usize, usize)> {
    let kept = stage.kept("users");
    let run: Json = serde_json::from_str(&kept.text("tests/0001/run.json")?)?;
    let tests = run["tests"].as_array().context("tests")?;
    let (mut failed, mut excepted) = (0, 0);
    for line in kept.text("tests/0001/verdicts.ndjson.zst")?.lines() {
        let row: Json = serde_json::from_str(line)?;
        let fails_one = |outcome: &str| {
            let mut of_outcome = tests.iter().filter(|it| it["outcome"] == outcome);
            of_outcome.any(|it| row["verdicts"][it["name"].as_str().unwrap_or_default()] == "fail")
        };
        failed += usize::from(fails_one("fail"));
        excepted += usize::from(!fails_one("fail") && fails_one("pass"));
    }
    Ok((failed, excepted))
}
