//! An operation is not done twice, wherever the evidence of a second call goes, and whatever became of the first one.

use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use exhibit_simulator::{Fault, Rule, World};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Child;

use super::stage::{Called, Stage};

/// Where scans are launched.
const CONTROL: &str = "/api/2.0/fo/scan/";
/// Longer than any test takes.
const LONG: Duration = Duration::from_secs(600);
/// What waits for nothing ends within it, also on a busy machine.
const QUICK: Duration = Duration::from_secs(10);
/// After a request came, its effect is there by then.
const SOON: Duration = Duration::from_millis(50);
const LAUNCH: [&str; 14] = [
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
    "--allow",
    "operate",
    "--confirm",
    "Weekly servers",
];

/// A source, and a user whose state folder is there.
async fn stage() -> Result<Stage> {
    let mut stage = Stage::new(World::default()).await?;
    let state = stage.path("state").display().to_string();
    stage.environment.push(("XDG_STATE_HOME".to_owned(), state));
    Ok(stage)
}

async fn launch(stage: &Stage, out: &str, further: &[&str]) -> Result<Called> {
    stage.connected(&[&LAUNCH[..], &["--out", out], further].concat()).await
}

/// Waits until the source is that far. A request is known there before what it does.
async fn until(stage: &Stage, is_reached: impl Fn(&Stage) -> bool) -> Result<()> {
    let reached = async {
        while !is_reached(stage) {
            let next = stage.source.requests().len() as u64 + 1;
            let _ = tokio::time::timeout(SOON, stage.source.asked(next)).await;
        }
    };
    Ok(tokio::time::timeout(LONG / 6, reached).await?)
}

/// A call that is stopped with Ctrl-C once `is_reached`, where the answers of `path` do not come.
async fn stopped(
    stage: &Stage,
    out: &str,
    path: &str,
    is_reached: impl Fn(&Stage) -> bool,
) -> Result<String> {
    stage.source.faults().push(Rule::once(Fault::StallAt { bytes: 0, lasting: LONG }).on(path));
    let mut command = stage.connecting(&[&LAUNCH[..], &["--out", out]].concat());
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let process = running.id().context("a running process")?;
    until(stage, is_reached).await?;
    stage.shell(&format!("kill -INT {process}")).await?.ended_with(0)?;
    let ended = running.wait_with_output().await?;
    let said = String::from_utf8(ended.stderr)?;
    ensure!(ended.status.code() == Some(130), "{said}");
    Ok(said)
}

async fn stopped_after_launch(stage: &Stage, out: &str) -> Result<String> {
    let before = stage.source.launched().len();
    stopped(stage, out, CONTROL, |it| it.source.launched().len() > before).await
}

/// What is beside the evidence, to be resumed.
fn records(stage: &Stage) -> Result<usize> {
    let names = std::fs::read_dir(stage.path("."))?.filter_map(Result::ok).map(|it| it.file_name());
    Ok(names.filter(|it| it.to_string_lossy().starts_with(".out.partial-")).count())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_stopped_says_whether_something_was_sent_and_what() -> Result<()> {
    let stage = stage().await?;
    let lists = "/api/2.0/fo/appliance/";
    let is_asked = |it: &Stage| it.source.requests().iter().any(|it| it.path == lists);
    let said = stopped(&stage, "out", lists, is_asked).await?;
    ensure!(said.contains("stopped before anything was sent that changes the source"), "{said}");
    ensure!(stage.source.launched().is_empty());

    let said = stopped_after_launch(&stage, "out").await?;
    for part in [
        "stopped after something was sent on ",
        CONTROL,
        "Launches a VM scan, Title `Weekly servers`",
        "its answer had not come",
        "goes on with it",
        "out",
    ] {
        ensure!(said.contains(part), "{part}: {said}");
    }
    ensure!(!said.contains("collection") && !said.contains("--fresh"), "{said}");
    assert_eq!((stage.source.launched().len(), records(&stage)?), (1, 1));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_not_started_over_and_its_record_is_kept() -> Result<()> {
    let stage = stage().await?;
    stopped_after_launch(&stage, "out").await?;
    let said = launch(&stage, "out", &["--fresh"]).await?.ended_with(2)?.stderr;
    ensure!(
        said.contains("was interrupted after it had sent something") && said.contains("--again"),
        "{said}"
    );
    assert_eq!((stage.source.launched().len(), records(&stage)?), (1, 1));
    // It is wanted a second time, by name.
    let said = launch(&stage, "out", &["--again"]).await?.ended_with(0)?.stderr;
    ensure!(said.contains("its record stays in "), "{said}");
    assert_eq!((stage.source.launched().len(), records(&stage)?), (2, 1));
    // What is kept for people is not gone on with.
    let said = launch(&stage, "out-2", &[]).await?.ended_with(2)?.stderr;
    ensure!(said.contains("with evidence in ") || said.contains("with evidence for "), "{said}");
    assert_eq!(stage.source.launched().len(), 2);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_has_ended_is_not_sent_again_wherever_its_evidence_goes() -> Result<()> {
    let stage = stage().await?;
    launch(&stage, "here/out", &[]).await?.ended_with(0)?;
    for (out, further) in [("there/out", &[][..]), ("there/out", &["--wait"]), ("here/out", &[])] {
        let said = launch(&stage, out, further).await?.ended_with(2)?.stderr;
        ensure!(said.contains("here/out") && said.contains("next: "), "{said}");
    }
    assert_eq!(stage.source.launched().len(), 1);
    // Another one is not the same.
    let mut other = LAUNCH.to_vec();
    other[7] = "addresses=10.0.0.1";
    stage.connected(&[&other[..], &["--out", "another/out"]].concat()).await?.ended_with(0)?;
    launch(&stage, "there/out", &["--again"]).await?.ended_with(0)?;
    assert_eq!(stage.source.launched().len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_stopped_goes_on_at_once() -> Result<()> {
    let stage = stage().await?;
    stopped_after_launch(&stage, "out").await?;
    let began = Instant::now();
    let went_on = launch(&stage, "out", &[]).await?.ended_with(0)?;
    for part in ["Launches a VM scan, Title `Weekly servers`", "whether it took effect is looked up now"] {
        ensure!(went_on.stderr.contains(part), "{part}: {}", went_on.stderr);
    }
    ensure!(began.elapsed() < QUICK, "{:?}: {}", began.elapsed(), went_on.stderr);
    ensure!(went_on.stdout.contains("Launch a VM scan: done"), "{}", went_on.stdout);
    assert_eq!(stage.source.launched().len(), 1);
    Ok(())
}

/// The first line on standard error that has this in it, and all before it.
async fn heard(running: &mut Child, part: &str) -> Result<String> {
    let mut lines = BufReader::new(running.stderr.take().context("its standard error")?).lines();
    let mut all = String::new();
    while let Some(line) = lines.next_line().await? {
        all.push_str(&line);
        all.push('\n');
        if line.contains(part) {
            running.stderr = Some(lines.into_inner().into_inner());
            return Ok(all);
        }
    }
    bail!("it did not say {part:?}: {all}")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_looks_for_what_it_has_sent_says_so_at_once_and_can_be_stopped() -> Result<()> {
    let stage = stage().await?;
    stopped_after_launch(&stage, "out").await?;
    // The list does not show it yet, so it looks again after pauses.
    stage.source.faults().push(Rule::always(Fault::HideLaunched).on("/api/3.0/fo/scan/"));
    // The last one finds a pause that is not over.
    for (pause, left) in [("waiting 10s", "310 s"), ("waiting 20s", "300 s"), ("waiting 1", "300 s")] {
        let began = Instant::now();
        let mut command = stage.connecting(&[&LAUNCH[..], &["--out", "out"]].concat());
        let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let said = heard(&mut running, "looking again for what the request did").await?;
        ensure!(began.elapsed() < QUICK, "{:?}: {said}", began.elapsed());
        for part in ["whether it took effect is looked up now", "Title `Weekly servers`", left, pause] {
            ensure!(said.contains(part), "{part}: {said}");
        }
        let process = running.id().context("a running process")?;
        stage.shell(&format!("kill -INT {process}")).await?.ended_with(0)?;
        let ended = running.wait_with_output().await?;
        ensure!(ended.status.code() == Some(130), "{:?}", ended.status);
        ensure!(String::from_utf8(ended.stderr)?.contains("sends nothing a second time"));
    }
    assert_eq!(stage.source.launched().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_a_call_is_not_kept_to_be_resumed() -> Result<()> {
    let stage = stage().await?;
    let mut wrong = LAUNCH.to_vec();
    wrong[7] = "tags=No such tag";
    let said = stage.connected(&[&wrong[..], &["--out", "out"]].concat()).await?.ended_with(2)?.stderr;
    ensure!(said.contains("no tag is called") && !said.contains("resume"), "{said}");
    ensure!(!said.contains("the same command"), "{said}");
    assert_eq!(records(&stage)?, 0);
    // Corrected, it is not said to be another one.
    let said = launch(&stage, "out", &[]).await?.ended_with(0)?.stderr;
    ensure!(!said.contains("terms differ"), "{said}");
    let tag = ["--with", "tag=No such tag"];
    let said = stage.collect("certificates", "certificates", &tag).await?.ended_with(2)?.stderr;
    ensure!(said.contains("No such tag") && !said.contains("resumes"), "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_under_way_in_a_folder_of_another_place_is_named_by_its_whole_path() -> Result<()> {
    let stage = stage().await?;
    stage.source.faults().push(Rule::once(Fault::StallAt { bytes: 0, lasting: LONG }).on(CONTROL));
    let mut command = stage.connecting(&[&LAUNCH[..], &["--out", "out"]].concat());
    let running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    until(&stage, |it| !it.source.launched().is_empty()).await?;
    let place = stage.path("out").canonicalize().unwrap_or_else(|_| stage.path("out")).display().to_string();
    for out in ["out", "second"] {
        let said = launch(&stage, out, &[]).await?.ended_with(2)?.stderr;
        ensure!(said.contains(&place) && !said.contains("./"), "{said}");
    }
    drop(running);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_interrupted_elsewhere_is_named() -> Result<()> {
    let stage = stage().await?;
    stopped_after_launch(&stage, "here/out").await?;
    let said = launch(&stage, "there/out", &[]).await?.ended_with(2)?.stderr;
    ensure!(said.contains("was interrupted before its end") && said.contains("here/out"), "{said}");
    assert_eq!(stage.source.launched().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_under_way_is_named_as_an_operation() -> Result<()> {
    let stage = stage().await?;
    stage.source.faults().push(Rule::once(Fault::StallAt { bytes: 0, lasting: LONG }).on(CONTROL));
    let mut command = stage.connecting(&[&LAUNCH[..], &["--out", "first"]].concat());
    let running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    until(&stage, |it| !it.source.launched().is_empty()).await?;
    for out in ["first", "second", "elsewhere/third"] {
        let said = launch(&stage, out, &[]).await?.ended_with(2)?.stderr;
        ensure!(said.contains("under way") || said.contains("carries out the same operation"), "{said}");
        ensure!(said.contains("first") && !said.contains("collecting"), "{said}");
    }
    assert_eq!(stage.source.launched().len(), 1);
    drop(running);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn no_exit_code_says_that_nothing_was_sent_when_something_was() -> Result<()> {
    let stage = stage().await?;
    stage
        .source
        .faults()
        .push(Rule::once(Fault::StallAt { bytes: 0, lasting: Duration::from_secs(3) }).on(CONTROL));
    let mut command = stage.connecting(&[&LAUNCH[..], &["--out", "out"]].concat());
    let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    until(&stage, |it| !it.source.launched().is_empty()).await?;
    // Now its evidence has no place any more.
    std::fs::create_dir(stage.path("out"))?;
    std::fs::write(stage.path("out").join("mine"), "")?;
    let ended = running.wait_with_output().await?;
    let said = String::from_utf8(ended.stderr)?;
    ensure!(ended.status.code() == Some(3), "{:?}: {said}", ended.status);
    ensure!(said.contains("something was sent on ") && said.contains("Launches a VM scan"), "{said}");
    // Nor is it sent again by the same command.
    launch(&stage, "out", &[]).await?.ended_with(2)?;
    launch(&stage, "elsewhere/out", &[]).await?.ended_with(2)?;
    assert_eq!(stage.source.launched().len(), 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_with_parameters_is_said_at_once() -> Result<()> {
    let stage = stage().await?;
    let call =
        ["operate", "launch-vm-scan", "--with", "priority=77", "--with", "wait=perhaps", "--with", "nope=1"];
    let said = stage.connected(&call).await?.ended_with(2)?.stderr;
    for part in ["`title` is not set", "`option-profile` is not set", "priority", "`wait`", "`nope`"] {
        ensure!(said.contains(part), "{part}: {said}");
    }
    ensure!(said.contains("`exhibit lookup option-profiles` lists them"), "{said}");
    assert_eq!(stage.source.requests().len(), 0);
    Ok(())
}
