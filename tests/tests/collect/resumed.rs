//! A collection that is interrupted goes on with the first page that was not committed.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Received, Rule, Simulator, World};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::stage::Stage;

/// Pages of a collection.
const PAGES: u64 = 20;
/// As many collections are killed; `EXHIBIT_TEST_KILLS` says otherwise.
const KILLS: u32 = 12;
const PATIENCE: Duration = Duration::from_secs(120);

fn pages() -> World {
    World { assets: PAGES * 50, rate_limit: 1_000_000, concurrency_limit: 10, ..World::default() }
}

/// Requests of assets, as they are told apart: by what they begin with.
fn asked(requests: &[Received]) -> Vec<String> {
    requests.iter().map(|it| it.parameter("id_min").unwrap_or("the first").to_owned()).collect()
}

/// What was left of a collection into this folder, and how many answers it says are committed.
fn left(stage: &Stage, name: &str) -> Result<Option<(PathBuf, u64)>> {
    for entry in std::fs::read_dir(stage.path("."))? {
        let path = entry?.path();
        let is_of =
            path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&format!(".{name}.partial-")));
        if !is_of {
            continue;
        }
        let mut committed = 0;
        for file in ["page-0.json", "page-1.json"] {
            let Ok(text) = std::fs::read_to_string(path.join("resume").join(file)) else { continue };
            // One that was not written to its end does not count.
            let Some((digest, json)) = text.split_once('\n') else { continue };
            if exhibit_digest(json.as_bytes()) != digest {
                continue;
            }
            let page: Json = serde_json::from_str(json)?;
            committed = committed.max(page["counts"]["answers"].as_u64().context("a number")?);
        }
        return Ok(Some((path, committed)));
    }
    Ok(None)
}

fn exhibit_digest(bytes: &[u8]) -> String {
    exhibit_records::Digest::of(bytes).to_string()
}

fn collect(stage: &Stage, out: &str) -> Command {
    of_terms(stage, out, &["--set", "page-size=50", "--account", "ours"])
}

fn of_terms(stage: &Stage, out: &str, terms: &[&str]) -> Command {
    let mut command = stage.connecting(&[&["collect", "assets", "--out", out], terms].concat());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn ended(mut command: Command) -> Result<(Option<i32>, String)> {
    let output = timeout(PATIENCE, command.output()).await??;
    Ok((output.status.code(), String::from_utf8(output.stderr)?))
}

/// The rows are those of a collection that was not interrupted, to the byte.
fn same_rows(one: &Path, other: &Path) -> Result<()> {
    for file in ["rows.ndjson.zst", "proof.csv"] {
        ensure!(std::fs::read(one.join(file))? == std::fs::read(other.join(file))?, "{file} differs");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_one_requests_no_committed_page_again() -> Result<()> {
    let kills = std::env::var("EXHIBIT_TEST_KILLS").ok().map_or(Ok(KILLS), |it| it.parse())?;
    let stage = Stage::new(pages()).await?;
    let (code, said) = ended(collect(&stage, "whole")).await?;
    ensure!(code == Some(0), "{said}");
    let whole = asked(&stage.source.requests());
    assert_eq!(whole.len() as u64, PAGES);
    let (mut resumed, mut saved) = (0, 0);
    for round in 0..kills {
        let out = format!("killed-{round}");
        let before = stage.source.requests().len();
        let mut running = collect(&stage, &out).spawn()?;
        // Scattered over the pages, and within each: that is what the pause is for.
        let page = usize::try_from(u64::from(round * 7) % PAGES)? + 1;
        timeout(PATIENCE, stage.source.asked((before + page) as u64)).await?;
        tokio::time::sleep(Duration::from_micros(u64::from(round) * 3_701 % 30_000)).await;
        running.start_kill()?;
        running.wait().await?;
        let committed = left(&stage, &out)?.map_or(0, |(_, committed)| committed);

        let killed = stage.source.requests().len();
        let done = stage.path(&out).join("proof.json").is_file();
        if !done {
            let (code, said) = ended(collect(&stage, &out)).await?;
            ensure!(code == Some(0), "{round}: {said}");
            let since = asked(&stage.source.requests()[killed..]);
            assert_eq!(since, whole[usize::try_from(committed)?..], "{round}: after {committed} pages");
            assert_eq!(said.contains("is resumed after"), committed > 0, "{round}: {said}");
            resumed += u32::from(committed > 0);
            saved += committed;
        }
        same_rows(&stage.path("whole"), &stage.path(&out)).with_context(|| format!("{round}"))?;
        // One that was killed when its evidence was in place leaves an empty folder, until the next collection.
        assert!(done || left(&stage, &out)?.is_none(), "{round}: nothing of it is left");
        if round == 0 || round + 1 == kills {
            stage.exhibit(&["verify", &out]).await?.ended_with(0)?;
        }
    }
    let (code, said) = ended(collect(&stage, "last")).await?;
    ensure!(code == Some(0), "{said}");
    for round in 0..kills {
        assert!(
            left(&stage, &format!("killed-{round}"))?.is_none(),
            "{round}: the next collection removes it"
        );
    }
    println!("{kills} killed, {resumed} resumed, {saved} pages not requested again");
    ensure!(resumed > 0, "none was killed between its first page and its end");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_proof_says_that_it_was_resumed() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    interrupt(&stage, "out", 5, "INT").await?;
    let begun = as_of_left(&stage, "out")?;
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code == Some(0), "{said}");
    let proof: Json = serde_json::from_slice(&std::fs::read(stage.path("out").join("proof.json"))?)?;
    let note = proof["host-notes"][0].as_str().context("a note")?;
    ensure!(note.contains("was interrupted, and was resumed on"), "{note}");
    ensure!(said.contains(note), "and so does the command: {said}");
    assert_eq!(proof["job"]["as-of"], begun, "that of the beginning");
    stage.exhibit(&["verify", "out"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_same_call_resumes_it() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    let (size, account) = (["--set", "page-size=50"], ["--account", "ours"]);
    let others = [
        ([&["--set", "page-size=60"][..], &account].concat(), Some("settings")),
        ([&size[..], &["--account", "theirs"]].concat(), Some("name of the account")),
        ([&size[..], &account, &["--as-of", "2026-11-01"]].concat(), Some("instant that counts as now")),
        ([&size[..], &account, &["--fresh"]].concat(), None),
    ];
    for (number, (other, differs)) in others.into_iter().enumerate() {
        let out = format!("out-{number}");
        interrupt(&stage, &out, 3, "TERM").await?;
        let before = stage.source.requests().len();
        let (code, said) = ended(of_terms(&stage, &out, &other)).await?;
        ensure!(code == Some(0), "{said}");
        assert_eq!(asked(&stage.source.requests()[before..])[0], "the first", "{other:?}");
        ensure!(!said.contains("is resumed"), "{said}");
        match differs {
            Some(differs) => {
                let terms = format!("is not resumed, as its terms differ ({differs})");
                ensure!(said.contains(&terms), "{said}");
            }
            None => ensure!(!said.contains("is not resumed"), "{said}"),
        }
        let is_left = left(&stage, &out)?.is_some();
        assert_eq!(is_left, !other.contains(&"--fresh"), "what is not resumed stays until it is too old");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn two_do_not_collect_into_one_folder() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    let stall = Fault::StallAt { bytes: 100, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::on_request(1, stall)]);
    let mut running = collect(&stage, "out").spawn()?;
    timeout(PATIENCE, stage.source.asked(1)).await?;
    let (code, said) = ended(of_terms(&stage, "out", &["--account", "theirs"])).await?;
    assert_eq!(code, Some(2), "{said}");
    // Wherever the reader stands.
    let busy = format!("another process is collecting into {}", stage.path("out").display());
    ensure!(said.contains(&busy), "{said}");
    assert_eq!(stage.source.requests().len(), 1, "the second one asks for nothing");
    running.kill().await?;
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code == Some(0), "the process has ended: {said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_power_cut_took_is_requested_again() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    interrupt(&stage, "out", 19, "KILL").await?;
    let (path, committed) = left(&stage, "out")?.context("it was interrupted")?;
    ensure!(committed > 16, "more than is synced at a time: {committed}");
    // The newest pages were in memory alone: of the rows and of what was said of them, the end is gone.
    let page = std::fs::read_to_string(path.join("resume/page-1.json"))?;
    let page: Json = serde_json::from_str(page.split_once('\n').context("a digest")?.1)?;
    let reached = page["position"]["rows"]["file"]["bytes"].as_u64().context("how far the rows reach")?;
    let rows = path.join("written/rows.ndjson.zst");
    std::fs::File::options().write(true).open(&rows)?.set_len(reached - 1)?;
    std::fs::write(path.join("resume/page-0.json"), "")?;
    let before = stage.source.requests().len();
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code == Some(0), "{said}");
    let since = stage.source.requests().len() - before;
    assert_eq!(since as u64, PAGES - 16, "from the last page that was synced: {said}");
    stage.exhibit(&["verify", "out"]).await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_source_answers_only_that_request_is_made_again() -> Result<()> {
    // The answer of a source in maintenance is one that it gave; what makes no sense counts for nothing.
    for (fault, kept) in [(Fault::Maintenance, 5), (Fault::Garbage, 4), (Fault::Forbidden, 4)] {
        let stage = Stage::new(pages()).await?;
        stage.source.faults().set([Rule::on_request(5, fault)]);
        let (code, said) = ended(of_terms(
            &stage,
            "out",
            &["--set", "page-size=50", "--account", "ours", "--max-wait", "0", "--attempts", "1"],
        ))
        .await?;
        assert_eq!(code, Some(3), "{said}");
        ensure!(
            said.contains(&format!("{kept} answers are kept for a day")) || said.contains("resumes there"),
            "{said}"
        );
        ensure!(left(&stage, "out")?.is_some(), "{said}");
        stage.source.faults().set([]);
        let before = stage.source.requests().len();
        let started = std::time::Instant::now();
        // Maintenance lasts: whoever calls again so soon is told.
        let resumed = ended(of_terms(
            &stage,
            "out",
            &["--set", "page-size=50", "--account", "ours", "--max-wait", "0", "--attempts", "1"],
        ))
        .await?;
        if kept == 5 {
            assert_eq!(resumed.0, Some(3), "{}", resumed.1);
            ensure!(stage.source.requests().len() == before, "it is left alone: {}", resumed.1);
            ensure!(started.elapsed() < PATIENCE, "it does not wait");
            continue;
        }
        ensure!(resumed.0 == Some(0), "{}", resumed.1);
        let since = stage.source.requests().len() - before;
        assert_eq!(since as u64, PAGES - 4);
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_takes_too_long_ends_and_is_resumed() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    let terms = ["--set", "page-size=50", "--account", "ours"];
    // Each answer in time, and the fifth one a byte at a time, as it were.
    let stall = Fault::StallAt { bytes: 100, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::on_request(5, stall)]);
    let started = std::time::Instant::now();
    let late = ended(of_terms(&stage, "out", &[&terms[..], &["--max-time", "3"]].concat())).await?;
    ensure!(started.elapsed() < PATIENCE, "it does not wait for the rest");
    assert_eq!(late.0, Some(3), "{}", late.1);
    for said in [
        "stopped: the collection took longer than 3s, which is all that it may take",
        "while collecting assets from http://",
        "--max-time SECONDS",
        "4 answers are kept for a day, and the same command resumes there",
    ] {
        ensure!(late.1.contains(said), "{said}: {}", late.1);
    }
    stage.source.faults().set([]);
    let before = stage.source.requests().len();
    let resumed = ended(of_terms(&stage, "out", &[&terms[..], &["--max-time", "600"]].concat())).await?;
    assert_eq!(resumed.0, Some(0), "{}", resumed.1);
    assert_eq!((stage.source.requests().len() - before) as u64, PAGES - 4, "none of those again");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_source_asks_for_does_not_count_as_time_of_the_collection() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    stage.source.faults().set([Rule::on_request(2, Fault::RateLimited { seconds: 4, header: true })]);
    // The wait alone is longer than that.
    let called = ended(of_terms(&stage, "out", &["--set", "page-size=50", "--max-time", "3"])).await?;
    assert_eq!(called.0, Some(0), "{}", called.1);
    Ok(())
}

/// Begins a collection, and sends it a signal when so many pages were requested.
async fn interrupt(stage: &Stage, out: &str, pages: u64, signal: &str) -> Result<()> {
    let before = stage.source.requests().len() as u64;
    let stall = Fault::StallAt { bytes: 100, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::on_request(u32::try_from(pages)?, stall)]);
    let running = collect(stage, out).spawn()?;
    let pid = running.id().context("a running process")?;
    timeout(PATIENCE, stage.source.asked(before + pages)).await?;
    stage.shell(&format!("kill -{signal} {pid}")).await?.ended_with(0)?;
    let ended = timeout(PATIENCE, running.wait_with_output()).await??;
    let said = String::from_utf8(ended.stderr)?;
    if signal != "KILL" {
        assert_eq!(ended.status.code(), Some(130), "{said}");
        let kept = format!("stopped; {} answers of the collection are kept for a day", pages - 1);
        ensure!(said.contains(&kept), "{said}");
    }
    stage.source.faults().set([]);
    Ok(())
}

fn as_of_left(stage: &Stage, out: &str) -> Result<Json> {
    let (path, _) = left(stage, out)?.context("it was interrupted")?;
    let terms: Json = serde_json::from_slice(&std::fs::read(path.join("resume/terms.json"))?)?;
    let as_of = terms["as-of"].as_i64().context("an instant")?;
    Ok(jiff::Timestamp::from_millisecond(as_of)?.to_string().into())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_old_is_not_resumed_and_goes() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    std::fs::create_dir(stage.path("empty"))?;
    for out in ["out", "empty"] {
        interrupt(&stage, out, 3, "KILL").await?;
    }
    // It began two days ago.
    let mut terms = 0;
    for entry in walk(&stage.path("."))? {
        if entry.ends_with("resume/terms.json") {
            let mut begun: Json = serde_json::from_slice(&std::fs::read(&entry)?)?;
            begun["began"] = (begun["began"].as_i64().context("an instant")? - 2 * 86_400_000).into();
            std::fs::write(&entry, serde_json::to_vec(&begun)?)?;
            terms += 1;
        }
    }
    assert_eq!(terms, 2, "both were interrupted");
    // Whatever is collected beside them next.
    let (code, said) = ended(collect(&stage, "other")).await?;
    ensure!(code == Some(0) && !said.contains("resumed"), "{said}");
    let left = || -> Result<Vec<_>> {
        Ok(walk(&stage.path("."))?.into_iter().filter(|it| it.ends_with("terms.json")).collect())
    };
    let within = left()?;
    ensure!(within.len() == 1 && within[0].starts_with(stage.path("empty")), "{within:?}");
    // What is in a folder goes with the next collection into that.
    let (code, said) = ended(collect(&stage, "empty")).await?;
    ensure!(code == Some(0) && !said.contains("resumed"), "{said}");
    ensure!(left()?.is_empty(), "{:?}", left()?);
    Ok(())
}

/// All files below a folder.
fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let (mut files, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { files.push(path) }
        }
    }
    Ok(files)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_damaged_does_not_become_evidence() -> Result<()> {
    type Damage = fn(&Path) -> std::io::Result<()>;
    let damages: [(&str, Damage); 6] = [
        ("an answer is gone", |left| std::fs::remove_file(left.join("written/answers/000001.zst"))),
        ("an answer is another one", |left| std::fs::write(left.join("written/answers/000002.zst"), "other")),
        ("the rows are others", |left| std::fs::write(left.join("written/rows.ndjson.zst"), "other")),
        ("the lock is a link", |left| {
            std::fs::remove_file(left.join("lock"))?;
            std::os::unix::fs::symlink("/dev/null", left.join("lock"))
        }),
        ("the rows are a link", |left| {
            let rows = left.join("written/rows.ndjson.zst");
            std::fs::rename(&rows, left.join("written/rows"))?;
            std::os::unix::fs::symlink(left.join("written/rows"), &rows)
        }),
        ("what was asked is a pipe", |left| {
            std::fs::remove_file(left.join("resume/asked.json"))?;
            let made = std::process::Command::new("mkfifo").arg(left.join("resume/asked.json")).status()?;
            if made.success() { Ok(()) } else { Err(std::io::Error::other("no pipe")) }
        }),
    ];
    let stage = Stage::new(pages()).await?;
    let (code, said) = ended(collect(&stage, "whole")).await?;
    ensure!(code == Some(0), "{said}");
    for (number, (what, damage)) in damages.into_iter().enumerate() {
        let out = format!("out-{number}");
        interrupt(&stage, &out, 5, "KILL").await?;
        damage(&left(&stage, &out)?.context("it was interrupted")?.0)?;
        let (code, said) = ended(collect(&stage, &out)).await?;
        ensure!(code == Some(0), "{what}: {said}");
        ensure!(!said.contains("is resumed after"), "{what}: {said}");
        same_rows(&stage.path("whole"), &stage.path(&out)).context(what)?;
        stage.exhibit(&["verify", &out]).await?.ended_with(0).context(what)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn another_account_does_not_resume_it() -> Result<()> {
    let mut stage = Stage::new(pages()).await?;
    interrupt(&stage, "out", 5, "KILL").await?;
    let before = stage.source.requests().len();
    stage.login.0 = "someone_else".to_owned();
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code == Some(3) && !said.contains("is resumed"), "{said}");
    assert_eq!(asked(&stage.source.requests()[before..]), ["the first"], "{said}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_the_plugin_refuses_is_no_dead_end() -> Result<()> {
    let stage = Stage::new(pages()).await?;
    interrupt(&stage, "out", 5, "KILL").await?;
    let (path, _) = left(&stage, "out")?.context("it was interrupted")?;
    for page in ["page-0.json", "page-1.json"] {
        let page = path.join("resume").join(page);
        let text = std::fs::read_to_string(&page)?;
        let mut reached: Json = serde_json::from_str(text.split_once('\n').context("a digest")?.1)?;
        reached["session"] = "AAAA".into();
        let json = serde_json::to_string(&reached)?;
        std::fs::write(&page, format!("{}\n{json}", exhibit_digest(json.as_bytes())))?;
    }
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code != Some(0), "{said}");
    ensure!(left(&stage, "out")?.is_none(), "it could never be resumed: {said}");
    let (code, said) = ended(collect(&stage, "out")).await?;
    ensure!(code == Some(0), "{said}");
    Ok(())
}

/// The library in a process that does not wait: an hour passes between two of them.
#[tokio::test(flavor = "multi_thread")]
async fn a_long_wait_holds_no_process() -> Result<()> {
    const NOW: i64 = 1_793_491_200_000;
    /// The plugin asks for a second more than Qualys says.
    const HOUR: i64 = 3_601_000;
    let world = World { users: 7, ..World::default() };
    let login = (world.username.clone(), world.password.clone());
    let source = Simulator::start(world).await?;
    source.faults().set([Rule::once(Fault::RateLimited { seconds: 3_600, header: true })]);
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("users");
    let call = async |now: i64| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-suspend"));
        command
            .args([env!("QUALYS_PLUGIN"), &source.url(), "users"])
            .arg(&out)
            .arg(now.to_string())
            .env("API_USERNAME", &login.0)
            .env("API_PASSWORD", &login.1)
            .kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await??;
        let (stdout, stderr) = (String::from_utf8(output.stdout)?, String::from_utf8(output.stderr)?);
        ensure!(output.status.success(), "{stdout}{stderr}");
        Ok(stdout)
    };
    let said = call(NOW).await?;
    ensure!(said.starts_with(&format!("suspended until {}: ", NOW + HOUR)), "{said}");
    assert_eq!(source.requests().len(), 1);
    // Too early, it asks nothing of the source.
    let said = call(NOW + HOUR / 2).await?;
    ensure!(said.starts_with(&format!("suspended until {}: ", NOW + HOUR)), "{said}");
    assert_eq!(source.requests().len(), 1);
    ensure!(!out.exists(), "there is no proof yet");

    let said = call(NOW + HOUR).await?;
    assert_eq!(said.trim_end(), "collected 7 rows");
    assert_eq!(source.requests().len(), 2, "the one that was refused, and the one that was answered");
    let proof: Json = serde_json::from_slice(&std::fs::read(out.join("proof.json"))?)?;
    assert_eq!(proof["job"]["as-of"], "2026-11-01T00:00:00Z");
    assert_eq!(proof["counts"]["waited"], 3_601);
    source.stop().await;
    Ok(())
}
