//! The same answer through tools that do nothing but fetch and compress it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use exhibit_simulator::World;

const PATH: &str = "/api/5.0/fo/asset/host/\
    ?action=list&details=All&show_asset_id=1&show_tags=1&truncation_limit=0";

/// Fetches all assets in one answer with curl, and compresses it with zstd into `place`.
pub(crate) fn pipe(url: &str, place: &Path) -> Result<()> {
    let World { username, password, .. } = World::default();
    let mut curl = Command::new("curl")
        .args(["--silent", "--fail", "--compressed", "--user", &format!("{username}:{password}")])
        .args(["--header", "X-Requested-With: bench", &format!("{url}{PATH}")])
        .stdout(Stdio::piped())
        .spawn()
        .context("curl does not start")?;
    let body = curl.stdout.take().context("curl has no output")?;
    let zstd = Command::new("zstd")
        .args(["-3", "--quiet", "-o"])
        .arg(place.join("answer.zst"))
        .stdin(body)
        .status()
        .context("zstd does not start");
    let curl = curl.wait()?;
    ensure!(zstd?.success() && curl.success(), "curl or zstd failed");
    Ok(())
}
