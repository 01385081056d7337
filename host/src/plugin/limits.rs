//! What a plugin's session may use.

use std::time::Duration;

/// A plugin has a few hundred KB; a whole language runtime fits, too.
pub const COMPONENT_BYTES: usize = 64 << 20;
/// Between two ticks, a plugin has the thread to itself.
pub(crate) const TICK: Duration = Duration::from_millis(10);
/// Sessions at a time. One more waits until another is dropped.
const SESSIONS: u32 = 32;
/// What a session keeps is the rest of an answer's chunk and the keys of one page's
/// border: a few MiB. A plugin that needs more than this reads whole answers.
const MEMORY: usize = 64 << 20;
/// A chunk of 64 KiB takes under a millisecond.
const DEADLINE: Duration = Duration::from_secs(10);
/// A call that sleeps in the host makes no ticks, and one that shares its thread with
/// many others makes few; so the clock on the wall allows this much more.
pub(super) const WALL_CLOCK_FACTOR: u32 = 3;
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

/// Starting an instance fills its memories and runs its start functions, which takes milliseconds. It happens before
/// anything is known of a plugin, so it does not have the time of a call.
pub(crate) const START: Duration = Duration::from_secs(5);

// What a component may have before it is compiled. The compiler's time and memory grow with these, some of them with
// the product of two, so a component of a few KiB can take hours. Beside each is the most that any of three plugins
// has: the built-in one (1.4 MB), one in JavaScript (1.9 MB), and one with the interpreter of Python (18 MB).

/// Functions with code, of all modules: each takes about 5 KiB of the compiler, however small. 13,508.
pub(super) const FUNCTIONS: u64 = 50_000;
/// Bytes of one function's code: it is compiled in one piece, in about 1,000 times its size. 426,843.
pub(super) const FUNCTION_BYTES: u64 = 1 << 20;
/// Local variables of one function, its parameters included: five bytes declare 50,000. 273.
pub(super) const LOCALS: u64 = 2_000;
/// Parameters and results of one type of function: two bytes call a function, and each value of the call is compiled.
/// 19.
pub(super) const VALUES: u64 = 128;
/// Blocks within blocks, each of which the compiler has open at the same time. 782.
pub(super) const BLOCK_DEPTH: u64 = 10_000;
/// Instructions of one function, each counted with all values and targets that it passes on. 166,865.
pub(super) const FUNCTION_STEPS: u64 = 2_000_000;
/// Bytes of one function's code, multiplied by the number of its local variables: where many paths meet, the compiler
/// looks at each local on each path. 3,811,818.
pub(super) const FUNCTION_WORK: u64 = 32_000_000;
/// The same of all functions together. 94,367,502.
pub(super) const WORK: u64 = 1_000_000_000;
/// Types, those within types included. 1,744.
pub(super) const TYPES: u64 = 20_000;
/// What is listed in the sections of all modules and components: imports, exports, globals, segments, aliases.
/// 11,503.
pub(super) const ENTRIES: u64 = 200_000;
/// Modules and components, at any depth. 43.
pub(super) const PARTS: u64 = 256;
/// Components within components, each of which the compiler has open. 3, its modules counted.
pub(super) const DEPTH: u64 = 16;
/// Instances of modules and components, each counted as often as it is made: components that make two of one another
/// double them with every few bytes. 115.
pub(super) const INSTANCES: u64 = 1_000;

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
