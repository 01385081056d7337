//! Processes that end, well or badly, within a bounded time.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::timeout;

/// What became of a process.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The exit code; `None` where a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) stdout: String,
    /// Standard error.
    pub(crate) stderr: String,
}

impl Ended {
    /// This, where it ended with this exit code.
    pub(crate) fn with(self, code: i32) -> Result<Self> {
        let Self { code: found, stdout, stderr } = &self;
        ensure!(*found == Some(code), "exit code {found:?}, expected {code}\n{stdout}\n{stderr}");
        Ok(self)
    }
}

/// Runs it to its end. It is killed when this is dropped.
pub(crate) async fn ended(mut command: Command, patience: Duration) -> Result<Ended> {
    command.stdin(Stdio::null()).kill_on_drop(true);
    let what = command.as_std().get_program().display().to_string();
    let output = timeout(patience, command.output()).await;
    let output = output.with_context(|| format!("`{what}` does not end"))?;
    let output = output.with_context(|| format!("starting `{what}`"))?;
    Ok(Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout)?,
        stderr: String::from_utf8(output.stderr)?,
    })
}

/// What is kept from run to run: packages, and what is built of them.
pub(crate) fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join("javascript").join(name)
}

/// `exhibit` with these arguments, not yet started.
pub(crate) fn exhibit(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
    // Compiling a component takes longer than most tests, so all of them share the cache.
    let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
    command.args(arguments).env_clear().env("XDG_CACHE_HOME", cache);
    command
}
