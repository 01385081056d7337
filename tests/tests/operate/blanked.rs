//! What Qualys lists beside names, and must not be kept, is in no place: not in evidence, logs, errors, exports, what a process that
//! ended leaves, or the plugin's memory.

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, World};

use super::stage::{Called, Stage};

/// What the simulator lists in the place of passwords, activation codes and external IDs.
const CANARY: &[u8] = b"never-to-be-read";
const PROFILES: &str = "/api/2.0/fo/subscription/option_profile/vm/";
/// Uses all lists that have such values.
const LAUNCH: [&str; 16] = [
    "operate",
    "launch-ec2-scan",
    "--with",
    "title=EC2 weekly",
    "--with",
    "option-profile=Initial Options",
    "--with",
    "connector=prod",
    "--with",
    "region=us-east-1",
    "--with",
    "instances=i-0123456789abcdef0",
    "--with",
    "scanner=aws-us-east-1",
    "--log",
    "trace",
];
const CONFIRMED: [&str; 6] = ["--allow", "operate", "--confirm", "EC2 weekly", "--out", "out"];

fn has_canary(bytes: &[u8]) -> bool {
    // In UTF-16, each second byte is zero.
    let narrow: Vec<u8> = bytes.iter().copied().filter(|it| *it != 0).collect();
    narrow.windows(CANARY.len()).any(|it| it == CANARY)
}

fn clean(called: Called) -> Called {
    assert!(!has_canary(called.stdout.as_bytes()), "on standard output: {}", called.stdout);
    assert!(!has_canary(called.stderr.as_bytes()), "on standard error: {}", called.stderr);
    called
}

/// In no file of this folder and those within, compressed or not.
fn folder_is_clean(folder: &Path) -> Result<u32> {
    let mut files = 0;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files += folder_is_clean(&path)?;
        } else if path.is_file() {
            let bytes = std::fs::read(&path)?;
            let unpacked = unpacked(&bytes);
            ensure!(!has_canary(&bytes) && !has_canary(&unpacked), "{}", path.display());
            files += 1;
        }
    }
    Ok(files)
}

/// What is in it, as far as it can be unpacked: a process that ended may leave the half of a frame.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut unpacked = Vec::new();
    if let Ok(mut frames) = zstd::Decoder::new(bytes) {
        let _ = frames.read_to_end(&mut unpacked);
    }
    unpacked
}

#[tokio::test(flavor = "multi_thread")]
async fn lookups_show_nothing_of_it() -> Result<()> {
    let stage = Stage::new(World::default()).await?;
    for lookup in ["option-profiles", "connectors", "scanners"] {
        for further in [&["--log", "trace"][..], &["--json", "--log", "trace"]] {
            let called = clean(stage.connected(&[&["lookup", lookup], further].concat()).await?);
            ensure!(!called.ended_with(0)?.stdout.is_empty(), "{lookup}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operation_keeps_nothing_of_it_and_says_how_often() -> Result<()> {
    for pieces in [1, 1 << 20] {
        let stage = Stage::new(World::default()).await?;
        stage.source.faults().set([Rule::always(Fault::Pieces(pieces))]);
        clean(stage.connected(&LAUNCH).await?).ended_with(0)?;
        clean(stage.connected(&[&LAUNCH[..], &CONFIRMED].concat()).await?).ended_with(0)?;
        let kept = stage.kept("out");
        let answers = kept.answers()?;
        let times = |name: &str| answers.iter().filter_map(|it| it["blanked"][name].as_u64()).sum::<u64>();
        // Of five option profiles, three connectors, and the appliances.
        assert_eq!((times("LOGIN_PASSWORD"), times("arn"), times("externalId")), (5, 3, 3));
        ensure!(times("ACTIVATION_CODE") > 0 && times("PROXY_SETTINGS") > 0, "{answers:?}");
        let notes = kept.proof()?["host-notes"].to_string();
        for said in ["LOGIN_PASSWORD (5)", "arn (3)", "externalId (3)", "Each was replaced by [blanked]"] {
            ensure!(notes.contains(said), "{said}: {notes}");
        }
        let verified = clean(stage.exhibit(&["verify", "out"]).await?).ended_with(0)?.stdout;
        ensure!(verified.contains("replay: the answers give the rows, byte for byte"), "{verified}");
        for format in ["csv", "json", "html", "xlsx", "pdf"] {
            let file = format!("report.{format}");
            clean(stage.exhibit(&["export", "out", "--format", format, "--out", &file]).await?)
                .ended_with(0)?;
        }
        clean(stage.exhibit(&["bundle", "out", "--out", "out.exhibit.tar"]).await?).ended_with(0)?;
        ensure!(folder_is_clean(&stage.path("."))? > 10, "this looked in the wrong place");
    }
    Ok(())
}

/// Answers that are cut, or are no list.
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_cannot_be_read_leaves_nothing_of_it() -> Result<()> {
    for fault in [Fault::TruncateAt(1_500), Fault::ResetAt(1_500), Fault::Garbage] {
        let stage = Stage::new(World::default()).await?;
        stage.source.faults().set([Rule::always(fault.clone()).on(PROFILES)]);
        let called = stage.connected(&[&LAUNCH[..], &CONFIRMED].concat()).await?;
        // It was understood, and could not be done.
        ensure!(!matches!(called.code, Some(0 | 2)), "{fault:?}: {called:?}");
        clean(called);
        folder_is_clean(&stage.path("."))?;
    }
    Ok(())
}

/// The plugin's memory and what is kept to resume, while a list is under way.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn it_is_not_in_the_plugins_memory_nor_in_what_a_killed_process_leaves() -> Result<()> {
    use std::time::Duration;

    use super::memories::linear_memories;

    let mut stage = Stage::new(World::default()).await?;
    stage.environment.push(("EXHIBIT_TESTED_IN_THE_OPEN".to_owned(), "1".to_owned()));
    let stall = Fault::StallAt { bytes: 2_000, lasting: Duration::from_secs(60) };
    stage.source.faults().set([Rule::always(stall).on(PROFILES)]);
    let mut child = stage.connecting(&[&LAUNCH[..], &CONFIRMED].concat()).spawn()?;
    let pid = child.id().context("a running process")?;
    // What stands before the password in the same profile shows that the plugin was fed with it.
    let fed = async {
        loop {
            for memory in linear_memories(pid)? {
                ensure!(!has_canary(&memory), "it is in the plugin's memory");
                if memory.windows(9).any(|it| it == b"[blanked]") {
                    return anyhow::Ok(());
                }
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let looked = tokio::time::timeout(Duration::from_secs(120), fed).await;
    child.kill().await?;
    looked.context("the plugin was not fed with the list")??;
    folder_is_clean(&stage.path("."))?;
    Ok(())
}
