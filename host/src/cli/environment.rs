//! The one place of the command line that reads environment variables. Everything else
//! is told what they say.

use std::env;
use std::path::PathBuf;

/// What the environment says to this program. Secrets are read where they are used, and
/// the variables of proxies and certificates by the HTTP client.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment {
    /// `NO_COLOR`, or a terminal that has none.
    pub(super) no_colour: bool,
    /// Where compiled plugins are kept.
    pub(super) cache: Option<PathBuf>,
}

impl Environment {
    pub(super) fn read() -> Self {
        let set = |name| env::var_os(name).filter(|it| !it.is_empty());
        let folder = |name| set(name).map(PathBuf::from).filter(|it| it.is_absolute());
        let cache = folder("XDG_CACHE_HOME")
            .or_else(|| folder("LOCALAPPDATA"))
            .or_else(|| folder("HOME").map(|it| it.join(".cache")));
        Self {
            no_colour: set("NO_COLOR").is_some() || set("TERM").is_some_and(|it| it == "dumb"),
            cache: cache.map(|it| it.join("exhibit").join("plugins")),
        }
    }
}
