//! Evidence comes, is tested, is superseded, becomes stale and goes.

use std::fs;

use anyhow::{Result, ensure};

use crate::tree::copy;
use crate::{Kept, without_names};

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_is_in_the_log_and_verifies() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &["--test", "suggested"]).await?;
    kept.collect("assets", "2026-11-01", &[]).await?.ended_with(0)?;
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("2 proofs"), "{called:?}");
    // The plugin is kept once, and each proof finds it.
    assert_eq!(fs::read_dir(kept.stage.path("store/plugins"))?.count(), 1);
    let folder = kept.folder()?;
    ensure!(!folder.join("plugin.wasm.zst").exists(), "{}", folder.display());
    let folder = folder.display().to_string();
    let called = kept.stage.exhibit(&["verify", &folder, "--key", "key.pem.pub"]).await?.ended_with(0)?;
    ensure!(called.stdout.contains("entry 0 of example.com/evidence"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_says_what_stands_and_what_does_not() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &["--good-for", "30"]).await?.ended_with(0)?;
    let window = ["--from", "2026-10-01", "--to", "2026-11-01"];
    kept.collect("vm-scans", "2026-11-02", &window).await?.ended_with(0)?;
    kept.collect("vm-scans", "2026-11-03", &window).await?.ended_with(0)?;
    let list = ["evidence", "list", "store", "--all", "--as-of", "2026-12-01"];
    let called = kept.stage.exhibit(&list).await?.ended_with(0)?;
    // The system chooses the port of the source.
    let port = kept.stage.origin.rsplit(':').next().unwrap_or_default();
    insta::assert_snapshot!(without_names(&called.stdout.replace(port, "00000")), @"
    Evidence                            From             Covers                           Rows  Tests  State
    ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
    users-20261101T000000Z-…     127.0.0.1:00000  as of 2026-11-01                    3  –      ✘ stale since 2026-12-01
    vm-scans-20261102T000000Z-…  127.0.0.1:00000  2026-10-01 to before 2026-11-01    61  –      superseded by vm-scans-20261103T000000Z-…
    vm-scans-20261103T000000Z-…  127.0.0.1:00000  2026-10-01 to before 2026-11-01    61  –      ✔ good for 64 days
    ");
    let shorter = kept.stage.exhibit(&list[..3]).await?.ended_with(0)?;
    ensure!(shorter.stdout.contains("Not shown: 1 superseded or pruned proof"), "{shorter:?}");
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_not_good_and_covers_nothing() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let coverage = ["evidence", "coverage", "store", "users", "--from", "2026-01-01", "--to", "2100-01-01"];
    let whole = kept.stage.exhibit(&coverage).await?.ended_with(1)?;
    ensure!(!whole.stdout.contains("not counted"), "{whole:?}");
    fs::remove_dir_all(kept.folder()?)?;
    let called = kept.stage.exhibit(&coverage).await?.ended_with(1)?;
    ensure!(called.stdout.contains("it is missing from the store"), "{called:?}");
    let called = kept.stage.exhibit(&["evidence", "list", "store"]).await?.ended_with(0)?;
    ensure!(called.stdout.contains("✘ missing from the store"), "{called:?}");
    kept.verify().await?.ended_with(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_written_into_a_store_or_evidence() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let evidence = kept.folder()?.display().to_string();
    let proof = format!("{evidence}/proof.json");
    let calls: [&[&str]; 8] = [
        &["export", &evidence, "--format", "csv", "--out", "store/log/checkpoint"],
        &["export", &evidence, "--format", "csv", "--out", "store/store.json"],
        &["export", &evidence, "--format", "csv", "--out", &proof],
        &["test", &evidence, "--what-if", "--junit", "store/log/checkpoint"],
        &["verify", &evidence, "--junit", "store/log/checkpoint"],
        &["keys", "new", "--out", "store/evidence/key.pem"],
        &["bundle", &evidence, "--out", "store/users.exhibit.tar"],
        &["demo", "--out", "store/demo"],
    ];
    for call in calls {
        let called = kept.stage.exhibit(call).await?.ended_with(2)?;
        ensure!(called.stderr.contains("where nothing else may be"), "{call:?}: {called:?}");
    }
    for option in ["--out", "--keep-failed"] {
        let collect = ["collect", "users", "--out", "elsewhere", option, "store/evidence/mine"];
        let collect =
            if option == "--out" { [&collect[..2], &collect[4..]].concat() } else { collect.to_vec() };
        let called = kept.stage.connected(&collect).await?.ended_with(2)?;
        ensure!(called.stderr.contains("where nothing else may be"), "{called:?}");
    }
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_for_one_piece_of_evidence_lists_what_a_store_has() -> Result<()> {
    let kept = Kept::new().await?;
    let export = ["export", "store", "--format", "csv", "--out", "users.csv"];
    let called = kept.stage.exhibit(&export).await?.ended_with(2)?;
    ensure!(called.stderr.contains("next: collect into it first"), "{called:?}");
    for day in ["2026-11-01", "2026-11-02"] {
        kept.collect("users", day, &[]).await?.ended_with(0)?;
    }
    for command in [&export[..], &["bundle", "store"], &["test", "store", "--what-if"]] {
        let called = kept.stage.exhibit(command).await?.ended_with(2)?;
        ensure!(
            called.stderr.contains("store is a store, and one piece of evidence is asked for"),
            "{called:?}"
        );
        for folder in kept.folders()? {
            let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            ensure!(called.stderr.contains(&format!("store/evidence/{name}")), "{called:?}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn coverage_shows_what_is_proven_and_what_is_not() -> Result<()> {
    let kept = Kept::new().await?;
    for (from, to) in
        [("2026-07-01", "2026-08-01"), ("2026-08-01", "2026-09-01"), ("2026-08-25", "2026-09-20")]
    {
        kept.collect("vm-scans", "2026-11-02", &["--from", from, "--to", to, "--account", "acme-prod"])
            .await?
            .ended_with(0)?;
    }
    let coverage = |to| ["evidence", "coverage", "store", "vm-scans", "--from", "2026-07-01", "--to", to];
    let called = kept.stage.exhibit(&coverage("2026-10-01")).await?.ended_with(1)?;
    insta::assert_snapshot!(without_names(&called.stdout), @"
    vm-scans acme-prod: 88 % is proven, with 1 gap
    ███████████████████████████████████████████▓▓▓▓▓▓██████████████·········
    2026-07-01                                                    2026-10-01
    ✘ gap from 2026-09-20 to before 2026-10-01
    ▓ overlap from 2026-08-25 to before 2026-09-01: vm-scans-20261102T000000Z-…, vm-scans-20261102T000000Z-…
    ");
    let called = kept.stage.exhibit(&coverage("2026-09-20")).await?.ended_with(0)?;
    ensure!(called.stdout.contains("✔ all of it is proven"), "{called:?}");
    let unknown = ["evidence", "coverage", "store", "tickets", "--from", "2026-07-01", "--to", "2026-08-01"];
    let called = kept.stage.exhibit(&unknown).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr, @"
    error: the store has no evidence of `tickets`
    next: name one of: vm-scans
    ");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pruned_leaves_word_in_the_log() -> Result<()> {
    let kept = Kept::new().await?;
    let window = ["--from", "2026-10-01", "--to", "2026-11-01"];
    kept.collect("vm-scans", "2026-11-02", &window).await?.ended_with(0)?;
    kept.collect("vm-scans", "2026-11-03", &window).await?.ended_with(0)?;
    fs::copy(kept.stage.path("store/log/checkpoint"), kept.stage.path("earlier"))?;
    let prune = ["evidence", "prune", "store", "--superseded"];
    let called = kept.stage.exhibit(&prune).await?.ended_with(0)?;
    let said = without_names(&called.stdout);
    let lines: Vec<&str> = said.lines().collect();
    let headings: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(headings, ["Evidence", "Why", "Size", "Tests"]);
    let superseded = "vm-scans-20261102T000000Z-…  superseded by vm-scans-20261103T000000Z-…";
    ensure!(lines[2].starts_with(superseded) && lines[2].ends_with('–'), "{said}");
    ensure!(said.ends_with("would be pruned; --confirm removes them.\n"), "{said}");
    ensure!(lines[4].starts_with("1 proof ("), "{said}");
    assert_eq!(kept.folders()?.len(), 2);
    kept.stage.exhibit(&[&prune[..], &["--confirm"]].concat()).await?.ended_with(2)?;
    kept.stage
        .exhibit(&[&prune[..], &["--confirm", "--sign", "file:key.pem"]].concat())
        .await?
        .ended_with(0)?;
    assert_eq!(kept.folders()?.len(), 1);
    let listed = kept.list("2026-11-04").await?;
    assert_eq!(listed[0]["state"], "pruned");
    assert_eq!(listed[0]["pruned"]["proof"], listed[0]["kept"]["proof"]);
    let verify = ["verify", "store", "--key", "key.pem.pub", "--checkpoint", "earlier"];
    let called = kept.stage.exhibit(&verify).await?.ended_with(0)?;
    ensure!(called.stdout.contains("2 entries at that checkpoint, 1 since"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn later_runs_of_tests_are_signed_and_in_the_log() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let folder = kept.folder()?.display().to_string();
    // Without a key it would be a run that the store knows nothing of.
    kept.stage.exhibit(&["test", &folder]).await?.ended_with(2)?;
    let called = kept.stage.exhibit(&["test", &folder, "--sign", "file:key.pem"]).await?;
    ensure!(called.code == Some(0) || called.code == Some(1), "{called:?}");
    kept.verify().await?.ended_with(0)?;
    assert_eq!(kept.list("2026-11-01").await?[0]["runs"][0]["run"], "tests/0001");
    fs::remove_dir_all(kept.folder()?.join("tests"))?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/0001"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_shows_that_the_log_has_it() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("assets", "2026-11-01", &[]).await?.ended_with(0)?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let folder = kept.folder()?.display().to_string();
    kept.stage.exhibit(&["bundle", &folder, "--out", "users.tar"]).await?.ended_with(0)?;
    // Where nothing is said it is not put into the store, which would hold it for a planted file.
    let called = kept.stage.exhibit(&["bundle", &folder]).await?.ended_with(0)?;
    ensure!(!called.stdout.contains("store"), "{called:?}");
    kept.verify().await?.ended_with(0)?;
    ensure!(!called.stderr.contains("no proof that a log"), "{called:?}");
    // Copied out of the store, it cannot have that, and says so.
    copy(&kept.folder()?, &kept.stage.path("copied"))?;
    let called = kept.stage.exhibit(&["bundle", "copied"]).await?.ended_with(0)?;
    ensure!(
        called.stderr.contains("the bundle carries no proof that a log lists the evidence"),
        "{called:?}"
    );
    let without = ["verify", "copied.exhibit.tar", "--key", "key.pem.pub", "--digests"];
    let called = kept.stage.exhibit(&without).await?;
    ensure!(called.stdout.contains("or the bundle was made without its proof"), "{called:?}");
    fs::remove_dir_all(kept.stage.path("store"))?;
    let verify = ["verify", "users.tar", "--key", "key.pem.pub"];
    let called = kept.stage.exhibit(&verify).await?.ended_with(0)?;
    ensure!(called.stdout.contains("entry 1 of example.com/evidence"), "{called:?}");
    ensure!(called.stdout.contains("the answers give the rows"), "its plugin came along: {called:?}");
    kept.stage.shell("mkdir unpacked && tar -xf users.tar -C unpacked").await?.ended_with(0)?;
    for name in ["entry.json", "entry.tlog-proof"] {
        let file = kept.stage.path("unpacked/log").join(name);
        let whole = fs::read(&file)?;
        for place in (0..whole.len()).step_by(whole.len().div_ceil(25)) {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            let called =
                kept.stage.exhibit(&["verify", "unpacked", "--key", "key.pem.pub", "--digests"]).await?;
            ensure!(called.code == Some(1), "{name}, byte {place}: {called:?}");
        }
        fs::write(&file, &whole)?;
    }
    Ok(())
}
