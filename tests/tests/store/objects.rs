//! The same store, in an object store.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::World;
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::bucket::{BUCKET, Bucket};
use crate::stage::{Called, Stage};

struct Remote {
    stage: Stage,
    bucket: Bucket,
    url: String,
}

impl Remote {
    async fn new() -> Result<Self> {
        let mut stage = Stage::new(World { users: 3, ..World::default() }).await?;
        let bucket = Bucket::start().await?;
        stage.environment = bucket.environment();
        let url = format!("s3://{BUCKET}/compliance/store");
        stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
        let init = ["evidence", "init", &url, "--name", "example.com/evidence", "--sign", "file:key.pem"];
        stage.exhibit(&init).await?.ended_with(0)?;
        Ok(Self { stage, bucket, url })
    }

    async fn collect(&self, as_of: &str) -> Result<Called> {
        let arguments =
            ["collect", "users", "--store", &self.url, "--sign", "file:key.pem", "--as-of", as_of, "--json"];
        self.stage.connected(&arguments).await
    }

    async fn verify(&self) -> Result<Called> {
        self.stage.exhibit(&["verify", &self.url, "--key", "key.pem.pub"]).await
    }

    /// Runs it with a network that ends after so many puts. The library tries again for minutes: what counts
    /// is what is there when the process is gone.
    async fn cut_off(&self, mut command: Command, puts: u64) -> Result<()> {
        const PATIENCE: Duration = Duration::from_secs(120);
        self.bucket.end_after(Some(puts));
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let cut_or_ended = async {
            tokio::select! {
                () = self.bucket.cut() => Ok(None),
                ended = child.wait() => ended.map(Some),
            }
        };
        match timeout(PATIENCE, cut_or_ended).await?? {
            Some(ended) => ensure!(ended.code() != Some(2), "{puts}: it was to be cut off, or to end well"),
            None => child.kill().await?,
        }
        self.bucket.end_after(None);
        Ok(())
    }

    /// Where the evidence of a collection is.
    fn address(called: &Called) -> Result<String> {
        let said: Json = serde_json::from_str(&called.stdout)?;
        Ok(said["folder"].as_str().unwrap_or_default().to_owned())
    }

    fn objects_of(&self, folder: &str) -> Vec<String> {
        let prefix = format!("compliance/store/{folder}/");
        self.bucket.names().into_iter().filter(|it| it.starts_with(&prefix)).collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_comes_is_tested_exported_verified_and_pruned() -> Result<()> {
    let remote = Remote::new().await?;
    let first = Remote::address(&remote.collect("2026-11-01").await?.ended_with(0)?)?;
    ensure!(first.starts_with("s3://evidence-of-tests/compliance/store/evidence/users-20261101"), "{first}");
    remote.collect("2026-11-02").await?.ended_with(0)?;
    // Once for all evidence.
    assert_eq!(remote.objects_of("plugins").len(), 1);
    let called = remote.stage.exhibit(&["test", &first, "--sign", "file:key.pem"]).await?;
    ensure!(matches!(called.code, Some(0 | 1)), "{called:?}");
    let export = ["export", &first, "--format", "csv", "--out", "users.csv"];
    remote.stage.exhibit(&export).await?.ended_with(0)?;
    remote.stage.exhibit(&["verify", &first, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let called = remote.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("2 proofs") && called.stdout.contains("[1 run]"), "{called:?}");
    // By its name: no rule removes what a test failed over.
    let name = first.rsplit('/').next().unwrap_or_default();
    let prune = ["evidence", "prune", &remote.url, "--evidence", name];
    let shown = remote.stage.exhibit(&prune).await?.ended_with(0)?;
    ensure!(shown.stdout.contains("KiB"), "objects have sizes: {shown:?}");
    let prune = [&prune[..], &["--confirm", "--sign", "file:key.pem"]].concat();
    remote.stage.exhibit(&prune).await?.ended_with(0)?;
    ensure!(
        remote.objects_of("evidence").iter().all(|it| it.contains("20261102")),
        "{:?}",
        remote.bucket.names()
    );
    remote.verify().await?.ended_with(0)?;
    let list = remote.stage.exhibit(&["evidence", "list", &remote.url, "--all"]).await?.ended_with(0)?;
    ensure!(list.stdout.contains("pruned"), "{list:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_does_not_exist_is_said_in_a_sentence() -> Result<()> {
    let remote = Remote::new().await?;
    for arguments in
        [&["evidence", "list", "s3://no-such-bucket/store"][..], &["verify", "s3://no-such-bucket/store"]]
    {
        let called = remote.stage.exhibit(arguments).await?.ended_with(2)?;
        let address =
            "error: s3://no-such-bucket/store: the object store: 404 Not Found: NoSuchBucket: NoSuchBucket\n";
        ensure!(called.stderr.contains(address), "{called:?}");
        ensure!(called.stderr.contains("next: check the bucket's name"), "{called:?}");
        ensure!(!called.stderr.contains('<'), "no page: {called:?}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_of_an_older_format_is_raised_with_its_first_new_entry_and_not_before() -> Result<()> {
    let (today, before) = (r#""format": 3"#, r#""format": 2"#);
    let remote = Remote::new().await?;
    let format = || {
        let mut found = None;
        remote.bucket.alter("compliance/store/store.json", |bytes| {
            let text = String::from_utf8_lossy(bytes).into_owned();
            found = [today, before].into_iter().find(|it| text.contains(it));
        })?;
        found.context("a format that is known")
    };
    assert_eq!(format()?, today);
    remote.bucket.alter("compliance/store/store.json", |bytes| {
        *bytes = String::from_utf8_lossy(bytes).replace(today, before).into_bytes();
    })?;
    remote.verify().await?.ended_with(0)?;
    remote.stage.exhibit(&["evidence", "list", &remote.url]).await?.ended_with(0)?;
    assert_eq!(format()?, before, "who only reads changes nothing");
    remote.collect("2026-11-01").await?.ended_with(0)?;
    assert_eq!(format()?, today);
    remote.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_is_not_one_piece_of_evidence() -> Result<()> {
    let remote = Remote::new().await?;
    let first = Remote::address(&remote.collect("2026-11-01").await?.ended_with(0)?)?;
    let export = ["export", &remote.url, "--format", "csv", "--out", "users.csv"];
    let called = remote.stage.exhibit(&export).await?.ended_with(2)?;
    ensure!(called.stderr.contains("is a store, and one piece of evidence is asked for"), "{called:?}");
    ensure!(called.stderr.contains(&first), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_in_the_bucket_is_noticed() -> Result<()> {
    let remote = Remote::new().await?;
    remote.collect("2026-11-01").await?.ended_with(0)?;
    remote.verify().await?.ended_with(0)?;
    let rows = remote.objects_of("evidence").into_iter().find(|it| it.contains("/rows.")).unwrap_or_default();
    remote.bucket.alter(&rows, |bytes| bytes[40] ^= 1)?;
    remote.verify().await?.ended_with(1)?;
    remote.bucket.alter(&rows, |bytes| bytes[40] ^= 1)?;
    remote.verify().await?.ended_with(0)?;
    for proof in remote.objects_of("evidence") {
        remote.bucket.remove(&proof)?;
    }
    let called = remote.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("is missing"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_collect_at_once_and_none_is_lost() -> Result<()> {
    const AT_ONCE: u32 = 6;
    let remote = Remote::new().await?;
    let days: Vec<String> = (1..=AT_ONCE).map(|day| format!("2026-11-{day:02}")).collect();
    let mut running = Vec::new();
    for day in &days {
        let arguments =
            ["collect", "users", "--store", &remote.url, "--sign", "file:key.pem", "--as-of", day];
        let mut command = remote.stage.connecting(&arguments);
        running.push(command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?);
    }
    for child in &mut running {
        let ended = child.wait().await?;
        ensure!(ended.success(), "{ended}");
    }
    let called = remote.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("6 proofs"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn many_test_at_once_and_each_has_a_run_of_its_own() -> Result<()> {
    const AT_ONCE: usize = 4;
    let remote = Remote::new().await?;
    let evidence = Remote::address(&remote.collect("2026-11-01").await?.ended_with(0)?)?;
    let mut running = Vec::new();
    for _ in 0..AT_ONCE {
        let mut command = remote.stage.command(&["test", &evidence, "--sign", "file:key.pem"]);
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?);
    }
    let mut said = Vec::new();
    for child in running {
        let output = child.wait_with_output().await?;
        ensure!(matches!(output.status.code(), Some(0 | 1)), "{output:?}");
        said.push(String::from_utf8(output.stdout)?);
    }
    for number in 1..=AT_ONCE {
        let run = format!("The run is in {evidence}/tests/{number:04}");
        assert_eq!(said.iter().filter(|it| it.contains(&run)).count(), 1, "{run}: {said:?}");
    }
    let called = remote.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("4 runs"), "{called:?}");
    // Each names the one before it, and a bundle has all of that and the log's proof.
    let called = remote.stage.exhibit(&["bundle", &evidence, "--out", "bundle.tar"]).await?.ended_with(0)?;
    ensure!(called.stderr.is_empty(), "{called:?}");
    let verify = ["verify", "bundle.tar", "--key", "key.pem.pub"];
    let called = remote.stage.exhibit(&verify).await?.ended_with(0)?;
    ensure!(called.stdout.contains("renumbered or copied [4 runs]"), "{called:?}");
    ensure!(
        called.stdout.contains(
            "log: the log of its store has it, and says of it what it shows [entry 0 of example.com/evidence]"
        ),
        "{called:?}"
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_compared_with_that_of_earlier_evidence() -> Result<()> {
    let remote = Remote::new().await?;
    for day in ["2026-11-01", "2026-11-02"] {
        let arguments =
            ["collect", "users", "--store", &remote.url, "--sign", "file:key.pem", "--as-of", day];
        let called =
            remote.stage.connected(&[&arguments[..], &["--test", "suggested", "--json"]].concat()).await?;
        let said: Json = serde_json::from_str(&called.stdout)?;
        let since = &said["run"]["tests"][0]["since"];
        assert_eq!(since.is_null(), day == "2026-11-01", "{day}: {said}");
    }
    remote.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_a_network_cuts_off_is_entered_later_or_was_none() -> Result<()> {
    let remote = Remote::new().await?;
    let evidence = Remote::address(&remote.collect("2026-11-01").await?.ended_with(0)?)?;
    // Before, in and after the files of the run, the change of the log, and the log's own objects.
    for puts in 0..20 {
        let command = remote.stage.command(&["test", &evidence, "--sign", "file:key.pem"]);
        remote.cut_off(command, puts).await?;
        remote.verify().await?.ended_with(0)?;
    }
    remote.collect("2026-11-02").await?.ended_with(0)?;
    remote.verify().await?.ended_with(0)?;
    remote.bucket.age();
    remote.collect("2026-11-03").await?.ended_with(0)?;
    let names = remote.bucket.names();
    let of_runs = names.iter().filter_map(|it| it.rsplit_once('/')).filter(|it| it.0.contains("/tests/"));
    for (run, name) in of_runs {
        ensure!(names.contains(&format!("{run}/run.json")), "{run}/{name} is of no run, and was left there");
    }
    let called = remote.verify().await?.ended_with(0)?;
    ensure!(!called.stdout.contains("[0 runs]"), "some are whole: {called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_entered_is_waited_for_and_then_noticed() -> Result<()> {
    let remote = Remote::new().await?;
    let evidence = Remote::address(&remote.collect("2026-11-01").await?.ended_with(0)?)?;
    let (_, name) = evidence.rsplit_once('/').unwrap_or_default();
    for stranger in ["evidence/other/proof.json".to_owned(), format!("evidence/{name}/tests/0007/run.json")] {
        let stranger = format!("compliance/store/{stranger}");
        remote.bucket.put(&stranger);
        let called = remote.verify().await?.ended_with(0)?;
        ensure!(called.stdout.contains("is not in the log yet"), "{called:?}");
        remote.bucket.age();
        let called = remote.verify().await?.ended_with(1)?;
        ensure!(called.stdout.contains("is not in the log"), "{called:?}");
        remote.bucket.remove(&stranger)?;
    }
    remote.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_loses_the_network_leaves_a_store_that_goes_on() -> Result<()> {
    let remote = Remote::new().await?;
    remote.collect("2026-11-01").await?.ended_with(0)?;
    // Before, in and after the evidence, the change of the log, and the log's own objects.
    for puts in 0..17 {
        let command = remote.stage.connecting(&[
            "collect",
            "users",
            "--store",
            &remote.url,
            "--sign",
            "file:key.pem",
            "--as-of",
            "2026-11-02",
        ]);
        remote.cut_off(command, puts).await?;
        remote.collect("2026-11-03").await?.ended_with(0)?;
        let listed =
            remote.stage.exhibit(&["evidence", "list", &remote.url, "--json"]).await?.ended_with(0)?;
        let listed: Vec<Json> = serde_json::from_str(&listed.stdout)?;
        for it in &listed {
            let name = it["kept"]["evidence"].as_str().unwrap_or_default();
            let address = format!("{}/evidence/{name}", remote.url);
            remote.stage.exhibit(&["verify", &address, "--key", "key.pem.pub"]).await?.ended_with(0)?;
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_begun_and_not_continued_goes_after_a_day() -> Result<()> {
    let remote = Remote::new().await?;
    remote.collect("2026-11-01").await?.ended_with(0)?;
    for proof in remote.objects_of("evidence").iter().filter(|it| it.ends_with("/proof.json")) {
        remote.bucket.remove(proof)?;
    }
    // As another process would leave it that is still writing, or was killed: not in the log, without proof.json.
    let begun = remote.objects_of("evidence");
    let other = Remote::new().await?;
    for name in &begun {
        other.bucket.put(name);
    }
    other.collect("2026-11-02").await?.ended_with(0)?;
    ensure!(begun.iter().all(|it| other.bucket.names().contains(it)), "it may still be at it");
    other.bucket.age();
    other.collect("2026-11-03").await?.ended_with(0)?;
    ensure!(!begun.iter().any(|it| other.bucket.names().contains(it)), "{:?}", other.bucket.names());
    other.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_is_said_without_the_secret() -> Result<()> {
    let mut remote = Remote::new().await?;
    let nowhere = format!("s3://{BUCKET}/nowhere");
    let called = remote.stage.exhibit(&["evidence", "list", &nowhere]).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr, @"
    error: s3://evidence-of-tests/nowhere: there is no store
    next: make one with `exhibit evidence init`
    ");
    remote.stage.environment.retain(|it| it.0 != "AWS_ALLOW_HTTP");
    let called = remote.stage.exhibit(&["evidence", "list", &nowhere]).await?.ended_with(2)?;
    ensure!(!called.stderr.contains("canary"), "{called:?}");
    Ok(())
}
