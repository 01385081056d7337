//! A server that others wrote, as a process of its own.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::time::timeout;

/// Python and Node read some thousand files first, of a disk that others use, too.
const STARTING: Duration = Duration::from_secs(90);

/// Runs until dropped.
pub(crate) struct Server {
    /// What it said when it was ready.
    pub(crate) announced: String,
    _child: Child,
    /// Where it looks, it ends with the test, also where that is killed.
    _stdin: Option<ChildStdin>,
    _folder: TempDir,
}

impl Server {
    /// Starts it in a folder of its own. `ready` picks the line of standard output with which it says that it
    /// answers, and where.
    pub(crate) async fn start(mut command: Command, ready: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let folder = tempfile::tempdir()?;
        let log = folder.path().join("log");
        command
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log)?)
            .kill_on_drop(true);
        let mut child = command.spawn()?;
        let mut lines = BufReader::new(child.stdout.take().context("its output")?).lines();
        let announced = timeout(STARTING, async {
            loop {
                match lines.next_line().await? {
                    Some(line) => {
                        if let Some(announced) = ready(&line) {
                            return Ok(announced);
                        }
                    }
                    None => bail!("it ended: {}", std::fs::read_to_string(&log)?),
                }
            }
        });
        let announced = announced.await.context("it does not start")??;
        // What it says later must not fill the pipe.
        tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
        let stdin = child.stdin.take();
        Ok(Self { announced, _child: child, _stdin: stdin, _folder: folder })
    }
}
