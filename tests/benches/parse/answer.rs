//! The answer that everyone reads: as the simulator gives it, all assets in one page.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use exhibit_simulator::{Simulator, World};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What the plugin asks for, in one page.
const TARGET: &str = "/api/5.0/fo/asset/host/\
    ?action=list&details=All&show_asset_id=1&show_tags=1&truncation_limit=0";
/// `acme_sim1:not-a-secret`, the simulator's default.
const LOGIN: &str = "Basic YWNtZV9zaW0xOm5vdC1hLXNlY3JldA==";
/// What counts as a big file here, in bytes.
const BIG: usize = 100_000_000;

/// Asks the simulator for that many assets, and keeps the answer in `file` for those that
/// read files.
pub(crate) async fn make(assets: u64, file: &Path) -> Result<Vec<u8>> {
    let simulator = Simulator::start(World { assets, gzip: false, ..World::default() }).await?;
    let mut stream = TcpStream::connect(simulator.url().trim_start_matches("http://")).await?;
    // Under HTTP/1.0 a body has no chunks and ends where the connection does.
    let request =
        format!("GET {TARGET} HTTP/1.0\r\nAuthorization: {LOGIN}\r\nX-Requested-With: bench\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    let head = answer.windows(4).position(|it| it == b"\r\n\r\n").context("an answer without a body")? + 4;
    ensure!(answer.starts_with(b"HTTP/1.0 200"), "{}", String::from_utf8_lossy(&answer[..head]));
    answer.drain(..head);
    ensure!(answer.len() >= BIG, "the answer has only {} bytes: ask for more assets", answer.len());
    std::fs::write(file, &answer).with_context(|| format!("{} cannot be written", file.display()))?;
    Ok(answer)
}
