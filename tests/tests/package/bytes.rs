//! A small package, each byte of it changed, each file taken away, and others added.

use std::fs::{self, OpenOptions};
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::signing::{Authorities, PublicKey, read_public};
use exhibit::verify::{Bounds, Requirements, SharedFiles, Subject, digests};
use exhibit_simulator::World;

use crate::stage::Stage;
use crate::tree::files;

/// With this variable each byte of the plugin is changed, too, which takes minutes.
const EVERY_BYTE: &str = "EXHIBIT_TESTS_EVERY_BYTE";
/// Without it, one of so many of them.
const OF_THE_PLUGIN: usize = 257;

/// Tested and signed evidence, and the key that signed it.
async fn package() -> Result<(Stage, PublicKey)> {
    let stage = Stage::new(World { users: 2, ..World::default() }).await?;
    stage.exhibit(&["keys", "new", "--out", "key.pem"]).await?.ended_with(0)?;
    let further = ["--as-of", "2026-11-01", "--test", "suggested", "--sign", "file:key.pem"];
    stage.collect("users", "users", &further).await?.ended_with(1)?;
    stage.exhibit(&["verify", "users", "--key", "key.pem.pub"]).await?.ended_with(0)?;
    let key = read_public(&stage.path("key.pem.pub"))??;
    Ok((stage, key))
}

/// Whether what digests and the signature say, which is the first half of what `verify` does, is no longer so.
fn noticed(folder: &Path, key: &PublicKey) -> bool {
    let authorities = Authorities::default();
    let keys = std::slice::from_ref(key);
    let subject = Subject {
        folder,
        keys,
        authorities: &authorities,
        plugins: &[],
        unknown_plugins: &[],
        trusted_ids: &[],
        used: &[],
        requirements: &Requirements::Claimed,
        scratch: folder,
        shared: &SharedFiles::default(),
        logged: None,
        now: SystemClock.now(),
        bundled: false,
        alone: false,
        bounds: Bounds::default(),
    };
    digests(&subject, &mut |_| ()).failed() > 0
}

fn flip(file: &Path, at: usize) -> Result<()> {
    let mut file = OpenOptions::new().read(true).write(true).open(file)?;
    let mut byte = [0];
    let at = SeekFrom::Start(at as u64);
    file.seek(at)?;
    file.read_exact(&mut byte)?;
    file.seek(at)?;
    // Another bit each time, and the same one to take it back.
    byte[0] ^= 1 << (file.stream_position()? % 8);
    Ok(file.write_all(&byte)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn each_byte_that_changes_is_noticed() -> Result<()> {
    let (stage, key) = package().await?;
    let folder = stage.path("users");
    ensure!(!noticed(&folder, &key), "nothing was changed");
    let mut changed = 0_u64;
    for file in files(&folder)? {
        let bytes = usize::try_from(fs::metadata(&file)?.len())?;
        let some = file.ends_with("plugin.wasm.zst") && std::env::var_os(EVERY_BYTE).is_none();
        for at in (0..bytes).step_by(if some { OF_THE_PLUGIN } else { 1 }) {
            flip(&file, at)?;
            ensure!(noticed(&folder, &key), "{}, byte {at}", file.display());
            flip(&file, at)?;
            changed += 1;
        }
    }
    ensure!(!noticed(&folder, &key), "all was changed back");
    println!("{changed} bytes of {} files", files(&folder)?.len());
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn each_file_that_is_missing_cut_or_added_is_noticed() -> Result<()> {
    let (stage, key) = package().await?;
    let (folder, aside) = (stage.path("users"), stage.path("aside"));
    for file in files(&folder)? {
        fs::rename(&file, &aside)?;
        ensure!(noticed(&folder, &key), "{} is missing", file.display());
        let whole = fs::read(&aside)?;
        for other in [&whole[..whole.len() - 1], &[&whole[..], b"\n"].concat(), b""] {
            fs::write(&file, other)?;
            ensure!(noticed(&folder, &key), "{} of {} bytes", file.display(), other.len());
        }
        fs::rename(&aside, &file)?;
        let beside = file.with_file_name("more");
        fs::write(&beside, b"")?;
        ensure!(noticed(&folder, &key), "{} was added", beside.display());
        fs::remove_file(&beside)?;
    }
    // Names that evidence could have.
    for name in ["answers/000002.zst", "timestamp.tsr", "tests/0002/run.json", "tests/0001/run.json.bak"] {
        let added = folder.join(name);
        let parent = added.parent().context("a folder")?;
        let there = parent.is_dir();
        fs::create_dir_all(parent)?;
        fs::write(&added, b"{}")?;
        ensure!(noticed(&folder, &key), "{name} was added");
        if there { fs::remove_file(&added)? } else { fs::remove_dir_all(parent)? }
    }
    ensure!(!noticed(&folder, &key), "all was taken back");
    Ok(())
}
