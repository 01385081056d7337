//! A password is in no place but the one that signs requests.

use std::time::Duration;

#[cfg(target_os = "linux")]
use crate::memories::linear_memories;
use crate::stage::{Called, Stage};
use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};

const CANARY: &str = "canary-7f3a-Passw0rd-e91c";
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
    for (file, bytes) in stage.kept("out").files()? {
        for form in forms() {
            assert!(!contains(&bytes, &form), "{}", file.display());
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
    let stage = Stage::new(world()).await?;
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
