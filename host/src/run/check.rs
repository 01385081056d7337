//! Whether each proof type of a connection could be collected, at the least cost.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use std::{future, io};

use exhibit_rows::Shown;
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use crate::clock::Clock;
use crate::collect::progress::{Event, Progress};
use crate::collect::sink::{Answer, Sink};
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::contract::catalog::AuthScheme;
use crate::contract::collection::{Job, Rejection, Request, Step, Task};
use crate::contract::settings;
use crate::contract::types::{Error, Row};
use crate::format::wait;
use crate::http::{Origin, SendError, SignError};
use crate::plugin::PluginError;
use crate::remedy::Remedy;

/// A check is for now, and not for after an hour's rate limit.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// Until the source's first answer to anything: a person waits for it, and a source that is there has answered long before.
const NO_ANSWER: Duration = Duration::from_secs(14);
/// A connection that broke once may be made the next time; a collection has more patience.
const ATTEMPTS: u32 = 2;
/// HTTP's status for credentials that are not known.
const UNAUTHORIZED: u16 = 401;
const FORBIDDEN: u16 = 403;

/// What was found of one proof type.
#[derive(Debug)]
#[non_exhaustive]
pub struct TypeCheck {
    /// Its name.
    pub proof_type: String,
    /// Whether it can be collected.
    pub result: Result<(), CheckProblem>,
    /// From the last request to its answer's head, in milliseconds.
    pub round_trip: Option<i64>,
    /// How far the source's clock is ahead of the host's, in milliseconds, where the plugin reads the header that says
    /// it.
    pub skew: Option<i64>,
}

/// Why a proof type cannot be collected, as far as is known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckProblem {
    /// It was tried.
    #[error(transparent)]
    Failed(#[from] CollectError),
    /// It was tried, and nothing came back for as long as a check waits.
    #[error("{origin} gave no answer within {}{}", wait(*after), because(why.as_ref()))]
    NoAnswer {
        /// The origin's URL.
        origin: String,
        /// How long it was waited for.
        after: Duration,
        /// What the last attempt that ended failed of.
        why: Option<String>,
    },
    /// It was not tried: what another one failed of is in its way, too.
    #[error("not tried: {0}")]
    NotTried(NotTried),
}

/// Why a proof type was not tried.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotTried {
    /// The credentials were refused for another one, and to try them again might lock the account.
    #[error("the credentials were refused")]
    Refused,
    /// The origin that it is asked of was not reached for another one.
    #[error("{0} was not reached")]
    Unreached(String),
    /// Its requests are signed as those that could not be signed for another one.
    #[error("its requests cannot be signed")]
    Unsigned,
}

impl CheckProblem {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Failed(error) => error.remedy(),
            Self::NoAnswer { .. } => Some(Remedy::CheckFirewall),
            Self::NotTried(_) => None,
        }
    }
}

fn because(why: Option<&String>) -> String {
    why.map(|it| format!("; the last attempt: {it}")).unwrap_or_default()
}

/// What a check tells while it runs.
#[derive(Debug)]
#[non_exhaustive]
pub enum CheckEvent<'a> {
    /// This proof type comes next.
    Began(&'a str),
    /// Something happened while it is asked for.
    Asked(&'a Event<'a>),
    /// It is done.
    Done(&'a TypeCheck),
}

/// Asks the source, for each proof type in the manifest's order, for as little as shows whether it can be collected. What
/// stands in the way of others, too, is tried once. `heard` is called with what happens.
///
/// ```no_run
/// # async fn check(connection: exhibit::collect::Connection) {
/// use exhibit::clock::SystemClock;
/// use exhibit::run;
///
/// for it in run::check(&connection, &SystemClock, &|_| {}).await {
///     println!("{}: {}", it.proof_type, if it.result.is_ok() { "can be collected" } else { "cannot" });
/// }
/// # }
/// ```
pub async fn check(
    connection: &Connection,
    clock: &dyn Clock,
    heard: &(dyn Fn(&CheckEvent<'_>) + Send + Sync),
) -> Vec<TypeCheck> {
    let watch = Watch::new(clock, heard);
    let mut checks: Vec<TypeCheck> = Vec::new();
    let mut shared: Option<Shared> = None;
    for it in &connection.plugin().manifest().proof_types {
        heard(&CheckEvent::Began(&it.name));
        let why = match &shared {
            Some(shared) => shared.reason_for(connection, &it.name, clock).await,
            None => None,
        };
        let check = match why {
            Some(why) => {
                let result = Err(CheckProblem::NotTried(why));
                TypeCheck { proof_type: it.name.clone(), result, round_trip: None, skew: None }
            }
            None => {
                let (check, failed) = probe(connection, &it.name, &watch).await;
                shared = shared.or(failed);
                check
            }
        };
        heard(&CheckEvent::Done(&check));
        checks.push(check);
    }
    checks
}

/// What one proof type failed of, and others would, too.
enum Shared {
    Credentials,
    /// By the name that the plugin has for it.
    Origin(String),
    /// The proxy refuses the login: to try it again might lock that account.
    Proxy,
    /// By the name of the signature.
    Signature(String),
}

impl Shared {
    /// Why this type is not tried; `None` where it may be different with it.
    async fn reason_for(&self, connection: &Connection, name: &str, clock: &dyn Clock) -> Option<NotTried> {
        match self {
            Self::Credentials => Some(NotTried::Refused),
            Self::Origin(origin) => {
                let request = first_request(connection, name, clock).await?;
                // Two origins may be one machine, by one address.
                let (asked, unreached) = (url(connection, &request.origin), url(connection, origin));
                (asked == unreached).then_some(NotTried::Unreached(unreached))
            }
            Self::Proxy => {
                let request = first_request(connection, name, clock).await?;
                Some(NotTried::Unreached(url(connection, &request.origin)))
            }
            Self::Signature(auth) => {
                let request = first_request(connection, name, clock).await?;
                (request.auth.as_ref() == Some(auth)).then_some(NotTried::Unsigned)
            }
        }
    }
}

/// What a probe of this type would ask first.
async fn first_request(connection: &Connection, name: &str, clock: &dyn Clock) -> Option<Request> {
    let plugin = connection.plugin();
    let job = Job {
        task: Task::Probe(name.to_owned()),
        settings: connection.settings().to_vec(),
        criteria: settings::complete(&plugin.manifest().proof_type(name)?.criteria, vec![]).ok()?,
        window: None,
        since: None,
        as_of: clock.now(),
        id: None,
        checkpoint: None,
    };
    match plugin.open(&job).await.ok()?.next().await.ok()? {
        Step::Send(request) => Some(request),
        Step::Wait(_) | Step::Finished(_) => None,
    }
}

/// How the first request of a probe would be signed.
async fn auth_of(connection: &Connection, name: &str, clock: &dyn Clock) -> Option<(String, AuthScheme)> {
    let auth = first_request(connection, name, clock).await?.auth?;
    let scheme = connection.plugin().manifest().auth.iter().find(|it| it.name == auth)?.scheme.clone();
    Some((auth, scheme))
}

fn url(connection: &Connection, origin: &str) -> String {
    connection.origins().get(origin).map_or_else(|| Shown::line(origin).to_string(), Origin::to_string)
}

async fn probe(connection: &Connection, proof_type: &str, watch: &Watch<'_>) -> (TypeCheck, Option<Shared>) {
    let task = Task::Probe(proof_type.to_owned());
    let order =
        Order { task, criteria: vec![], window: None, since: None, as_of: watch.clock.now(), id: None };
    let mut answers = Answers { watch, round_trip: None, skew: None, status: None };
    let mut limits = Limits::default();
    (limits.max_wait, limits.attempts) = (MAX_WAIT, ATTEMPTS);
    let outcome = tokio::select! {
        outcome = collect::run(connection, &order, &mut answers, watch, &limits) => {
            outcome.map(drop).map_err(CheckProblem::Failed)
        }
        () = watch.silence() => {
            let (origin, why) = (url(connection, &watch.origin()), watch.last_failure());
            Err(CheckProblem::NoAnswer { origin, after: NO_ANSWER, why })
        }
    };
    let Answers { round_trip, skew, status, .. } = answers;
    let shared = match &outcome {
        Err(CheckProblem::Failed(CollectError::Plugin(PluginError::Said(Error::Denied(_)))))
            if status == Some(UNAUTHORIZED) =>
        {
            // A token was given for the credentials, so these are right: what is refused is what it may do.
            match auth_of(connection, proof_type, watch.clock).await {
                Some((_, AuthScheme::Token(_))) => None,
                _ => Some(Shared::Credentials),
            }
        }
        Err(CheckProblem::Failed(CollectError::Sign(SignError::NotGiven {
            status: UNAUTHORIZED | FORBIDDEN,
            ..
        }))) => Some(Shared::Credentials),
        Err(CheckProblem::Failed(CollectError::Send { error, .. })) if error.is_of_a_proxy_login() => {
            Some(Shared::Proxy)
        }
        Err(CheckProblem::NoAnswer { .. }) => Some(Shared::Origin(watch.origin())),
        Err(CheckProblem::Failed(CollectError::Send { error, .. })) if is_of_the_origin(error) => {
            Some(Shared::Origin(watch.origin()))
        }
        Err(CheckProblem::Failed(CollectError::Sign(_))) => {
            auth_of(connection, proof_type, watch.clock).await.map(|(name, _)| Shared::Signature(name))
        }
        _ => None,
    };
    (TypeCheck { proof_type: proof_type.to_owned(), result: outcome, round_trip, skew }, shared)
}

/// Whether another request to the origin would fail alike: not where it is about one path.
fn is_of_the_origin(error: &SendError) -> bool {
    !matches!(error, SendError::Redirected { .. })
}

/// What happened so far, with all proof types.
struct Watch<'a> {
    clock: &'a dyn Clock,
    heard: &'a (dyn Fn(&CheckEvent<'_>) + Send + Sync),
    /// When the last request went out.
    asked: AtomicI64,
    /// Whether anything came back, or is waited for that is known.
    answered: AtomicBool,
    state: Mutex<State>,
    begun: Notify,
}

#[derive(Default)]
struct State {
    /// When the first request went out.
    first: Option<Instant>,
    /// Where the last one went.
    origin: String,
    /// What the last attempt failed of.
    why: Option<String>,
}

impl<'a> Watch<'a> {
    fn new(clock: &'a dyn Clock, heard: &'a (dyn Fn(&CheckEvent<'_>) + Send + Sync)) -> Self {
        let (asked, answered) = (AtomicI64::new(0), AtomicBool::new(false));
        Self { clock, heard, asked, answered, state: Mutex::default(), begun: Notify::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn origin(&self) -> String {
        self.state().origin.clone()
    }

    fn last_failure(&self) -> Option<String> {
        self.state().why.clone()
    }

    /// Ends when nothing came back for as long as a check waits for it; never, once something has.
    async fn silence(&self) {
        let first = loop {
            let first = self.state().first;
            match first {
                Some(first) => break first,
                None => self.begun.notified().await,
            }
        };
        sleep_until(first + NO_ANSWER).await;
        if self.answered.load(Ordering::Relaxed) {
            future::pending::<()>().await;
        }
    }
}

impl Progress for Watch<'_> {
    fn event(&self, event: &Event<'_>) {
        match event {
            Event::Asking(origin, _) => {
                self.asked.store(self.clock.now(), Ordering::Relaxed);
                let mut state = self.state();
                state.first.get_or_insert_with(Instant::now);
                (*origin).clone_into(&mut state.origin);
                self.begun.notify_one();
            }
            Event::Again(why, _) => self.state().why = Some((*why).to_owned()),
            // What is waited for is known.
            Event::Waiting(_) => self.answered.store(true, Ordering::Relaxed),
            _ => {}
        }
        (self.heard)(&CheckEvent::Asked(event));
    }
}

/// Keeps nothing of an answer but when it came.
struct Answers<'a> {
    watch: &'a Watch<'a>,
    round_trip: Option<i64>,
    skew: Option<i64>,
    status: Option<u16>,
}

impl Sink for Answers<'_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.watch.answered.store(true, Ordering::Relaxed);
        self.round_trip = Some(answer.received - self.watch.asked.load(Ordering::Relaxed));
        self.skew = date(answer).map(|it| it - answer.received).or(self.skew);
        self.status = Some(answer.head.status);
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, _: Vec<Row>, _: Vec<Rejection>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }
}

/// The source's own time, where the plugin reads the header that says it.
fn date(answer: &Answer<'_>) -> Option<i64> {
    let (_, date) = answer.head.headers.iter().find(|(name, _)| name == "date")?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(date.as_millisecond())
}

#[cfg(test)]
mod tests;
