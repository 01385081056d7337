//! The process that has a component compiled by another, and waits for it.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use exhibit_rows::Shown;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;
use tokio::sync::Semaphore;

use super::super::config::Allocation;
use super::child::{NOT_BEGUN, REFUSED};
use super::error::CompileError;
use super::frame::{self, Unread};

/// What the compiler may write to. A component with the interpreter of Python (18 MB) takes about 350 MiB, one in
/// JavaScript (1.9 MB) 80; with the program itself, the process stays below 512 MiB.
const MEMORY: u64 = 448 << 20;
/// For a component of a few hundred KiB, which takes a quarter of a second.
const TIME: Duration = Duration::from_secs(8);
/// More of it for each MiB of the component, which takes 0.6 to 1.2 s.
const TIME_FOR_MIB: Duration = Duration::from_secs(2);
/// Without optimisation, the compiler takes so much longer.
const SLOWER: u32 = if cfg!(debug_assertions) { 20 } else { 1 };
/// By the clock on the wall, which passes while other processes have the processor, it may take so many times as long.
const WALL_CLOCK_FACTOR: u32 = 3;
/// Code for a machine is about three times as large, and has tables and images of memory beside it.
const OUTPUT: u64 = 64 << 20;
/// More of it for each byte of the component.
const OUTPUT_FOR_BYTE: u64 = 8;
/// Of what the process says is wrong.
const SAID: u64 = 8 << 10;
/// Processes that compile at the same time: each may take all of its memory.
const AT_A_TIME: usize = 2;

/// What compiling one component may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompileLimits {
    /// Bytes that the compiler's process may write to, all of its memory except for the program itself.
    pub memory: u64,
    /// The processor's time, of all threads together, for a component of no size.
    pub time: Duration,
    /// More of it for each MiB of a component, or part of one.
    pub time_for_mib: Duration,
}

impl Default for CompileLimits {
    fn default() -> Self {
        Self { memory: MEMORY, time: TIME * SLOWER, time_for_mib: TIME_FOR_MIB * SLOWER }
    }
}

impl CompileLimits {
    /// In whole seconds, as the system counts it.
    pub(super) fn seconds(&self, component: usize) -> u64 {
        let mib = u32::try_from(component >> 20).unwrap_or(u32::MAX);
        let time = self.time.saturating_add(self.time_for_mib.saturating_mul(mib));
        time.as_secs().max(1)
    }
}

/// Compiles components in a process of its own, of which nothing is left afterwards: this program, begun again with
/// arguments that make it call [`compile_as_child`](super::compile_as_child). It gets the component and nothing else: no
/// environment, no files.
///
/// On Unix only. Needs a runtime of tokio's with its drivers.
#[derive(Debug)]
pub struct ChildCompiler {
    arguments: Vec<OsString>,
    limits: CompileLimits,
    places: Semaphore,
}

impl ChildCompiler {
    /// Begins this program with these arguments, and some more. `None` where the system has no limits for a process,
    /// so that one of its own would not change anything.
    pub fn new(arguments: impl IntoIterator<Item = OsString>) -> Option<Self> {
        Self::with(arguments, CompileLimits::default())
    }

    /// The same with other limits.
    pub fn with(arguments: impl IntoIterator<Item = OsString>, limits: CompileLimits) -> Option<Self> {
        let arguments = arguments.into_iter().collect();
        cfg!(unix).then(|| Self { arguments, limits, places: Semaphore::new(AT_A_TIME) })
    }

    pub(super) async fn compile(
        &self,
        allocation: Allocation,
        component: &[u8],
    ) -> Result<Vec<u8>, CompileError> {
        // The semaphore is never closed.
        let _place = self.places.acquire().await;
        let seconds = self.limits.seconds(component.len());
        tracing::debug!(
            seconds,
            memory = self.limits.memory,
            "a component is compiled in a process of its own"
        );
        let program = this_program().map_err(CompileError::Process)?;
        let mut child = Command::new(program)
            .args(&self.arguments)
            .arg(allocation.name())
            .args([self.limits.memory.to_string(), seconds.to_string()])
            .env_clear()
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            // Also where this future is dropped.
            .kill_on_drop(true)
            .spawn()
            .map_err(CompileError::Process)?;
        let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let output = OUTPUT.saturating_add((component.len() as u64).saturating_mul(OUTPUT_FOR_BYTE));
        let talk = async {
            let write = async {
                let Some(mut stdin) = stdin else { return };
                // A process that ends early says by its end why it did.
                drop(stdin.write_all(component).await);
            };
            let read = async {
                let Some(stdout) = stdout else { return Err(Unread::Torn) };
                // Dropped afterwards, so that a process that writes more ends.
                frame::read(stdout, output).await
            };
            let ((), code, said) = tokio::join!(write, read, said(stderr));
            (code, said, child.wait().await)
        };
        let limit = Duration::from_secs(seconds);
        let Ok((code, said, ended)) = tokio::time::timeout(limit * WALL_CLOCK_FACTOR, talk).await else {
            // Dropping it ends it; waiting for that leaves no process behind.
            drop(child.kill().await);
            return Err(CompileError::Time { limit });
        };
        let ended = ended.map_err(CompileError::Process)?;
        match code {
            Err(Unread::TooLarge) => Err(CompileError::Output { limit: output }),
            Ok(code) if ended.success() => Ok(code),
            Err(Unread::Io(error)) if ended.success() => Err(CompileError::Process(error)),
            _ => Err(self.failure(ended, &said, limit)),
        }
    }

    /// Why the process ended without code.
    fn failure(&self, ended: ExitStatus, said: &str, time: Duration) -> CompileError {
        let said = Shown::line(said.trim()).to_string();
        let memory = CompileError::Memory { limit: self.limits.memory };
        let refused = |what: String| CompileError::Process(io::Error::other(what));
        match ended.code().and_then(|it| u8::try_from(it).ok()) {
            _ if ran_out_of_time(ended) => CompileError::Time { limit: time },
            _ if OUT_OF_MEMORY.iter().any(|it| said.contains(it)) => memory,
            Some(REFUSED) => CompileError::Refused(said),
            Some(NOT_BEGUN) => refused(said),
            Some(0) => refused("it is another program".to_owned()),
            _ if said.is_empty() => CompileError::Crashed(ended.to_string()),
            _ => CompileError::Crashed(said),
        }
    }
}

/// What a process writes that has no more memory: the allocator of Rust, the runtime's maps, and threads.
const OUT_OF_MEMORY: [&str; 3] =
    ["memory allocation of", "Cannot allocate memory", "Resource temporarily unavailable"];

#[cfg(unix)]
fn ran_out_of_time(ended: ExitStatus) -> bool {
    use std::os::unix::process::ExitStatusExt as _;

    ended.signal() == Some(rustix::process::Signal::XCPU.as_raw())
}

#[cfg(not(unix))]
fn ran_out_of_time(_: ExitStatus) -> bool {
    false
}

/// The file of this program, even where another version has taken its place.
fn this_program() -> io::Result<PathBuf> {
    if cfg!(target_os = "linux") { Ok(PathBuf::from("/proc/self/exe")) } else { std::env::current_exe() }
}

/// The beginning of what the process says, read to its end.
async fn said(stderr: Option<impl AsyncRead + Unpin>) -> String {
    let Some(mut stderr) = stderr else { return String::new() };
    let mut said = Vec::new();
    drop((&mut stderr).take(SAID).read_to_end(&mut said).await);
    drop(tokio::io::copy(&mut stderr, &mut tokio::io::sink()).await);
    String::from_utf8_lossy(&said).into_owned()
}
