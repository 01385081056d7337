//! Why a collection failed, and whose fault it is.

use std::io;
use std::time::Duration;

use exhibit_rows::Shown;

use crate::contract::settings::SettingError;
use crate::contract::types::{Error, Instant};
use crate::http::{Diagnosis, RequestError, SendError, SignError};
use crate::plugin::PluginError;

/// Whose fault an error is, and so who can do something about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The call's, or the configuration's, or this machine's.
    Call,
    /// The source's, or the plugin's.
    Source,
}

/// Why a collection failed.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A criterion is missing or wrong.
    #[error(transparent)]
    Criterion(#[from] SettingError),
    /// The plugin cannot go on: it says why, or it failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The plugin wants what it may not have.
    #[error("the plugin's request was refused: {0}")]
    Request(#[from] RequestError),
    /// The plugin wants to change something while it should only look.
    #[error(
        "the plugin's request was refused: it would change something at the source, and only operations may do that"
    )]
    Write,
    /// A request cannot be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// No answer came.
    #[error("{error}{}", after(*attempts))]
    Send {
        /// Why.
        error: SendError,
        /// How often it was tried.
        attempts: u32,
    },
    /// Answers broke off, again and again.
    #[error("the answer of {origin} to {path} broke off: {diagnosis}{}", after(*attempts))]
    BrokenOff {
        /// The origin's URL.
        origin: String,
        /// The request's path.
        path: String,
        /// How.
        diagnosis: Diagnosis,
        /// How often it was tried.
        attempts: u32,
    },
    /// A request that changes something was sent, and what came of it is not known.
    #[error(
        "a request that changes something was sent to {origin}{path}, and its answer did not come: {why}. It is \
         not known whether the source carried it out; it was not sent again"
    )]
    Unknown {
        /// The origin's URL.
        origin: String,
        /// The request's path.
        path: String,
        /// What happened to the answer.
        why: String,
    },
    /// The source wants more time than there is.
    #[error(
        "{}: the source asks for a wait of {seconds} s, but this collection may wait {} s in all and has waited {} s",
        Shown::line(message), limit.as_secs(), waited.as_secs()
    )]
    Wait {
        /// What is being waited for, in the plugin's words.
        message: String,
        /// For how long.
        seconds: u64,
        /// When that would be over.
        until: Instant,
        /// How long it was waited already.
        waited: Duration,
        /// How long it may be waited.
        limit: Duration,
    },
    /// Others had the connection to themselves for as long as this collection may wait.
    #[error(
        "timed out after {} s waiting for other collections on this connection",
        limit.as_secs()
    )]
    Held {
        /// How long it may be waited, for the source and for others together.
        limit: Duration,
    },
    /// It would not have come to an end.
    #[error("stopped: more than {limit} {what}")]
    Endless {
        /// Requests, waits, bytes or rows.
        what: &'static str,
        /// How many were allowed.
        limit: u64,
    },
    /// What was collected cannot be kept.
    #[error("what was collected cannot be written: {0}")]
    Sink(#[from] io::Error),
}

impl CollectError {
    /// Whose fault it is.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Criterion(_)
            | Self::Plugin(PluginError::Said(Error::Invalid(_)))
            | Self::Sign(SignError::NoSecret(_) | SignError::Secret { .. } | SignError::Unfit { .. })
            | Self::Held { .. }
            | Self::Sink(_) => Fault::Call,
            _ => Fault::Source,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<String> {
        let text = match self {
            Self::Send { error, .. } | Self::Sign(SignError::Send(error)) => error.remedy(),
            Self::BrokenOff { diagnosis, .. } | Self::Sign(SignError::BrokenOff { diagnosis, .. }) => {
                diagnosis.trouble.remedy()
            }
            Self::Sign(SignError::NotGiven { .. }) => {
                "check the user name and the password, and the account's rights"
            }
            Self::Unknown { .. } => "check at the source whether it was carried out before you run it again",
            Self::Wait { until, .. } => {
                let until = jiff::Timestamp::from_millisecond(*until).map_or_else(
                    |_| "later".to_owned(),
                    |it| format!("after {}", it.round(jiff::Unit::Second).unwrap_or(it)),
                );
                return Some(format!("run it again {until}, or allow a longer wait"));
            }
            Self::Held { .. } => "run fewer collections on one connection at a time, or allow a longer wait",
            Self::Plugin(PluginError::Said(error)) => {
                return error.problem().remedy.as_deref().map(|it| Shown::line(it).to_string());
            }
            Self::Plugin(PluginError::Over) | Self::Criterion(_) | Self::Sink(_) => {
                return None;
            }
            Self::Plugin(_) | Self::Request(_) | Self::Write | Self::Endless { .. } => {
                "that is a fault of the plugin: update it, or tell its authors"
            }
            Self::Sign(_) => return None,
        };
        Some(text.to_owned())
    }
}

fn after(attempts: u32) -> String {
    if attempts > 1 { format!(" (tried {attempts} times)") } else { String::new() }
}
