//! Whether each proof type of a connection could be collected, at the least cost.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use crate::clock::Clock;
use crate::collect::progress::{Event, Progress};
use crate::collect::sink::{Answer, Sink};
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::contract::collection::{Rejection, Task};
use crate::contract::types::{Error, Instant, Row};
use crate::plugin::PluginError;

/// A check is for now, and not for after an hour's rate limit.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// HTTP's status for credentials that are not known.
const UNAUTHORIZED: u16 = 401;

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
    /// It was not tried: the credentials were refused for another one, and to try them again might lock the account.
    #[error("not tried: the credentials were refused")]
    NotTried,
}

/// Asks the source, for each proof type in the manifest's order, for as little as shows whether it can be collected.
///
/// ```no_run
/// # async fn check(connection: exhibit::collect::Connection) {
/// use exhibit::clock::SystemClock;
/// use exhibit::run;
///
/// for it in run::check(&connection, &SystemClock).await {
///     println!("{}: {}", it.proof_type, if it.result.is_ok() { "can be collected" } else { "cannot" });
/// }
/// # }
/// ```
pub async fn check(connection: &Connection, clock: &dyn Clock) -> Vec<TypeCheck> {
    let mut checks: Vec<TypeCheck> = Vec::new();
    let mut refused = false;
    for it in &connection.plugin().manifest().proof_types {
        let proof_type = it.name.clone();
        if refused {
            let result = Err(CheckProblem::NotTried);
            checks.push(TypeCheck { proof_type, result, round_trip: None, skew: None });
        } else {
            let (check, unauthorized) = probe(connection, proof_type, clock).await;
            refused = unauthorized;
            checks.push(check);
        }
    }
    checks
}

async fn probe(connection: &Connection, proof_type: String, clock: &dyn Clock) -> (TypeCheck, bool) {
    let task = Task::Probe(proof_type.clone());
    let order = Order { task, criteria: vec![], window: None, as_of: clock.now() };
    let asked = Asked { at: AtomicI64::new(0), clock };
    let mut heard = Heard { asked: &asked, round_trip: None, skew: None, status: None };
    let mut limits = Limits::default();
    limits.max_wait = MAX_WAIT;
    let outcome = collect::run(connection, &order, &mut heard, &asked, &limits).await;
    let (round_trip, skew) = (heard.round_trip, heard.skew);
    let unauthorized = heard.status == Some(UNAUTHORIZED)
        && matches!(outcome, Err(CollectError::Plugin(PluginError::Said(Error::Denied(_)))));
    let result = outcome.map(drop).map_err(CheckProblem::Failed);
    (TypeCheck { proof_type, result, round_trip, skew }, unauthorized)
}

/// When the last request went out.
struct Asked<'a> {
    at: AtomicI64,
    clock: &'a dyn Clock,
}

impl Progress for Asked<'_> {
    fn event(&self, event: &Event<'_>) {
        if let Event::Asking(..) = event {
            self.at.store(self.clock.now(), Ordering::Relaxed);
        }
    }
}

/// Keeps nothing of an answer but when it came.
struct Heard<'a> {
    asked: &'a Asked<'a>,
    round_trip: Option<i64>,
    skew: Option<i64>,
    status: Option<u16>,
}

impl Sink for Heard<'_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.round_trip = Some(answer.received - self.asked.at.load(Ordering::Relaxed));
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
fn date(answer: &Answer<'_>) -> Option<Instant> {
    let (_, date) = answer.head.headers.iter().find(|(name, _)| name == "date")?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(date.as_millisecond())
}
