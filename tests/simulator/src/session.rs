//! Sessions: `/api/2.0/fo/session/` gives a cookie to a login, and calls of version 2.0 may bring it instead of the login.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    account::Caller,
    answer::Answer,
    call::Received,
    chance::{Chance, Subject},
    endpoint::fo,
    origin,
    parameters::Parameters,
    refusal::{Family, Refusal},
    world::World,
    written,
};

const PATH: &str = "/api/2.0/fo/session/";

const COOKIE: &str = "QualysSession";

/// How long a session may be idle, which is the default of a subscription.
const IDLE: Duration = Duration::from_secs(3_600);

/// The sessions that were begun.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Begun>);

#[derive(Default)]
struct Begun {
    count: u64,
    /// Those that have not ended.
    open: Vec<Session>,
}

struct Session {
    id: String,
    /// Of its last call, by tokio's clock.
    used: Instant,
    caller: Caller,
}

impl Sessions {
    /// Whether sessions begin and end on a path.
    pub(crate) fn are_on(path: &str) -> bool {
        path == PATH
    }

    /// Begins or ends a session. Neither counts as a call, as documented.
    pub(crate) fn answer(&self, call: &Received, world: &World) -> Answer {
        match self.change(call, world) {
            Ok(answer) => answer,
            Err(refusal) => {
                let (status, source) = refusal.answer(Family::Fo, world);
                Answer::xml(status, source)
            }
        }
    }

    fn change(&self, call: &Received, world: &World) -> Result<Answer, Refusal> {
        origin::check(call)?;
        let parameters = Parameters::of(call, &["action", "username", "password", "echo_request"])?;
        let action = parameters.text("action").ok_or_else(|| Refusal::missing("action"))?;
        if call.method != "POST" {
            let text = format!("Request method {} is incompatible with action={action}", call.method);
            return Err(Refusal::new(400, 1907, text));
        }
        let said = |text| Answer::xml(200, written::simple_return(world.now_seconds(), text, &[], None));
        match action {
            "login" => {
                let username = parameters.text("username").ok_or_else(|| Refusal::missing("username"))?;
                let password = parameters.text("password").ok_or_else(|| Refusal::missing("password"))?;
                let caller = Caller::of(username, password, world)?;
                // Over the real connections it is marked as `secure`, and no client would send it over these.
                Ok(said("Logged in")
                    .with("set-cookie", format!("{COOKIE}={}; path=/api", self.begin(caller, world))))
            }
            "logout" => {
                let id = cookie(call).unwrap_or_default();
                let ended = self.begun(|it| {
                    let before = it.open.len();
                    it.open.retain(|it| it.id != id);
                    it.open.len() < before
                });
                if ended { Ok(said("Logged out")) } else { Err(Refusal::login()) }
            }
            other => Err(Refusal::bad_value("action", other)),
        }
    }

    fn begin(&self, caller: Caller, world: &World) -> String {
        self.begun(|it| {
            it.count += 1;
            let mut chance = Chance::new(world.seed, Subject::Session, it.count);
            let id = format!("{:016x}{:016x}", chance.bits(), chance.bits());
            it.open.push(Session { id: id.clone(), used: Instant::now(), caller });
            id
        })
    }

    /// Who began the session that a call brings, where it may use it: one that is open, on a path of version 2.0.
    pub(crate) fn admit(&self, call: &Received) -> Option<Caller> {
        let takes_sessions = fo(&call.path).is_some_and(|(version, _)| version == 2);
        let id = cookie(call).filter(|_| takes_sessions)?;
        let now = Instant::now();
        self.begun(|it| {
            it.open.retain(|it| now.duration_since(it.used) < IDLE);
            let found = it.open.iter_mut().find(|it| it.id == id)?;
            found.used = now;
            Some(found.caller.clone())
        })
    }

    fn begun<T>(&self, use_them: impl FnOnce(&mut Begun) -> T) -> T {
        use_them(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The session that a call brings.
fn cookie(call: &Received) -> Option<&str> {
    let pairs = call.header("cookie")?.split(';').filter_map(|it| it.trim().split_once('='));
    pairs.into_iter().find(|(name, _)| *name == COOKIE).map(|(_, id)| id)
}
