//! What Qualys answers instead of data, and what follows from it.
//!
//! The status is not enough: `/msp/` errors and "account expired" come with 200, rate
//! limits with 409. The codes are those of appendix D of the API guide.

use exhibit_plugin::collection::PauseReason;
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable, unlicensed};
use exhibit_plugin::{Error, Outcome};

use super::answer_headers::Quota;
use super::pacing::pause;

/// More of the source's own words than this helps nobody.
const MAX_TEXT_CHARS: usize = 300;

/// What an answer says went wrong, as far as it says anything.
#[derive(Debug, Default)]
pub(super) struct Refusal {
    /// Qualys' own code.
    code: Option<u32>,
    /// Qualys' own words.
    text: String,
    /// What a rate limit's body says beside its header.
    seconds_to_wait: Option<u32>,
}

impl Refusal {
    /// A refusal with Qualys' own code and words, and the seconds that its body asks to wait.
    pub(super) fn new(code: Option<u32>, text: &str, seconds_to_wait: Option<u32>) -> Self {
        Self { code, text: words(text), seconds_to_wait }
    }

    /// What follows: a pause, or the end. Once records came, a pause would have them come
    /// again: then it is the end in any case.
    pub(super) fn judge(
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
        let told =
            quota.to_wait.or(self.seconds_to_wait).map(|it| it.saturating_add(1)).or(quota.retry_after);
        match (self.code, status) {
            (Some(1965), _) => wait(PauseReason::RateLimit, told, "Qualys takes no more calls for now"),
            (Some(1960), _) => wait(
                PauseReason::ConcurrencyLimit,
                None,
                "too many API calls of the subscription are running",
            ),
            (_, 429) => wait(PauseReason::RateLimit, told, "the gateway takes no more calls for now"),
            (Some(1999), _) | (_, 503) => {
                wait(PauseReason::Maintenance, quota.retry_after, "Qualys is down for maintenance")
            }
            // Without a code, the header tells a rate limit from other conflicts.
            (None, 409) if quota.to_wait.is_some() => {
                wait(PauseReason::RateLimit, told, "Qualys takes no more calls for now")
            }
            _ => Err(self.error(status)),
        }
    }

    /// Whether waiting cannot help: the account or the request is at fault.
    fn is_final(&self) -> bool {
        matches!(self.code, Some(1901..=1908 | 1920 | 1922 | 2000..=2012))
    }

    fn error(&self, status: u16) -> Error {
        let said = |what: &str| format!("{what}{}", self.quoted());
        let failed = |what: &str| format!("{what} (HTTP {status}){}", self.quoted());
        let error = match (self.code, status) {
            (Some(2000), _) | (None, 401) => denied(said("Qualys did not take the user name and password")).remedy(
                "check both; check the platform, as on a wrong one every password looks wrong; check that the \
                 account may use the API and has a password of its own, as SSO accounts have not",
            ),
            (Some(2001), _) => denied(said("the account has expired")).remedy("have it renewed, or use another"),
            (Some(2002), _) => denied(said("the account is not active")).remedy("have it activated, or use another"),
            (Some(2003), _) => denied(said("the account's registration is not complete"))
                .remedy("sign in to the console once with it, accept the terms, and set a password"),
            (Some(2011), _) => denied(said("the account signs in with a second factor, so the API is closed to it"))
                .remedy("use an account that is for the API"),
            (Some(2012), _) => unlicensed(said("the account's licence does not cover this API"))
                .remedy("have the module added to the subscription, and the user given access to it"),
            (Some(1901 | 1903 | 1904 | 1905 | 1907 | 1908 | 1920 | 1922), _) => {
                rejected(said("Qualys refused the request"))
                    .remedy("check what was asked for; if it looks right, check the API version in the settings")
            }
            (Some(999 | 1981), _) => {
                unavailable(said("Qualys could not do it this time")).remedy("try again later")
            }
            (_, 403) => denied(failed("the account may not use this API"))
                .remedy("have it given API access, and the right to what is listed here"),
            (_, 404) => rejected(failed("there is no such API"))
                .remedy("check the API version in the connection's settings, and the origin's address"),
            (_, 202) => unavailable(failed("Qualys is at it already")).remedy("try again later"),
            (_, 500..) => unavailable(failed("Qualys failed")).remedy("try again later"),
            (_, 300..=499) => rejected(failed("Qualys refused the request")),
            _ if self.code.is_some() || !self.text.is_empty() => rejected(said("Qualys refused the request")),
            _ => malformed(failed("Qualys answered without data and without saying why")),
        };
        match self.code {
            Some(code) => error.code(code),
            None => error,
        }
    }

    /// The source's own words, to be put at the end of a sentence.
    fn quoted(&self) -> String {
        match self.text.as_str() {
            "" => String::new(),
            text => format!(": \"{text}\""),
        }
    }
}

/// A text in one line, of bounded length.
fn words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX_TEXT_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
