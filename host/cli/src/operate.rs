//! `exhibit operate`: something is done at the source, once it was shown and confirmed.

mod failure;
mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use exhibit::clock::SystemClock;
use exhibit::collect::{Connection, Limits};
use exhibit::contract::catalog::Operation;
use exhibit::contract::types::Kind;
use exhibit::evidence;
use exhibit::run::{self, CollectOptions, Ledger, Progress, Proposal, WAIT};
use exhibit::store::Location;
use exhibit_records::OperationOutcome;
use exhibit_rows::Shown;

use super::arguments::{self, Assignment};
use super::connection::ConnectionArgs;
use super::done::Done;
use super::environment::{Environment, quoted};
use super::failure::Failure;
use super::output::{OperateOutput, OperationOutput, ProposalOutput, json};
use super::places::{self, EvidencePlace};
use super::sign::SignArgs;
use super::signals::Stop;
use super::terminal::{Terminal, shown};
use super::watch::Watch;
use super::wrap::wrap;

pub(super) use self::text::dry_run;

/// A scan of a large network takes days.
const MAX_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const EXAMPLES: &str = "\
Examples:
  What can be done, and what one of it takes:
    exhibit operate
    exhibit operate NAME

  What would be sent; nothing is:
    exhibit operate NAME --with title='Weekly servers' --set platform=US2 \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

  Send it, wait for its end, and keep what came of it:
    exhibit operate NAME --with title='Weekly servers' --set platform=US2 \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --allow operate --confirm 'Weekly servers' --wait --out evidence/weekly

  Go on with one that was interrupted: the same command again. What it had sent
  is not sent again. The same operation is refused for an hour after its end;
  --again sends it nevertheless.";

/// Does something at the source, such as launching a scan: shows what it would send, sends it if that is confirmed
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Operate {
    /// The operation; without one, what there is. With nothing else, what it takes
    #[arg(value_name = "NAME")]
    operation: Option<String>,
    #[command(flatten)]
    connection: ConnectionArgs,
    /// What the operation is given; `exhibit operate NAME` lists it
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<Assignment>,
    /// Lets this connection change something at the source
    #[arg(long, value_name = "WHAT")]
    allow: Option<Allowed>,
    /// Sends it. VALUE is that of the parameter that tells what is done: the dry run says which
    #[arg(long, value_name = "VALUE")]
    confirm: Option<String>,
    /// Wait until the end of what was begun, and report how it ended
    #[arg(long)]
    wait: bool,
    /// How many seconds to wait at most, all pauses together [default: 604800]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_wait: Option<u64>,
    /// Go on with what was interrupted, and begin nothing
    #[arg(long, conflicts_with_all = ["fresh", "again"])]
    resume: bool,
    /// Start over where the same command was interrupted before it had sent anything
    #[arg(long)]
    fresh: bool,
    /// Send it although the same was sent within the last hour, or by a run that was interrupted: it may be done twice. The record
    /// of that run is kept
    #[arg(long)]
    again: bool,
    /// The folder for the evidence: made if it is not there, never overwritten
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A store to keep the evidence in, instead of --out: `exhibit evidence init` makes one
    #[arg(long, value_name = "STORE", conflicts_with = "out")]
    store: Option<Location>,
    #[command(flatten)]
    sign: SignArgs,
    /// What the account is called: tells it from others of the same source, for people and in a store
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
}

/// What a connection may be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Allowed {
    /// Change something at the source, once that is confirmed
    Operate,
}

impl Operate {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Done, Failure> {
        let Some(name) = &self.operation else {
            let plugin = self.connection.plugin(environment).await?;
            terminal.say(&text::list(plugin.manifest(), terminal)?);
            return Ok(Done::Well);
        };
        if !self.connection.is_given() && self.with.is_empty() && self.confirm.is_none() {
            let plugin = self.connection.plugin(environment).await?;
            let operation = failure::operation(plugin.manifest(), name)?;
            terminal.say(&match terminal.json() {
                true => json(&OperationOutput::from(operation))?,
                false => text::describe(operation, terminal.width()),
            });
            return Ok(Done::Well);
        }
        let may_operate = self.allow == Some(Allowed::Operate);
        let connection = self.connection.connect_to(environment, terminal, may_operate).await?;
        let operation = failure::operation(connection.plugin().manifest(), name)?;
        let mut options = CollectOptions::default();
        let given = arguments::all_settings(&operation.parameters, &self.parameters(operation)?);
        options.criteria = given.map_err(|errors| {
            let faults = run::parameter_faults(connection.plugin().manifest(), errors);
            failure::parameters(&faults, name)
        })?;
        options.limits = self.limits();
        (options.fresh, options.again, options.only_resume) = (self.fresh, self.again, self.resume);
        options.account = self.account.as_deref();
        if self.confirm.is_none() && !self.resume {
            let watch = Watch::collecting(terminal, &operation.label, stop);
            let proposed = run::propose(&connection, name, &options, &SystemClock, &watch).await;
            drop(watch);
            let proposed = proposed.map_err(|error| failure::before(error, operation))?;
            terminal.say(&self.proposal(operation, proposed.as_ref(), &options, terminal)?);
            return Ok(Done::Well);
        }
        self.carry_out(&connection, operation, options, environment, terminal, stop).await
    }

    async fn carry_out(
        &self,
        connection: &Connection,
        operation: &Operation,
        mut options: CollectOptions<'_>,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Done, Failure> {
        places::of_evidence(self.out.as_deref(), self.store.as_ref(), &self.sign)?;
        let key = self.sign.key(&environment.backends).await?;
        options.key = key.as_ref();
        let ledger = environment.operations.as_ref().map(Ledger::new);
        if ledger.is_none() {
            terminal.warn(
                "neither XDG_STATE_HOME nor HOME names a folder: it is not remembered what was sent, and the same command \
                 could send it again",
            );
        }
        options.ledger = ledger.as_ref();
        let mut place = EvidencePlace::open(self.out.as_deref(), self.store.as_ref(), environment).await?;
        let called = place.called();
        let subject = text::subject(operation, &options.criteria);
        let confirmed = self.confirm.as_deref();
        let watch = Watch::operating(terminal, &operation.label, stop, &subject, called.clone());
        let destination = place.destination(key.as_ref());
        let done =
            run::operate(connection, &operation.name, confirmed, destination, &options, &SystemClock, &watch)
                .await;
        drop(watch);
        let done = done.map_err(|error| failure::of(error, operation, &subject, &called))?;
        stop.has_ended();
        match done {
            Progress::Done(done) => self.report(&done, operation, terminal),
            Progress::Suspended(it) => {
                let until = evidence::format_instant(it.until);
                Err(Failure::source(format!("suspended: {}", Shown::line(&it.reason)))
                    .next(format!("the same command goes on with it after {until}")))
            }
        }
    }

    /// What was done, whose evidence is kept. Whatever fails from here on, the exit code does not say that nothing was sent.
    fn report(
        &self,
        done: &run::Collected,
        operation: &Operation,
        terminal: &Terminal,
    ) -> Result<Done, Failure> {
        let outcome = done.proof.outcome;
        let verdict = || text::verdict(outcome, operation);
        let unshown = |failure: Failure| {
            let during = format!("showing what was done; its evidence is in {}", shown(&done.place));
            failure.during(during).of_source()
        };
        if terminal.json() {
            let output = OperateOutput { folder: &done.place, proof: &done.proof };
            terminal.say(&json(&output).map_err(|error| unshown(error.into()))?);
        } else {
            let text = text::report(&done.folder, &done.proof, terminal.width());
            let text = text.map_err(|error| unshown(Failure::call(error)))?;
            terminal.say(&format!("{}\n\n{text}\n\nThe evidence is in {}", verdict(), shown(&done.place)));
        }
        match outcome {
            None | Some(OperationOutcome::Done) => Ok(Done::Operated),
            Some(OperationOutcome::NotDone) => {
                Err(Failure::source(verdict()).next("read the report, mend what it names, and run it again"))
            }
            Some(OperationOutcome::Unknown) => Err(Failure::source(verdict())
                .next("look at the source what became of it; the report says where. --again runs it again")),
        }
    }

    /// With `wait`, where that was asked for.
    fn parameters(&self, operation: &Operation) -> Result<Vec<Assignment>, Failure> {
        let mut given = self.with.clone();
        if self.wait {
            if !operation.parameters.iter().any(|it| it.name == WAIT && it.kind == Kind::Boolean) {
                return Err(Failure::call(format!("`{}` ends when it is answered", operation.name))
                    .next("leave --wait out"));
            }
            given.push(Assignment { name: WAIT.to_owned(), value: "true".to_owned() });
        }
        Ok(given)
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.max_wait = self.max_wait.map_or(MAX_WAIT, Duration::from_secs);
        limits
    }

    fn proposal(
        &self,
        operation: &Operation,
        proposed: Option<&Proposal>,
        options: &CollectOptions<'_>,
        terminal: &Terminal,
    ) -> Result<String, Failure> {
        let value = text::confirmed(operation, &options.criteria);
        let Some(Proposal { request, origin, .. }) = proposed else {
            return Ok(match terminal.json() {
                true => json(&ProposalOutput::nothing(operation))?,
                false => format!("{}: nothing is to be changed.", shown(&operation.label)),
            });
        };
        if terminal.json() {
            return Ok(json(&ProposalOutput::of(operation, request, origin, &value))?);
        }
        let width = terminal.width();
        let mut parts = vec![dry_run(operation, request, origin, width)];
        let mut missing = Vec::new();
        if self.allow.is_none() {
            missing.push("--allow operate".to_owned());
        }
        missing.push(format!("--confirm {}", quoted(Path::new(&value))));
        if self.out.is_none() && self.store.is_none() {
            missing.push("--out DIR".to_owned());
        }
        let what = "Text by which this run is known, such as in a title, is another one in each run.";
        parts.push(wrap(&format!("{what}\nTo send it, add: {}", missing.join(" ")), width));
        Ok(parts.join("\n\n"))
    }
}
