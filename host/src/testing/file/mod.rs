//! Files of tests, which people write: TOML, of one test or many, for one proof type or
//! several.
//!
//! A [`Suite`] is the tests of one proof type, from the plugin and from files. What makes no
//! sense in a file is refused with its place in it and what to do about it.

mod control;
mod error;
mod literal;
mod meaning;
mod operator;
mod place;
mod pointer;
mod read;
mod schema;
mod serde_words;
mod suite;
mod threshold;
mod write;
mod written;

use std::convert::Infallible;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use exhibit_rows::ShowPath as _;

pub use self::error::{Fault, SuiteError};
pub use self::place::Place;
pub use self::schema::schema;
pub use self::suite::Suite;
pub use self::threshold::{ALL as ALL_ROWS, write as percent};
pub use self::write::write;

/// How the command line and the configuration name the plugin's own tests.
const SUGGESTED: &str = "suggested";

/// Where tests come from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Source {
    /// Those that the plugin suggests for its proof type.
    Suggested,
    /// A file.
    File(PathBuf),
}

impl FromStr for Source {
    type Err = Infallible;

    /// `suggested`, or a path: `./suggested` is a file.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(if text == SUGGESTED { Self::Suggested } else { Self::File(text.into()) })
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Suggested => f.write_str(SUGGESTED),
            Self::File(path) => path.shown().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
