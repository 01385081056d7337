//! Whatever happens to a store behind its back is noticed.

use std::fs;

use anyhow::{Result, ensure};
use exhibit::clock::{Clock as _, SystemClock};

use crate::Kept;
use crate::tree::{copy, files};

/// A store with two proofs.
async fn filled() -> Result<Kept> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    kept.verify().await?.ended_with(0)?;
    Ok(kept)
}

#[tokio::test(flavor = "multi_thread")]
async fn evidence_that_is_gone_renamed_or_somebody_elses_is_noticed() -> Result<()> {
    let kept = filled().await?;
    let (folder, aside) = (kept.folder()?, kept.stage.path("aside"));
    fs::rename(&folder, &aside)?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("is missing"), "{called:?}");
    let other = folder.with_file_name("users-of-somebody");
    fs::rename(&aside, &other)?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("users-of-somebody is not in the log"), "{called:?}");
    fs::rename(&other, &folder)?;
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_put_back_is_noticed_by_whoever_kept_a_checkpoint() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let (store, old) = (kept.stage.path("store"), kept.stage.path("old"));
    copy(&store, &old)?;
    kept.collect("users", "2026-11-02", &[]).await?.ended_with(0)?;
    fs::copy(store.join("log/checkpoint"), kept.stage.path("checkpoint"))?;
    // By itself, the old store is whole.
    kept.stage.exhibit(&["verify", "old", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let held = ["verify", "old", "--key", "key.pem.pub", "--checkpoint", "checkpoint"];
    let called = kept.stage.exhibit(&held).await?.ended_with(1)?;
    ensure!(called.stdout.contains("some were removed, or an old copy was put back"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_byte_of_the_log_counts() -> Result<()> {
    let kept = filled().await?;
    let key = exhibit::signing::read_public(&kept.stage.path("key.pem.pub"))??;
    let folder = kept.stage.path("store");
    let keys = [key];
    let failed = || {
        let store = exhibit::store::StoreCheck {
            folder: &folder,
            keys: &keys,
            earlier: None,
            under_way: &[],
            beside: &[],
            log_required: true,
            now: SystemClock.now(),
        };
        exhibit::store::check(&store, &mut |_| ()).map_or(true, |(report, _)| report.failed() > 0)
    };
    ensure!(!failed(), "it is whole at first");
    let mut files = files(&folder.join("log"))?;
    files.push(folder.join("store.json"));
    let mut flipped = 0;
    for file in files {
        let whole = fs::read(&file)?;
        for place in 0..whole.len() {
            let mut altered = whole.clone();
            altered[place] ^= 1;
            fs::write(&file, &altered)?;
            // A key that the store says of itself is no key that anybody trusts.
            let own_word = file.ends_with("store.json");
            ensure!(own_word || failed(), "{}, byte {place}", file.display());
            flipped += usize::from(!own_word);
        }
        fs::write(&file, &whole)?;
        if !whole.is_empty() {
            fs::remove_file(&file)?;
            ensure!(failed(), "{} was removed", file.display());
            fs::write(&file, &whole)?;
        }
    }
    ensure!(!failed(), "it is whole again");
    ensure!(flipped > 1000, "{flipped} bytes");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_else_puts_there_is_never_signed() -> Result<()> {
    let kept = filled().await?;
    let stage = &kept.stage;
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    stage.collect("users", "smuggled", &["--sign", "file:other.pem"]).await?.ended_with(0)?;
    fs::rename(stage.path("smuggled"), stage.path("store/evidence/smuggled"))?;
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("no command began to add it to this store"), "{called:?}");
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("smuggled is not in the log"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_takes_nothings_place_and_breaks_nothing() -> Result<()> {
    let kept = filled().await?;
    let folder = kept.folder()?;
    for name in ["users copy", "users.bak", "users-20261109T000000Z-00000000"] {
        copy(&folder, &folder.with_file_name(name))?;
    }
    let called = kept.collect("users", "2026-11-03", &[]).await?.ended_with(0)?;
    ensure!(called.stderr.contains("users.bak is not in the log"), "{called:?}");
    let listed = kept.list("2026-11-03").await?;
    ensure!(listed.iter().all(|it| it["superseded-by"].is_null()), "{listed:?}");
    assert_eq!(listed.len(), 3);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_signed_on_top_of_what_another_key_has_signed() -> Result<()> {
    let kept = filled().await?;
    let stage = &kept.stage;
    // An attacker who can write to the store rewrites its log, with a key of their own, and names it there.
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    let init = ["evidence", "init", "other", "--name", "example.com/evidence", "--sign", "file:other.pem"];
    stage.exhibit(&init).await?.ended_with(0)?;
    fs::remove_dir_all(stage.path("store/log"))?;
    fs::rename(stage.path("other/log"), stage.path("store/log"))?;
    let both: Vec<String> = ["key.pem.pub", "other.pem.pub"]
        .iter()
        .map(|it| fs::read_to_string(stage.path(it)))
        .collect::<Result<_, _>>()?;
    let said = serde_json::json!({ "format": 1, "name": "example.com/evidence", "keys": both });
    fs::write(stage.path("store/store.json"), said.to_string())?;
    let called = kept.collect("users", "2026-11-03", &[]).await?;
    ensure!(called.code == Some(2), "{called:?}");
    kept.verify().await?.ended_with(1)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_not_the_stores_is_told_before_anything_is_collected() -> Result<()> {
    let kept = filled().await?;
    let stage = &kept.stage;
    stage.exhibit(&["keys", "new", "--out", "other.pem"]).await?.ended_with(0)?;
    let arguments = ["collect", "users", "--store", "store", "--sign", "file:other.pem"];
    let called = stage.connected(&arguments).await?.ended_with(2)?;
    insta::assert_snapshot!(called.stderr, @"
    error: the store's log: the signing key is not one of this log's keys
    next: sign with the key that the store was made with
    ");
    let folder = kept.folder()?.display().to_string();
    stage.exhibit(&["test", &folder, "--sign", "file:other.pem"]).await?.ended_with(2)?;
    kept.verify().await?.ended_with(0)?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_run_that_is_gone_is_noticed_with_its_evidence_alone() -> Result<()> {
    let kept = filled().await?;
    let folder = kept.folder()?.display().to_string();
    kept.stage.exhibit(&["test", &folder, "--sign", "file:key.pem"]).await?;
    let verify = ["verify", &folder, "--key", "key.pem.pub"];
    kept.stage.exhibit(&verify).await?.ended_with(0)?;
    fs::remove_dir_all(kept.folder()?.join("tests"))?;
    let called = kept.stage.exhibit(&verify).await?.ended_with(1)?;
    ensure!(called.stdout.contains("tests/0001"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_part_of_the_log_is_noticed() -> Result<()> {
    let kept = filled().await?;
    fs::write(kept.stage.path("store/log/more"), "more")?;
    let called = kept.verify().await?.ended_with(1)?;
    ensure!(called.stdout.contains("is not part of the log"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_desktop_left_in_a_store_is_to_be_removed_and_the_rest_can_be_relied_on() -> Result<()> {
    let kept = filled().await?;
    for (left, program) in [("store/log/.DS_Store", "macOS"), ("store/evidence/Thumbs.db", "Windows")] {
        fs::write(kept.stage.path(left), "left")?;
        let called = kept.verify().await?.ended_with(1)?;
        ensure!(called.stdout.contains(&format!("was added: {program} leaves such files")), "{called:?}");
        ensure!(called.stderr.contains("next: nothing else that was checked is wrong"), "{called:?}");
        ensure!(!format!("{called:?}").contains("do not rely"), "{called:?}");
        fs::remove_file(kept.stage.path(left))?;
        kept.verify().await?.ended_with(0)?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checkpoint_that_nothing_is_held_to_is_told() -> Result<()> {
    let kept = Kept::new().await?;
    kept.collect("users", "2026-11-01", &[]).await?.ended_with(0)?;
    let evidence = kept.folder()?.display().to_string();
    let verify = ["verify", &evidence, "--key", "key.pem.pub", "--checkpoint", "store/log/checkpoint"];
    let called = kept.stage.exhibit(&verify).await?.ended_with(2)?;
    ensure!(called.stderr.contains("next: name the store, or leave out --checkpoint"), "{called:?}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_part_of_a_store_is_named_wherever_it_is() -> Result<()> {
    let kept = filled().await?;
    for (name, said) in [
        ("evidence-2025", "evidence-2025 is no part of a store"),
        (".hidden", ".hidden is no part of a store"),
        ("plugins/.hidden", "plugins/.hidden is no plugin of the evidence here"),
        ("plugins/users.wasm", "plugins/users.wasm is no plugin of the evidence here"),
        ("evidence/.hidden", "evidence/.hidden is no evidence"),
        ("begun/notes.txt", "begun/notes.txt is no part of a store"),
        ("log/.hidden", ".hidden is not part of the log"),
        (".DS_Store", ".DS_Store was added: macOS leaves such files"),
        ("evidence/.DS_Store", "evidence/.DS_Store was added: macOS leaves such files"),
    ] {
        let path = kept.stage.path("store").join(name);
        fs::write(&path, "of somebody")?;
        let called = kept.verify().await?.ended_with(1)?;
        ensure!(called.stdout.contains(said), "{name}: {called:?}");
        fs::remove_file(&path)?;
    }
    // A plugin that no evidence needs is what a killed process leaves, as long as it is what its name says.
    let plugin = b"a plugin";
    let path = kept.stage.path("store/plugins");
    let path = path.join(format!("{}.wasm.zst", exhibit::records::Digest::of(plugin).hex()));
    fs::write(&path, plugin)?;
    let called = kept.verify().await?.ended_with(0)?;
    ensure!(called.stdout.contains("no evidence needs it, and the next pruning removes it"), "{called:?}");
    fs::write(&path, "another one")?;
    kept.verify().await?.ended_with(1)?;
    Ok(())
}
