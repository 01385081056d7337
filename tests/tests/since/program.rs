//! What a person sees of it: the command, the list, the checks.

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use serde_json::Value as Json;

use crate::stage::{Called, Stage};

/// A source whose records change, and a store.
async fn stage() -> Result<Stage> {
    let world = World { assets: 40, tickets: 30, users: 3, change_one_in: 3, ..World::default() };
    let stage = Stage::new(world).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let init = ["evidence", "init", "store", "--name", "example.com/evidence", "--sign", "file:key.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    Ok(stage)
}

async fn collect(stage: &Stage, proof: &str, further: &[&str]) -> Result<Called> {
    let arguments = ["collect", proof, "--store", "store", "--sign", "file:key.pem"];
    stage.connected(&[&arguments, further].concat()).await
}

const SINCE_LAST: [&str; 2] = ["--since", "last"];

async fn list(stage: &Stage) -> Result<Vec<Json>> {
    let called = stage.exhibit(&["evidence", "list", "store", "--all", "--json"]).await?.ended_with(0)?;
    Ok(serde_json::from_str(&called.stdout)?)
}

fn name(listed: &Json) -> Result<&str> {
    listed["kept"]["evidence"].as_str().context("a name")
}

async fn days_pass(stage: &Stage, days: u64) {
    stage.source.advance(std::time::Duration::from_secs(days * 86_400));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_of_changes_names_what_it_continues_and_that_cannot_be_pruned() -> Result<()> {
    let stage = stage().await?;
    days_pass(&stage, 1).await;
    let whole = collect(&stage, "assets", &SINCE_LAST).await?.ended_with(0)?;
    ensure!(whole.stderr.contains("no proof of the same terms that could be continued"), "{whole:?}");
    days_pass(&stage, 2).await;
    let changes = collect(&stage, "assets", &SINCE_LAST).await?.ended_with(0)?;
    ensure!(changes.stderr.contains("only what changed since 2026-11-02T00:00:00Z"), "{changes:?}");
    let listed = list(&stage).await?;
    let [first, second] = &listed[..] else { anyhow::bail!("two proofs: {listed:?}") };
    assert_eq!(second["kept"]["predecessor"]["evidence"], first["kept"]["evidence"]);
    assert_eq!(second["kept"]["predecessor"]["proof"], first["kept"]["proof"]);
    assert_eq!(
        (&second["kept"]["since"], &second["kept"]["point"]),
        (&first["kept"]["point"], &"2026-11-04T00:00:00Z".into())
    );
    let (first, second) = (name(first)?, name(second)?);
    let note = format!("Changes since 2026-11-02T00:00:00Z, by the clock of the source; predecessor {first}");
    ensure!(changes.stdout.contains(&note), "{changes:?}");
    let shown = stage.exhibit(&["evidence", "list", "store"]).await?.ended_with(0)?;
    ensure!(shown.stdout.contains("changes since"), "{shown:?}");

    let verified = stage.exhibit(&["verify", "store", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    ensure!(!verified.stdout.contains("✘"), "{verified:?}");
    let one = format!("store/evidence/{second}");
    let verified = stage.exhibit(&["verify", &one, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    ensure!(verified.stdout.contains("predecessor"), "{verified:?}");
    // Elsewhere there is nothing to compare with, and that is said.
    stage.exhibit(&["bundle", &one, "--out", "one.exhibit.tar"]).await?.ended_with(0)?;
    let bundled =
        stage.exhibit(&["verify", "one.exhibit.tar", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    ensure!(bundled.stdout.contains("it is in no store here"), "{bundled:?}");

    let prune = |name: &str| {
        let arguments =
            ["evidence", "prune", "store", "--confirm", "--sign", "file:key.pem", "--evidence", name];
        arguments.map(str::to_owned)
    };
    let arguments = prune(first);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let refused = stage.exhibit(&arguments).await?.ended_with(2)?;
    ensure!(refused.stderr.contains("has only what changed since it"), "{refused:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_predecessor_that_is_gone_or_altered_is_found_and_covers_nothing() -> Result<()> {
    let stage = stage().await?;
    for _ in 0..3 {
        days_pass(&stage, 1).await;
        collect(&stage, "tickets", &SINCE_LAST).await?.ended_with(0)?;
    }
    let listed = list(&stage).await?;
    let names: Vec<&str> = listed.iter().map(name).collect::<Result<_>>()?;
    let coverage =
        ["evidence", "coverage", "store", "tickets", "--from", "2026-01-01", "--to", "2100-01-01", "--json"];
    let covered = stage.exhibit(&coverage).await?.ended_with(1)?;
    ensure!(!covered.stdout.contains("an earlier proof that it continues is missing"), "{covered:?}");
    let middle = stage.path("store/evidence").join(names[1]);
    std::fs::rename(&middle, stage.path("aside"))?;
    let broken = stage.exhibit(&coverage).await?.ended_with(1)?;
    ensure!(broken.stdout.contains("an earlier proof that it continues is missing"), "{broken:?}");
    let last = format!("store/evidence/{}", names[2]);
    let verified = stage.exhibit(&["verify", &last, "--digests", "--key", "key.pem.pub"]).await?;
    ensure!(
        verified.code != Some(0) && verified.stdout.contains("is missing from the store"),
        "{verified:?}"
    );
    // Nor does the one verify that names the one after a gap: a chain is whole to the list that it begins with.
    let root = stage.path("store/evidence").join(names[0]);
    std::fs::rename(stage.path("aside"), &middle)?;
    std::fs::rename(&root, stage.path("root"))?;
    let verified = stage.exhibit(&["verify", &last, "--digests", "--key", "key.pem.pub"]).await?;
    let missing = format!("what `{}` continues is missing", names[1]);
    ensure!(verified.code != Some(0) && verified.stdout.contains(&missing), "{verified:?}");
    std::fs::rename(stage.path("root"), &root)?;
    std::fs::rename(&middle, stage.path("aside"))?;
    // What is collected next continues the one before the gap.
    days_pass(&stage, 1).await;
    collect(&stage, "tickets", &SINCE_LAST).await?.ended_with(0)?;
    let listed = list(&stage).await?;
    let latest = listed.last().context("the latest")?;
    assert_eq!(latest["kept"]["predecessor"]["evidence"], names[0]);
    // Another proof in its place is not the one that is named.
    let first = std::fs::read_to_string(stage.path("store/evidence").join(names[0]).join("proof.json"))?;
    std::fs::create_dir(&middle)?;
    std::fs::write(middle.join("proof.json"), first)?;
    let verified = stage.exhibit(&["verify", &last, "--digests", "--key", "key.pem.pub"]).await?;
    ensure!(verified.code != Some(0) && verified.stdout.contains("with the digest"), "{verified:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_with_the_reason() -> Result<()> {
    let stage = stage().await?;
    let users = collect(&stage, "users", &SINCE_LAST).await?.ended_with(2)?;
    ensure!(users.stderr.contains("no filter by the date of a change"), "{users:?}");
    let folder = stage.collect("assets", "out", &SINCE_LAST).await?.ended_with(2)?;
    ensure!(folder.stderr.contains("looked for in a store"), "{folder:?}");
    let window = [&SINCE_LAST[..], &["--from", "2026-10-01"]].concat();
    collect(&stage, "assets", &window).await?.ended_with(2)?;
    // Another selection is continued by nothing of this one.
    days_pass(&stage, 1).await;
    collect(&stage, "tickets", &[]).await?.ended_with(0)?;
    let open = [&SINCE_LAST[..], &["--with", "states=OPEN"]].concat();
    let other = collect(&stage, "tickets", &open).await?.ended_with(0)?;
    ensure!(other.stderr.contains("no proof of the same terms"), "{other:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn tests_judge_a_whole_list_and_never_changes_alone() -> Result<()> {
    let stage = stage().await?;
    let suggested = ["--since", "last", "--test", "suggested"];
    let refused = collect(&stage, "tickets", &suggested).await?.ended_with(2)?;
    ensure!(
        refused.stderr.contains("tests judge a whole list") && refused.stderr.contains("next: "),
        "{refused:?}"
    );
    for _ in 0..2 {
        days_pass(&stage, 1).await;
        collect(&stage, "tickets", &SINCE_LAST).await?.ended_with(0)?;
    }
    let listed = list(&stage).await?;
    let evidence: Vec<String> =
        listed.iter().map(|it| Ok(format!("store/evidence/{}", name(it)?))).collect::<Result<_>>()?;
    let [whole, changes] = &evidence[..] else { anyhow::bail!("two proofs: {evidence:?}") };
    let sign = ["--test", "suggested", "--sign", "file:key.pem"];
    let tested = stage.exhibit(&[&["test", whole][..], &sign].concat()).await?;
    ensure!(matches!(tested.code, Some(0 | 1)), "{tested:?}");
    let refused = stage.exhibit(&[&["test", changes][..], &sign].concat()).await?.ended_with(2)?;
    ensure!(refused.stderr.contains("only what changed since"), "{refused:?}");
    Ok(())
}
