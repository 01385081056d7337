//! What can go wrong with a plugin.

use std::fmt;
use std::time::Duration;

use exhibit_rows::Shown;

use crate::contract::ManifestError;
use crate::contract::types::{self, Problem};
use crate::retry::{Retry, SOON};

/// Why a component is no plugin for this host.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// More bytes than a plugin may have.
    #[error("the component has {size} bytes, and a plugin may have at most {limit}")]
    TooLarge {
        /// Bytes.
        size: usize,
        /// Bytes.
        limit: usize,
    },
    /// No WebAssembly component, or one that this host cannot compile.
    #[error("this is no WebAssembly component that can run here: {0}")]
    NotAComponent(String),
    /// It wants more of the host than WASI, linked empty.
    #[error(
        "the component imports `{0}`, which a plugin is not given: it may import nothing but what \
         WASI's standard library brings along"
    )]
    Imports(String),
    /// It exports no contract.
    #[error(
        "the component exports no `{interface}`, so it is no plugin; it should export the world \
         `exhibit:plugin/plugin@{speaks}`"
    )]
    NoContract {
        /// The interface that is missing.
        interface: String,
        /// The version that this host speaks.
        speaks: &'static str,
    },
    /// It is of a line of the contract that is older than those that this host runs, or between them.
    #[error(
        "the plugin is of {}, and this host runs {}: rebuild the plugin against such a line, or use an \
         older exhibit", Of { line, found }, Lines(runs)
    )]
    TooOld {
        /// The plugin's version.
        found: String,
        /// The name of its line, such as `0.0.9`; that of a draft is its version.
        line: String,
        /// The names of the lines that this host runs, as in `0.1 and 0.2`.
        runs: String,
    },
    /// It is of a line of the contract that is newer than those that this host runs.
    #[error(
        "the plugin is of {}, and this host runs {}: update this program to a version that runs the plugin's",
        Of { line, found }, Lines(runs)
    )]
    TooNew {
        /// The plugin's version.
        found: String,
        /// The name of its line, such as `0.2`; that of a draft is its version.
        line: String,
        /// The names of the lines that this host runs, as in `0.1 and 0.2`.
        runs: String,
    },
    /// Its exports have the right names and the wrong types.
    #[error("the plugin's exports are not those of the contract, version {speaks}: {why}")]
    OtherTypes {
        /// The version that this host has of the plugin's line.
        speaks: &'static str,
        /// What differs.
        why: String,
    },
    /// It could not say what it is.
    #[error("the plugin cannot describe itself: {0}")]
    Describe(#[source] PluginError),
    /// What it says about itself makes no sense.
    #[error("the plugin's manifest is invalid: {0}")]
    Manifest(#[from] ManifestError),
}

impl LoadError {
    /// Whether the operator probably meant another file: it is no plugin at all, rather
    /// than one with a fault or of another version.
    pub fn is_of_the_call(&self) -> bool {
        match self {
            Self::TooLarge { .. } | Self::NotAComponent(_) | Self::Imports(_) | Self::NoContract { .. } => {
                true
            }
            Self::TooOld { .. }
            | Self::TooNew { .. }
            | Self::OtherTypes { .. }
            | Self::Describe(_)
            | Self::Manifest(_) => false,
        }
    }
}

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
    #[error("the plugin did not return from `{call}` within {} s", after.as_secs_f32())]
    TimedOut {
        /// The call of the contract that did not end.
        call: &'static str,
        /// How long it was let run.
        after: Duration,
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
    /// It could not be started at all.
    #[error("the plugin cannot be started: {0}")]
    Unstartable(String),
    /// An earlier error ended this session.
    #[error("this session of the plugin ended with an earlier error: open another")]
    Over,
}

impl PluginError {
    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Said(error) => error.retry(),
            Self::Unstartable(_) => Retry::NeedsPerson,
            Self::Trapped { .. }
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

/// What a plugin was built against, in a sentence.
struct Of<'a> {
    line: &'a str,
    found: &'a str,
}

impl fmt::Display for Of<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, found } = self;
        match line {
            _ if line != found => write!(f, "line {line} of the contract (version {found})"),
            _ if line.contains('-') => write!(f, "the draft {found} of the contract, which is of no line"),
            _ => write!(f, "line {line} of the contract"),
        }
    }
}

/// The lines that a host runs, in a sentence.
struct Lines<'a>(&'a str);

impl fmt::Display for Lines<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.0.contains(' ') { "lines" } else { "line" };
        write!(f, "{word} {}", self.0)
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
