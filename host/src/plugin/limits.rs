//! What a plugin's session may use.

use std::time::Duration;

/// Between two ticks, a plugin has the thread to itself.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Sessions at a time. One more waits until another is dropped.
const SESSIONS: u32 = 32;
/// What a session keeps is the rest of an answer's chunk and the keys of one page's
/// border: a few MiB. A plugin that needs more than this reads whole answers.
const MEMORY: usize = 64 << 20;
/// A chunk of 64 KiB takes under a millisecond.
const DEADLINE: Duration = Duration::from_secs(10);
/// A component that Rust's linker made from a plugin has a main module, an adapter for
/// WASI's older interface and two small ones that tie these together. One with the runtime
/// of another language has that, its libraries and a linker's modules beside it: nine, where it is
/// JavaScript's smallest, and 38 of Python. Each is a few KiB of bookkeeping.
const CORE_INSTANCES: u32 = 64;
/// The main module's function table, and the shims'.
pub(crate) const TABLES: u32 = 8;
/// A function pointer each.
pub(crate) const TABLE_ELEMENTS: usize = 20_000;
/// The main module's.
pub(crate) const MEMORIES: u32 = 2;

/// What a session may use.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct SandboxLimits {
    /// Sessions at a time; the next one waits for its turn.
    pub sessions: u32,
    /// Linear memory of one session, in bytes: all of its memories together.
    pub memory: usize,
    /// Running time of one call. Time in which the executor runs something else does not count.
    pub deadline: Duration,
    /// Instances of core modules in one session.
    pub core_instances: u32,
}

impl Default for SandboxLimits {
    fn default() -> Self {
        Self { sessions: SESSIONS, memory: MEMORY, deadline: DEADLINE, core_instances: CORE_INSTANCES }
    }
}
