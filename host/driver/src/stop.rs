//! Why a collection ends before its session says that it is done.

/// Why a collection ends early. What failed last, its user knows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stop {
    /// The session asks for a request that changes something at the source, and only operations may do that.
    #[error("a request that would change something at the source")]
    Write,
    /// The answer to a request that changes something is missing or incomplete, and the session asks for another such
    /// request instead of finding out what became of it.
    #[error("the result of a request that changes something is unknown")]
    UnknownResult,
    /// Another attempt at the request would not help, or there were enough of them.
    #[error("gave up after {attempts} attempts")]
    GaveUp {
        /// How many there were.
        attempts: u32,
    },
    /// The answer to a request was not what it should be, each time.
    #[error("the answer could not be read in {attempts} attempts")]
    Unreadable {
        /// How many there were.
        attempts: u32,
    },
    /// It would not end by itself.
    #[error("more than {limit} {what}")]
    Endless {
        /// Requests, waits in a row, bytes or rows.
        what: &'static str,
        /// How many are allowed.
        limit: u64,
    },
    /// The session's own count is not what it handed over.
    #[error("{0}")]
    Miscounted(String),
    /// The user of the driver reported what cannot follow the last output: a defect of that user.
    #[error("{0} was reported out of order")]
    OutOfOrder(&'static str),
}
