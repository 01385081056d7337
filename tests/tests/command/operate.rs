//! Operations by the command: two keys, one write, and what became of it, whatever happens in between.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};
use serde_json::Value as Json;
use tokio::time::timeout;

use crate::composed::compose;
use crate::runtime::{COMMAND, Ran, Runtime, ran};

const TITLE: &str = "Weekly servers";
/// Where scans are launched.
const CONTROL: &str = "/api/2.0/fo/scan/";
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
const KEYS: [&str; 3] = ["--allow-operate", "--confirm", TITLE];
const INTO: [&str; 5] = ["--allow-operate", "--confirm", TITLE, "--out", "out"];
/// A call that is killed has sent its request by then, the first compilation included.
const PATIENCE: Duration = Duration::from_secs(60);

/// A source whose clock is that of the runtime: it is asked for the scans of the last day.
fn world() -> World {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    World { now: i64::try_from(now.as_millis()).unwrap_or(i64::MAX), ..World::default() }
}

async fn launch(runtime: &Runtime, further: &[&str]) -> Result<Ran> {
    ran(runtime.connected(&[&LAUNCH[..], further].concat())).await
}

fn text(ran: &Ran) -> String {
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

/// Requests that would launch a scan, and scans that were launched.
fn sent(runtime: &Runtime) -> (usize, usize) {
    let source = &runtime.stage.source;
    let writes = source.requests().iter().filter(|it| it.path == CONTROL && it.method == "POST").count();
    (writes, source.launched().len())
}

/// What the evidence in `out` says of the outcome, once the host has verified it: its answers give its report again.
async fn verified(runtime: &Runtime) -> Result<Json> {
    let verified = runtime.stage.exhibit(&["verify", "out"]).await?.ended_with(0)?.stdout;
    ensure!(verified.contains("replay: the answers give the rows, byte for byte"), "{verified}");
    ensure!(!runtime.stage.path("out/operation").exists(), "what it was made of is removed");
    Ok(runtime.stage.kept("out").proof()?["outcome"].clone())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_that_is_not_allowed_and_confirmed() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    let shown = launch(&runtime, &[]).await?.ended_with(2)?;
    let said = text(&shown);
    for part in [
        "Launch a VM scan: nothing was sent yet.",
        "10.0.0.1-10.0.0.9",
        "fra-scanner-1",
        "POST http://127.0.0.1:",
    ] {
        ensure!(said.contains(part), "{part}: {said}");
    }
    let missing = "next: to send it, add: --allow-operate --confirm 'Weekly servers' --out DIR";
    ensure!(shown.stderr.contains(missing), "{}", shown.stderr);
    ensure!(
        ![&said, &shown.stderr].iter().any(|it| it.contains(&runtime.stage.login.1)),
        "no secret is shown"
    );
    for (further, why) in [
        (&["--confirm", TITLE, "--out", "out"][..], "may not change anything at the source"),
        (&["--allow-operate", "--confirm", "Weekly", "--out", "out"], "not confirmed: `Weekly` was repeated"),
        (&KEYS, "no place is given"),
        (&["--allow-operate", "--confirm", TITLE, "--out", "out", "--resume"], "nothing to resume"),
        (&["--allow-operate", "--out", "out"], "not confirmed: nothing was sent"),
    ] {
        let refused = launch(&runtime, further).await?.ended_with(2)?.stderr;
        ensure!(refused.contains(why) && refused.contains("next: "), "{refused}");
    }
    let mut other = LAUNCH.to_vec();
    other[5] = "option-profile=Nope";
    let refused = ran(runtime.connected(&[&other[..], &INTO].concat())).await?.ended_with(2)?.stderr;
    ensure!(refused.contains("no option profile is called \"Nope\""), "{refused}");
    assert_eq!(sent(&runtime), (0, 0));
    ensure!(!runtime.stage.path("out").exists(), "nothing is left of what sent nothing");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_confirmed_is_sent_once_and_is_evidence_for_the_host() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    let done = launch(&runtime, &INTO).await?.ended_with(0)?;
    ensure!(text(&done).starts_with("Launch a VM scan: done\n"), "{}", text(&done));
    assert_eq!(sent(&runtime), (1, 1));
    assert_eq!(verified(&runtime).await?, "done");
    let (kept, launched) = (runtime.stage.kept("out"), runtime.stage.source.launched());
    let id = kept.proof()?["job"]["id"].as_str().context("an id")?.to_owned();
    ensure!(launched[0].title.contains(&id), "the scan is known by it: {}", launched[0].title);
    assert_eq!(kept.rows()?[0]["reference"], Json::from(launched[0].reference.clone()));
    let password = runtime.stage.login.1.as_bytes();
    for (path, bytes) in kept.files()? {
        ensure!(memchr::memmem::find(&bytes, password).is_none(), "{}: the password", path.display());
    }
    // The same once more would launch another scan.
    let again = launch(&runtime, &INTO).await?.ended_with(2)?.stderr;
    ensure!(again.contains("there is evidence in out already: nothing was sent"), "{again}");
    assert_eq!(sent(&runtime), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_answer_is_found_out_about() -> Result<()> {
    for fault in [Fault::LoseAnswer, Fault::ResetAt(60)] {
        let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
        runtime.stage.source.faults().push(Rule::once(fault).on(CONTROL));
        let done = launch(&runtime, &INTO).await?.ended_with(0)?;
        ensure!(text(&done).contains("a look at Qualys shows that it was carried out"), "{}", text(&done));
        assert_eq!(sent(&runtime), (1, 1));
        assert_eq!(verified(&runtime).await?, "done");
        let answers = runtime.stage.kept("out").answers()?;
        let write = answers.iter().find(|it| it["request"]["effect"] == "write").context("the write")?;
        ensure!(write["broken"].is_string() && write["file"].is_null(), "{write}");
    }
    Ok(())
}

/// Kills a call once its scan is launched, before the answer has come.
async fn killed(runtime: &Runtime) -> Result<()> {
    let stall = Fault::StallAt { bytes: 0, lasting: Duration::from_secs(600) };
    runtime.stage.source.faults().push(Rule::once(stall).on(CONTROL));
    let mut child = runtime.connected(&[&LAUNCH[..], &INTO].concat()).spawn()?;
    let launched = async {
        let mut asked = 0;
        while runtime.stage.source.launched().is_empty() {
            asked += 1;
            runtime.stage.source.asked(asked).await;
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, launched).await.context("nothing is launched")?;
    Ok(child.kill().await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_call_is_gone_on_with_and_launches_nothing_again() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    killed(&runtime).await?;
    ensure!(runtime.stage.path("out/operation").is_dir() && !runtime.stage.path("out/proof.json").exists());
    let elsewhere = ["--allow-operate", "--confirm", TITLE, "--out", "other"];
    for (further, differs) in [
        (&[&INTO[..], &["--account", "ours"]].concat()[..], "another name of the account"),
        (&[&INTO[..], &["--wait"]].concat(), "another parameters"),
        (&elsewhere, "another folder for the evidence"),
        // What it had sent would be sent again, and its record be gone.
        (&[&elsewhere[..], &["--fresh"]].concat(), "another folder for the evidence"),
        (&[&INTO[..], &["--fresh"]].concat(), "remove the record of the first"),
    ] {
        let refused = launch(&runtime, further).await?.ended_with(2)?.stderr;
        ensure!(refused.contains(differs) && refused.contains("has sent something"), "{refused}");
    }
    let done = launch(&runtime, &[&INTO[..], &["--take-over"]].concat()).await?.ended_with(0)?;
    ensure!(text(&done).starts_with("Launch a VM scan: done\n"), "{}", text(&done));
    assert_eq!(sent(&runtime), (1, 1));
    assert_eq!(verified(&runtime).await?, "done");
    let notes = runtime.stage.kept("out").proof()?["host-notes"].to_string();
    ensure!(notes.contains("was interrupted, and was resumed on"), "{notes}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_not_begun_again() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    killed(&runtime).await?;
    let steps = runtime.stage.path("out/operation");
    let last = steps.join(format!("{:06}", std::fs::read_dir(&steps)?.count() - 1)).join("step.json");
    ensure!(
        std::fs::read_to_string(&last)?.contains("\"effect\":\"write\""),
        "the write is kept before it is sent"
    );
    std::fs::write(&last, "{")?;
    let refused = launch(&runtime, &[&INTO[..], &["--take-over"]].concat()).await?.ended_with(2)?.stderr;
    ensure!(refused.contains("is damaged, and it may have sent something"), "{refused}");
    for further in
        [&[&INTO[..], &["--fresh"]].concat()[..], &["--allow-operate", "--confirm", TITLE, "--out", "other"]]
    {
        let refused = launch(&runtime, further).await?.ended_with(2)?.stderr;
        ensure!(refused.contains("is damaged, and it may have sent something"), "{refused}");
    }
    assert_eq!(sent(&runtime), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_calls_at_once_one_launches() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    // Compiled before, so that they are as close as can be.
    launch(&runtime, &[]).await?.ended_with(2)?;
    let (one, other) = tokio::join!(launch(&runtime, &INTO), launch(&runtime, &INTO));
    let codes = [one?, other?].map(|it| (it.code, it.stderr));
    ensure!(codes.iter().any(|(code, _)| *code == Some(0)), "{codes:?}");
    assert_eq!(sent(&runtime), (1, 1), "{codes:?}");
    assert_eq!(verified(&runtime).await?, "done");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn behind_the_signer_it_is_sent_once_too() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    let (file, variables) = compose(&runtime)?;
    let all = runtime.connecting(&[&LAUNCH[..], &INTO, &["--signer"]].concat());
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    ran(runtime.command(&file, &variables, &all)).await?.ended_with(0)?;
    assert_eq!(sent(&runtime), (1, 1));
    assert_eq!(verified(&runtime).await?, "done");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_operation_and_lookup_of_the_manifest_says_what_it_is() -> Result<()> {
    let Some(runtime) = Runtime::new(world()).await? else { return Ok(()) };
    let names = |listed: &str| -> Vec<Json> { serde_json::from_str(listed).unwrap_or_default() };
    let operations = runtime.stage.exhibit(&["operate", "--json"]).await?.ended_with(0)?.stdout;
    for it in names(&operations) {
        let (name, confirm) =
            (it["name"].as_str().context("a name")?, it["confirm"].as_str().context("a parameter")?);
        let said = ran(runtime.command(Path::new(COMMAND), &[], &["operate", name])).await?.ended_with(0)?;
        ensure!(text(&said).contains(&format!("the value of `{confirm}`")), "{}", text(&said));
    }
    let lookups = runtime.stage.exhibit(&["lookup", "--json"]).await?.ended_with(0)?.stdout;
    let lookups = names(&lookups);
    ensure!(!lookups.is_empty());
    for it in &lookups {
        let name = it["lookup"].as_str().context("a name")?;
        let host = runtime.stage.connected(&["lookup", name, "--json"]).await?.ended_with(0)?.stdout;
        let host: Json = serde_json::from_str(&host)?;
        let listed = text(&ran(runtime.connected(&["lookup", name])).await?.ended_with(0)?);
        let value = host["value"].as_str().context("a field")?;
        for row in host["rows"].as_array().context("rows")? {
            let wanted = row[value].as_str().context("a text")?;
            ensure!(listed.contains(wanted), "{name}: {wanted}: {listed}");
        }
    }
    let guide = ran(runtime.command(Path::new(COMMAND), &[], &["guide"])).await?.ended_with(0)?;
    ensure!(text(&guide).starts_with("# The Qualys account that collects\n"), "{}", text(&guide));
    assert_eq!(sent(&runtime), (0, 0));
    Ok(())
}
