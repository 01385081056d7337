//! The gateway: tokens, and the APIs that take them. It listens at the same port as the API server.

mod certificate;
mod filter;
mod listing;
mod refused;
mod tokens;

use crate::{
    answer::Answer,
    call::Received,
    quota::{Blocked, Quota},
    right::Right,
    stream::Source,
    world::World,
};

pub(crate) use listing::Manner;
pub(crate) use tokens::Tokens;

use refused::{Refused, json_answer};

/// The gateway of a subscription.
#[derive(Default)]
pub(crate) struct Gateway {
    pub(crate) tokens: Tokens,
}

impl Gateway {
    /// Whether a path is the gateway's.
    pub(crate) fn has(path: &str) -> bool {
        path == "/auth" || path.starts_with("/certview/")
    }

    /// The answer to a call on one of its paths.
    pub(crate) fn answer(&self, call: &Received, world: &World, quota: &Quota, manner: Manner) -> Answer {
        if call.path == "/auth" {
            // It is not counted, as documented.
            return self.tokens.answer(call, world);
        }
        let caller = match self.tokens.check(call) {
            Ok(caller) => caller,
            Err(refused) => return refused.answer(),
        };
        if !caller.may(Right::Certificates) {
            return Refused::new(403, "Forbidden", "Access Denied").answer();
        }
        let (standing, permit) = quota.enter();
        let permit = match permit {
            Ok(permit) => permit,
            Err(Blocked::Rate(_) | Blocked::Concurrency(_)) => {
                let body = Source::Whole("429 Too Many Requests".into());
                let headers = vec![("content-type".to_owned(), "text/plain".to_owned())];
                return Answer::other(429, headers, body).standing(standing);
            }
        };
        let answer = match listing::answer(call, world, manner) {
            Ok(list) => json_answer(200, &list),
            Err(refused) => refused.answer(),
        };
        answer.standing(standing).running(permit)
    }
}
