//! What Qualys answers instead of data, and what follows: a pause, or an error with a remedy.
//!
//! The status is not enough: errors of `/msp/` and of QPS, and "account expired", come with 200, rate
//! limits with 409. What a code means, its API family knows.

use exhibit_plugin::collection::PauseReason;
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable, unlicensed};
use exhibit_plugin::{Error, Outcome};

use super::account::USERNAME;
use super::answer_headers::Quota;
use super::guide::Step;
use super::pacing::pause;

/// The most characters of Qualys' own message: the rest adds nothing.
const MAX_TEXT_CHARS: usize = 300;

/// What to do about a request that Qualys refuses.
const CHECK: &str =
    "check the settings and the criteria; if these are right, check the API version in the settings";
/// What to do where there is no such API.
const CHECK_ADDRESS: &str = "check the API version in the connection's settings, and the origin's address";
/// The most characters of Qualys' own code: the longest that is documented has 23.
const MAX_CODE_CHARS: usize = 40;

/// The error that an answer reports, as far as it says anything.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Qualys' own code.
    code: Option<String>,
    /// What the code means, where that is documented.
    reason: Option<Reason>,
    /// Qualys' own message.
    text: String,
    /// The seconds that the body of a rate limit asks for, beside its header.
    seconds_to_wait: Option<u32>,
    /// Whether it is a web page, or no XML: then it may not be of Qualys at all.
    is_page: bool,
}

/// Why Qualys refuses, whatever the API family calls it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// The user name or the password is wrong, or missing.
    Credentials,
    /// The account has expired.
    Expired,
    /// The account is not active.
    Inactive,
    /// The account's owner has not signed in for the first time.
    Registration,
    /// The account needs a second factor.
    SecondFactor,
    /// The account lacks a permission.
    Permission,
    /// The subscription lacks a module.
    Licence,
    /// The trial of the subscription is over.
    TrialOver,
    /// The request is wrong.
    Request,
    /// There is no such API, or no such version of it.
    Api,
    /// What is asked for is not there, or not for this account: the two look alike.
    NotFound,
    /// The account or the request is wrong, and the status says more.
    Other,
    /// Qualys is at fault.
    Internal,
    /// The request is still being worked on.
    Processing,
    /// Too many calls in a span of time.
    RateLimit,
    /// Too many calls at the same time.
    ConcurrencyLimit,
    /// Qualys is down on purpose.
    Maintenance,
}

impl Reason {
    /// Whether a retry may help.
    fn may_pass(self) -> bool {
        matches!(
            self,
            Self::Internal | Self::Processing | Self::RateLimit | Self::ConcurrencyLimit | Self::Maintenance
        )
    }
}

impl Refusal {
    /// A refusal with Qualys' own code, what it means, and Qualys' own message.
    pub(super) fn new(code: Option<String>, reason: Option<Reason>, text: &str) -> Self {
        let code = code.map(|it| it.chars().take(MAX_CODE_CHARS).collect());
        Self { code, reason, text: one_line(text), ..Self::default() }
    }

    /// The same refusal, whose body asks to wait so many seconds.
    pub(super) fn wait(self, seconds: Option<u32>) -> Self {
        Self { seconds_to_wait: seconds, ..self }
    }

    /// A refusal by its status alone, with a web page instead of a message where `is_page`.
    pub(super) fn of_page(is_page: bool) -> Self {
        Self { is_page, ..Self::default() }
    }

    /// Qualys' own code.
    pub(super) fn code(&self) -> Option<&str> {
        self.code.as_deref()
    }

    /// Whether it does not say what became of a write: Qualys failed while it was at work, or is still at work.
    pub(super) fn leaves_open(&self) -> bool {
        matches!(self.reason, Some(Reason::Internal | Reason::Processing)) || asks_to_retry(&self.text)
    }

    /// What follows: a pause, or an error. After records were received it is always an error,
    /// as a pause would repeat them.
    pub(super) fn outcome(
        &self,
        status: u16,
        quota: &Quota,
        attempt: u32,
        records_came: bool,
    ) -> Result<Outcome, Error> {
        if records_came || self.reason.is_some_and(|it| !it.may_pass()) {
            return Err(self.error(status));
        }
        let wait = |reason, seconds, why: &str| Ok(Outcome::Again(pause(reason, seconds, attempt, why)?));
        let seconds =
            quota.to_wait.or(self.seconds_to_wait).map(|it| it.saturating_add(1)).or(quota.retry_after);
        match (self.reason, status) {
            (Some(Reason::RateLimit), _) => wait(
                PauseReason::RateLimit,
                seconds,
                "the API rate limit of the Qualys subscription is reached",
            ),
            (Some(Reason::ConcurrencyLimit), _) => wait(
                PauseReason::ConcurrencyLimit,
                None,
                "too many API calls of the Qualys subscription run at the same time",
            ),
            (_, 429) => wait(PauseReason::RateLimit, seconds, "the rate limit of the gateway is reached"),
            (Some(Reason::Maintenance), _) | (_, 503) => {
                wait(PauseReason::Maintenance, quota.retry_after, "Qualys is down for maintenance")
            }
            // Without a code, the header tells a rate limit from other conflicts.
            (None, 409) if self.code.is_none() && quota.to_wait.is_some() => wait(
                PauseReason::RateLimit,
                seconds,
                "the API rate limit of the Qualys subscription is reached",
            ),
            _ => Err(self.error(status)),
        }
    }

    fn error(&self, status: u16) -> Error {
        let error = self.reason.and_then(|it| self.of_reason(it));
        let error = error.unwrap_or_else(|| self.of_status(status));
        match &self.code {
            Some(code) => error.code(code),
            None => error,
        }
    }

    /// The error of a reason, where the status does not say more.
    fn of_reason(&self, reason: Reason) -> Option<Error> {
        let said = |what: &str| format!("{what}{}", self.quoted());
        Some(match reason {
            Reason::Credentials => self.bad_login(),
            Reason::Expired => denied(said("the account has expired"))
                .remedy(format!("have the account renewed, or use another one: {}", Step::User))
                .about(USERNAME),
            Reason::Inactive => denied(said("the account is not active"))
                .remedy(format!("have the account activated, or use another one: {}", Step::User))
                .about(USERNAME),
            Reason::Registration => denied(said("the account's registration is not complete"))
                .remedy(format!(
                    "sign in to the console once with this account, accept the terms, and set a password: {}",
                    Step::SignIn
                ))
                .about(USERNAME),
            Reason::SecondFactor => {
                denied(said("the account requires a second factor, so it cannot use the API"))
                    .remedy(format!(
                        "use an account for the API that requires no second factor: {}",
                        Step::User
                    ))
                    .about(USERNAME)
            }
            Reason::Permission => {
                denied(said("the account has no permission to use this API")).remedy(give_permission())
            }
            Reason::Licence => unlicensed(said("the account's licence or role does not cover this API"))
                .remedy(format!(
                    "have the module added to the subscription, and give the user a role that may use it: {}",
                    Step::Modules
                )),
            Reason::TrialOver => unlicensed(said("the evaluation period of the subscription is over"))
                .remedy("have the subscription renewed, or use another one"),
            Reason::Request => rejected(said("Qualys refused the request")).remedy(CHECK),
            Reason::Api => rejected(said("Qualys does not have this API")).remedy(CHECK_ADDRESS),
            Reason::NotFound => rejected(said("Qualys did not find what was asked for"))
                .remedy("check the criteria, and that the account has permission to see these items"),
            Reason::Internal => {
                unavailable(said("Qualys reported an internal error")).remedy("try again later")
            }
            Reason::Processing => unavailable(said("Qualys has accepted the request, but has no result yet"))
                .remedy("try again later"),
            Reason::Other | Reason::RateLimit | Reason::ConcurrencyLimit | Reason::Maintenance => {
                return None;
            }
        })
    }

    fn bad_login(&self) -> Error {
        denied(format!("Qualys rejected the user name or the password{}", self.quoted()))
            .remedy(format!(
                "check both; Qualys answers alike on another platform (compare the console's address: {}), without API access \
                 ({}), and for accounts that sign in by SSO ({})",
                Step::Platform,
                Step::User,
                Step::Sso
            ))
            .about(USERNAME)
    }

    fn of_status(&self, status: u16) -> Error {
        let said = |what: &str| format!("{what}{}", self.quoted());
        let failed = |what: &str| format!("{what} (HTTP {status}){}", self.quoted());
        let has_no_code = self.code.is_none();
        match status {
            401 if has_no_code => self.bad_login(),
            status if has_no_code && self.is_page && status != 202 => of_something_between(status),
            403 => denied(failed("the account has no permission to use this API")).remedy(give_permission()),
            404 => rejected(failed("Qualys does not have this API")).remedy(CHECK_ADDRESS),
            202 => unavailable(failed("Qualys has accepted the request, but has no result yet"))
                .remedy("try again later"),
            500.. => unavailable(failed("Qualys failed with a server error")).remedy("try again later"),
            300..=499 => rejected(failed("Qualys refused the request")).remedy(CHECK),
            _ if !has_no_code || !self.text.is_empty() => {
                rejected(said("Qualys refused the request")).remedy(CHECK)
            }
            _ => malformed(failed("Qualys sent neither data nor a reason")).remedy("try again later"),
        }
    }

    /// Qualys' own message, as the end of a sentence.
    pub(super) fn quoted(&self) -> String {
        match self.text.as_str() {
            "" => String::new(),
            text => format!(": \"{text}\""),
        }
    }
}

fn give_permission() -> String {
    format!("give the account API access, and permission to see these items: {}", Step::Modules)
}

/// Whether an error is of the account itself: whatever it asks for fails alike.
pub fn is_of_the_account(error: &Error) -> bool {
    error.problem().subject.as_deref() == Some(USERNAME)
}

/// The error of a web page that comes instead of an answer.
pub(super) fn of_something_between(status: u16) -> Error {
    let what = format!(
        "Qualys, or a proxy or gateway in between, answered with a web page (HTTP {status}) instead of data"
    );
    let error = match status {
        403 => denied(what),
        500.. => unavailable(what),
        _ => rejected(what),
    };
    error.remedy("check the address of the origin, and what the proxy or gateway allows; if both are right, try again later")
}

/// Whether a message is "Retry Later Duplicate Operation" or one like it: the same request is being worked on.
pub(super) fn asks_to_retry(text: &str) -> bool {
    text.to_ascii_lowercase().contains("retry later")
}

/// A text in one line, of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
