//! Why a component was not compiled.

use std::io;
use std::time::Duration;

use crate::format::wait;

/// Why a component was not compiled.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CompileError {
    /// The compiler refuses it: it is not valid, or has what this host does not run.
    #[error("{0}")]
    Refused(String),
    /// The compiler had no more memory.
    #[error("the compiler needs more than the {} MiB of memory that it may have", limit >> 20)]
    Memory {
        /// Bytes.
        limit: u64,
    },
    /// The compiler did not finish.
    #[error("the compiler needs more than the {} that it may take", wait(*limit))]
    Time {
        /// Time of the processor, or three times as long by the clock.
        limit: Duration,
    },
    /// The compiler made too much of it.
    #[error("the compiler makes more than {limit} bytes of it")]
    Output {
        /// Bytes.
        limit: u64,
    },
    /// The compiler crashed.
    #[error("the compiler crashed: {0}")]
    Crashed(String),
    /// This machine has no room for the compiler: nothing is wrong with the component.
    #[error("{0}")]
    NoAddressSpace(String),
    /// The process of the compiler cannot be started, or is another program.
    #[error("the compiler cannot be run in a process of its own: {0}")]
    Process(#[source] io::Error),
}
