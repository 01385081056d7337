//! `exhibit collect`: one proof, now.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::clock::{Clock, SystemClock};
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::evidence::{Collected, Folder, Maker, Proof, Whole};
use crate::nearest::nearest;
use crate::plugin::contract::catalog::ProofType;
use crate::plugin::contract::collection::Task;
use crate::plugin::contract::types::Instant;
use crate::plugin::{Manifest, Plugin};
use crate::secrets::SecretRef;
use crate::signing::SigningKey;
use crate::testing::file::{Source, Suite};
use crate::testing::{self, Held, TestError};

use super::arguments::{self, Assignment};
use super::cells::count;
use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::progress::{Bar, Rows};
use super::terminal::Terminal;
use super::{Done, junit, show, test, verdicts};

/// So many rows are shown: a glance. All of them are in the files.
const SHOWN_ROWS: usize = 10;

const EXAMPLES: &str = "\
Examples:
  The assets of an account, with its credentials in the environment:
    exhibit collect assets --set platform=US2 \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/assets

  The scans of a quarter, with the password in a file:
    exhibit collect vm-scans --set platform=EU1 --from 2026-07-01 --to 2026-10-01 \\
      --secret username=env:API_USERNAME --secret password=file:/run/secrets/api \\
      --out evidence/q3-scans

  And hold tests against it at once, the plugin's and one's own:
    exhibit collect users --set platform=US2 --test suggested --test tests/users.toml \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/users

  From a private installation:
    exhibit collect users --set platform=private --origin api=https://api.example.com \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/users

What is in the folder:
  rows.ndjson   the proof, one JSON object a row
  proof.csv     its shown columns, for a spreadsheet
  proof.json    what it is, how it was made, how complete it is, digests
  answers/      the source's answers as they came, zstd-compressed, with what was asked
  plugin.wasm.zst  the plugin, with which `exhibit verify` makes the rows again
  tests/0001/   what the tests came to, where there were any; see `exhibit test --help`";

/// Collects one proof, now, into a folder
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Collect {
    /// The proof type, as `exhibit types` lists it
    #[arg(value_name = "TYPE")]
    proof_type: String,
    #[command(flatten)]
    connection: ConnectionArgs,
    /// What narrows the proof down; `exhibit types TYPE` lists it
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<Assignment>,
    /// Where the proof's window begins: a date (its start in UTC), or a date and time
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    from: Option<Instant>,
    /// Where the window ends: the first instant that no longer belongs to it [default: --as-of]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    to: Option<Instant>,
    /// The instant that counts as now, for ages and for what is overdue [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
    /// How many seconds to wait at most, all pauses together, where the source asks for patience
    /// [default: 3600]
    #[arg(long, value_name = "SECONDS")]
    max_wait: Option<u64>,
    /// The folder for the evidence: made if it is not there, never overwritten
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A file of tests to hold against the proof, or `suggested` for those of the plugin; may be
    /// given again
    #[arg(long = "test", value_name = "FILE")]
    tests: Vec<Source>,
    /// A file for the results of the tests as JUnit XML, too
    #[arg(long, value_name = "FILE", requires = "tests")]
    junit: Option<PathBuf>,
    /// Where the private key is that signs the evidence: file:PATH or env:VARIABLE; `exhibit keys new`
    /// makes one
    // Read by hand: clap would repeat what it cannot parse, and that may be the key.
    #[arg(long, value_name = "REFERENCE")]
    sign: Option<String>,
    /// A folder for the answer that a collection fails at, to look into or to send to the source's
    /// support: as it came, with what was asked
    #[arg(long, value_name = "DIR")]
    keep_failed: Option<PathBuf>,
}

fn key(reference: &str) -> Result<SigningKey, Failure> {
    let reference: SecretRef = reference.parse().map_err(|error| {
        Failure::call(format!("--sign: {error}")).next("write it as file:PATH or env:VARIABLE")
    })?;
    SigningKey::read(&reference).map_err(Failure::call)
}

/// Where a collection goes, how far, and what is asked of it.
pub(super) struct Terms<'a> {
    pub(super) key: Option<&'a SigningKey>,
    pub(super) suite: Option<&'a Suite>,
    pub(super) out: &'a Path,
    pub(super) keep_failed: Option<&'a Path>,
    pub(super) limits: Limits,
    pub(super) clock: &'a dyn Clock,
}

impl Collect {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        junit::check(self.junit.as_deref(), &self.out)?;
        let as_of = self.as_of.unwrap_or_else(this_second);
        let window = arguments::window(self.from, self.to, as_of).map_err(Failure::call)?;
        let connection = self.connection.connect(environment, terminal).await?;
        let proof_type = proof_type(connection.plugin().manifest(), &self.proof_type)?;
        let criteria = arguments::settings(&proof_type.criteria, &self.with).map_err(CollectError::from)?;
        let order = Order { task: Task::Collect(proof_type.name.clone()), criteria, window, as_of };
        let suite = (!self.tests.is_empty()).then(|| Suite::gather(&self.tests, proof_type)).transpose()?;
        // A key that is not there is better known before an hour of collecting than after.
        let key = self.sign.as_deref().map(key).transpose()?;
        let terms = Terms {
            key: key.as_ref(),
            suite: suite.as_ref(),
            out: &self.out,
            keep_failed: self.keep_failed.as_deref(),
            limits: self.limits(),
            clock: &SystemClock,
        };
        let (proof, held) = gather(&connection, &order, proof_type, &terms, terminal).await?;
        if terminal.json() {
            let run = held.as_ref().map(verdicts::json);
            terminal.say(
                &json!({ "folder": self.out.display().to_string(), "proof": proof, "run": run }).to_string(),
            );
        } else {
            let shown = show::proof(&self.out, &proof, SHOWN_ROWS, terminal.width());
            terminal.say(&shown.map_err(Failure::call)?);
            if let Some(held) = &held {
                terminal.say(&format!("\n{}", verdicts::text(held, &proof, test::SHOWN_ROWS, terminal)));
            }
            terminal.say(&format!("\nThe evidence is in {}", self.out.display()));
        }
        if let (Some(path), Some(held)) = (&self.junit, &held) {
            junit::write(path, held)?;
        }
        Ok(held.as_ref().map_or(Done::Well, Done::of))
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits { max_wait: self.max_wait.map_or(usual.max_wait, Duration::from_secs), ..usual }
    }
}

/// Collects into the folder, with a bar for whoever watches, and a warning where a proof is less
/// than it seems.
pub(super) async fn gather(
    connection: &Connection,
    order: &Order,
    proof_type: &ProofType,
    terms: &Terms<'_>,
    terminal: &Terminal,
) -> Result<(Proof, Option<Held>), Failure> {
    let began = terms.clock.now();
    if let Some(suite) = terms.suite {
        // A test that makes no sense is better known before an hour of collecting than after.
        let tester = connection.plugin().tester(&proof_type.name, suite.tests(), order.as_of).await;
        tester.map_err(|error| test::refused(error.into(), suite))?;
    }
    let mut folder = Folder::create(terms.out, &proof_type.fields)?;
    if let Some(destination) = terms.keep_failed {
        folder = folder.keep_failed(destination)?;
    }
    let bar = Bar::new(terminal, &proof_type.label);
    let outcome = collect::run(connection, order, &mut folder, &bar, &terms.limits).await;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            let waits = matches!(error, CollectError::Wait { .. } | CollectError::Held { .. });
            let failure = Failure::from(error).during(collecting(connection, proof_type, &bar));
            drop(bar);
            keep(folder, terms, terminal);
            return Err(if waits { failure.further("--max-wait SECONDS") } else { failure });
        }
    };
    drop(bar);
    let portal = proof_type.link.as_ref().and_then(|it| connection.portal(&it.origin));
    let mut whole = folder.complete(&Collected {
        proof_type,
        plugin: Maker::of(connection.plugin()),
        outcome: &outcome,
        began,
        portal,
    })?;
    whole.keep_plugin(connection.plugin())?;
    warn(whole.proof(), terminal);
    let Some(suite) = terms.suite else { return Ok((whole.put(terms.key)?, None)) };
    let held = hold(connection.plugin(), suite, order, terms, &mut whole, terminal).await;
    // What was collected is kept, whatever became of the tests.
    let proof = whole.put(terms.key)?;
    match held {
        Ok(held) => Ok((proof, Some(held))),
        Err(error) => {
            let doing = format!("testing what was collected; it is in {}", terms.out.display());
            Err(test::refused(error, suite).during(doing))
        }
    }
}

async fn hold(
    plugin: &Plugin,
    suite: &Suite,
    order: &Order,
    terms: &Terms<'_>,
    whole: &mut Whole,
    terminal: &Terminal,
) -> Result<Held, TestError> {
    let bar = Rows::new(terminal, "testing", whole.proof().rows);
    let tests = testing::Order { plugin, tests: suite.tests(), as_of: order.as_of, made: terms.clock.now() };
    testing::within(whole, terms.out, &tests, &|rows| bar.done(rows)).await
}

/// What a collection failed at, where that was asked for. The failure itself is what counts.
fn keep(folder: Folder, terms: &Terms<'_>, terminal: &Terminal) {
    let Some(destination) = terms.keep_failed else { return };
    match folder.fail() {
        Ok(true) => terminal.warn(&format!(
            "the answer that it failed at is kept in {}: it may hold names and addresses",
            destination.display()
        )),
        Ok(false) => terminal.warn("there is no answer that it failed at"),
        Err(error) => terminal.warn(&format!("the answer that it failed at is not kept: {error}")),
    }
}

/// On standard error, so that nobody misses it whose script reads standard output.
fn warn(proof: &Proof, terminal: &Terminal) {
    for note in &proof.host_notes {
        terminal.warn(note);
    }
    let it = &proof.completeness;
    if let (Some(false), Some(declared)) = (it.complete, it.declared) {
        terminal.warn(&format!(
            "{} is not complete: the source says that there are {} records, and {} came",
            proof.proof_type.name,
            count(declared),
            count(it.received)
        ));
    }
}

/// Now, without the fraction of a second that nobody would repeat by hand.
fn this_second() -> Instant {
    let now = SystemClock.now();
    now - now.rem_euclid(1000)
}

/// What was under way, as far as it had come.
fn collecting(connection: &Connection, proof_type: &ProofType, bar: &Bar) -> String {
    let asked = bar.asked();
    let asked = asked.as_ref().and_then(|(name, path)| Some((connection.origins().get(name)?, path)));
    match asked {
        Some((origin, path)) => format!("collecting {} from {origin}{path}", proof_type.name),
        None => format!("collecting {}", proof_type.name),
    }
}

/// The proof type of this name.
pub(super) fn proof_type<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a ProofType, Failure> {
    manifest.proof_type(name).ok_or_else(|| {
        let known: Vec<&str> = manifest.proof_types.iter().map(|it| it.name.as_str()).collect();
        let failure =
            Failure::call(format!("there is no proof type `{name}`; there is: {}", known.join(", ")));
        match nearest(name, known.into_iter()) {
            Some(meant) => failure.next(format!("did you mean `{meant}`?")),
            None => failure.next("`exhibit types` says what each of them is"),
        }
    })
}
