//! A password is in no place but the one that signs requests.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Duration;

use crate::stage::{Called, Stage};
use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};

const CANARY: &str = "canary-7f3a-Passw0rd-e91c";
/// Something that the plugin is told, so that it must be in its memory.
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
    let mut found = Ok(false);
    // Until the session has its job, twenty seconds at most.
    for _ in 0..100 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        found = look_through(pid);
        if !matches!(found, Ok(false)) && !stage.source.requests().is_empty() {
            break;
        }
    }
    child.kill().await?;
    ensure!(found?, "the marker that the plugin was told was not found: this looked in the wrong place");
    Ok(())
}

/// Looks through the linear memories of a process: whether the marker is there. Fails
/// where the password is.
#[cfg(target_os = "linux")]
fn look_through(pid: u32) -> Result<bool> {
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    let mut known = false;
    for (start, end) in linear_memories(&std::fs::read_to_string(format!("/proc/{pid}/maps"))?) {
        let mut bytes = vec![0; usize::try_from(end - start)?];
        memory.seek(SeekFrom::Start(start))?;
        if memory.read_exact(&mut bytes).is_err() {
            continue;
        }
        known |= contains(&bytes, KNOWN.as_bytes());
        for form in forms() {
            ensure!(!contains(&bytes, &form), "the password is in the plugin's memory");
        }
    }
    Ok(known)
}

/// Linear memories are what can be written and is followed by a gigabyte or more that
/// cannot be touched: the guard that lets compiled code leave out bounds checks.
#[cfg(target_os = "linux")]
fn linear_memories(maps: &str) -> Vec<(u64, u64)> {
    const GUARD: u64 = 1 << 30;
    let regions: Vec<(u64, u64, &str)> = maps
        .lines()
        .filter_map(|line| {
            let (range, rest) = line.split_once(' ')?;
            let (start, end) = range.split_once('-')?;
            let number = |it| u64::from_str_radix(it, 16).ok();
            Some((number(start)?, number(end)?, rest))
        })
        .collect();
    let guarded = |(index, region): (usize, &(u64, u64, &str))| {
        let (start, end, rights) = *region;
        // The image that memories start from lies within, and is written around.
        let after = regions[index + 1..].iter().find(|it| !it.2.starts_with("rw"))?;
        let guard = after.2.starts_with("---p") && after.1 - after.0 >= GUARD;
        (rights.starts_with("rw") && guard).then_some((start, end))
    };
    regions.iter().enumerate().filter_map(guarded).collect()
}
