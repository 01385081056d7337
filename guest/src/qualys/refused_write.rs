//! What follows from an answer in which Qualys refuses a write.

use exhibit_plugin::problem::{malformed, rejected, unavailable};
use exhibit_plugin::{Error, Outcome, WholeAnswer};

use super::answer_headers::Quota;
use super::refusal::Refusal;

/// What to do about a write that Qualys refuses.
const CORRECT: &str =
    "nothing was changed at Qualys: correct what the message names, and start the operation again";

/// The error of a write that was not carried out.
pub(super) fn refused(refusal: &Refusal, answer: &WholeAnswer<'_>) -> Error {
    let quota = Quota::read(answer.head);
    match refusal.outcome(answer.head.status, &quota, 0, false) {
        // A write is asked for once: after a pause, a person starts it again.
        Ok(Outcome::Again(pause)) => unavailable(format!("Qualys did not carry it out: {}", pause.message))
            .remedy(format!("start the operation again in {} s", pause.seconds)),
        Ok(_) => malformed("Qualys sent neither data nor a reason"),
        Err(error @ Error::Rejected(_)) => error.remedy(CORRECT),
        Err(Error::Malformed(_)) => {
            rejected("Qualys says that it failed, and gives no reason").remedy(CORRECT)
        }
        Err(error) => error,
    }
}
