//! `exhibit operate`, `lookup` and `guide`, as a person calls them.

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use serde_json::Value as Json;

use super::stage::{Called, Stage};

const TITLE: &str = "Weekly servers";
const LAUNCH: [&str; 10] = [
    "operate",
    "launch-vm-scan",
    "--with",
    "title=Weekly servers",
    "--with",
    "option-profile=Initial Options",
    "--with",
    "addresses=10.0.0.1-10.0.0.9",
    "--with",
    "scanner=fra-scanner-1",
];

async fn launch(stage: &Stage, further: &[&str]) -> Result<Called> {
    stage.connected(&[&LAUNCH[..], further].concat()).await
}

/// Requests that the source got and that are not lists.
fn writes(stage: &Stage) -> usize {
    stage.source.requests().iter().filter(|it| it.path == "/api/2.0/fo/scan/" && it.method == "POST").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_that_is_not_allowed_and_confirmed() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let shown = launch(&stage, &[]).await?.ended_with(0)?.stdout;
    for part in [
        "Launch a VM scan: nothing was sent yet.",
        "10.0.0.1-10.0.0.9",
        "fra-scanner-1",
        "POST http://127.0.0.1:",
        "--allow operate --confirm 'Weekly servers' --out DIR",
    ] {
        ensure!(shown.contains(part), "{part}: {shown}");
    }
    ensure!(!shown.contains(&stage.login.1), "no secret is shown");
    let proposal: Json = serde_json::from_str(&launch(&stage, &["--json"]).await?.ended_with(0)?.stdout)?;
    assert_eq!(proposal["sent"], false);
    assert_eq!(proposal["request"]["effect"], "write");
    for (further, why) in [
        (&["--confirm", TITLE, "--out", "out"][..], "operations are not allowed for it"),
        (
            &["--allow", "operate", "--confirm", "Weekly", "--out", "out"],
            "not confirmed: `Weekly` was repeated",
        ),
        (&["--allow", "operate", "--confirm", TITLE], "no place is given"),
        (&["--allow", "operate", "--resume", "--confirm", TITLE, "--out", "out"], "nothing to resume"),
    ] {
        let said = launch(&stage, further).await?.ended_with(2)?.stderr;
        ensure!(said.contains(why) && said.contains("next: "), "{said}");
    }
    assert_eq!((writes(&stage), stage.source.launched().len()), (0, 0));
    ensure!(!stage.path("out").exists());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_is_sent_once_and_kept_as_evidence() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let confirmed = ["--allow", "operate", "--confirm", TITLE, "--out", "out", "--account", "ours"];
    let said = launch(&stage, &confirmed).await?.ended_with(0)?.stdout;
    ensure!(said.starts_with("Launch a VM scan: done\n"), "{said}");
    let launched = stage.source.launched();
    assert_eq!((writes(&stage), launched.len()), (1, 1));
    ensure!(launched[0].title.starts_with(TITLE), "{}", launched[0].title);

    let kept = stage.kept("out");
    let proof = kept.proof()?;
    assert_eq!((&proof["type"]["operation"], &proof["outcome"]), (&Json::from(true), &Json::from("done")));
    let id = proof["job"]["id"].as_str().context("an id")?;
    ensure!(launched[0].title.contains(id), "the scan is known by it: {}", launched[0].title);
    let sent: Vec<Json> =
        kept.answers()?.into_iter().filter(|it| it["request"]["effect"] == "write").collect();
    assert_eq!(sent.len(), 1, "what was sent is kept, and what came back");
    ensure!(sent[0]["request"]["body"]["form"].to_string().contains(id));
    assert_eq!(kept.rows()?[0]["reference"], Json::from(launched[0].reference.clone()));
    let verified = stage.exhibit(&["verify", "out"]).await?.ended_with(0)?.stdout;
    ensure!(verified.contains("replay: the answers give the rows, byte for byte"), "{verified}");
    for format in ["csv", "json", "html", "xlsx", "pdf"] {
        let file = format!("report.{format}");
        stage.exhibit(&["export", "out", "--format", format, "--out", &file]).await?.ended_with(0)?;
    }
    // The same once more would launch another scan, and there is evidence of the first one in the way.
    launch(&stage, &confirmed).await?.ended_with(2)?;
    assert_eq!(stage.source.launched().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_says_it_is_no_operation_does_not_verify() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    launch(&stage, &["--allow", "operate", "--confirm", TITLE, "--out", "out"]).await?.ended_with(0)?;
    let path = stage.path("out").join("proof.json");
    let written = std::fs::read_to_string(&path)?;
    for (what, other) in [
        ("\"operation\": true,", ""),
        ("\"outcome\": \"done\"", "\"outcome\": \"not-done\""),
        ("\"outcome\": \"done\"", "\"outcome\": \"unknown\""),
    ] {
        ensure!(written.contains(what), "{what}: {written}");
        std::fs::write(&path, written.replace(what, other))?;
        stage.exhibit(&["verify", "out"]).await?.ended_with(1)?;
    }
    std::fs::write(&path, written)?;
    stage.exhibit(&["verify", "out"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_fits_nothing_is_refused_with_what_there_is() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let mut other = LAUNCH.to_vec();
    other[5] = "option-profile=Nope";
    let said = stage.connected(&other).await?.ended_with(2)?.stderr;
    ensure!(
        said.contains("no option profile is called \"Nope\"") && said.contains("Initial Options"),
        "{said}"
    );
    let said =
        stage.connected(&["operate", "lanch-vm-scan", "--with", "title=x"]).await?.ended_with(2)?.stderr;
    ensure!(said.contains("did you mean `launch-vm-scan`?"), "{said}");
    assert_eq!(stage.source.launched().len(), 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_and_lookup_of_the_manifest_says_what_it_is() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    let operations = stage.exhibit(&["operate", "--json"]).await?.ended_with(0)?.stdout;
    let operations: Vec<Json> = serde_json::from_str(&operations)?;
    ensure!(!operations.is_empty());
    for it in &operations {
        let name = it["name"].as_str().context("a name")?;
        let said = stage.exhibit(&["operate", name]).await?.ended_with(0)?.stdout;
        let confirm = it["confirm"].as_str().context("a parameter")?;
        ensure!(said.contains(&format!("the value of `{confirm}`")), "{said}");
    }
    let lookups = stage.exhibit(&["lookup", "--json"]).await?.ended_with(0)?.stdout;
    let lookups: Vec<Json> = serde_json::from_str(&lookups)?;
    ensure!(!lookups.is_empty());
    for it in &lookups {
        let name = it["lookup"].as_str().context("a name")?;
        let listed = stage.connected(&["lookup", name, "--json"]).await?.ended_with(0)?.stdout;
        let listed: Json = serde_json::from_str(&listed)?;
        let value = listed["value"].as_str().context("a field")?;
        let rows = listed["rows"].as_array().context("rows")?;
        ensure!(!rows.is_empty() && rows.iter().all(|it| it[value].is_string()), "{name}: {listed}");
    }
    ensure!(stage.source.requests().iter().all(|it| it.path != "/api/2.0/fo/scan/" || it.method == "GET"));
    Ok(())
}
