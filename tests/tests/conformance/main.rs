//! `exhibit plugin check`, from end to end: good plugins pass, and each of the broken ones fails for
//! the reason that it is broken in.

mod source;
mod stage;

use anyhow::{Context as _, Result};

use self::stage::{Stage, described};

#[tokio::test(flavor = "multi_thread")]
async fn a_plugin_that_keeps_the_contract_passes() -> Result<()> {
    let stage = Stage::new().await?;
    let evidence = stage.collect("none").await?;
    let called = stage.check("none", &["--evidence", &evidence]).await?;
    assert_eq!((called.code, called.stderr.as_str()), (Some(0), ""), "{}", called.stdout);
    insta::assert_snapshot!(called.stdout.replace(&evidence, "EVIDENCE"), @"");
    Ok(())
}

/// The checks that a plugin with this flaw fails, each with the first thing that is wrong.
async fn failed(stage: &Stage, flaw: &str) -> Result<String> {
    let evidence = stage.collect(flaw).await?;
    let called = stage.check(flaw, &["--json", "--evidence", &evidence]).await?;
    let report: serde_json::Value = serde_json::from_str(&called.stdout).context(called.stderr)?;
    let mut lines = vec![format!("{flaw}:")];
    for check in report["checks"].as_array().context("checks")? {
        if let Some(faults) = check["faults"].as_array() {
            let what = faults.first().and_then(|it| it["what"].as_str()).context("a fault")?;
            lines.push(format!("  {}: {}", check["name"].as_str().unwrap_or_default(), stage::plain(what)));
        }
    }
    assert_eq!(called.code, Some(if lines.len() > 1 { 1 } else { 0 }), "{flaw}");
    Ok(lines.join("\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_flaw_is_found_where_it_is() -> Result<()> {
    let stage = Stage::new().await?;
    let mut found = vec![];
    for flaw in [
        "checkpoint-forgets-counts",
        "checkpoint-forgets-page",
        "empty-proof-of-garbage",
        "hash-order",
        "keeps-it-all",
        "key-not-unique",
        "next-moves-on",
        "panics-when-cut-off",
        "remembers-interruptions",
        "resolve-differs",
        "retries-at-once",
        "row-lost-at-border",
        "state-lost-between-chunks",
        "takes-any-checkpoint",
        "takes-any-setting",
    ] {
        found.push(failed(&stage, flaw).await?);
    }
    insta::assert_snapshot!(found.join("\n"), @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_that_makes_no_sense_is_a_failed_check() -> Result<()> {
    let stage = Stage::new().await?;
    let mut found = vec![];
    for mood in [b"describe:differs", b"describe:mumbles", b"describe:nowhere"] {
        let file = stage.path("mood.wasm");
        std::fs::write(&file, described(mood)?)?;
        let called = stage.exhibit(&["plugin", "check", &file]).await?;
        assert_eq!(called.code, Some(1), "{}", called.stdout);
        let lines: Vec<&str> =
            called.stdout.lines().skip_while(|it| !it.starts_with("FAIL")).take(2).collect();
        found.push(lines.join("\n"));
    }
    insta::assert_snapshot!(found.join("\n"), @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_of_something_else_is_told_from_a_flaw() -> Result<()> {
    let stage = Stage::new().await?;
    let none = stage.exhibit(&["plugin", "check", "no-such-file.wasm"]).await?;
    assert_eq!(none.code, Some(2), "{}", none.stderr);
    let empty = stage.check("none", &["--evidence", &stage.path("nothing")]).await?;
    assert_eq!(empty.code, Some(2), "{}", empty.stderr);

    let evidence = stage.collect("none").await?;
    let rows = std::path::Path::new(&evidence).join("rows.ndjson");
    let changed = std::fs::read_to_string(&rows)?.replacen("\"count\":3", "\"count\":4", 1);
    std::fs::write(&rows, changed)?;
    let called = stage.check("none", &["--evidence", &evidence]).await?;
    assert_eq!(called.code, Some(1));
    let line = called.stdout.lines().skip_while(|it| !it.starts_with("FAIL")).nth(1).unwrap_or_default();
    insta::assert_snapshot!(line, @"");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_built_in_plugin_passes() -> Result<()> {
    let stage = Stage::new().await?;
    let source = exhibit_simulator::Simulator::start(exhibit_simulator::World {
        assets: 300,
        users: 5,
        scans: 8,
        compliance_scans: 3,
        tickets: 1_200,
        ..exhibit_simulator::World::default()
    })
    .await?;
    let mut arguments = vec!["plugin".to_owned(), "check".to_owned()];
    for (proof, further) in [
        ("assets", ["--set", "page-size=130"].as_slice()),
        ("users", &[]),
        ("vm-scans", &["--from", "2020-01-01"]),
        ("pc-scans", &["--from", "2020-01-01"]),
        ("tickets", &[]),
    ] {
        let out = stage.path(proof);
        let origin = format!("api={}", source.url());
        let mut collect = vec!["collect", proof, "--out", &out, "--origin", &origin, "--set", "platform=US2"];
        collect.extend(["--as-of", "2026-11-01", "--secret", "username=env:USERNAME"]);
        collect.extend(["--secret", "password=env:PASSWORD"]);
        collect.extend(further);
        let called = stage.exhibit(&collect).await?;
        assert_eq!(called.code, Some(0), "{}", called.stderr);
        arguments.extend(["--evidence".to_owned(), out]);
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let called = stage.exhibit(&arguments).await?;
    assert_eq!(called.code, Some(0), "{}\n{}", called.stdout, called.stderr);
    assert!(!called.stdout.contains("\nskip"), "{}", called.stdout);
    Ok(())
}
