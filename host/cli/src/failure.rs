//! Errors as people and machines read them: what happened, to what, and what to do next.

use std::process::ExitCode;

use exhibit::collect::{CollectError, ConnectionError, Fault};
use exhibit::contract::settings::SettingError;
use exhibit::disk::KeepError;
use exhibit::http::{BlockedAddress, EgressRemedy, SendError, SignError};
use exhibit::nearest::nearest;
use exhibit::run::BundleError;
use exhibit::store::{ObjectsError, OpenError, StoreError};
use exhibit::testing::TestError;
use exhibit::testing::file::SuiteError;
use exhibit_secrets::SecretError;
use serde_json::json;

use super::terminal::{Terminal, shown_lines};

/// A test failed, or could not be judged.
pub(super) const NOT_PASSED: u8 = 1;
/// Something is wrong with the call, the configuration or this machine.
pub(super) const CALL: u8 = 2;
/// The source or the plugin failed.
const SOURCE: u8 = 3;
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

    pub(super) fn stopped() -> Self {
        Self { exit: STOPPED, ..Self::call("stopped; what was under way was not kept") }
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
        json!({ "error": { "what": self.what, "while": self.during, "next": self.next, "exit": self.exit } })
            .to_string()
    }

    fn of(what: impl ToString, fault: Fault) -> Self {
        match fault {
            Fault::Call => Self::call(what),
            Fault::Source => Self::source(what),
        }
    }

    fn with(self, next: Option<String>) -> Self {
        Self { next: next.or(self.next), ..self }
    }
}

impl From<SettingError> for Failure {
    fn from(error: SettingError) -> Self {
        let next = match &error {
            SettingError::Unknown { name, known } => did_you_mean(name, known),
            _ => None,
        };
        Self::call(error).with(next)
    }
}

impl From<ConnectionError> for Failure {
    fn from(error: ConnectionError) -> Self {
        let fault = error.fault();
        match error {
            ConnectionError::Setting(SettingError::Missing { ref name, .. }) => {
                let next = format!("add --set {name}=…; `exhibit plugin show` lists all settings");
                Self::call(error).next(next)
            }
            ConnectionError::Setting(error) => error.into(),
            ConnectionError::UnknownOrigin { ref name, ref known }
            | ConnectionError::UnknownSecret { ref name, ref known } => {
                let next = did_you_mean(name, known);
                Self::of(error, fault).with(next)
            }
            ConnectionError::NoSecret { ref name, .. } => {
                let next = format!("add --secret {name}=env:VARIABLE or --secret {name}=file:PATH");
                Self::of(error, fault).next(next)
            }
            ConnectionError::NoOrigin(ref name) => {
                let next = format!("add --origin {name}=https://…");
                Self::of(error, fault).next(next)
            }
            ConnectionError::Origin { error: ref why, .. } => {
                let next = why.remedy().map(|it| match it {
                    EgressRemedy::NameOrigin => {
                        "if this machine is meant, name it with --origin NAME=URL".to_owned()
                    }
                    other => other.text().to_owned(),
                });
                Self::of(error, fault).with(next)
            }
            ConnectionError::Blocked { ref blocked, .. } => {
                let next = permitting(blocked);
                Self::of(error, fault).next(next)
            }
            error => Self::of(error, fault),
        }
    }
}

/// With the options that change which addresses requests go to.
fn permitting(blocked: &BlockedAddress) -> String {
    let check = if blocked.is_named() {
        "check what the name resolves to here; if that address is meant,"
    } else {
        "if that address is meant,"
    };
    match blocked.remedy() {
        EgressRemedy::Allow(network) => format!("{check} add --allow-network {network}"),
        EgressRemedy::Permit { denied, allow: Some(allow) } => {
            format!("{check} add --allow-network {allow}, or leave out --deny-network {denied}")
        }
        EgressRemedy::Permit { denied, allow: None } => format!("{check} leave out --deny-network {denied}"),
        remedy => remedy.text().to_owned(),
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        let remedy = error.remedy().map(str::to_owned);
        Self::call(error).with(remedy)
    }
}

impl From<ObjectsError> for Failure {
    fn from(error: ObjectsError) -> Self {
        let remedy = error.remedy().map(str::to_owned);
        Self::call(error).with(remedy)
    }
}

impl From<OpenError> for Failure {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Store(error) => error.into(),
            OpenError::Objects(error) => error.into(),
            OpenError::NotTaken { kept, error } => {
                Self::from(error).during(format!("taking it to the store; it is kept in {}", kept.display()))
            }
            error @ OpenError::NotABundle(_) => Self::call(error)
                .next("name a folder that `exhibit collect` made, or a bundle that `exhibit bundle` made"),
            error @ OpenError::NamesNoEvidence(_) => {
                Self::call(error).next("name it as s3://bucket/store/evidence/NAME")
            }
            error => Self::call(error),
        }
    }
}

impl From<BundleError> for Failure {
    fn from(error: BundleError) -> Self {
        match error {
            BundleError::Keep(error) => error.into(),
            BundleError::Store(error) => error.into(),
            error @ BundleError::NoEvidence(_) => {
                Self::call(error).next("name a folder that `exhibit collect` made")
            }
            error => Self::call(error),
        }
    }
}

impl From<CollectError> for Failure {
    fn from(error: CollectError) -> Self {
        let (fault, remedy) = (error.fault(), error.remedy());
        match error {
            CollectError::Criterion(error @ SettingError::Missing { .. }) => {
                Self::call(error).next("give it with --with NAME=VALUE")
            }
            CollectError::Criterion(error) => error.into(),
            CollectError::Send { error: SendError::Blocked { ref blocked, .. }, .. }
            | CollectError::Sign(SignError::Send(SendError::Blocked { ref blocked, .. })) => {
                let next = permitting(blocked);
                Self::of(error, fault).next(next)
            }
            CollectError::Sign(SignError::Secret { error: SecretError::TimedOut { .. }, .. }) => {
                Self::call(error)
                    .next("try again later; if it is not read then, check the place where it is kept")
            }
            CollectError::Sign(SignError::Secret { .. }) => {
                Self::call(error).next("put it there, or name another place with --secret")
            }
            error => Self::of(error, fault).with(remedy),
        }
    }
}

impl From<TestError> for Failure {
    fn from(error: TestError) -> Self {
        let (fault, remedy) = (error.fault(), error.remedy());
        Self::of(error, fault).with(remedy)
    }
}

impl From<SuiteError> for Failure {
    fn from(error: SuiteError) -> Self {
        let next = error.remedy();
        Self::call(error).with(next)
    }
}

impl From<KeepError> for Failure {
    fn from(error: KeepError) -> Self {
        let next = error.remedy().map(str::to_owned);
        Self::call(error).with(next)
    }
}

/// `known` as the library lists it: separated by commas.
fn did_you_mean(name: &str, known: &str) -> Option<String> {
    nearest(name, known.split(", ")).map(|it| format!("did you mean `{it}`?"))
}

#[cfg(test)]
mod tests {
    use exhibit::http::{Egress, EgressRules, NotANetwork};

    use super::*;

    #[test]
    fn a_refused_address_is_followed_by_the_option_that_permits_it() -> Result<(), NotANetwork> {
        let rules = EgressRules::default().deny("203.0.113.0/24".parse()?).deny("192.0.2.1".parse()?);
        let egress = Egress::from(rules);
        let next = |address: [u8; 4]| {
            let blocked = egress.check("api.example", address.into()).err();
            blocked.map_or_else(|| "not refused".to_owned(), |it| permitting(&it))
        };
        let all = [[127, 0, 0, 1], [203, 0, 113, 9], [192, 0, 2, 1], [169, 254, 169, 254]].map(next);
        insta::assert_snapshot!(all.join("\n"), @"
        check what the name resolves to here; if that address is meant, add --allow-network 127.0.0.1/32
        check what the name resolves to here; if that address is meant, add --allow-network 203.0.113.9/32, or leave out --deny-network 203.0.113.0/24
        check what the name resolves to here; if that address is meant, leave out --deny-network 192.0.2.1/32
        no policy permits requests to that address: check the origin, and what its name resolves to here
        ");
        Ok(())
    }
}
