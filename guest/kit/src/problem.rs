//! Constructors of the contract's errors.

use crate::contract::types::{Error, Problem};

fn problem(message: impl Into<String>) -> Problem {
    Problem { message: message.into(), remedy: None, code: None, subject: None }
}

/// Wrong credentials, or a right is missing: a person must act.
pub fn denied(message: impl Into<String>) -> Error {
    Error::Denied(problem(message))
}

/// The account lacks a module or a licence.
pub fn unlicensed(message: impl Into<String>) -> Error {
    Error::Unlicensed(problem(message))
}

/// The host's request makes no sense.
pub fn invalid(message: impl Into<String>) -> Error {
    Error::Invalid(problem(message))
}

/// The source refused the request as wrong.
pub fn rejected(message: impl Into<String>) -> Error {
    Error::Rejected(problem(message))
}

/// The source is down: later may work.
pub fn unavailable(message: impl Into<String>) -> Error {
    Error::Unavailable(problem(message))
}

/// The answer is not what the source documents.
pub fn malformed(message: impl Into<String>) -> Error {
    Error::Malformed(problem(message))
}

impl Error {
    /// The same error, with what to do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.problem_mut().remedy = Some(remedy.into());
        self
    }

    /// The same error, with the source's own code.
    #[must_use]
    pub fn code(mut self, code: impl ToString) -> Self {
        self.problem_mut().code = Some(code.to_string());
        self
    }

    /// The same error, with what it is about.
    #[must_use]
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.problem_mut().subject = Some(subject.into());
        self
    }

    /// The problem that it reports.
    pub fn problem(&self) -> &Problem {
        match self {
            Self::Denied(it)
            | Self::Unlicensed(it)
            | Self::Invalid(it)
            | Self::Rejected(it)
            | Self::Unavailable(it)
            | Self::Malformed(it) => it,
        }
    }

    fn problem_mut(&mut self) -> &mut Problem {
        match self {
            Self::Denied(it)
            | Self::Unlicensed(it)
            | Self::Invalid(it)
            | Self::Rejected(it)
            | Self::Unavailable(it)
            | Self::Malformed(it) => it,
        }
    }
}
