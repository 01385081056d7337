//! What can be wrong with the tests that people write.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::{fmt, io};

use exhibit_rows::{ShowPath as _, Shown};

use crate::remedy::Remedy;

use super::place::Place;

/// Why there is no suite of tests.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SuiteError {
    /// The file is not there, or may not be read.
    #[error("the tests in {} cannot be read: {why}", file.shown())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the system says.
        #[source]
        why: io::Error,
    },
    /// More than any file of tests has.
    #[error("{} has more than {} KiB, the most that a file of tests may have", file.shown(), limit >> 10)]
    TooLarge {
        /// The file.
        file: PathBuf,
        /// Bytes.
        limit: u64,
    },
    /// The file is no TOML.
    #[error("{0}")]
    NotToml(Fault),
    /// The file is TOML, and says what makes no sense.
    #[error("{0}")]
    Senseless(Fault),
    /// There is no test of the proof type.
    #[error("{}", nothing(.wanted.as_deref(), .found))]
    NoTests {
        /// The proof type; `None` where any would have done.
        wanted: Option<String>,
        /// The proof types that there are tests of.
        found: BTreeSet<String>,
    },
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub(super) what: String,
    /// None where it is not in a file: with a plugin's own tests.
    pub(super) at: Option<Box<Place>>,
    /// Another place that has to do with it, and how.
    pub(super) beside: Option<Box<(&'static str, Place)>>,
    pub(super) remedy: Option<Remedy>,
}

impl SuiteError {
    /// What to do about it.
    pub fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::Unreadable { .. } => "name a TOML file that can be read".into(),
            Self::TooLarge { .. } => "split it: tests may come from several files at once".into(),
            Self::NotToml(fault) | Self::Senseless(fault) => return fault.remedy.clone(),
            Self::NoTests { wanted: Some(wanted), found } if found.is_empty() => {
                Remedy::SuggestTests { proof_type: Shown::line(wanted).to_string() }
            }
            Self::NoTests { found, .. } if found.is_empty() => "begin each test with [[test]]".into(),
            Self::NoTests { .. } => {
                "collect one of those, or name the proof type in the test's `proof`".into()
            }
        })
    }

    /// Where it is, where it is in a file.
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::NotToml(fault) | Self::Senseless(fault) => fault.at.as_deref(),
            Self::Unreadable { .. } | Self::TooLarge { .. } | Self::NoTests { .. } => None,
        }
    }
}

impl Fault {
    pub(super) fn new(what: impl Into<String>, at: Place) -> Self {
        Self { what: what.into(), at: Some(Box::new(at)), beside: None, remedy: None }
    }

    pub(super) fn next(self, remedy: impl Into<Remedy>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Shown::line(&self.what).fmt(f)?;
        if let Some(place) = &self.at {
            write!(f, "\n{place}")?;
        }
        if let Some((what, place)) = self.beside.as_deref() {
            write!(f, "\n{what}:\n{place}")?;
        }
        Ok(())
    }
}

fn nothing(wanted: Option<&str>, found: &BTreeSet<String>) -> String {
    let of = wanted.map_or_else(String::new, |it| format!(" of the proof type `{}`", Shown::line(it)));
    if found.is_empty() {
        return format!("there is no test{of}");
    }
    let found: Vec<String> = found.iter().map(|it| format!("`{}`", Shown::line(it))).collect();
    format!("there is no test{of}: those that are there are of {}", found.join(", "))
}
