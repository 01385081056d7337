//! What follows from an answer in which Qualys refuses a write.

use exhibit_plugin::{Error, Outcome, WholeAnswer};

use super::answer_headers::Quota;
use super::reading::Written;
use super::refusal::Refusal;

/// What to do about a write that Qualys refuses.
const CORRECT: &str =
    "nothing was changed at Qualys: correct what the message names, and start the operation again";

/// What this refusal says of a write. It is no error: the answer is kept, with the report.
pub(super) fn refused(refusal: &Refusal, answer: &WholeAnswer<'_>) -> Written {
    let status = answer.head.status;
    let code = refusal.code().map(|it| format!(" (code {it})")).unwrap_or_default();
    if refusal.leaves_open() {
        return Written::Unclear(format!("Qualys answered with HTTP {status}{}{code}", refusal.quoted()));
    }
    let (what, remedy) = match refusal.outcome(status, &Quota::read(answer.head), 0, false) {
        // A write is asked for once: after a pause, a person starts it again.
        Ok(Outcome::Again(pause)) => (
            format!("Qualys did not carry it out: {}{}", pause.message, refusal.quoted()),
            format!("start the operation again in {} s", pause.seconds),
        ),
        Ok(_) | Err(Error::Malformed(_)) => {
            ("Qualys says that it failed, and gives no reason".to_owned(), CORRECT.to_owned())
        }
        Err(Error::Rejected(problem)) => (problem.message, CORRECT.to_owned()),
        Err(error) => {
            let problem = error.problem();
            (problem.message.clone(), problem.remedy.clone().unwrap_or_else(|| CORRECT.to_owned()))
        }
    };
    Written::Refused(format!("{what}{code}; {remedy}"))
}
