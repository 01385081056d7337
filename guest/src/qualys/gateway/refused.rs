//! What the gateway answers instead of data, and what follows: a pause, or an error with a remedy.

use exhibit_plugin::collection::PauseReason;
use exhibit_plugin::json::{Handler, Json, Reader};
use exhibit_plugin::problem::{denied, malformed, rejected, unavailable};
use exhibit_plugin::{Error, Outcome};

use super::listing::Listing;
use crate::qualys::answer_headers::Quota;
use crate::qualys::guide::Step;
use crate::qualys::pacing::pause;
use crate::qualys::refusal::{of_something_between, one_line};

/// So much of a refusal is read: what it has to say stands at its beginning.
const MAX_BYTES: usize = 16 << 10;
/// So many of its values are shown where none is known to be the message.
const MAX_VALUES: usize = 8;

/// The body of a refusal: JSON, plain text, or a web page.
#[derive(Debug, Default)]
pub(super) struct Said(Vec<u8>);

impl Said {
    /// A part of the body.
    pub(super) fn feed(&mut self, chunk: &[u8]) {
        let room = MAX_BYTES.saturating_sub(self.0.len());
        self.0.extend_from_slice(chunk.get(..room).unwrap_or(chunk));
    }

    /// Whether it is a web page.
    pub(super) fn is_page(&self) -> bool {
        self.0.trim_ascii_start().starts_with(b"<")
    }

    /// What it says, in one line.
    fn text(&self) -> String {
        if self.is_page() {
            return String::new();
        }
        let mut values = Values::default();
        let mut reader = Reader::default();
        let read = reader.feed(&self.0, &mut values).and_then(|()| reader.end(&mut values));
        match read {
            Ok(()) => one_line(&values.text()),
            Err(_) => one_line(&String::from_utf8_lossy(&self.0)),
        }
    }
}

/// The texts of a JSON document, by the names of their members.
#[derive(Debug, Default)]
pub(super) struct Values(Vec<(String, String)>);

impl Values {
    /// Takes a value of an envelope.
    pub(super) fn add(&mut self, path: &[String], value: &Json) {
        let Json::String(text) = value else { return };
        let name = path.last().cloned().unwrap_or_default();
        if !text.is_empty() && self.0.len() < MAX_VALUES {
            self.0.push((name, text.clone()));
        }
    }

    /// Whether it says that something failed. How an answer with status 200 would say so is not documented: an error by its name,
    /// a state of failure, and any message but one of success.
    pub(super) fn says_failure(&self) -> bool {
        self.0.iter().any(|(name, text)| {
            let is = |words: &[&str]| words.iter().any(|it| text.trim().eq_ignore_ascii_case(it));
            name.to_ascii_lowercase().contains("error")
                || name.eq_ignore_ascii_case("message") && !is(&["success", "ok"])
                || is(&["error", "failed", "failure"])
        })
    }

    /// The message, where there is one, else all there is.
    pub(super) fn text(&self) -> String {
        let message = self.0.iter().find(|(name, _)| name == "message");
        message.map_or_else(
            || self.0.iter().map(|it| it.1.as_str()).collect::<Vec<_>>().join("; "),
            |it| it.1.clone(),
        )
    }
}

impl Handler for Values {
    fn wants(&self, _: &[String]) -> bool {
        false
    }

    fn record(&mut self, _: &Json) -> Result<(), Error> {
        Ok(())
    }

    fn value(&mut self, path: &[String], value: &Json) -> Result<(), Error> {
        self.add(path, value);
        Ok(())
    }
}

/// What follows from a refusal with this status.
pub(super) fn outcome(
    listing: &Listing,
    said: &Said,
    status: u16,
    quota: &Quota,
    attempt: u32,
) -> Result<Outcome, Error> {
    let wait = |reason, seconds, why: &str| Ok(Outcome::Again(pause(reason, seconds, attempt, why)?));
    match status {
        429 => {
            let seconds = quota.to_wait.map(|it| it.saturating_add(1)).or(quota.retry_after);
            wait(PauseReason::RateLimit, seconds, "the rate limit of the gateway is reached")
        }
        503 => wait(PauseReason::Maintenance, quota.retry_after, "Qualys is down for maintenance"),
        _ => Err(error(listing, said, status)),
    }
}

fn error(listing: &Listing, said: &Said, status: u16) -> Error {
    let Listing { module, version_setting, .. } = listing;
    let text = said.text();
    let quoted = if text.is_empty() { String::new() } else { format!(": \"{text}\"") };
    let failed = |what: &str| format!("{what} (HTTP {status}){quoted}");
    match status {
        401 => denied(failed("the gateway of Qualys refused the token, and a new one as well")).remedy(format!(
            "check that the account has API access and may use {module} ({}), and that the origins api and gateway are of the \
             same platform ({})",
            Step::Modules,
            Step::Platform
        )),
        403 if !said.is_page() => {
            denied(failed(&format!("the account has no permission to use {module}"))).remedy(format!(
                "have {module} added to the subscription, and give the account a role that may use it and API access: {}",
                Step::Modules
            ))
        }
        404 => rejected(failed(&format!("the gateway of Qualys does not have this version of the {module} API"))).remedy(
            format!(
                "check the setting {version_setting}; check that the subscription has {module}, and that the origin \
                 gateway is the gateway of the platform, not its API server"
            ),
        ),
        _ if said.is_page() => of_something_between(status),
        202 => unavailable(failed("Qualys has accepted the request, but has no result yet")).remedy("try again later"),
        500.. => unavailable(failed("Qualys failed with a server error")).remedy("try again later"),
        300..=499 => rejected(failed("Qualys refused the request")).remedy(format!(
            "check the criteria; if these are right, check the setting {version_setting}"
        )),
        _ => malformed(failed("Qualys sent neither data nor a reason")).remedy("try again later"),
    }
}
