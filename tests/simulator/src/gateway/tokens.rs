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
    /// Each with the moment at which it ends, by tokio's clock.
    valid: VecDeque<(String, Instant)>,
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
        if given("username") != Some(&world.username) || given("password") != Some(&world.password) {
            return json_answer(401, &json!({ "authentication_exceptions": "The login was refused." }));
        }
        self.answer_anyone(world)
    }

    /// Gives a token to any caller.
    pub(crate) fn answer_anyone(&self, world: &World) -> Answer {
        let token = self.given(|given| {
            given.count += 1;
            let mut chance = Chance::new(world.seed, Subject::Token, given.count);
            let token = format!("simulated.{:016x}{:016x}.{}", chance.bits(), chance.bits(), given.count);
            if given.valid.len() == REMEMBERED {
                given.valid.pop_front();
            }
            let lasting = Duration::from_secs(world.token_seconds);
            given.valid.push_back((token.clone(), Instant::now() + lasting));
            token
        });
        let headers = vec![("content-type".to_owned(), "text/plain;charset=UTF-8".to_owned())];
        Answer::other(201, headers, Source::Whole(token.into()))
    }

    /// Whether a call has a token that is accepted.
    pub(super) fn check(&self, call: &Received) -> Result<(), Refused> {
        let given = call.header("authorization").and_then(|header| {
            let (scheme, token) = header.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        });
        let now = Instant::now();
        let is_known =
            |token: &str| self.given(|it| it.valid.iter().any(|(known, end)| known == token && *end > now));
        match given {
            Some(token) if is_known(token) => Ok(()),
            Some(_) => Err(Refused::new(401, "Unauthorized", "JWT expired")),
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
