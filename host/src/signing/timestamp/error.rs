//! Why a reply is no time stamp, or not to be believed.

use exhibit_rows::Shown;

use crate::randomness::NoRandomness;

/// Why a reply is no time stamp, or not to be believed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TimestampError {
    /// The request was refused.
    #[error("the authority refused: {}", Shown::line(.0))]
    Refused(String),
    /// It cannot be read.
    #[error("this is no RFC 3161 time stamp: {0}")]
    Form(String),
    /// It is of something else.
    #[error("the time stamp does not match this evidence")]
    OtherDigest,
    /// It answers another request.
    #[error("the time stamp is the answer to another request")]
    OtherNonce,
    /// Its signature is of a kind that this program does not check: which, as a sentence.
    #[error("{}, which cannot be checked here", Shown::line(.0))]
    OtherKey(String),
    /// Not signed by a trusted certificate.
    #[error("the time stamp is not signed by a trusted certificate: {}", Shown::line(.0))]
    Untrusted(String),
    /// See [`NoRandomness`].
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
}

impl TimestampError {
    pub(super) fn form(error: impl ToString) -> Self {
        Self::Form(error.to_string())
    }
}
