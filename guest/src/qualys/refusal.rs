//! What Qualys answers instead of data, and what follows from it.
//!
//! The status is not enough: `/msp/` errors and "account expired" come with 200, rate
//! limits with 409. The codes are those of appendix D of the API guide.

use exhibit_plugin::collection::PauseReason;
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable, unlicensed};
use exhibit_plugin::xml::Element;
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
    /// Reads the `RESPONSE` of a `SIMPLE_RETURN`.
    pub(super) fn simple_return(response: &Element<'_>) -> Self {
        let items = response.child("ITEM_LIST");
        let mut items = items.iter().flat_map(|it| it.all("ITEM"));
        let wait =
            items.find(|it| it.get("KEY").is_some_and(|key| key.eq_ignore_ascii_case("SECONDS_TO_WAIT")));
        Self {
            code: response.get("CODE").and_then(|it| it.parse().ok()),
            text: words(response.get("TEXT").unwrap_or_default()),
            seconds_to_wait: wait.and_then(|it| it.get("VALUE")?.parse().ok()),
        }
    }

    /// Reads the `ERROR` of an `/msp/` answer, or the `RETURN` of a `GENERIC_RETURN`.
    pub(super) fn msp(element: &Element<'_>) -> Self {
        let said = match element.text() {
            "" => element.get("MESSAGE").unwrap_or_default(),
            text => text,
        };
        Self {
            code: element.attribute("number").and_then(|it| it.trim().parse().ok()),
            text: words(said),
            seconds_to_wait: None,
        }
    }

    /// What follows: a pause, or the end.
    pub(super) fn judge(&self, status: u16, quota: &Quota, attempt: u32) -> Result<Outcome, Error> {
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
            (Some(1999), _) | (None, 503) => {
                wait(PauseReason::Maintenance, quota.retry_after, "Qualys is down for maintenance")
            }
            (None, 429) => wait(PauseReason::RateLimit, told, "the gateway takes no more calls for now"),
            // Without a code, the header tells a rate limit from other conflicts.
            (None, 409) if quota.to_wait.is_some() => {
                wait(PauseReason::RateLimit, told, "Qualys takes no more calls for now")
            }
            _ => Err(self.error(status)),
        }
    }

    fn error(&self, status: u16) -> Error {
        let error = match (self.code, status) {
            (Some(2000), _) | (None, 401) => denied(format!(
                "Qualys did not take the user name and password{}. Check both; check the platform, \
                 as on a wrong one every password looks wrong; and check that the account may use the \
                 API and has a password of its own, as SSO accounts have not",
                self.quoted()
            )),
            (Some(2001), _) => {
                denied(format!("the account has expired{}: have it renewed, or use another", self.quoted()))
            }
            (Some(2002), _) => denied(format!(
                "the account is not active{}: have it activated, or use another",
                self.quoted()
            )),
            (Some(2003), _) => denied(format!(
                "the account's registration is not complete{}: sign in to the console once with it, \
                 accept the terms, and set a password",
                self.quoted()
            )),
            (Some(2011), _) => denied(format!(
                "the account must sign in with a second factor, so the API is closed to it{}: use an \
                 account for API use",
                self.quoted()
            )),
            (Some(2012), _) => unlicensed(format!(
                "the account's licence does not cover this API{}: the subscription or the user lacks \
                 the module",
                self.quoted()
            )),
            (Some(1901 | 1903 | 1904 | 1905 | 1907 | 1908 | 1920 | 1922), _) => {
                rejected(format!("Qualys refused the request{}", self.quoted()))
            }
            (Some(999 | 1981), _) => {
                unavailable(format!("Qualys could not do it this time{}: try again later", self.quoted()))
            }
            (_, 403) => denied(format!(
                "the account may not use this API (HTTP 403){}: it needs the right to API access and to \
                 what is listed here",
                self.quoted()
            )),
            (_, 404) => rejected(format!(
                "there is no such API (HTTP 404){}: check the API version in the connection's settings",
                self.quoted()
            )),
            (_, 202) => {
                unavailable(format!("Qualys is at it already (HTTP 202){}: try again later", self.quoted()))
            }
            (_, 500..) => {
                unavailable(format!("Qualys failed (HTTP {status}){}: try again later", self.quoted()))
            }
            (_, 300..=499) => {
                rejected(format!("Qualys refused the request (HTTP {status}){}", self.quoted()))
            }
            _ if self.code.is_some() || !self.text.is_empty() => {
                rejected(format!("Qualys refused the request{}", self.quoted()))
            }
            _ => malformed(format!("Qualys answered HTTP {status} without data and without saying why")),
        };
        match self.code {
            Some(code) => error.code(code),
            None => error,
        }
    }

    /// The source's own words, to be put into a sentence.
    fn quoted(&self) -> String {
        match (self.text.as_str(), self.code) {
            ("", None) => String::new(),
            ("", Some(code)) => format!(" (code {code})"),
            (text, None) => format!(" (\"{text}\")"),
            (text, Some(code)) => format!(" (code {code}: \"{text}\")"),
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
