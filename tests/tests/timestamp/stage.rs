//! The binary as a process of its own, in a folder, with a source to collect from.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use exhibit_simulator::{Simulator, World};
use tokio::process::Command;
use tokio::time::timeout;

/// No call of a test takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Stage {
    source: Simulator,
    folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Result<Self> {
        let source = Simulator::start(World { users: 3, ..World::default() }).await?;
        Ok(Self { source, folder: tempfile::tempdir()? })
    }

    pub(crate) fn source(&self) -> String {
        self.source.url().to_string()
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Evidence of a few users.
    pub(crate) async fn collect(&self, folder: &str, further: &[&str], code: i32) -> Result<String> {
        self.collect_to(&[&["--out", folder], further].concat(), code).await
    }

    /// The same, wherever these options say.
    pub(crate) async fn collect_to(&self, further: &[&str], code: i32) -> Result<String> {
        let origin = format!("api={}", self.source());
        let call = ["collect", "users", "--origin", &origin, "--set", "platform=US2"];
        let secrets = ["--secret", "username=env:USERNAME", "--secret", "password=env:PASSWORD"];
        self.exhibit(&[&call[..], &secrets, further].concat(), code).await
    }

    /// Standard output where the call ends with 0 or 1, and else standard error.
    pub(crate) async fn exhibit(&self, arguments: &[&str], code: i32) -> Result<String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_CACHE_HOME", Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache"))
            .env("USERNAME", World::default().username)
            .env("PASSWORD", World::default().password)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(PATIENCE, command.output()).await.context("it does not end")??;
        let trouble = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.code() == Some(code), "{arguments:?} ended with {}: {trouble}", output.status);
        Ok(String::from_utf8(if code < 2 { output.stdout } else { output.stderr })?)
    }
}
