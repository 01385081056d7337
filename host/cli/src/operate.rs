//! `exhibit operate`: something is done at the source, once it was shown and confirmed.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};
use exhibit::clock::SystemClock;
use exhibit::collect::{CollectError, Connection, Limits};
use exhibit::contract::Manifest;
use exhibit::contract::catalog::Operation;
use exhibit::contract::collection::{Body, Effect, Method, Request};
use exhibit::contract::types::Kind;
use exhibit::evidence::{self, ABSENT, read};
use exhibit::nearest::nearest;
use exhibit::run::{self, CollectFailure, CollectOptions, Destination, Progress, Proposal};
use exhibit::store::Location;
use exhibit_records::{OperationOutcome, Proof};
use exhibit_rows::Shown;

use super::arguments::{self, Assignment};
use super::cells::cell;
use super::connection::ConnectionArgs;
use super::done::Done;
use super::environment::{Environment, quoted};
use super::failure::Failure;
use super::output::{OperateOutput, OperationOutput, ProposalOutput, json};
use super::sign::SignArgs;
use super::signals::Stop;
use super::table::{self, Column};
use super::terminal::{Terminal, shown, shown_lines};
use super::watch::Watch;
use super::{places, types};

/// The parameter that says whether an operation waits for its end, where it can.
const WAIT: &str = "wait";
/// A scan of a large network takes days.
const MAX_WAIT: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// An operation reports a row, or some.
const SHOWN_ROWS: usize = 10;
/// What is not said of it needs no line.
const UNSAID: [&str; 2] = [ABSENT, "–"];

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

  Go on with one that was interrupted: the same command again. What it had sent is not sent again. One that has
  ended is not: look into the folder or the store first.";

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
    #[arg(long, conflicts_with = "fresh")]
    resume: bool,
    /// Begin anew where the same command was interrupted: what it had sent may be done a second time
    #[arg(long)]
    fresh: bool,
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
            terminal.say(&list(plugin.manifest(), terminal)?);
            return Ok(Done::Well);
        };
        if !self.connection.is_given() && self.with.is_empty() && self.confirm.is_none() {
            let plugin = self.connection.plugin(environment).await?;
            let operation = operation(plugin.manifest(), name)?;
            terminal.say(&match terminal.json() {
                true => json(&OperationOutput::from(operation))?,
                false => describe(operation, terminal.width()),
            });
            return Ok(Done::Well);
        }
        let may_operate = self.allow == Some(Allowed::Operate);
        let connection = self.connection.connect_to(environment, terminal, may_operate).await?;
        let operation = operation(connection.plugin().manifest(), name)?;
        let mut options = CollectOptions::default();
        options.criteria = arguments::settings(&operation.parameters, &self.parameters(operation)?)
            .map_err(CollectError::from)?;
        options.limits = self.limits();
        (options.fresh, options.only_resume) = (self.fresh, self.resume);
        options.account = self.account.as_deref();
        if self.confirm.is_none() && !self.resume {
            let watch = Watch::collecting(terminal, &operation.label, stop);
            let proposed = run::propose(&connection, name, &options, &SystemClock, &watch).await;
            drop(watch);
            let proposed = proposed.map_err(|error| failure(error, operation))?;
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
        let mut store = match &self.store {
            Some(store) => Some(store.store(&environment.object_stores).await?),
            None => None,
        };
        let destination = match (&mut store, &key) {
            (Some(store), Some(key)) => Destination::Store(store, key),
            _ => Destination::Folder(self.out.as_deref().unwrap_or(Path::new(""))),
        };
        let confirmed = self.confirm.as_deref();
        let watch = Watch::collecting(terminal, &operation.label, stop);
        let done =
            run::operate(connection, &operation.name, confirmed, destination, &options, &SystemClock, &watch)
                .await;
        drop(watch);
        stop.keeps(0);
        let done = match done.map_err(|error| failure(error, operation))? {
            Progress::Done(done) => *done,
            Progress::Suspended(it) => {
                let until = evidence::format_instant(it.until);
                return Err(Failure::source(format!("suspended: {}", Shown::line(&it.reason)))
                    .next(format!("the same command goes on with it after {until}")));
            }
        };
        let outcome = done.proof.outcome;
        if terminal.json() {
            terminal.say(&json(&OperateOutput { folder: &done.place, proof: &done.proof })?);
        } else {
            let text = report(&done.folder, &done.proof, terminal.width());
            let text = text.map_err(|error| {
                Failure::call(error)
                    .during(format!("showing what was done: it is kept, in {}", shown(&done.place)))
            })?;
            let first = verdict(outcome, operation);
            terminal.say(&format!("{first}\n\n{text}\n\nThe evidence is in {}", shown(&done.place)));
        }
        match outcome {
            None | Some(OperationOutcome::Done) => Ok(Done::Well),
            Some(OperationOutcome::NotDone) => Err(Failure::source(verdict(outcome, operation))
                .next("read the report, mend what it names, and run it again")),
            Some(OperationOutcome::Unknown) => Err(Failure::source(verdict(outcome, operation)).next(
                "look at the source what became of it, before you run it again; the report says where",
            )),
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
        let value = options.criteria.iter().find(|it| it.name == operation.confirm);
        let value = value.map(|it| run::as_text(&it.value)).unwrap_or_default();
        let Some(Proposal { request, origin, .. }) = proposed else {
            return Ok(match terminal.json() {
                true => json(&ProposalOutput::nothing(operation))?,
                false => format!("{}: nothing is to be changed.", shown(&operation.label)),
            });
        };
        if terminal.json() {
            return Ok(json(&ProposalOutput::of(operation, request, origin, &value))?);
        }
        let mut parts = vec![dry_run(operation, request, origin, terminal.width())];
        let mut missing = Vec::new();
        if self.allow.is_none() {
            missing.push("--allow operate".to_owned());
        }
        missing.push(format!("--confirm {}", quoted(Path::new(&value))));
        if self.out.is_none() && self.store.is_none() {
            missing.push("--out DIR".to_owned());
        }
        let what = "Text by which this run is known, such as in a title, is another one in each run.";
        parts.push(format!("{what}\nTo send it, add: {}", missing.join(" ")));
        Ok(parts.join("\n\n"))
    }
}

/// What would be changed, and the request.
pub(super) fn dry_run(operation: &Operation, request: &Request, origin: &str, width: Option<u16>) -> String {
    let mut parts = vec![format!("{}: nothing was sent yet.", shown(&operation.label))];
    if let Effect::Write(change) = &request.effect {
        let summary = shown_lines(&change.summary);
        let rows = change.details.iter().map(|(label, text)| vec![shown(label), shown(text)]).collect();
        let columns = ["What", "Value"].map(Column::new);
        parts.push([summary, table::render(&columns, rows, width)].join("\n\n"));
    }
    parts.push(written(request, origin, width));
    parts.join("\n\n")
}

/// The request as it would be sent.
fn written(request: &Request, origin: &str, width: Option<u16>) -> String {
    let method = match request.method {
        Method::Get => "GET",
        Method::Post => "POST",
    };
    let mut lines = vec![format!("{method} {}{}", shown(origin), shown(&request.path))];
    let mut pairs = request.query.clone();
    match &request.body {
        Body::None => {}
        Body::Form(form) => pairs.extend(form.iter().cloned()),
        Body::Content(content) => {
            let body = String::from_utf8_lossy(&content.bytes);
            lines.push(format!("{}\n{}", shown(&content.media_type), shown_lines(&body)));
        }
    }
    if !pairs.is_empty() {
        let rows = pairs.iter().map(|(name, value)| vec![shown(name), shown(value)]).collect();
        lines.push(table::render(&["Parameter", "Value"].map(Column::new), rows, width));
    }
    lines.join("\n\n")
}

/// What a report says, field by field.
fn report(folder: &Path, proof: &Proof, width: Option<u16>) -> io::Result<String> {
    let mut parts = Vec::new();
    for row in read::rows(folder, proof)?.take(SHOWN_ROWS) {
        let row = row?;
        let cells = proof.proof_type.fields.iter().zip(&row).filter(|(field, _)| field.shown);
        let cells = cells.map(|(field, value)| vec![shown(&field.label), cell(value)]);
        let said = cells.filter(|it| !UNSAID.contains(&it[1].as_str())).collect();
        parts.push(table::render(&["Report", ""].map(Column::new), said, width));
    }
    let notes = proof.notes.iter().chain(&proof.host_notes);
    parts.extend(notes.map(|it| format!("Note: {}", shown_lines(it))));
    Ok(parts.join("\n\n"))
}

/// The first line of a report.
fn verdict(outcome: Option<OperationOutcome>, operation: &Operation) -> String {
    let how = match outcome {
        None => "ended",
        Some(OperationOutcome::Done) => "done",
        Some(OperationOutcome::NotDone) => "NOT done",
        Some(OperationOutcome::Unknown) => "UNKNOWN whether it was done",
    };
    format!("{}: {how}", shown(&operation.label))
}

fn failure(error: CollectFailure, operation: &Operation) -> Failure {
    let name = &operation.name;
    match error {
        CollectFailure::Keep(error) => error.into(),
        CollectFailure::Store(error) => error.into(),
        CollectFailure::Open(error) => error.into(),
        CollectFailure::Collection { error, asked, kept } => {
            let doing = match asked {
                Some((origin, path)) => format!("{name}, asking {origin}{path}"),
                None => name.clone(),
            };
            let failure = Failure::from(*error).during(doing);
            match kept {
                0 => failure,
                _ => failure.further("the same command goes on with it; what it had sent is not sent again"),
            }
        }
        error @ CollectFailure::NotAllowed => Failure::call(error)
            .next("add --allow operate, if this connection is meant to change something at the source"),
        error @ CollectFailure::NotConfirmed { .. } => {
            let value = match &error {
                CollectFailure::NotConfirmed { value, .. } => quoted(Path::new(value)),
                _ => String::new(),
            };
            Failure::call(error).next(format!("add --confirm {value}, if that is what is meant"))
        }
        CollectFailure::UnderWay { resumable_from } => {
            let until = evidence::format_instant(resumable_from);
            let error = CollectFailure::UnderWay { resumable_from };
            Failure::call(error).next(format!(
                "let it end; if its process was killed, the same command goes on with it after {until}"
            ))
        }
        error @ CollectFailure::NothingToResume => {
            Failure::call(error).next("leave --resume out to begin, or give the same options as before")
        }
        error @ CollectFailure::Unfinished { .. } => Failure::call(error).next(
            "run it as it was run before, so that it finds out what became of it; with --fresh it starts over, and may do it a \
             second time",
        ),
        error @ CollectFailure::Damaged { .. } => Failure::call(error)
            .next("look at the source what was done; --fresh removes what is left, and starts over"),
        error @ CollectFailure::ObjectStore => Failure::call(error)
            .next("write --out DIR, or --store with a folder, and copy that to where it should be"),
        error @ CollectFailure::NotKept { .. } => {
            Failure::call(error).next("choose a folder on a local disk")
        }
        error => Failure::call(error),
    }
}

/// The operation of this name.
fn operation<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a Operation, Failure> {
    manifest.operation(name).ok_or_else(|| {
        let known: Vec<&str> = manifest.operations.iter().map(|it| it.name.as_str()).collect();
        if known.is_empty() {
            return Failure::call("the plugin has no operations")
                .next("`exhibit types` lists what can be collected with it");
        }
        let what = format!("unknown operation `{name}`; the plugin has: {}", known.join(", "));
        match nearest(name, known.into_iter()) {
            Some(meant) => Failure::call(what).next(format!("did you mean `{meant}`?")),
            None => Failure::call(what).next("`exhibit operate` says what each of them does"),
        }
    })
}

fn list(manifest: &Manifest, terminal: &Terminal) -> Result<String, Failure> {
    if terminal.json() {
        return Ok(json(&manifest.operations.iter().map(OperationOutput::from).collect::<Vec<_>>())?);
    }
    if manifest.operations.is_empty() {
        return Ok("The plugin has no operations.".to_owned());
    }
    let columns = ["Operation", "What it does", "Needs"].map(Column::new);
    let row = |it: &Operation| vec![shown(&it.name), shown(&it.label), shown(&it.needs.join("; "))];
    let table = table::render(&columns, manifest.operations.iter().map(row).collect(), terminal.width());
    Ok(format!(
        "{table}\n\n`exhibit operate NAME` says what one takes. Nothing is sent unless it is confirmed."
    ))
}

fn describe(it: &Operation, width: Option<u16>) -> String {
    let mut parts = vec![format!("{}: {}\n{}", shown(&it.name), shown(&it.label), shown_lines(&it.help))];
    parts.push(format!("Given with --with NAME=VALUE:\n{}", types::parameters(&it.parameters, width)));
    let mut facts = vec![format!("Confirmed with --confirm and the value of `{}`.", shown(&it.confirm))];
    facts.extend(it.needs.iter().map(|it| format!("Needs: {}", shown(it))));
    parts.push(facts.join("\n"));
    let columns = ["Reports", "Label", "Help"].map(Column::new);
    let rows = it.fields.iter().map(|it| vec![shown(&it.name), shown(&it.label), shown(&it.help)]).collect();
    parts.push(table::render(&columns, rows, width));
    parts.join("\n\n")
}
