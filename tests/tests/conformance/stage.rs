//! The binary as a process of its own, a plugin to check, and what it collected.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use tokio::process::Command;
use tokio::time::timeout;

use crate::source::Source;

/// No call of a test takes longer; one that hangs must not hold up all others.
const PATIENCE: Duration = Duration::from_secs(300);

/// A source, and a folder for what is collected from it.
pub(crate) struct Stage {
    source: Source,
    folder: tempfile::TempDir,
    /// Where compiled plugins are kept.
    cache: PathBuf,
}

/// What became of a call.
pub(crate) struct Called {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Stage {
    pub(crate) async fn new() -> Result<Self> {
        let cache = Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache");
        Ok(Self { source: Source::start().await?, folder: tempfile::tempdir()?, cache })
    }

    /// Forgets all compiled plugins, and shares none with other tests from now on.
    pub(crate) fn forget_compiled(&mut self) -> Result<()> {
        self.cache = self.folder.path().join("cache");
        if self.cache.exists() {
            std::fs::remove_dir_all(&self.cache)?;
        }
        Ok(())
    }

    /// The source, as an option names it.
    pub(crate) fn origin(&self) -> String {
        format!("api={}", self.source.origin())
    }

    /// A path in the folder.
    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// Evidence that the plugin with this flaw collects: with few answers in one piece each, all of
    /// them manage that.
    pub(crate) async fn collect(&self, flaw: &str) -> Result<String> {
        self.collect_by(env!("BROKEN_PLUGIN"), flaw, &[]).await
    }

    /// The same by this plugin, with further arguments.
    pub(crate) async fn collect_by(&self, plugin: &str, flaw: &str, further: &[&str]) -> Result<String> {
        let (out, origin) = (self.path(flaw), self.origin());
        let set = format!("flaw={flaw}");
        let mut call = vec!["collect", "things", "--plugin", plugin, "--set", &set];
        call.extend(["--origin", &origin, "--as-of", "2026-11-01", "--out", &out]);
        call.extend(further);
        let called = self.exhibit(&call).await?;
        ensure!(called.code == Some(0), "{flaw}: {}", called.stderr);
        Ok(out)
    }

    /// `exhibit plugin check` of the plugin with this flaw.
    pub(crate) async fn check(&self, flaw: &str, further: &[&str]) -> Result<Called> {
        let set = format!("flaw={flaw}");
        let call = ["plugin", "check", env!("BROKEN_PLUGIN"), "--set", &set];
        self.exhibit(&[&call, further].concat()).await
    }

    /// Any command.
    pub(crate) async fn exhibit(&self, arguments: &[&str]) -> Result<Called> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command
            .args(arguments)
            .current_dir(self.folder.path())
            .env_clear()
            .env("XDG_CACHE_HOME", &self.cache)
            .env("XDG_STATE_HOME", self.path("state"))
            .env("USERNAME", exhibit_simulator::World::default().username)
            .env("PASSWORD", exhibit_simulator::World::default().password)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        let output = timeout(PATIENCE, command.output());
        let output = output.await.with_context(|| format!("{arguments:?} does not end"))??;
        Ok(Called {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout)?,
            stderr: String::from_utf8(output.stderr)?,
        })
    }
}

/// A component in which this word stands in place of the one that has it behave.
pub(crate) fn in_mood(word: &[u8], mood: &[u8]) -> Result<Vec<u8>> {
    ensure!(word.len() == mood.len(), "another word of the same length");
    let mut component = std::fs::read(env!("BROKEN_PLUGIN"))?;
    let at = component.windows(word.len()).position(|it| it == word).context("the word in it")?;
    component.get_mut(at..at + word.len()).context("its place")?.copy_from_slice(mood);
    Ok(component)
}

/// Without the lines of this plugin's source, and a thread's name.
pub(crate) fn plain(what: &str) -> String {
    let what = match (what.find("thread '"), what.find("panicked at ")) {
        (Some(thread), Some(panicked)) => [&what[..thread], &what[panicked..]].concat(),
        _ => what.to_owned(),
    };
    let mut parts = what.split_inclusive(".rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        plain + "N" + part.trim_start_matches(|it: char| it.is_ascii_digit() || it == ':')
    })
}
