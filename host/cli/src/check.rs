//! `exhibit check`: whether each proof type could be collected, at the least cost.

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::format::duration;
use exhibit::run::{self, CheckProblem, TypeCheck};

use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{ConnectionCheckOutput, ConnectionResult, json};
use super::progress::Steps;
use super::table::{self, Column};
use super::terminal::{Terminal, shown};

/// A clock that is off by less does not show in a proof.
const SKEW_WORTH_TELLING: i64 = 60_000;

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

/// What was found of one proof type, as people read it.
#[derive(Debug)]
struct Finding {
    proof_type: String,
    result: Result<(), Problem>,
    round_trip: Option<i64>,
    skew: Option<i64>,
}

#[derive(Debug)]
enum Problem {
    Failed(Failure),
    /// Why.
    NotTried(String),
}

impl From<TypeCheck> for Finding {
    fn from(it: TypeCheck) -> Self {
        let result = it.result.map_err(|problem| match problem {
            problem @ CheckProblem::NotTried(_) => Problem::NotTried(problem.to_string()),
            CheckProblem::Failed(error) => Problem::Failed(error.into()),
            problem => Problem::Failed(Failure::source(&problem).with(problem.remedy())),
        });
        Self { proof_type: it.proof_type, result, round_trip: it.round_trip, skew: it.skew }
    }
}

impl Check {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let connection = self.connection.connect(environment, terminal).await?;
        let steps = Steps::new(terminal);
        let checks = run::check(&connection, &SystemClock, &|event| steps.event(event)).await;
        drop(steps);
        let findings: Vec<Finding> = checks.into_iter().map(Finding::from).collect();
        terminal.say(&if terminal.json() {
            json(&findings.iter().map(output).collect::<Vec<_>>())?
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

fn text(findings: &[Finding], width: Option<u16>) -> String {
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
            Err(Problem::NotTried(why)) => shown(why),
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
        Some(it) => {
            let side = if it > 0 { "ahead" } else { "behind" };
            format!("the source is {} {side}", duration(it.unsigned_abs() / 1000))
        }
    }
}

fn output(it: &Finding) -> ConnectionCheckOutput<'_> {
    let (problem, next) = match &it.result {
        Err(Problem::Failed(failure)) => (Some(failure.what()), failure.remedy()),
        Err(Problem::NotTried(why)) => (Some(why.as_str()), None),
        Ok(()) => (None, None),
    };
    ConnectionCheckOutput {
        proof_type: &it.proof_type,
        result: match &it.result {
            Ok(()) => ConnectionResult::Ok,
            Err(Problem::Failed(_)) => ConnectionResult::Failed,
            Err(Problem::NotTried(_)) => ConnectionResult::NotTried,
        },
        problem,
        next,
        round_trip_ms: it.round_trip,
        clock_skew_ms: it.skew,
    }
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
            finding(
                "tickets",
                Err(Problem::NotTried("not tried: the credentials were refused".to_owned())),
                None,
            ),
        ];
        insta::assert_snapshot!(text(&findings, Some(140)), @"
        Type     Result                                               Round trip  Clock
        ───────────────────────────────────────────────────────────────────────────────────────────────────────
        assets   can be collected                                         120 ms  agrees
        users    NO: the account lacks the module; ask for a licence      120 ms  the source is 2m 00s behind
        tickets  not tried: the credentials were refused                  120 ms
        ");
    }
}
