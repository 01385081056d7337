//! Why evidence cannot be rendered.

use std::io;

use exhibit::evidence::TooMuch;
use exhibit::{Remedy, disk};
use exhibit_records::Digest;

/// Why evidence cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// It cannot be read.
    #[error("the evidence cannot be read: {0}")]
    Evidence(io::Error),
    /// A file of it is not what it was.
    #[error("{path} was altered since it was written: its digest should be {kept}, and is {found}")]
    Altered {
        /// Which file, from the evidence's folder on.
        path: String,
        /// What it was.
        kept: Digest,
        /// What it is.
        found: Digest,
    },
    /// A run of tests is of something else.
    #[error("{0} belongs to other evidence, or to other rows")]
    OtherEvidence(String),
    /// It has more than is read of evidence.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// No digest of a file is recorded.
    #[error("no digest is known of {0}")]
    Unlisted(String),
    /// There is no such run of tests.
    #[error("the evidence has no run {0} of tests")]
    NoSuchRun(u32),
    /// The format is about tests, and there were none.
    #[error("{0} needs test results, and this evidence has none")]
    Untested(&'static str),
    /// The export cannot be written.
    #[error("the export cannot be written: {0}")]
    Write(io::Error),
}

impl RenderError {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Evidence(error) | Self::Write(error) if disk::is_of_this_machine(error) => {
                Some(Remedy::CheckMachine)
            }
            Self::Evidence(_) => Some(Remedy::NameEvidence),
            Self::Altered { .. } | Self::OtherEvidence(_) | Self::Unlisted(_) => Some(Remedy::DoNotRely),
            Self::TooMuch(_) => Some(Remedy::AllowUnpacked),
            Self::NoSuchRun(_) => Some("see which there are in the folder tests of the evidence".into()),
            Self::Untested(_) => Some(Remedy::Test),
            Self::Write(_) => Some("name another file, or another form of the export".into()),
        }
    }
}

/// The error of a file that does not say what it should.
pub(super) fn invalid(problem: impl Into<String>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem.into())
}
