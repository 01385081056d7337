//! Why a request cannot be signed.

use exhibit_secrets::SecretError;

use crate::retry::{Retry, SOON};

use super::request::RequestError;
use super::send_error::SendError;
use super::transport_error::TransportError;

/// HTTP's statuses of a source that may answer later.
const TOO_MANY_REQUESTS: u16 = 429;
const SERVER_ERROR: u16 = 500;

/// Why a request could not be signed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The plugin wants a signature that its manifest does not know.
    #[error("the plugin asked to sign with `{0}`, which its manifest does not declare")]
    UnknownAuth(String),
    /// The connection has no such secret.
    #[error("the secret `{0}` is missing, and the source requires it: name one")]
    NoSecret(String),
    /// A secret cannot be read.
    #[error("the secret `{name}`: {error}")]
    Secret {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        error: SecretError,
    },
    /// A secret cannot be part of a signature.
    #[error("the secret `{name}` cannot be used: {why}")]
    Unfit {
        /// Its name.
        name: String,
        /// Why.
        why: &'static str,
    },
    /// The exchange that the manifest describes cannot be made.
    #[error("the token exchange cannot be made: {0}")]
    Exchange(#[from] RequestError),
    /// The exchange got no answer.
    #[error("no token: {0}")]
    Send(#[from] SendError),
    /// The answer broke off.
    #[error("no token: the answer of {origin} broke off: {diagnosis}")]
    BrokenOff {
        /// The origin's URL.
        origin: String,
        /// How.
        diagnosis: TransportError,
    },
    /// The source gives no token for these secrets.
    #[error("{origin} gave no token: HTTP {status}")]
    NotGiven {
        /// The origin's URL.
        origin: String,
        /// The answer's status.
        status: u16,
    },
    /// What it gave is no token.
    #[error("{origin} sent an unusable token: {why}")]
    NotAToken {
        /// The origin's URL.
        origin: String,
        /// What is wrong with it.
        why: &'static str,
    },
}

impl SignError {
    /// Whether the same request can be signed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Send(error) => error.retry(),
            Self::BrokenOff { diagnosis, .. } => diagnosis.kind.retry(),
            // The backend may be asleep or out of reach: it is the place that failed, not what is there.
            Self::Secret { error: SecretError::TimedOut { .. }, .. } => Retry::After(SOON),
            Self::UnknownAuth(_) | Self::Exchange(_) | Self::NotAToken { .. } => Retry::Never,
            // The place that gives out tokens has too much to do, or is closed.
            Self::NotGiven { status: TOO_MANY_REQUESTS | SERVER_ERROR.., .. } => Retry::After(SOON),
            Self::NoSecret(_) | Self::Secret { .. } | Self::Unfit { .. } | Self::NotGiven { .. } => {
                Retry::NeedsPerson
            }
        }
    }

    /// Whether it is worth while to ask for the token again at once, without a person.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self, Self::NotGiven { .. } | Self::BrokenOff { .. })
            && matches!(self.retry(), Retry::After(_))
    }
}
