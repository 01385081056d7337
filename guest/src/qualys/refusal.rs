//! What Qualys answers instead of data, and what follows: a pause, or an error with a remedy.
//!
//! The status is not enough: `/msp/` errors and "account expired" come with 200, rate
//! limits with 409. The codes are those of appendix D of the API guide.

use exhibit_plugin::collection::PauseReason;
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable, unlicensed};
use exhibit_plugin::{Error, Outcome};

use super::answer_headers::Quota;
use super::pacing::pause;

/// The most characters of Qualys' own message: the rest adds nothing.
const MAX_TEXT_CHARS: usize = 300;

/// What to do about a request that Qualys refuses.
const CHECK: &str =
    "check the settings and the criteria; if these are right, check the API version in the settings";

/// The error that an answer reports, as far as it says anything.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Qualys' own code.
    code: Option<u32>,
    /// Qualys' own message.
    text: String,
    /// The seconds that the body of a rate limit asks for, beside its header.
    seconds_to_wait: Option<u32>,
    /// Whether it is a web page, or no XML: then it may not be of Qualys at all.
    is_page: bool,
}

impl Refusal {
    /// A refusal with Qualys' own code and message, and the seconds that its body asks to wait.
    pub(super) fn new(code: Option<u32>, text: &str, seconds_to_wait: Option<u32>) -> Self {
        Self { code, text: one_line(text), seconds_to_wait, is_page: false }
    }

    /// A refusal by its status alone, with a web page instead of a message where `is_page`.
    pub(super) fn of_page(is_page: bool) -> Self {
        Self { is_page, ..Self::default() }
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
        if records_came || self.is_final() {
            return Err(self.error(status));
        }
        let wait = |reason, seconds, why: &str| Ok(Outcome::Again(pause(reason, seconds, attempt, why)?));
        let seconds =
            quota.to_wait.or(self.seconds_to_wait).map(|it| it.saturating_add(1)).or(quota.retry_after);
        match (self.code, status) {
            (Some(1965), _) => wait(
                PauseReason::RateLimit,
                seconds,
                "the API rate limit of the Qualys subscription is reached",
            ),
            (Some(1960), _) => wait(
                PauseReason::ConcurrencyLimit,
                None,
                "too many API calls of the Qualys subscription run at the same time",
            ),
            (_, 429) => wait(PauseReason::RateLimit, seconds, "the rate limit of the gateway is reached"),
            (Some(1999), _) | (_, 503) => {
                wait(PauseReason::Maintenance, quota.retry_after, "Qualys is down for maintenance")
            }
            // Without a code, the header tells a rate limit from other conflicts.
            (None, 409) if quota.to_wait.is_some() => wait(
                PauseReason::RateLimit,
                seconds,
                "the API rate limit of the Qualys subscription is reached",
            ),
            _ => Err(self.error(status)),
        }
    }

    /// Whether a retry cannot help: the account or the request is wrong.
    fn is_final(&self) -> bool {
        matches!(self.code, Some(1901..=1908 | 1920 | 1922 | 2000..=2012))
    }

    fn error(&self, status: u16) -> Error {
        let said = |what: &str| format!("{what}{}", self.quoted());
        let failed = |what: &str| format!("{what} (HTTP {status}){}", self.quoted());
        let error = match (self.code, status) {
            (Some(2000), _) | (None, 401) => denied(said("Qualys rejected the user name or the password")).remedy(
                "check both; check the platform: on the wrong platform every login fails; check that the account has API \
                 access and a password of its own: accounts that use only SSO have none",
            ),
            (Some(2001), _) => denied(said("the account has expired")).remedy("have the account renewed, or use another one"),
            (Some(2002), _) => denied(said("the account is not active")).remedy("have the account activated, or use another one"),
            (Some(2003), _) => denied(said("the account's registration is not complete"))
                .remedy("sign in to the console once with this account, accept the terms, and set a password"),
            (Some(2011), _) => denied(said("the account requires a second factor, so it cannot use the API"))
                .remedy("use an account for the API that requires no second factor"),
            (Some(2012), _) => unlicensed(said("the account's licence does not cover this API"))
                .remedy("have the module added to the subscription, and give the user access to it"),
            (Some(1901 | 1903 | 1904 | 1905 | 1907 | 1908 | 1920 | 1922), _) => {
                rejected(said("Qualys refused the request"))
                    .remedy(CHECK)
            }
            (Some(999 | 1981), _) => {
                unavailable(said("Qualys reported an internal error")).remedy("try again later")
            }
            (None, status) if self.is_page && !matches!(status, 202 | 401) => of_something_between(status),
            (_, 403) => denied(failed("the account has no permission to use this API"))
                .remedy("give the account API access, and permission to see these items"),
            (_, 404) => rejected(failed("Qualys does not have this API"))
                .remedy("check the API version in the connection's settings, and the origin's address"),
            (_, 202) => unavailable(failed("Qualys has accepted the request, but has no result yet")).remedy("try again later"),
            (_, 500..) => unavailable(failed("Qualys failed with a server error")).remedy("try again later"),
            (_, 300..=499) => rejected(failed("Qualys refused the request")).remedy(CHECK),
            _ if self.code.is_some() || !self.text.is_empty() => rejected(said("Qualys refused the request")).remedy(CHECK),
            _ => malformed(failed("Qualys sent neither data nor a reason")).remedy("try again later"),
        };
        match self.code {
            Some(code) => error.code(code),
            None => error,
        }
    }

    /// Qualys' own message, as the end of a sentence.
    fn quoted(&self) -> String {
        match self.text.as_str() {
            "" => String::new(),
            text => format!(": \"{text}\""),
        }
    }
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

/// A text in one line, of bounded length.
pub(super) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
