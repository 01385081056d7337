//! Why evidence cannot be tested.

use std::io;

use exhibit_records::Digest;
use exhibit_rows::Shown;

use crate::collect::Fault;
use crate::contract::types::Error;
use crate::disk::{self, KeepError};
use crate::plugin::PluginError;
use crate::remedy::Remedy;
use crate::retry::Retry;

/// Why evidence cannot be tested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestError {
    /// The plugin is not of this evidence, or of another time.
    #[error(
        "this evidence is of the proof type `{}`, which the plugin {plugin} does not have",
        Shown::line(name)
    )]
    NoType {
        /// The evidence's proof type.
        name: String,
        /// The plugin's id.
        plugin: String,
    },
    /// The plugin is another one than that of this evidence.
    #[error("this evidence is of the plugin `{}`, and {plugin} does not judge it", Shown::line(evidence))]
    OtherPlugin {
        /// The id of the plugin that collected it.
        evidence: String,
        /// The id of this one.
        plugin: String,
    },
    /// The evidence was collected before there was such a field.
    #[error("a test uses the field `{0}`, which this evidence does not have")]
    NoField(String),
    /// The evidence is not what it was.
    #[error("{path} was altered since it was collected: proof.json has {kept}, and it is {found}")]
    Altered {
        /// Which file.
        path: &'static str,
        /// What it was.
        kept: Digest,
        /// What it is.
        found: Digest,
    },
    /// The evidence is not whole.
    #[error("proof.json does not list {0}")]
    Unlisted(&'static str),
    /// It cannot be read.
    #[error("the evidence cannot be read: {0}")]
    Evidence(io::Error),
    /// The plugin refuses a test, or failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The last run is not what it was.
    #[error("the last run cannot be read for comparison: {0}")]
    Earlier(io::Error),
    /// Runs would go elsewhere.
    #[error("{0} is a link, and a run is kept in the evidence's own folder")]
    Linked(String),
    /// What came of it cannot be written.
    #[error("the test results cannot be written: {0}")]
    Write(#[from] io::Error),
    /// The same.
    #[error(transparent)]
    Keep(KeepError),
}

impl From<KeepError> for TestError {
    fn from(error: KeepError) -> Self {
        match error {
            KeepError::Io(error) => Self::Write(error),
            error => Self::Keep(error),
        }
    }
}

impl TestError {
    /// Whether the same tests can run later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Plugin(error) => error.retry(),
            _ => Retry::NeedsPerson,
        }
    }

    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Plugin(PluginError::Said(Error::Invalid(_))) => Fault::Call,
            Self::Plugin(_) => Fault::Source,
            _ => Fault::Call,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::NoType { .. } | Self::OtherPlugin { .. } => Remedy::NamePluginOfEvidence,
            Self::NoField(_) => "collect the proof again, or leave that test out".into(),
            Self::Altered { .. } | Self::Unlisted(_) => Remedy::DoNotRely,
            Self::Evidence(error) | Self::Earlier(error) if disk::is_of_this_machine(error) => {
                Remedy::CheckMachine
            }
            Self::Evidence(_) => Remedy::NameEvidence,
            Self::Earlier(_) => "take that run from where it was kept, or move it out of its folder".into(),
            Self::Linked(_) | Self::Keep(KeepError::NotAFolder(_)) => Remedy::MoveAwayOrDryRun,
            Self::Write(_) => Remedy::MakeRoomOrDryRun,
            Self::Keep(error) => return error.remedy(),
            Self::Plugin(PluginError::Said(error)) => {
                let text = error.problem().remedy.as_deref()?;
                Remedy::PluginSays { text: Shown::line(text).to_string() }
            }
            Self::Plugin(PluginError::BudgetUsedUp { .. }) => Remedy::AllowPluginTime,
            Self::Plugin(_) => Remedy::ReportPlugin,
        })
    }
}
