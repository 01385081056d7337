//! Why a collection failed, and whose fault it is.

use std::io;
use std::time::Duration;

use exhibit_rows::Shown;
use exhibit_secrets::SecretError;

use crate::contract::settings::SettingError;
use crate::contract::types::{Error, Instant};
use crate::disk;
use crate::format::{duration, wait};
use crate::http::{RequestError, SendError, SignError, TransportError};
use crate::plugin::PluginError;
use crate::remedy::Remedy;
use crate::retry::{Retry, SOON};

/// HTTP's status where there is no such path.
const NOT_FOUND: u16 = 404;

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
#[non_exhaustive]
pub enum CollectError {
    /// A criterion is missing or wrong.
    #[error(transparent)]
    Criterion(#[from] SettingError),
    /// The plugin cannot go on: it says why, or it failed.
    #[error(transparent)]
    Plugin(#[from] PluginError),
    /// The source failed, or sent what the plugin cannot read, each time that it was asked.
    #[error("{error}{}", after(*attempts))]
    Unreadable {
        /// What the plugin says of the last answer.
        #[source]
        error: PluginError,
        /// How often it was tried.
        attempts: u32,
    },
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
        #[source]
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
        diagnosis: TransportError,
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
        "{}: the source asks for a wait of {}, but this collection may wait {} in all and has waited {}",
        Shown::line(message), duration(*seconds), duration(limit.as_secs()), duration(waited.as_secs())
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
        "timed out waiting for other collections on this connection: all that it may wait is used up, {}",
        duration(limit.as_secs())
    )]
    ConnectionBusy {
        /// How long it may be waited, for the source and for others together.
        limit: Duration,
    },
    /// Whose turn it is at the connection cannot be known, or others cannot be told of a pause.
    #[error("the limiter of the connection failed: {0}")]
    Limiter(#[source] io::Error),
    /// It took longer than it may, though each request was answered in time.
    #[error(
        "stopped: the collection took longer than {}, which is all that it may take; waits that the source asked for are not \
         counted in that", wait(*limit)
    )]
    OutOfTime {
        /// How long it may take.
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
    /// The plugin handed over a secret of the connection: the source repeated it in a form that is not replaced.
    #[error(
        "the plugin handed over a secret of this connection, in {place}: the source repeats it in a form that was not \
         found in its answer. Nothing of the collection is kept"
    )]
    SecretHandedOver {
        /// What it is in: a field and its proof type, or what else. Never the secret.
        place: String,
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
            | Self::Plugin(PluginError::Said(Error::Invalid(_)) | PluginError::NoAddressSpace { .. })
            | Self::Sign(SignError::NoSecret(_) | SignError::Secret { .. } | SignError::Unfit { .. })
            | Self::ConnectionBusy { .. }
            | Self::Limiter(_)
            | Self::Sink(_) => Fault::Call,
            _ => Fault::Source,
        }
    }

    /// Whether what was asked for is wrong, such as a name that fits nothing: the same call is refused again.
    pub fn is_of_the_call(&self) -> bool {
        let refused = matches!(
            self,
            Self::Plugin(PluginError::Said(Error::Invalid(_) | Error::Rejected(_))) | Self::Request(_)
        );
        refused || matches!(self, Self::Criterion(_))
    }

    /// Whether the same collection can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Plugin(error) | Self::Unreadable { error, .. } => error.retry(),
            Self::Sign(error) => error.retry(),
            Self::Send { error, .. } => error.retry(),
            Self::BrokenOff { diagnosis, .. } => diagnosis.kind.retry(),
            Self::Wait { until, .. } => Retry::At(*until),
            // The next call resumes after what this one kept.
            Self::ConnectionBusy { .. } | Self::Limiter(_) | Self::OutOfTime { .. } => Retry::After(SOON),
            Self::Criterion(_) | Self::Unknown { .. } | Self::SecretHandedOver { .. } | Self::Sink(_) => {
                Retry::NeedsPerson
            }
            Self::Request(_) | Self::Write | Self::Endless { .. } => Retry::Never,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        Some(match self {
            Self::Send { error, .. } | Self::Sign(SignError::Send(error)) => error.remedy(),
            Self::BrokenOff { diagnosis, .. } | Self::Sign(SignError::BrokenOff { diagnosis, .. }) => {
                diagnosis.kind.remedy()
            }
            Self::Sign(error @ SignError::NotGiven { .. }) if error.is_passing() => "try again later".into(),
            Self::Sign(SignError::NotGiven { status: NOT_FOUND, .. }) => {
                "check that this is the address of the origin that gives out tokens".into()
            }
            Self::Sign(SignError::NotGiven { .. }) => {
                "check the user name and the password, and the account's rights".into()
            }
            Self::Sign(SignError::Secret { error: SecretError::TimedOut { .. }, .. }) => {
                Remedy::ReadSecretLater
            }
            Self::Sign(SignError::Secret { .. }) => Remedy::MoveSecret,
            Self::Sign(_) => return None,
            Self::Unknown { .. } => {
                "check at the source whether it was carried out before you run it again".into()
            }
            Self::SecretHandedOver { .. } => {
                "replace this secret at the source, as it may be known; find out there why it is in its answers, and do not \
                 pass on what was collected before"
                    .into()
            }
            Self::Wait { until, .. } => Remedy::WaitLonger { until: Some(*until) },
            Self::ConnectionBusy { .. } => Remedy::RunFewer,
            Self::OutOfTime { .. } => Remedy::AllowTime,
            Self::Criterion(SettingError::Missing { name, .. }) => {
                Remedy::GiveCriterion { name: name.clone() }
            }
            Self::Criterion(error) => return error.remedy(),
            Self::Plugin(PluginError::Said(error))
            | Self::Unreadable { error: PluginError::Said(error), .. } => {
                let text = error.problem().remedy.as_deref()?;
                Remedy::PluginSays { text: Shown::line(text).to_string() }
            }
            Self::Plugin(PluginError::NoAddressSpace { .. }) => Remedy::GiveAddressSpace,
            Self::Plugin(PluginError::BudgetUsedUp { .. }) => Remedy::AllowPluginTime,
            Self::Sink(error) | Self::Limiter(error) if disk::is_of_this_machine(error) => {
                Remedy::CheckMachine
            }
            Self::Plugin(PluginError::Over) | Self::Sink(_) | Self::Limiter(_) => return None,
            Self::Plugin(_)
            | Self::Unreadable { .. }
            | Self::Request(_)
            | Self::Write
            | Self::Endless { .. } => Remedy::ReportPlugin,
        })
    }
}

fn after(attempts: u32) -> String {
    if attempts > 1 { format!(" (tried {attempts} times)") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::types::Problem;
    use crate::http::TransportErrorKind;

    fn said(error: fn(Problem) -> Error) -> CollectError {
        let problem = Problem { message: String::new(), remedy: None, code: None, subject: None };
        CollectError::Plugin(PluginError::Said(error(problem)))
    }

    #[test]
    fn says_whether_a_later_collection_can_succeed() {
        let broken = |trouble| CollectError::BrokenOff {
            origin: String::new(),
            path: String::new(),
            diagnosis: TransportError { kind: trouble, why: String::new() },
            attempts: 5,
        };
        let wait = CollectError::Wait {
            message: String::new(),
            seconds: 60,
            until: 1_000,
            waited: Duration::ZERO,
            limit: Duration::ZERO,
        };
        let endless = CollectError::Wait {
            message: "the limit is reached".to_owned(),
            seconds: 1_000_000_000,
            until: i64::MAX,
            waited: Duration::from_secs(90),
            limit: Duration::from_secs(3_900),
        };
        assert_eq!(
            endless.to_string(),
            "the limit is reached: the source asks for a wait of 11574d 01h 46m, but this collection may wait 1h 05m 00s in all \
             and has waited 1m 30s"
        );
        let next = endless.remedy().map(|it| it.to_string());
        assert_eq!(next.as_deref(), Some("run it again later, or allow a longer wait"));
        let unknown =
            CollectError::Unknown { origin: String::new(), path: String::new(), why: String::new() };
        for (error, retry) in [
            (wait, Retry::At(1_000)),
            (unknown, Retry::NeedsPerson),
            (CollectError::ConnectionBusy { limit: Duration::ZERO }, Retry::After(SOON)),
            (CollectError::OutOfTime { limit: Duration::ZERO }, Retry::After(SOON)),
            (CollectError::Endless { what: "pages", limit: 1 }, Retry::Never),
            (broken(TransportErrorKind::BrokenOff), Retry::After(SOON)),
            (broken(TransportErrorKind::Certificate), Retry::NeedsPerson),
            (said(Error::Unavailable), Retry::After(SOON)),
            (said(Error::Denied), Retry::NeedsPerson),
            (said(Error::Malformed), Retry::Never),
        ] {
            assert_eq!(error.retry(), retry, "{error:?}");
        }
    }
}
