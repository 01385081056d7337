//! A collection that is stopped leaves nothing behind.

use std::process::Stdio;
use std::time::Duration;

use crate::stage::Stage;
use anyhow::{Context as _, Result};
use exhibit_simulator::{Fault, Rule, World};

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_an_answer() -> Result<()> {
    for signal in ["TERM", "INT"] {
        let stage = Stage::new(World { assets: 300, ..World::default() }).await?;
        let stall = Fault::StallAt { bytes: 20_000, lasting: Duration::from_secs(60) };
        stage.source.faults().set([Rule::always(stall)]);
        let mut command = stage.connecting(&["collect", "assets", "--out", "out"]);
        let running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let pid = running.id().context("a running process")?;
        // Once the source was asked, the folder is begun.
        tokio::time::timeout(Duration::from_secs(60), stage.source.asked(1)).await?;
        assert!(stage.nothing_kept().is_err(), "the folder is begun");
        stage.shell(&format!("kill -{signal} {pid}")).await?.ended_with(0)?;

        let ended = tokio::time::timeout(Duration::from_secs(20), running.wait_with_output()).await??;
        let said = String::from_utf8(ended.stderr)?;
        assert_eq!(ended.status.code(), Some(130), "{said}");
        assert_eq!(said.trim_end(), "error: stopped; nothing of what was under way is kept");
        stage.nothing_kept()?;
    }
    Ok(())
}
