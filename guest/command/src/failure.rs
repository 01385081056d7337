//! Why a call ended early: what happened, to what, and what to do next.

use std::fmt;
use std::io;

use exhibit_plugin::Error;
use exhibit_rows::Shown;

use crate::exit;

/// Why a call ended early.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    what: String,
    next: Option<String>,
    exit: u8,
}

impl Failure {
    pub(crate) fn call(what: impl ToString) -> Self {
        Self { what: what.to_string(), next: None, exit: exit::CALL }
    }

    pub(crate) fn source(what: impl ToString) -> Self {
        Self { exit: exit::SOURCE, ..Self::call(what) }
    }

    pub(crate) fn next(self, next: impl Into<String>) -> Self {
        Self { next: Some(next.into()), ..self }
    }

    /// The same failure, with another sentence about what is so now.
    pub(crate) fn further(self, what: &str) -> Self {
        Self { what: format!("{}\n{what}", self.what), ..self }
    }

    /// What happened, without what to do next.
    pub(crate) fn what(&self) -> &str {
        &self.what
    }

    pub(crate) fn exit(&self) -> u8 {
        self.exit
    }

    /// The same failure, with a note that the rows written so far are incomplete.
    pub(crate) fn after(self, rows: u64) -> Self {
        match rows {
            0 => self,
            rows => Self {
                what: format!("{}\nthe output is incomplete: rows written so far: {rows}", self.what),
                ..self
            },
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "error: {}", Shown::lines(&self.what))?;
        match &self.next {
            Some(next) => write!(f, "\nnext: {}", Shown::lines(next)),
            None => Ok(()),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let invalid = matches!(error, Error::Invalid(_));
        let problem = error.problem();
        let mut what = problem.message.clone();
        if let Some(code) = &problem.code {
            what.push_str(&format!(" (code {code})"));
        }
        let failure = if invalid { Self::call(what) } else { Self::source(what) };
        Self { next: problem.remedy.clone(), ..failure }
    }
}

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::call(error).next("--help lists the options")
    }
}

/// The result of writing to standard output, as a failure of the call.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    result.map_err(|error| Failure::call(format!("cannot write to standard output: {error}")))
}
