//! Errors as people and machines read them: what happened, to what, and what to do next.

use std::process::ExitCode;

use exhibit::Remedy;
use exhibit::collect::spool::WriteState;
use exhibit::collect::{CollectError, ConnectionError, Fault};
use exhibit::contract::settings::SettingError;
use exhibit::disk::KeepError;
use exhibit::evidence::format_instant;
use exhibit::format::counted;
use exhibit::run::{BundleError, MergeFailure, VerifyFailure};
use exhibit::signing::{KeyError, NotAPublicKey};
use exhibit::store::{ObjectsError, OpenError, StoreError};
use exhibit::testing::TestError;
use exhibit::testing::file::SuiteError;
use exhibit_inventory::{EvidenceError, InventoryError};
use exhibit_render::RenderError;
use exhibit_rows::{ShowPath as _, Shown};
use exhibit_state::StateError;

use super::output::{self, FailureOutput};
use super::remedy::sentence;
use super::terminal::{Terminal, shown_lines};
use super::under_way::UnderWay;

/// A test failed, or could not be judged.
pub(super) const NOT_PASSED: u8 = 1;
/// Something is wrong with the call, the configuration or this machine.
pub(super) const CALL: u8 = 2;
/// The source or the plugin failed.
pub(super) const SOURCE: u8 = 3;
/// What shells give to whoever is interrupted.
pub(super) const STOPPED: u8 = 130;

/// Why a command ended early.
#[derive(Debug)]
pub(super) struct Failure {
    /// What happened, and to what.
    what: String,
    /// During what it happened.
    during: Option<String>,
    /// What to do next.
    next: Option<String>,
    exit: u8,
}

impl Failure {
    pub(super) fn call(what: impl ToString) -> Self {
        Self { what: what.to_string(), during: None, next: None, exit: CALL }
    }

    pub(super) fn source(what: impl ToString) -> Self {
        Self { exit: SOURCE, ..Self::call(what) }
    }

    pub(super) fn not_passed(what: impl ToString) -> Self {
        Self { exit: NOT_PASSED, ..Self::call(what) }
    }

    /// While this was under way.
    pub(super) fn stopped(under_way: &UnderWay) -> Self {
        let stopped = |what: String| Self { exit: STOPPED, ..Self::call(what) };
        match under_way {
            UnderWay::Nothing | UnderWay::Collection(0) => {
                stopped("stopped; nothing of what was under way is kept".to_owned())
            }
            UnderWay::Collection(kept) => {
                let kept_pages = kept_for_a_day(*kept, " of the collection");
                stopped(format!("stopped; {kept_pages}")).resumed_after(*kept)
            }
            UnderWay::Operation { subject, write, place } => {
                let what = match was_sent(write, subject) {
                    None => "stopped before anything was sent that changes the source".to_owned(),
                    Some(sent) => format!("stopped after something was {sent}"),
                };
                stopped(what).next(resumed_operation(write, place))
            }
        }
    }

    /// After an operation had sent something: no exit code then says that nothing was done.
    pub(super) fn after_write(self, write: &WriteState, subject: &str) -> Self {
        match was_sent(write, subject) {
            None => self,
            Some(sent) => {
                let what = format!("{}\nBefore that, something was {sent}", self.what);
                Self { what, exit: SOURCE, ..self }
            }
        }
    }

    /// So many pages of a collection that failed are kept.
    pub(super) fn resumed_after(self, kept: u64) -> Self {
        if kept == 0 {
            return self;
        }
        let resume = "the same command resumes there; with --fresh it starts over";
        match &self.next {
            Some(next) => {
                let kept = kept_for_a_day(kept, "");
                let next = format!("{next}; {kept}, and the same command resumes there");
                self.next(next)
            }
            None => self.next(resume),
        }
    }

    pub(super) fn during(mut self, what: impl Into<String>) -> Self {
        self.during = Some(what.into());
        self
    }

    pub(super) fn next(mut self, what: impl Into<String>) -> Self {
        self.next = Some(what.into());
        self
    }

    /// More of what to do next.
    pub(super) fn further(mut self, what: &str) -> Self {
        self.next = Some(match self.next {
            Some(next) => format!("{next}: {what}"),
            None => what.to_owned(),
        });
        self
    }

    /// Of a command that has changed something at the source: its exit code does not say that nothing was done.
    pub(super) fn of_source(self) -> Self {
        Self { exit: SOURCE, ..self }
    }

    /// Another sentence of what to do next.
    pub(super) fn further_sentence(mut self, what: &str) -> Self {
        self.next = Some(match self.next {
            Some(next) => format!("{next}; {what}"),
            None => what.to_owned(),
        });
        self
    }

    /// The same exit code, for something larger.
    pub(super) fn instead(self, what: impl Into<String>) -> Self {
        Self { what: what.into(), during: None, next: None, exit: self.exit }
    }

    /// What happened, in one line.
    pub(super) fn what(&self) -> &str {
        &self.what
    }

    /// What to do, where it is known.
    pub(super) fn remedy(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// Writes it to standard error. Gives the exit code.
    pub(super) fn report(&self, terminal: &Terminal) -> ExitCode {
        terminal.tell(&if terminal.json() { self.json() } else { self.text(terminal) });
        ExitCode::from(self.exit)
    }

    pub(super) fn text(&self, terminal: &Terminal) -> String {
        let mut text = format!("{} {}", terminal.alarm("error:"), shown_lines(&self.what));
        if let Some(during) = &self.during {
            text.push_str(&format!("\n  while {}", shown_lines(during)));
        }
        if let Some(next) = &self.next {
            text.push_str(&format!("\n{} {}", terminal.strong("next:"), shown_lines(next)));
        }
        text
    }

    fn json(&self) -> String {
        let (during, next) = (self.during.as_deref(), self.next.as_deref());
        let output = FailureOutput::new(&self.what, during, next, self.exit);
        output::json(&output).unwrap_or_else(|_| self.what.clone())
    }

    fn of(what: impl ToString, fault: Fault) -> Self {
        match fault {
            Fault::Call => Self::call(what),
            Fault::Source => Self::source(what),
        }
    }

    /// What the library says to do, in the words of this command.
    pub(super) fn with(self, remedy: impl Into<Option<Remedy>>) -> Self {
        let next = remedy.into().map(|it| sentence(&it));
        Self { next: next.or(self.next), ..self }
    }
}

/// What an operation has sent that changes its subject, and what is known of the answer. `None` where it has sent nothing.
pub(super) fn was_sent(write: &WriteState, subject: &str) -> Option<String> {
    let sent = write.sent()?;
    let answer = match write {
        WriteState::Answered(_) => "it was answered",
        WriteState::Unknown(_) => "its answer did not come, and what became of it was to be found out",
        _ => "its answer had not come",
    };
    Some(format!(
        "sent on {} to {}: {}, {} ({answer})",
        format_instant(sent.at),
        Shown::line(&sent.url),
        Shown::line(sent.summary.trim_end_matches('.')),
        Shown::line(subject)
    ))
}

/// What becomes of an operation that was broken off.
pub(super) fn resumed_operation(write: &WriteState, place: &str) -> String {
    match write {
        WriteState::NotSent => "the same command does it".to_owned(),
        _ => format!(
            "the same command goes on with it and sends nothing a second time; its record is kept for {place}"
        ),
    }
}

fn kept_for_a_day(answers: u64, of: &str) -> String {
    let are = if answers == 1 { "is" } else { "are" };
    format!("{}{of} {are} kept for a day", counted(answers, "answer", "answers"))
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::call(format!("the result cannot be written as JSON: {error}"))
    }
}

/// Wrong calls, with what the library says to do.
macro_rules! calls {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::call(&error).with(error.remedy())
            }
        }
    )+};
}

/// Errors that may be the source's.
macro_rules! faults {
    ($($error:ty),+ $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of(&error, error.fault()).with(error.remedy())
            }
        }
    )+};
}

calls!(
    BundleError,
    KeepError,
    KeyError,
    NotAPublicKey,
    ObjectsError,
    RenderError,
    SettingError,
    StoreError,
    SuiteError,
);
faults!(CollectError, ConnectionError, TestError);

impl From<StateError> for Failure {
    fn from(error: StateError) -> Self {
        Self::from(InventoryError::from(error))
    }
}

impl From<InventoryError> for Failure {
    fn from(error: InventoryError) -> Self {
        let failure = Self::call(&error);
        match &error {
            InventoryError::State(StateError::Connect { .. }) => failure.next(
                "check the address in --state, the role's password in --state-password, and whether the server runs",
            ),
            error if error.is_transient() => failure.next("try again: nothing of this change was kept"),
            InventoryError::Facts(_) => failure.next("`exhibit state rebuild` builds it again"),
            InventoryError::NoItem(_) => failure.next("`exhibit certificates list` names those that are there"),
            _ => failure,
        }
    }
}

impl From<MergeFailure> for Failure {
    fn from(error: MergeFailure) -> Self {
        match error {
            MergeFailure::Merge(EvidenceError::Inventory(error)) => error.into(),
            MergeFailure::TooMuch(_) => Self::call(&error).with(Some(exhibit::Remedy::DoNotRely)),
            error @ MergeFailure::OtherType { .. } => {
                Self::call(error).next("name evidence of that type, or the store that has some")
            }
            error => Self::call(error).next("`exhibit verify` says what is wrong with the evidence"),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::NotTaken { kept, error } => {
                Self::from(error).during(format!("taking it to the store; it is kept in {}", kept.shown()))
            }
            error => Self::call(&error).with(error.remedy()),
        }
    }
}

impl From<VerifyFailure> for Failure {
    fn from(error: VerifyFailure) -> Self {
        match error {
            VerifyFailure::Open(error) => error.into(),
            error => Self::call(&error).with(error.remedy()),
        }
    }
}
