//! `/auth`, and which tokens are accepted.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use serde_json::json;
use tokio::time::Instant;

use super::refused::{Refused, json_answer};
use crate::{
    account::Caller,
    answer::Answer,
    call::Received,
    chance::{Chance, Subject},
    stream::Source,
    world::World,
};

/// Tokens that are remembered; the oldest is forgotten, and so refused.
const REMEMBERED: usize = 1_000;

/// The tokens that were given out.
#[derive(Default)]
pub(crate) struct Tokens(Mutex<Given>);

#[derive(Default)]
struct Given {
    count: u64,
    /// Each with the moment at which it ends, by tokio's clock, and whose it is.
    valid: VecDeque<(String, Instant, Caller)>,
}

impl Tokens {
    /// Gives a token for a login.
    pub(super) fn answer(&self, call: &Received, world: &World) -> Answer {
        if call.method != "POST" {
            return Refused::new(405, "Method Not Allowed", "POST only").answer();
        }
        let given =
            |name: &str| call.form.iter().rev().find(|(known, _)| known == name).map(|it| it.1.as_str());
        if given("token") != Some("true") {
            return Refused::bad_request("token=true is missing").answer();
        }
        let (login, password) =
            (given("username").unwrap_or_default(), given("password").unwrap_or_default());
        match Caller::of(login, password, world) {
            Ok(caller) => self.answer_to(caller, world),
            Err(_) => json_answer(401, &json!({ "authentication_exceptions": "The login was refused." })),
        }
    }

    /// Gives a token to any caller.
    pub(crate) fn answer_anyone(&self, world: &World) -> Answer {
        self.answer_to(Caller::main(world), world)
    }

    fn answer_to(&self, caller: Caller, world: &World) -> Answer {
        let token = self.given(|given| {
            given.count += 1;
            let mut chance = Chance::new(world.seed, Subject::Token, given.count);
            let token = format!("simulated.{:016x}{:016x}.{}", chance.bits(), chance.bits(), given.count);
            if given.valid.len() == REMEMBERED {
                given.valid.pop_front();
            }
            let lasting = Duration::from_secs(world.token_seconds);
            given.valid.push_back((token.clone(), Instant::now() + lasting, caller));
            token
        });
        let headers = vec![("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())];
        Answer::other(201, headers, Source::Whole(token.into()))
    }

    /// Whose token a call has, where that is accepted.
    pub(super) fn check(&self, call: &Received) -> Result<Caller, Refused> {
        let given = call.header("authorization").and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let now = Instant::now();
        let owner = |token: &str| {
            let is_valid = |it: &&(String, Instant, Caller)| it.0 == token && it.1 > now;
            self.given(|given| given.valid.iter().find(is_valid).map(|it| it.2.clone()))
        };
        match given {
            Some(token) => owner(token).ok_or_else(|| Refused::new(401, "Unauthorized", "JWT expired")),
            None => Err(Refused::new(401, "Unauthorized", "Full authentication is required")),
        }
    }

    /// Accepts none of the tokens so far any more.
    pub(crate) fn revoke(&self) {
        self.given(|given| given.valid.clear());
    }

    fn given<T>(&self, use_them: impl FnOnce(&mut Given) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
