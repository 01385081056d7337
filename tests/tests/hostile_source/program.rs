//! The real program, as a process of its own.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::high_water;
use crate::server::Server;

/// What the program may have in memory at once.
const MEMORY_BYTES: u64 = 150 << 20;
/// How long a case may take. The largest bodies here have some hundred megabytes, which a program without optimisation
/// takes twenty times as long to read.
pub(crate) const LONGEST: Duration = Duration::from_secs(if cfg!(debug_assertions) { 120 } else { 10 });
/// Between two looks at how much memory is in use. The kernel keeps the most of it, so that only what is used in the
/// last moment goes unseen.
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);
/// Some cases say it back.
pub(crate) const PASSWORD: &str = "canary-7f3a91-password";

/// The program, and where it keeps compiled plugins.
pub(crate) struct Program {
    cache: PathBuf,
}

/// What became of a call.
pub(crate) struct Ended {
    /// `None` where it was killed.
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
    /// The most memory that it had at once, in bytes; 0 where the system does not say.
    pub(crate) peak: u64,
}

impl Program {
    /// Has the plugin compiled, which takes longer than any case.
    pub(crate) fn new() -> Result<Self> {
        let program = Self { cache: Path::new(env!("CARGO_TARGET_TMPDIR")).join("cache") };
        let output = program.command().args(["types"]).output()?;
        ensure!(output.status.success(), "{output:?}");
        Ok(program)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_exhibit-tested"));
        command.env_clear().env("XDG_CACHE_HOME", &self.cache).stdin(Stdio::null());
        command
    }

    /// Collects a proof from this source into `out`, without patience: what fails is not tried again.
    pub(crate) fn collect(&self, proof: &str, server: &Server, folder: &Path, out: &Path) -> Result<Ended> {
        let mut command = self.command();
        command
            .current_dir(folder)
            .args(["collect", proof, "--set", "platform=US2", "--set", "page-size=2"])
            .args(["--secret", "username=env:USERNAME", "--secret", "password=env:PASSWORD"])
            .args(["--attempts", "1", "--max-wait", "1", "--as-of", "2026-11-01", "--out"])
            .arg(out)
            .arg("--origin")
            .arg(format!("api={}", server.origin()))
            .env("USERNAME", "acme_ro1")
            .env("PASSWORD", PASSWORD);
        ended(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?)
    }
}

impl Ended {
    /// It took no more than it may.
    pub(crate) fn bounded(&self) -> Result<()> {
        ensure!(self.code.is_some(), "it did not end within {LONGEST:?}: {}{}", self.stdout, self.stderr);
        ensure!(self.peak <= MEMORY_BYTES, "it took {} MiB", self.peak >> 20);
        Ok(())
    }
}

fn ended(mut child: Child) -> Result<Ended> {
    let began = Instant::now();
    let (mut stdout, mut stderr) =
        (child.stdout.take().context("a pipe")?, child.stderr.take().context("a pipe")?);
    let reading = [
        thread::spawn(move || {
            let mut text = String::new();
            stdout.read_to_string(&mut text).map(|_| text)
        }),
        thread::spawn(move || {
            let mut text = String::new();
            stderr.read_to_string(&mut text).map(|_| text)
        }),
    ];
    let mut peak = 0;
    let code = loop {
        peak = high_water::of_child(child.id()).unwrap_or(0).max(peak);
        match child.try_wait()? {
            Some(status) => break status.code(),
            None if began.elapsed() > LONGEST => {
                child.kill()?;
                child.wait()?;
                break None;
            }
            None => thread::sleep(BETWEEN_LOOKS),
        }
    };
    let took = began.elapsed();
    let [stdout, stderr] = reading.map(|it| it.join().expect("no thread panics"));
    Ok(Ended { code, stdout: stdout?, stderr: stderr?, took, peak })
}
