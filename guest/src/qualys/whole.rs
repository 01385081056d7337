//! Whole answers to reads, whichever API family they are of: what is checked before their records are used.

use exhibit_plugin::problem::{denied, malformed};
use exhibit_plugin::xml::Element;
use exhibit_plugin::{Error, Outcome, WholeAnswer};

use super::answer_headers::Quota;
use super::reading::Stop;
use super::refusal::Refusal;

/// The status of an answer with data.
pub(super) const OK: u16 = 200;
/// The status that says that the credentials are wrong: nothing was carried out, whatever the body is.
pub(super) const UNAUTHORIZED: u16 = 401;
/// "Retry Later Duplicate Operation": the same call is being worked on, so it is not known what became of this one.
pub(super) const DUPLICATE: u16 = 202;

/// What a document turned out to be.
pub(super) struct Document {
    /// Whether there is nothing in it.
    pub(super) is_blank: bool,
    /// Whether it is a web page, or cannot be read.
    pub(super) is_page: bool,
    /// The refusal that it is.
    pub(super) refusal: Option<Refusal>,
}

impl Document {
    /// Checks that an answer to a read has data. `attempt` counts the pauses in a row before.
    ///
    /// # Errors
    /// The pause that Qualys asks for, or why it refuses the read.
    pub(super) fn check(self, answer: &WholeAnswer<'_>, attempt: u32) -> Result<(), Stop> {
        let status = answer.head.status;
        if status != OK || self.refusal.is_some() {
            let refusal = self.refusal.unwrap_or_else(|| Refusal::of_page(self.is_page));
            return Err(match refusal.outcome(status, &Quota::read(answer.head), attempt, false)? {
                Outcome::Again(pause) => Stop::Pause(pause),
                _ => Stop::Failed(malformed("Qualys sent neither data nor a reason")),
            });
        }
        if self.is_blank { Err(empty().into()) } else { Ok(()) }
    }
}

/// The error of an answer without content.
pub(super) fn empty() -> Error {
    denied("Qualys sent an empty answer, as it does when the account has no API access")
        .remedy("enable API access for the account")
}

/// Reads a record; `None` where `read` leaves it out.
///
/// # Errors
/// `malformed` where it contradicts itself, so that it is not known what it says.
pub(super) fn record<T>(
    name: &str,
    element: &Element<'_>,
    read: &mut impl FnMut(&Element<'_>) -> Option<T>,
) -> Result<Option<T>, Error> {
    // What a reader asks for is known once it has read.
    let record = read(element);
    match element.contradiction() {
        None => Ok(record),
        Some(twice) => Err(malformed(format!(
            "a {name} of Qualys has the element {twice:.60} more than once, with different contents"
        ))),
    }
}
