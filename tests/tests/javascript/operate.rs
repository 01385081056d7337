//! The host in JavaScript carries an operation out: shown first, sent once, found out about where it was cut.

use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Fault, Rule, Simulator, World};
use serde_json::Value as Json;
use tokio::process::Command;
use tokio::time::timeout;

use crate::host::{PATIENCE, folder};
use crate::npm::script;
use crate::process::{Ended, ended};

const TITLE: &str = "Weekly servers";
/// Where scans are launched.
const CONTROL: &str = "/api/2.0/fo/scan/";

struct Stage {
    folder: &'static Path,
    source: Simulator,
    world: World,
    kept: tempfile::TempDir,
}

impl Stage {
    async fn new() -> Result<Option<Self>> {
        let Some(folder) = folder().await? else { return Ok(None) };
        // Its clock is that of the host: it is asked for the scans of the last day.
        let now = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let world = World { now, ..World::default() };
        let source = Simulator::start(world.clone()).await?;
        Ok(Some(Self { folder, source, world, kept: tempfile::tempdir()? }))
    }

    /// A launch, not yet started.
    fn launching(&self, further: &[&str]) -> Command {
        let mut command = script(self.folder, "operate.mjs");
        command.args(["launch-vm-scan", "--origin", &self.source.url(), "--set", "platform=US2"]);
        for it in ["option-profile=Initial Options", "addresses=10.0.0.1-10.0.0.9", "scanner=fra-scanner-1"] {
            command.args(["--with", it]);
        }
        command
            .args(["--with", &format!("title={TITLE}")])
            .args(further)
            .env("EXHIBIT_USERNAME", &self.world.username)
            .env("EXHIBIT_PASSWORD", &self.world.password);
        command
    }

    /// The same with both keys, and a file for what is sent.
    fn confirmed(&self) -> Command {
        let mut command = self.launching(&["--allow-operate", "--confirm", TITLE, "--state"]);
        command.arg(self.kept.path().join("state"));
        command
    }

    async fn launch(&self) -> Result<Ended> {
        ended(self.confirmed(), PATIENCE).await
    }

    /// Requests that would launch a scan, and scans that were launched.
    fn sent(&self) -> (usize, usize) {
        let writes =
            self.source.requests().into_iter().filter(|it| it.path == CONTROL && it.method == "POST");
        (writes.count(), self.source.launched().len())
    }

    /// It says that it is done, and there is one scan.
    fn is_done(&self, launched: &Ended) -> Result<()> {
        let row: Json = serde_json::from_str(launched.stdout.trim()).context("a row")?;
        assert_eq!(row["outcome"], "done", "{row}");
        assert_eq!(row["reference"], Json::from(self.source.launched()[0].reference.clone()));
        assert_eq!(self.sent(), (1, 1));
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_first_and_sends_once() -> Result<()> {
    let Some(stage) = Stage::new().await? else { return Ok(()) };
    for further in
        [&[][..], &["--confirm", TITLE], &["--allow-operate", "--confirm", "Weekly", "--state", "none"]]
    {
        let shown = ended(stage.launching(further), PATIENCE).await?.with(2)?.stderr;
        ensure!(shown.contains("10.0.0.1-10.0.0.9") && shown.contains("POST http://127.0.0.1:"), "{shown}");
        ensure!(shown.contains("nothing was sent: add --allow-operate"), "{shown}");
        ensure!(!shown.contains(&stage.world.password), "no secret is shown");
    }
    assert_eq!(stage.sent(), (0, 0));
    let done = stage.launch().await?.with(0)?;
    stage.is_done(&done)?;
    // Again, it looks what became of it.
    let again = stage.launch().await?.with(0)?;
    stage.is_done(&again)
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_answer_is_lost_it_looks() -> Result<()> {
    let Some(stage) = Stage::new().await? else { return Ok(()) };
    stage.source.faults().push(Rule::once(Fault::LoseAnswer).on(CONTROL));
    let done = stage.launch().await?.with(0)?;
    stage.is_done(&done)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_call_is_gone_on_with() -> Result<()> {
    let Some(stage) = Stage::new().await? else { return Ok(()) };
    let stall = Fault::StallAt { bytes: 0, lasting: Duration::from_secs(600) };
    stage.source.faults().push(Rule::once(stall).on(CONTROL));
    let mut child = stage.confirmed().kill_on_drop(true).spawn()?;
    let launched = async {
        let mut asked = 0;
        while stage.source.launched().is_empty() {
            asked += 1;
            stage.source.asked(asked).await;
            tokio::task::yield_now().await;
        }
    };
    timeout(PATIENCE, launched).await.context("nothing is launched")?;
    child.kill().await?;
    let done = stage.launch().await?.with(0)?;
    stage.is_done(&done)
}
