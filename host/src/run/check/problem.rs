//! Why an account may not do something, as far as is known.

use std::time::Duration;

use crate::collect::CollectError;
use crate::contract::types::Error;
use crate::format::wait;
use crate::http::SignError;
use crate::plugin::PluginError;
use crate::remedy::Remedy;

/// HTTP's status for credentials that are not known.
pub(super) const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;

/// Why something cannot be collected or carried out, as far as is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckProblem {
    /// It was tried.
    #[error(transparent)]
    Failed(#[from] CollectError),
    /// It was tried, and nothing came back for as long as a check waits.
    #[error("{origin} gave no answer within {}{}", wait(*after), because(why.as_ref()))]
    NoAnswer {
        /// The origin's URL.
        origin: String,
        /// How long it was waited for.
        after: Duration,
        /// What the last attempt that ended failed of.
        why: Option<String>,
    },
    /// An operation that needs the same rights was tried.
    #[error("{what}")]
    AsAnother {
        /// Its name.
        name: String,
        /// What it failed of.
        what: String,
        /// What to do next.
        next: Option<Remedy>,
        /// Whether the account may not, as it is with [`CheckProblem::is_refusal`].
        refused: bool,
    },
    /// It was not tried: what another one failed of is in its way, too.
    #[error("not tried: {0}")]
    NotTried(NotTried),
}

/// Why something was not tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTried {
    /// The account was refused for another one, and to try it again might lock it.
    #[error("the credentials were refused")]
    Refused,
    /// The origin that it is asked of was not reached for another one.
    #[error("{0} was not reached")]
    Unreached(String),
    /// Its requests are signed as those that could not be signed for another one.
    #[error("its requests cannot be signed")]
    Unsigned,
    /// The check had taken as long as it may before.
    #[error("the check had taken {} before it came to this", wait(*.0))]
    NoTime(Duration),
    /// The plugin cannot tell without a change.
    #[error("the plugin cannot tell without a change at the source")]
    NoProbe,
}

impl CheckProblem {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Failed(error) => error.remedy(),
            Self::NoAnswer { .. } => Some(Remedy::CheckFirewall),
            Self::AsAnother { next, .. } => next.clone(),
            Self::NotTried(_) => None,
        }
    }

    /// Whether the source says that the account may not: a right or a licence is missing, or the account is refused. Otherwise it
    /// is not known whether it may.
    pub fn is_refusal(&self) -> bool {
        match self {
            Self::Failed(CollectError::Plugin(PluginError::Said(
                Error::Denied(_) | Error::Unlicensed(_),
            ))) => true,
            Self::Failed(CollectError::Sign(error)) => is_login_refused(error),
            Self::AsAnother { refused, .. } => *refused,
            Self::Failed(_) | Self::NoAnswer { .. } | Self::NotTried(_) => false,
        }
    }
}

fn because(why: Option<&String>) -> String {
    why.map(|it| format!("; the last attempt: {it}")).unwrap_or_default()
}

/// Whether no token was given because the login is refused.
pub(super) fn is_login_refused(error: &SignError) -> bool {
    matches!(error, SignError::NotGiven { status: UNAUTHORIZED | FORBIDDEN, .. })
}
