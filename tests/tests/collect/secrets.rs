//! A password is in no place but the one that signs requests.

use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::memories::linear_memories;
use crate::stage::{Called, Kept, Stage};
use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};

const CANARY: &str = "canary-7f3a-Passw0rd-e91c";
/// Has the tested program's memory open to other processes of the same user.
#[cfg(target_os = "linux")]
const IN_THE_OPEN: &str = "EXHIBIT_TESTED_IN_THE_OPEN";
/// Something that the plugin is given, so that it must be in its memory.
const KNOWN: &str = "marker-4b7d-group";

fn world() -> World {
    World { assets: 300, password: CANARY.to_owned(), ..World::default() }
}

/// The password in the forms that it takes on its way.
fn forms() -> Vec<Vec<u8>> {
    let pair = base64(&format!("{}:{CANARY}", world().username));
    vec![CANARY.as_bytes().to_vec(), pair.into_bytes(), base64(CANARY).into_bytes()]
}

fn base64(text: &str) -> String {
    use base64::prelude::{BASE64_STANDARD, Engine as _};
    BASE64_STANDARD.encode(text)
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|it| it == needle)
}

fn clean(called: &Called) {
    for form in forms() {
        assert!(!contains(called.stdout.as_bytes(), &form), "on standard output");
        assert!(!contains(called.stderr.as_bytes(), &form), "on standard error: {}", called.stderr);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_in_no_file_and_no_trace() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let called = stage.collect("assets", "out", &["--log", "trace"]).await?.ended_with(0)?;
    assert!(called.stderr.contains("TRACE"), "the log is really that loud");
    clean(&called);
    kept_clean(&stage.kept("out"))
}

/// In no file of this folder, and in no name of one.
fn kept_clean(kept: &Kept) -> Result<()> {
    for (file, bytes) in kept.files()? {
        for form in forms() {
            assert!(!contains(&bytes, &form), "{}", file.display());
        }
    }
    Ok(())
}

/// Whatever a source repeats, in pieces of any size.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_source_repeats_is_replaced_and_noted() -> Result<()> {
    for (fault, pieces, in_rows) in
        [(Fault::EchoInRecord, 7, true), (Fault::EchoInRecord, 1 << 20, true), (Fault::EchoInBody, 3, false)]
    {
        let stage = Stage::new(world()).await?;
        stage.source.faults().set([Rule::always(fault.clone()), Rule::always(Fault::Pieces(pieces))]);
        let called = stage.collect("assets", "out", &["--log", "trace"]).await?.ended_with(0)?;
        clean(&called);
        let kept = stage.kept("out");
        kept_clean(&kept)?;
        assert_eq!(kept.text("rows.ndjson.zst")?.contains("[redacted]"), in_rows, "{fault:?}");
        let times: u64 = kept.answers()?.iter().filter_map(|it| it["redacted"].as_u64()).sum();
        // The header's value and the password, in one answer at least.
        assert!(times >= 2, "{fault:?}: {times}");
        let note = format!(
            "The source repeated a secret of this connection in {times} places; it was replaced by [redacted]."
        );
        let notes = &kept.proof()?["host-notes"];
        assert!(notes.as_array().context("notes")?.iter().any(|it| it == &note), "{notes}");
        assert!(called.stderr.contains(&note), "{}", called.stderr);
        // The answers that are kept give the same rows.
        let out = stage.path("out").display().to_string();
        stage.exhibit(&["verify", &out]).await?.ended_with(0)?;
    }
    Ok(())
}

/// A form that is not looked for in answers, and that the plugin makes the secret of: no row has it, and nothing is kept.
#[tokio::test(flavor = "multi_thread")]
async fn a_row_with_a_secret_in_it_ends_the_collection() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::EchoTakenApart)]);
    let failed = stage.path("failed").display().to_string();
    let called = stage.collect("assets", "out", &["--log", "trace", "--keep-failed", &failed]).await?;
    let called = called.ended_with(3)?;
    clean(&called);
    assert!(
        called.stderr.contains("the plugin handed over a secret of this connection, in the field `"),
        "{called:?}"
    );
    assert!(called.stderr.contains("of `assets`"), "{called:?}");
    for left in ["out", "failed"] {
        assert!(!stage.path(left).exists(), "{left}");
    }
    // Not even the half of it that an answer has as it came.
    let half = &CANARY.as_bytes()[1..];
    let mut folders = vec![stage.path("")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() && !path.ends_with("password") {
                assert!(!contains(&std::fs::read(&path)?, half), "{}", path.display());
            }
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_error_of_the_source_that_repeats_it_does_not() -> Result<()> {
    let stage = Stage::new(world()).await?;
    stage.source.faults().set([Rule::always(Fault::EchoInError)]);
    let failed = stage.path("failed").display().to_string();
    let called = stage.collect("assets", "out", &["--log", "trace", "--keep-failed", &failed]).await?;
    let called = called.ended_with(3)?;
    clean(&called);
    assert!(called.stderr.contains("[redacted]"), "{}", called.stderr);
    let record: serde_json::Value = serde_json::from_str(&stage.kept("failed").text("answer.json")?)?;
    assert_eq!(record["redacted"], 2, "{record}");
    let body = stage.kept("failed").text("answer.zst")?;
    assert!(body.contains("[redacted]"), "{body}");
    for form in forms() {
        assert!(!contains(body.as_bytes(), &form) && !contains(record.to_string().as_bytes(), &form));
    }
    let called = stage.connected(&["check", "--log", "trace"]).await?.ended_with(3)?;
    clean(&called);
    assert!(format!("{}{}", called.stdout, called.stderr).contains("[redacted]"), "{called:?}");
    // A redirect that has it in its path.
    let to = format!("https://elsewhere.example/{CANARY}/");
    stage.source.faults().set([Rule::always(Fault::RedirectTo(to))]);
    let called = stage.collect("assets", "out", &["--log", "trace"]).await?.ended_with(3)?;
    clean(&called);
    assert!(called.stderr.contains("https://elsewhere.example/[redacted]/"), "{}", called.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_in_the_wrong_place_of_a_call_is_refused_and_not_repeated() -> Result<()> {
    let stage = Stage::new(world()).await?;
    let key = format!("-----BEGIN PRIVATE KEY-----\n{CANARY}\n-----END PRIVATE KEY-----");
    let public = format!("-----BEGIN PUBLIC KEY-----\n{CANARY}\n-----END PUBLIC KEY-----");
    let (password, plugin) = (format!("password={CANARY}"), format!("oci:user:{CANARY}@ghcr.io/acme/x:1"));
    let (origin, authority) =
        (format!("api=https://user:{CANARY}@host"), format!("https://user:{CANARY}@host"));
    for (given, next) in [
        (&["--sign", &key][..], "--sign file:PATH"),
        (&["--key", &public], "--key FILE"),
        (&["--secret", &password], "NAME=file:PATH"),
        (&["--secret", "password=file:a", CANARY], "--help"),
        (&["--plugin", &plugin], "plugin pull HOST/NAME"),
        (&["--origin", &origin], "--secret password=env:VARIABLE"),
        (&["--timestamp-url", &authority], "--timestamp-url https://HOST/PATH"),
    ] {
        for json in [false, true] {
            let mut arguments = vec!["collect", "assets", "--set", "platform=US2", "--out", "out"];
            arguments.extend(given);
            arguments.extend(json.then_some("--json"));
            let called = stage.exhibit(&arguments).await?.ended_with(2)?;
            clean(&called);
            assert!(called.stderr.contains(next), "{}", called.stderr);
        }
    }
    Ok(())
}

/// No image of the memory that it is in is written, and no other process of the same user reads that.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_in_no_core_dump() -> Result<()> {
    use std::os::unix::fs::MetadataExt as _;
    for in_the_open in [false, true] {
        let mut stage = Stage::new(world()).await?;
        if in_the_open {
            stage.environment.push((IN_THE_OPEN.to_owned(), "1".to_owned()));
        }
        let stall = Fault::StallAt { bytes: 200, lasting: Duration::from_secs(30) };
        stage.source.faults().set([Rule::always(stall)]);
        let out = stage.path("out").display().to_string();
        let mut child = stage.connecting(&["collect", "assets", "--out", &out]).spawn()?;
        let folder = format!("/proc/{}", child.id().context("a running process")?);
        tokio::time::timeout(Duration::from_secs(60), stage.source.asked(1)).await?;
        let limits = std::fs::read_to_string(format!("{folder}/limits"));
        let owner = std::fs::metadata(format!("{folder}/environ")).map(|it| it.uid());
        let user = std::fs::metadata(stage.path(".")).map(|it| it.uid());
        let hidden = std::fs::File::open(format!("{folder}/mem"));
        child.kill().await?;
        let (limits, owner, user) = (limits?, owner?, user?);
        let core = limits.lines().find(|it| it.starts_with("Max core file size")).context("a limit")?;
        if in_the_open {
            assert_eq!(owner, user, "this test would not notice");
        } else {
            let words: Vec<&str> = core.split_whitespace().collect();
            assert_eq!(words[4..6], ["0", "0"], "{core}");
            // What cannot be dumped belongs to the administrator.
            assert_eq!(owner, 0);
            assert!(user == 0 || hidden.is_err(), "its memory can be read");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_in_no_error() -> Result<()> {
    for fault in [
        Fault::AccountExpired,
        Fault::Garbage,
        Fault::RedirectTo("https://elsewhere.example/".to_owned()),
        Fault::ServerError,
    ] {
        let stage = Stage::new(world()).await?;
        stage.source.faults().set([Rule::always(fault)]);
        clean(&stage.collect("assets", "out", &["--log", "trace"]).await?.ended_with(3)?);
    }
    // The source knows another password, and says so.
    let mut stage = Stage::new(World { password: "another".to_owned(), ..world() }).await?;
    stage.login.1 = CANARY.to_owned();
    clean(&stage.collect("assets", "out", &["--log", "trace", "--json"]).await?.ended_with(3)?);
    Ok(())
}

/// The plugin's memory, while a session is under way: the source stalls, and the
/// process's memory is looked through from outside.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_in_the_plugins_memory() -> Result<()> {
    let mut stage = Stage::new(world()).await?;
    stage.environment.push((IN_THE_OPEN.to_owned(), "1".to_owned()));
    stage
        .source
        .faults()
        .set([Rule::always(Fault::StallAt { bytes: 200, lasting: Duration::from_secs(30) })]);
    let out = stage.path("out").display().to_string();
    let group = format!("asset-groups={KNOWN}");
    let mut child = stage.connecting(&["collect", "assets", "--with", &group, "--out", &out]).spawn()?;
    let pid = child.id().context("a running process")?;
    // The session that asks for something has its job.
    tokio::time::timeout(Duration::from_secs(60), stage.source.asked(1)).await?;
    let found = look_through(pid);
    child.kill().await?;
    ensure!(found?, "the marker that the plugin was given was not found: this looked in the wrong place");
    Ok(())
}

/// Looks through the linear memories of a process: whether the marker is there. Fails
/// where the password is.
#[cfg(target_os = "linux")]
fn look_through(pid: u32) -> Result<bool> {
    let mut known = false;
    for memory in linear_memories(pid)? {
        known |= contains(&memory, KNOWN.as_bytes());
        for form in forms() {
            ensure!(!contains(&memory, &form), "the password is in the plugin's memory");
        }
    }
    Ok(known)
}
