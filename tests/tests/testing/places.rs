//! Where evidence is, and what else is written there.

use anyhow::{Context as _, Result};
use serde_json::Value as Json;

use crate::stage::Stage;
use crate::{AS_OF, signed_in, stage};

/// What the one test of a run in this folder, called from there, is compared with.
async fn compared(stage: &Stage, here: &str, evidence: &str, tests: &str) -> Result<Json> {
    let arguments = ["test", "--json", evidence, "--test", tests];
    let output = stage.command(&arguments).current_dir(stage.path(here)).output().await?;
    let said: Json = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    Ok(said["run"]["tests"][0]["since"]["evidence"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn however_evidence_is_named_it_is_compared_with_what_is_beside_it() -> Result<()> {
    let stage = stage().await?;
    let tests = signed_in(&stage, 90)?;
    for (here, evidence) in [("q4", "."), ("q4/answers", ".."), (".", "q4/"), (".", "q4/answers/..")] {
        for (name, as_of) in [("q3", "2026-11-01"), ("q4", "2027-02-01")] {
            stage.collect("users", name, &["--as-of", as_of]).await?.ended_with(0)?;
        }
        compared(&stage, ".", "q3", &tests).await?;
        assert_eq!(compared(&stage, here, evidence, &tests).await?, "q3", "{evidence} in {here}");
        for name in ["q3", "q4"] {
            std::fs::remove_dir_all(stage.path(name))?;
        }
    }
    Ok(())
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn another_name_of_the_same_evidence_is_no_other_evidence() -> Result<()> {
    let stage = stage().await?;
    let tests = signed_in(&stage, 90)?;
    stage.collect("users", "q3", &AS_OF).await?.ended_with(0)?;
    std::os::unix::fs::symlink("q3", stage.path("latest"))?;
    assert_eq!(compared(&stage, ".", "latest", &tests).await?, Json::Null);
    for name in ["latest", "q3"] {
        assert_eq!(compared(&stage, ".", name, &tests).await?, "", "{name}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_at_once_are_all_kept() -> Result<()> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let mut command = stage.command(&["test", "users"]);
        calls.spawn(async move { command.output().await });
    }
    while let Some(ended) = calls.join_next().await {
        let ended = ended??;
        assert_eq!(ended.status.code(), Some(1), "{}", String::from_utf8_lossy(&ended.stderr));
    }
    let entries = std::fs::read_dir(stage.path("users/tests"))?;
    let mut names: Vec<_> = entries.map(|it| it.map(|it| it.file_name())).collect::<Result<_, _>>()?;
    names.sort();
    assert_eq!(names, ["0001", "0002", "0003", "0004", "0005", "0006"]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_not_written_over_evidence() -> Result<()> {
    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let before = stage.kept("users").text("proof.json")?;
    let mut said = Vec::new();
    for report in ["users/proof.json", "users/report.xml", "users/../users/tests/report.xml"] {
        said.push(stage.exhibit(&["test", "users", "--junit", report]).await?.ended_with(2)?.stderr);
    }
    let new = [&AS_OF[..], &["--test", "suggested", "--junit", "new/report.xml"]].concat();
    said.push(stage.collect("users", "new", &new).await?.ended_with(2)?.stderr);
    assert_eq!(stage.kept("users").text("proof.json")?, before);
    assert!(!stage.path("users/tests").exists() && !stage.path("new").exists(), "something was done");
    insta::assert_snapshot!(said.concat(), @"
    error: the report users/proof.json would be inside the evidence, which must not change
    next: name a file elsewhere with --junit
    error: the report users/report.xml would be inside the evidence, which must not change
    next: name a file elsewhere with --junit
    error: the report users/../users/tests/report.xml would be inside the evidence, which must not change
    next: name a file elsewhere with --junit
    error: the report new/report.xml would be inside the evidence, which must not change
    next: name a file elsewhere with --junit
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_is_told_where_the_report_cannot_be_written() -> Result<()> {
    let stage = stage().await?;
    let arguments = [&AS_OF[..], &["--test", "suggested", "--junit", "nowhere/report.xml"]].concat();
    let called = stage.collect("users", "users", &arguments).await?.ended_with(2)?;
    assert!(called.stdout.contains("The evidence is in "), "{}", called.stdout);
    assert!(called.stderr.contains("nowhere/report.xml"), "{}", called.stderr);
    Ok(())
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_is_no_text_is_told_as_far_as_it_is() -> Result<()> {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;

    let stage = stage().await?;
    stage.collect("users", "users", &AS_OF).await?.ended_with(0)?;
    let name = OsStr::from_bytes(b"us\xff\x1b[2Jers");
    std::fs::rename(stage.path("users"), stage.path("").join(name))?;
    for further in [&["--json"][..], &[]] {
        let output = stage.command(&["test"]).arg(name).args(further).output().await?;
        let (said, error) = (String::from_utf8(output.stdout)?, String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(1), "{error}");
        assert!(said.contains("us\u{fffd}") && !said.contains('\u{1b}'), "{said}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_without_a_row_is_tested() -> Result<()> {
    let stage = Stage::new(exhibit_simulator::World { tickets: 0, ..Default::default() }).await?;
    stage.collect("tickets", "tickets", &AS_OF).await?.ended_with(0)?;
    assert_eq!(stage.kept("tickets").rows()?.len(), 0);
    let path = stage.path("tests.toml");
    let test = |name: &str, rule: &str| {
        format!(
            "[[test]]\nname = \"{name}\"\nproof = \"tickets\"\nlabel = \"{name}\"\nwhen-empty = \"{rule}\"\n\
             case = [{{ all = [{{ field = \"id\", operator = \"is-not-empty\" }}] }}]\n"
        )
    };
    let rules = ["pass", "fail", "inconclusive"].map(|it| test(&format!("may-{it}"), it));
    std::fs::write(&path, format!("version = 1\n{}", rules.concat()))?;
    let tests = path.display().to_string();
    for _ in 0..2 {
        let said = stage.exhibit(&["test", "tickets", "--test", &tests, "--json"]).await?.ended_with(1)?;
        let said: Json = serde_json::from_str(&said.stdout)?;
        let outcomes: Vec<_> = (0..3).map(|it| said["run"]["tests"][it]["outcome"].clone()).collect();
        assert_eq!(outcomes, ["pass", "fail", "inconclusive"]);
    }
    Ok(())
}
