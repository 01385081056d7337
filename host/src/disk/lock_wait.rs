//! Who has a lock, as those are shown who wait for it.

use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::Duration;

use exhibit_rows::Shown;
use serde::{Deserialize, Serialize};

/// What this process says of itself, and whom it asks while it waits.
static WAITING: OnceLock<(String, OnWait)> = OnceLock::new();

/// The same, where the program said it.
pub(super) fn on_this_wait() -> Option<&'static (String, OnWait)> {
    WAITING.get()
}

/// Called while a process waits for a lock, several times a second. What breaks ends the waiting.
pub type OnWait = Box<dyn Fn(&LockWait) -> ControlFlow<()> + Send + Sync>;

/// From now on, processes that wait for a lock of this one are shown `command`, as what it does, and `on_wait` is called
/// while this one waits. For the program that owns the process, once; a library that is embedded leaves it alone. `false` where it was
/// called before.
pub fn on_lock_wait(command: impl Into<String>, on_wait: OnWait) -> bool {
    WAITING.set((command.into(), on_wait)).is_ok()
}

/// A process that has a lock, as it said itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LockHolder {
    /// Its number on its machine.
    pub process: u32,
    /// The name of that machine, where it is known.
    pub machine: Option<String>,
    /// What it does, where it said that.
    pub command: Option<String>,
    /// Since when it has the lock, RFC 3339, by the clock of its machine. `None` where only the system says who has it.
    pub since: Option<String>,
}

impl std::fmt::Display for LockHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "process {}", self.process)?;
        if let Some(command) = &self.command {
            write!(f, " (`{}`)", Shown::line(command))?;
        }
        if let Some(machine) = &self.machine {
            write!(f, " on {}", Shown::line(machine))?;
        }
        match &self.since {
            Some(since) => write!(f, ", since {}", Shown::line(since)),
            None => Ok(()),
        }
    }
}

/// A lock that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LockWait {
    /// The file.
    pub file: PathBuf,
    /// Who has it, or one of those who do. `None` where that is not known.
    pub holder: Option<LockHolder>,
    /// How long it has been waited for.
    pub waited: Duration,
    /// How long it is waited for at most.
    pub limit: Duration,
}

impl std::fmt::Display for LockWait {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the lock {} is held by ", Shown::line(&self.file.to_string_lossy()))?;
        match &self.holder {
            Some(holder) => write!(f, "{holder}"),
            None => f.write_str("another process, which does not say which it is"),
        }
    }
}
