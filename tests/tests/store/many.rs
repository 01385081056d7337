//! Stores with very much evidence: verifying them takes seconds, and no more memory than verifying a few.

use std::fs;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use exhibit::log::{Log, Origin};
use exhibit::secrets::{Backends, SecretRef};
use exhibit::signing::{Envelope, Evidence, SigningKey, Statement, Subject};
use exhibit_records::{Digest, Entry, EvidenceAdded, Proof, Run};
use serde_json::Value as Json;

#[cfg(target_os = "linux")]
use crate::high_water;
use crate::{Kept, tree};

/// The bar for ten thousand.
const MOST_TIME: Duration = Duration::from_secs(20);
/// By how much the peak may rise from one thousand to ten: what the log lists is in memory, at less than a kilobyte for each.
const MOST_GROWTH: u64 = 10 << 20;
const BETWEEN_LOOKS: Duration = Duration::from_millis(5);

/// A store `many` with so many proofs: copies of one that was collected, of an account each, signed and entered in its log.
async fn filled(kept: &Kept, count: u32) -> Result<()> {
    let stage = &kept.stage;
    kept.collect("users", "2026-11-01", &["--test", "suggested"]).await?.ended_with(1)?;
    let init = ["evidence", "init", "many", "--name", "example.com/many", "--sign", "file:key.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    let (original, many) = (kept.folder()?, stage.path("many"));
    for plugin in fs::read_dir(stage.path("store/plugins"))? {
        let plugin = plugin?;
        fs::copy(plugin.path(), many.join("plugins").join(plugin.file_name()))?;
    }
    let key = SigningKey::read(&SecretRef::File(stage.path("key.pem")), &Backends::default()).await?;
    let mut proof = Proof::parse(&fs::read(original.join("proof.json"))?)?;
    let signed = Envelope::parse(&fs::read(original.join("signature.json"))?)?.unverified::<Evidence>()?;
    let run = Run::parse(&fs::read(original.join("tests/0001/run.json"))?)?;
    // In order, and after the answers came.
    let at = proof.last_answer.clone().context("an answer")?;
    let mut entries = Vec::new();
    for number in 0..count {
        proof.account = Some(format!("account {number}"));
        let mut json = serde_json::to_vec_pretty(&proof)?;
        json.push(b'\n');
        let digest = Digest::of(&json);
        let subjects = signed.subjects().iter().map(|it| match it.name.as_str() {
            "proof.json" => Subject { digest, ..it.clone() },
            _ => it.clone(),
        });
        let statement = Statement::new(subjects.collect(), signed.predicate().clone())?;
        let name = format!("users-20261101T000000Z-{}", &digest.hex()[..8]);
        let folder = many.join("evidence").join(&name);
        tree::copy(&original, &folder)?;
        fs::write(folder.join("signature.json"), Envelope::seal(&statement, &key)?.to_bytes())?;
        fs::write(folder.join("proof.json"), &json)?;
        let added = EvidenceAdded::new(&name, &proof, &json, Some(&run), at.clone());
        entries.push(serde_json::to_vec(&Entry::from(added))?);
    }
    let origin: Origin = "example.com/many".parse()?;
    let log = Log::new(&many.join("log"), origin, vec![key.public()]);
    log.append(&entries.iter().map(Vec::as_slice).collect::<Vec<_>>(), &key)?;
    Ok(())
}

const VERIFY: [&str; 5] = ["verify", "many", "--digests", "--key", "key.pem.pub"];

#[tokio::test(flavor = "multi_thread")]
async fn people_read_what_did_not_pass_and_machines_all_of_it() -> Result<()> {
    let kept = Kept::new().await?;
    filled(&kept, 20).await?;
    let stage = &kept.stage;
    let whole = stage.exhibit(&VERIFY).await?.ended_with(0)?;
    let json = stage.exhibit(&[&VERIFY[..], &["--json"]].concat()).await?.ended_with(0)?;
    let all: Json = serde_json::from_str(&json.stdout)?;
    let checks = all["checks"].as_array().context("checks")?;
    let passed = checks.iter().filter(|it| it["verdict"] == "passed").count();
    assert_eq!(passed, 3 + 20 * 8, "of the store, and of each proof");
    let first = whole.stdout.lines().next().context("a verdict")?;
    assert_eq!(
        first,
        format!(
            "✔ verified, but the rows were not made again of the answers; {passed} checks passed; with a warning"
        )
    );

    let altered = fs::read_dir(stage.path("many/evidence"))?.next().context("a proof")??.file_name();
    let altered = altered.to_string_lossy();
    fs::write(stage.path(&format!("many/evidence/{altered}/proof.csv")), "nothing")?;
    let failed = stage.exhibit(&VERIFY).await?.ended_with(1)?;
    ensure!(failed.stdout.contains(&format!("✘ fail  {altered}: ")), "{}", failed.stdout);
    ensure!(failed.stdout.contains("proof.csv was altered"), "{}", failed.stdout);
    ensure!(failed.stderr.contains(&format!("1 of {} checks failed", checks.len())), "{}", failed.stderr);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proof_that_is_too_large_is_named_and_ends_nothing() -> Result<()> {
    let kept = Kept::new().await?;
    filled(&kept, 3).await?;
    let stage = &kept.stage;
    let large = fs::read_dir(stage.path("many/evidence"))?.next().context("a proof")??.file_name();
    let large = large.to_string_lossy();
    fs::write(stage.path(&format!("many/evidence/{large}/proof.json")), vec![b' '; 62 << 20])?;
    let list = stage.exhibit(&["evidence", "list", "many", "--all"]).await?.ended_with(0)?;
    assert_eq!(list.stdout.matches("users-").count(), 3, "{}", list.stdout);
    let said = stage.exhibit(&VERIFY).await?.ended_with(1)?.stdout;
    ensure!(said.contains(&format!("{large}/proof.json: it has more than 16777216 bytes")), "{said}");
    assert_eq!(said.matches("✔ pass  users-").count(), 2, "{said}");
    Ok(())
}

/// The bar is about a machine with nothing else to do, and a program that was optimised:
/// `cargo test --release -p exhibit-tests --test store -- --ignored ten_thousand`.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute, most of it to make the store"]
async fn ten_thousand_proofs_take_seconds_and_the_memory_of_a_thousand() -> Result<()> {
    let mut measured = Vec::new();
    for count in [1_000, 10_000] {
        let kept = Kept::new().await?;
        filled(&kept, count).await?;
        let began = Instant::now();
        let peak = peak(kept.stage.command(&VERIFY)).await?;
        let took = began.elapsed();
        println!("{count} proofs: {:.1} s, {:.1} MiB", took.as_secs_f64(), peak as f64 / f64::from(1 << 20));
        measured.push((took, peak));
    }
    let [(_, few), (took, many)] = measured[..] else { anyhow::bail!("two were measured") };
    ensure!(took <= MOST_TIME, "it took {took:?}");
    ensure!(many <= few + MOST_GROWTH, "from {few} to {many} bytes");
    Ok(())
}

/// The most that a command had in memory, which should end well.
#[cfg(target_os = "linux")]
async fn peak(mut command: tokio::process::Command) -> Result<u64> {
    let mut running = command.stdout(std::process::Stdio::null()).spawn()?;
    let process = running.id().context("a process")?;
    let mut peak = None;
    loop {
        if let Some(ended) = running.try_wait()? {
            ensure!(ended.success(), "it ended with {ended}");
            return peak.context("there is no /proc");
        }
        peak = high_water::of_child(process).max(peak);
        tokio::time::sleep(BETWEEN_LOOKS).await;
    }
}
