//! `exhibit check`: what the account of a connection may collect and do, at the least cost.

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::format::duration;
use exhibit::run::{self, Access, AccessCheck, CheckProblem, CheckedKind};

use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{AccessCheckOutput, AccessKind, AccessResult, json};
use super::progress::Steps;
use super::table::{self, Column};
use super::terminal::{Terminal, shown};

/// A clock that is off by less does not show in a proof.
const SKEW_WORTH_TELLING: i64 = 60_000;

const EXAMPLES: &str = "\
Examples:
  exhibit check --set platform=US2 \\
    --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

Only two of them, by the names that `exhibit types` lists:
  exhibit check users launch-vm-scan --set platform=US2 \\
    --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

It changes nothing at the source. The steps that it names are those of `exhibit guide`.";

/// Tries what the account may collect and do: right, licence, platform, clock
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Check {
    /// The proof types and operations to check [default: all; operations then do not change the exit code]
    #[arg(value_name = "TYPE|OPERATION")]
    names: Vec<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
}

/// What was found of one proof type or operation, as people read it.
#[derive(Debug)]
struct Finding {
    name: String,
    kind: CheckedKind,
    result: Result<Access, Problem>,
    remarks: Vec<String>,
    round_trip: Option<i64>,
    skew: Option<i64>,
}

#[derive(Debug)]
enum Problem {
    /// The source says that the account may not.
    Refused(Failure),
    /// It could not be found out.
    Failed(Failure),
    /// Why.
    NotTried(String),
}

impl From<AccessCheck> for Finding {
    fn from(it: AccessCheck) -> Self {
        let result = it.result.map_err(|problem| {
            let is_refusal = problem.is_refusal();
            let failure = match problem {
                problem @ CheckProblem::NotTried(_) => return Problem::NotTried(problem.to_string()),
                CheckProblem::Failed(error) => error.into(),
                problem => Failure::source(&problem).with(problem.remedy()),
            };
            if is_refusal { Problem::Refused(failure) } else { Problem::Failed(failure) }
        });
        let remarks = it.remarks.iter().map(|it| shown(it)).collect();
        Self { name: it.name, kind: it.kind, result, remarks, round_trip: it.round_trip, skew: it.skew }
    }
}

impl Check {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let connection = self.connection.connect(environment, terminal).await?;
        let steps = Steps::new(terminal);
        let checks = run::check(&connection, &self.names, &SystemClock, &|event| steps.event(event)).await;
        drop(steps);
        let checks = checks.map_err(|error| {
            let next = match &error.nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "`exhibit types` lists what the plugin has".to_owned(),
            };
            Failure::call(error).next(next)
        })?;
        let findings: Vec<Finding> = checks.into_iter().map(Finding::from).collect();
        terminal.say(&if terminal.json() {
            json(&findings.iter().map(output).collect::<Vec<_>>())?
        } else {
            text(&findings, terminal.width())
        });
        // An account that only collects need not be able to change anything.
        let counts = |it: &Finding| it.kind == CheckedKind::ProofType || !self.names.is_empty();
        verdict(findings.into_iter().filter(counts).collect())
    }
}

/// With the exit code of the first problem.
fn verdict(findings: Vec<Finding>) -> Result<(), Failure> {
    let said = |kind, things: &str, done: &str| {
        let of_kind = findings.iter().filter(|it| it.kind == kind);
        let all = of_kind.clone().count();
        let untried = of_kind.clone().filter(|it| matches!(it.result, Err(Problem::NotTried(_)))).count();
        let failed = of_kind.filter(|it| it.result.is_err()).count() - untried;
        let counted =
            |number: usize, what: &str| (number > 0).then(|| format!("{number} of {all} {things} {what}"));
        [counted(failed, &format!("cannot be {done}")), counted(untried, "were not tried")]
    };
    let what = [
        said(CheckedKind::ProofType, "proof types", "collected"),
        said(CheckedKind::Operation, "operations", "carried out"),
    ];
    let what: Vec<String> = what.into_iter().flatten().flatten().collect();
    if what.is_empty() {
        return Ok(());
    }
    let first = findings.into_iter().find_map(|it| match it.result {
        Err(Problem::Refused(failure) | Problem::Failed(failure)) => Some(failure),
        _ => None,
    });
    Err(match first {
        Some(failure) => failure.instead(what.join("; ")),
        None => Failure::source(what.join("; ")),
    })
}

fn text(findings: &[Finding], width: Option<u16>) -> String {
    let columns = [
        Column::new("Name"),
        Column::new("Result"),
        Column::new("Round trip").numeric(true),
        Column::new("Clock"),
    ];
    let row = |it: &Finding| {
        let round_trip = it.round_trip.map_or_else(String::new, |it| format!("{it} ms"));
        vec![shown(&it.name), it.result_in_words(), round_trip, skew_in_words(it.skew)]
    };
    table::render(&columns, findings.iter().map(row).collect(), width)
}

impl Finding {
    fn result_in_words(&self) -> String {
        let said = |word: &str, failure: &Failure| match failure.remedy() {
            Some(next) => format!("{word}: {}; {}", shown(failure.what()), shown(next)),
            None => format!("{word}: {}", shown(failure.what())),
        };
        let mut words = match &self.result {
            Ok(Access::Granted) if self.kind == CheckedKind::Operation => "can be carried out".to_owned(),
            Ok(Access::Granted) => "can be collected".to_owned(),
            Ok(_) => "NOT KNOWN".to_owned(),
            Err(Problem::NotTried(why)) => shown(why),
            Err(Problem::Refused(failure)) => said("NO", failure),
            Err(Problem::Failed(failure)) => said("FAILED", failure),
        };
        for remark in &self.remarks {
            words += "; ";
            words += remark;
        }
        words
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

fn output(it: &Finding) -> AccessCheckOutput<'_> {
    let (problem, next) = match &it.result {
        Err(Problem::Refused(failure) | Problem::Failed(failure)) => (Some(failure.what()), failure.remedy()),
        Err(Problem::NotTried(why)) => (Some(why.as_str()), None),
        Ok(_) => (None, None),
    };
    AccessCheckOutput {
        name: &it.name,
        kind: match it.kind {
            CheckedKind::Operation => AccessKind::Operation,
            _ => AccessKind::ProofType,
        },
        result: match &it.result {
            Ok(Access::Granted) => AccessResult::Ok,
            Ok(_) => AccessResult::Unknown,
            Err(Problem::Refused(_)) => AccessResult::Refused,
            Err(Problem::Failed(_)) => AccessResult::Failed,
            Err(Problem::NotTried(_)) => AccessResult::NotTried,
        },
        problem,
        next,
        remarks: &it.remarks,
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
            name: name.to_owned(),
            kind: CheckedKind::ProofType,
            result,
            remarks: vec![],
            round_trip: Some(120),
            skew,
        };
        let failure = Failure::source("the account lacks the module").next("ask for a licence");
        let unknown = vec!["look in the console".to_owned()];
        let mut launch = finding("launch-scan", Ok(Access::Undecided), None);
        (launch.kind, launch.remarks) = (CheckedKind::Operation, unknown);
        let findings = [
            finding("assets", Ok(Access::Granted), Some(400)),
            finding("users", Err(Problem::Refused(failure)), Some(-120_000)),
            finding(
                "tickets",
                Err(Problem::NotTried("not tried: the credentials were refused".to_owned())),
                None,
            ),
            launch,
        ];
        insta::assert_snapshot!(text(&findings, Some(140)), @"
        Name         Result                                               Round trip  Clock
        ───────────────────────────────────────────────────────────────────────────────────────────────────────────
        assets       can be collected                                         120 ms  agrees
        users        NO: the account lacks the module; ask for a licence      120 ms  the source is 2m 00s behind
        tickets      not tried: the credentials were refused                  120 ms
        launch-scan  NOT KNOWN; look in the console                           120 ms
        ");
        let said = verdict(findings.into_iter().collect()).expect_err("two cannot");
        assert_eq!(said.what(), "1 of 3 proof types cannot be collected; 1 of 3 proof types were not tried");
    }
}
