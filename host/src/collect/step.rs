//! What a session asks for, as the loop knows it.

use exhibit_driver::{Effect as DriverEffect, Input, Totals};

use crate::contract::collection::{Effect, Step};

/// A session's step, reported to the loop.
pub(crate) fn reported(step: &Step) -> Input {
    match step {
        Step::Send(request) => Input::Request(match request.effect {
            Effect::Read => DriverEffect::Read,
            Effect::Write => DriverEffect::Write,
        }),
        Step::Wait(_) => Input::Pause,
        Step::Finished(summary) => {
            let (rows, rejected) = (summary.rows, summary.rejected);
            Input::Finished(Totals { pages: summary.pages.into(), rows, rejected })
        }
    }
}
