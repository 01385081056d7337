//! `exhibit check`: whether each proof type could be collected, at the least cost.

use std::io;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use clap::Args;
use exhibit::clock::{Clock, SystemClock};
use exhibit::collect::progress::{Event, Progress};
use exhibit::collect::sink::{Answer, Sink};
use exhibit::collect::{self, CollectError, Connection, Limits, Order};
use exhibit::contract::collection::{Rejection, Task};
use exhibit::contract::types::{Error, Instant, Row};
use exhibit::plugin::PluginError;
use serde_json::{Value as Json, json};

use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::table::{self, Column};
use super::terminal::{Terminal, shown};

/// Whoever checks wants to know now, not after an hour's rate limit.
const MAX_WAIT: Duration = Duration::from_secs(60);
/// A clock that is off by less does not show in a proof.
const SKEW_WORTH_TELLING: i64 = 60_000;
/// What HTTP says to credentials that it does not know.
const UNAUTHORIZED: u16 = 401;

const EXAMPLES: &str = "\
Examples:
  exhibit check --set platform=US2 \\
    --secret username=env:API_USERNAME --secret password=env:API_PASSWORD";

/// Tries whether each proof type can be collected: right, licence, platform, clock
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Check {
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What came of trying one proof type.
#[derive(Debug)]
struct Finding {
    proof_type: String,
    result: Result<(), Problem>,
    /// From a request to its answer's head, in milliseconds.
    round_trip: Option<i64>,
    /// How far the source's clock is ahead, in milliseconds.
    skew: Option<i64>,
}

#[derive(Debug)]
enum Problem {
    Failed(Failure),
    /// The credentials were refused before: trying them again might lock the account.
    NotTried,
}

impl Check {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let connection = self.connection.connect(environment, terminal).await?;
        let mut findings: Vec<Finding> = Vec::new();
        let mut refused = false;
        for it in &connection.plugin().manifest().proof_types {
            if refused {
                let result = Err(Problem::NotTried);
                findings.push(Finding { proof_type: it.name.clone(), result, round_trip: None, skew: None });
            } else {
                let (finding, unauthorized) = probe(&connection, &it.name).await;
                refused = unauthorized;
                findings.push(finding);
            }
        }
        terminal.say(&if terminal.json() {
            Json::from_iter(findings.iter().map(json)).to_string()
        } else {
            text(&findings, terminal.width())
        });
        match findings.iter().filter(|it| it.result.is_err()).count() {
            0 => Ok(()),
            failed => Err(verdict(failed, findings)),
        }
    }
}

/// With the exit code of the first problem.
fn verdict(failed: usize, findings: Vec<Finding>) -> Failure {
    let what = format!("{failed} of {} proof types cannot be collected", findings.len());
    let first = findings.into_iter().find_map(|it| match it.result {
        Err(Problem::Failed(failure)) => Some(failure),
        _ => None,
    });
    match first {
        Some(failure) => failure.instead(what),
        None => Failure::source(what),
    }
}

async fn probe(connection: &Connection, name: &str) -> (Finding, bool) {
    let order = Order {
        task: Task::Probe(name.to_owned()),
        criteria: vec![],
        window: None,
        as_of: SystemClock.now(),
    };
    let asked = Asked(AtomicI64::new(0));
    let mut heard = Heard { asked: &asked, round_trip: None, skew: None, status: None };
    let limits = Limits { max_wait: MAX_WAIT, ..Limits::default() };
    let outcome = collect::run(connection, &order, &mut heard, &asked, &limits).await;
    let (round_trip, skew) = (heard.round_trip, heard.skew);
    let unauthorized = heard.status == Some(UNAUTHORIZED)
        && matches!(outcome, Err(CollectError::Plugin(PluginError::Said(Error::Denied(_)))));
    let result = outcome.map(drop).map_err(|error| Problem::Failed(error.into()));
    (Finding { proof_type: name.to_owned(), result, round_trip, skew }, unauthorized)
}

/// When the last request went out.
#[derive(Debug)]
struct Asked(AtomicI64);

impl Progress for Asked {
    fn event(&self, event: &Event<'_>) {
        if let Event::Asking(..) = event {
            self.0.store(SystemClock.now(), Ordering::Relaxed);
        }
    }
}

/// Keeps nothing of an answer but when it came.
#[derive(Debug)]
struct Heard<'a> {
    asked: &'a Asked,
    round_trip: Option<i64>,
    skew: Option<i64>,
    status: Option<u16>,
}

impl Sink for Heard<'_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.round_trip = Some(answer.received - self.asked.0.load(Ordering::Relaxed));
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

fn text(findings: &[Finding], width: u16) -> String {
    let columns = [
        Column::new("Type"),
        Column::new("Result"),
        Column::new("Round trip").numeric(true),
        Column::new("Clock"),
    ];
    let row = |it: &Finding| {
        let round_trip = it.round_trip.map_or_else(String::new, |it| format!("{it} ms"));
        vec![shown(&it.proof_type), it.result_in_words(), round_trip, skew_in_words(it.skew)]
    };
    table::render(&columns, findings.iter().map(row).collect(), width)
}

impl Finding {
    fn result_in_words(&self) -> String {
        match &self.result {
            Ok(()) => "can be collected".to_owned(),
            Err(Problem::NotTried) => "not tried: the credentials were refused".to_owned(),
            Err(Problem::Failed(failure)) => match failure.remedy() {
                Some(next) => format!("NO: {}; {}", shown(failure.what()), shown(next)),
                None => format!("NO: {}", shown(failure.what())),
            },
        }
    }
}

fn skew_in_words(skew: Option<i64>) -> String {
    match skew {
        None => String::new(),
        Some(it) if it.abs() < SKEW_WORTH_TELLING => "agrees".to_owned(),
        Some(it) if it > 0 => format!("the source is {} s ahead", it / 1000),
        Some(it) => format!("the source is {} s behind", -it / 1000),
    }
}

fn json(it: &Finding) -> Json {
    let (what, next) = match &it.result {
        Err(Problem::Failed(failure)) => (Some(failure.what()), failure.remedy()),
        _ => (None, None),
    };
    let result = match &it.result {
        Ok(()) => "ok",
        Err(Problem::Failed(_)) => "failed",
        Err(Problem::NotTried) => "not-tried",
    };
    json!({
        "type": it.proof_type,
        "result": result,
        "problem": what,
        "next": next,
        "round-trip-ms": it.round_trip,
        "clock-skew-ms": it.skew,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_missing() {
        let finding = |name: &str, result, skew| Finding {
            proof_type: name.to_owned(),
            result,
            round_trip: Some(120),
            skew,
        };
        let failure = Failure::source("the account lacks the module").next("ask for a licence");
        let findings = [
            finding("assets", Ok(()), Some(400)),
            finding("users", Err(Problem::Failed(failure)), Some(-120_000)),
            finding("tickets", Err(Problem::NotTried), None),
        ];
        insta::assert_snapshot!(text(&findings, 140), @"
        Type     Result                                               Round trip  Clock
        ──────────────────────────────────────────────────────────────────────────────────────────────────────
        assets   can be collected                                         120 ms  agrees
        users    NO: the account lacks the module; ask for a licence      120 ms  the source is 120 s behind
        tickets  not tried: the credentials were refused                  120 ms
        ");
    }
}
