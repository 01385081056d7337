//! What can go wrong with a plugin.

use std::fmt;
use std::time::Duration;

use exhibit_rows::Shown;

use crate::contract::types::{self, Problem};
use crate::format::wait;
use crate::retry::{Retry, SOON};

/// Why a plugin cannot go on. The session is over, except after [`PluginError::Said`].
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PluginError {
    /// It says so itself.
    #[error("{}", Said(.0))]
    Said(types::Error),
    /// It panicked, or did what WebAssembly does not allow.
    #[error("the plugin crashed in `{call}`: {why}{}", Stderr(stderr))]
    Trapped {
        /// The call of the contract that it crashed in.
        call: &'static str,
        /// What the sandbox says.
        why: String,
        /// The last that the plugin wrote to standard error.
        stderr: String,
    },
    /// It did not come back.
    #[error("the plugin did not return from `{call}` within {}", wait(*after))]
    TimedOut {
        /// The call of the contract that did not end.
        call: &'static str,
        /// How long it was let run.
        after: Duration,
    },
    /// All its calls together took longer than they may, though each of them came back in time.
    #[error(
        "the plugin's calls together took longer than {}, which is all that they may take; the last one was `{call}`",
        wait(*limit)
    )]
    BudgetUsedUp {
        /// The call of the contract that was the last.
        call: &'static str,
        /// How long all of them may take.
        limit: Duration,
    },
    /// It wanted more memory than a session may have.
    #[error("the plugin exceeded its {} MiB of memory in `{call}`{}", limit >> 20, Stderr(stderr))]
    OutOfMemory {
        /// The call of the contract that it grew in.
        call: &'static str,
        /// Bytes.
        limit: usize,
        /// The last that the plugin wrote to standard error.
        stderr: String,
    },
    /// It gave back what the contract does not allow.
    #[error("the plugin broke the contract in `{call}`: {what}")]
    Broke {
        /// The call of the contract that it answered so.
        call: &'static str,
        /// What it did.
        what: String,
    },
    /// Its functions have other types than those of the contract's version that it says it has.
    #[error("the plugin's functions have other types than the contract's: {0}")]
    OtherTypes(String),
    /// This machine has no room for its memory: nothing is wrong with the plugin.
    #[error("this machine has no address space left for the plugin in `{call}`: {why}")]
    NoAddressSpace {
        /// The call of the contract that it grew in, or `start`.
        call: &'static str,
        /// What the system says.
        why: String,
    },
    /// It could not be started at all.
    #[error("the plugin cannot be started: {0}")]
    Unstartable(String),
    /// An earlier error ended this session.
    #[error("this session of the plugin ended with an earlier error: open another")]
    Over,
}

impl PluginError {
    /// Whether it is of the answer that the plugin was given: to the same request it may be another one the next time.
    pub(crate) fn is_of_the_answer(&self) -> bool {
        matches!(self, Self::Said(types::Error::Unavailable(_) | types::Error::Malformed(_)))
    }

    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Said(error) => error.retry(),
            // Somebody has to allow more.
            Self::Unstartable(_) | Self::BudgetUsedUp { .. } => Retry::NeedsPerson,
            // Other sessions and programs give back what they have.
            Self::NoAddressSpace { .. } => Retry::After(SOON),
            Self::OtherTypes(_)
            | Self::Trapped { .. }
            | Self::TimedOut { .. }
            | Self::OutOfMemory { .. }
            | Self::Broke { .. }
            | Self::Over => Retry::Never,
        }
    }
}

impl types::Error {
    /// Whether the source can give another answer later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Unavailable(_) => Retry::After(SOON),
            Self::Denied(_) | Self::Unlicensed(_) | Self::Invalid(_) => Retry::NeedsPerson,
            Self::Rejected(_) | Self::Malformed(_) => Retry::Never,
        }
    }

    /// What the plugin has to say, whatever the case.
    pub fn problem(&self) -> &Problem {
        match self {
            Self::Denied(it)
            | Self::Unlicensed(it)
            | Self::Invalid(it)
            | Self::Rejected(it)
            | Self::Unavailable(it)
            | Self::Malformed(it) => it,
        }
    }
}

/// The plugin's own words.
struct Said<'a>(&'a types::Error);

impl fmt::Display for Said<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Problem { message, code, subject, .. } = self.0.problem();
        Shown::line(message).fmt(f)?;
        match (code, subject) {
            (None, None) => Ok(()),
            (Some(code), None) => write!(f, " (code {})", Shown::line(code)),
            (None, Some(subject)) => write!(f, " [{}]", Shown::line(subject)),
            (Some(code), Some(subject)) => {
                write!(f, " (code {}) [{}]", Shown::line(code), Shown::line(subject))
            }
        }
    }
}

/// The end of an error text that what the plugin wrote belongs to.
struct Stderr<'a>(&'a str);

impl fmt::Display for Stderr<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Rust's advice on backtraces is of no use to who cannot set the plugin's environment.
        let lines = self.0.lines().filter(|it| !it.starts_with("note: run with `RUST_BACKTRACE"));
        let text = lines.collect::<Vec<_>>().join("\n");
        if text.trim().is_empty() {
            return Ok(());
        }
        write!(f, "; it wrote: {}", Shown::line(text.trim()))
    }
}
