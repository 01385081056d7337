//! How commands end that do not fail.

use std::process::ExitCode;

use exhibit::testing::TestRun;

use super::failure::NOT_PASSED;

/// How a command that did what it should ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// All is well.
    Well,
    /// All is well, and something was changed at the source.
    Operated,
    /// A test did not pass.
    NotPassed,
}

impl Done {
    /// What came of tests.
    pub(super) fn of(held: &TestRun) -> Self {
        if held.run.passed() { Self::Well } else { Self::NotPassed }
    }

    pub(super) fn code(self) -> ExitCode {
        match self {
            Self::Well | Self::Operated => ExitCode::SUCCESS,
            Self::NotPassed => ExitCode::from(NOT_PASSED),
        }
    }
}
