//! What a session asks for, as the loop knows it.

use exhibit_driver::{Effect as DriverEffect, Input, Totals};

use crate::contract::collection::{Effect, Request, Step};

/// What a request does, as the loop and the network know it.
pub(crate) fn effect(request: &Request) -> DriverEffect {
    match request.effect {
        Effect::Read => DriverEffect::Read,
        Effect::Write(_) => DriverEffect::Write,
    }
}

/// Whether it changes something at the source.
pub(crate) fn is_write(request: &Request) -> bool {
    effect(request) == DriverEffect::Write
}

/// A session's step, reported to the loop.
pub(crate) fn reported(step: &Step) -> Input {
    match step {
        Step::Send(request) => Input::Request(effect(request)),
        Step::Wait(_) => Input::Pause,
        Step::Finished(summary) => {
            let (rows, rejected) = (summary.rows, summary.rejected);
            Input::Finished(Totals { pages: summary.pages.into(), rows, rejected })
        }
    }
}
