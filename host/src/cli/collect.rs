//! `exhibit collect`: one proof, now.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use crate::clock::{Clock as _, SystemClock};
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::evidence::{Collected, Folder, Maker, Proof};
use crate::plugin::Manifest;
use crate::plugin::contract::catalog::ProofType;
use crate::plugin::contract::collection::Task;
use crate::plugin::contract::types::Instant;

use super::arguments::{self, Assignment};
use super::connection::ConnectionArgs;
use super::environment::Environment;
use super::failure::Failure;
use super::progress::Bar;
use super::show;
use super::terminal::Terminal;

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

  From a private installation:
    exhibit collect users --set platform=private --origin api=https://api.example.com \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/users

What is in the folder:
  rows.ndjson   the proof, one JSON object a row
  proof.csv     its shown columns, for a spreadsheet
  proof.json    what it is, how it was made, how complete it is, digests
  answers/      the source's answers as they came, zstd-compressed, with what was asked";

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
}

impl Collect {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let as_of = self.as_of.unwrap_or_else(this_second);
        let window = arguments::window(self.from, self.to, as_of).map_err(Failure::call)?;
        let connection = self.connection.connect(environment).await?;
        let proof_type = proof_type(connection.plugin().manifest(), &self.proof_type)?;
        let criteria = arguments::settings(&proof_type.criteria, &self.with).map_err(CollectError::from)?;
        let order = Order { task: Task::Collect(proof_type.name.clone()), criteria, window, as_of };
        let proof = gather(&connection, &order, proof_type, &self.out, &self.limits(), terminal).await?;
        if terminal.json() {
            terminal.say(&json!({ "folder": self.out, "proof": proof }).to_string());
        } else {
            terminal
                .say(&show::proof(&self.out, &proof, SHOWN_ROWS, terminal.width()).map_err(Failure::call)?);
            terminal.say(&format!("\nThe evidence is in {}", self.out.display()));
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        let usual = Limits::default();
        Limits { max_wait: self.max_wait.map_or(usual.max_wait, Duration::from_secs), ..usual }
    }
}

/// Collects into the folder, with a bar for whoever watches.
pub(super) async fn gather(
    connection: &Connection,
    order: &Order,
    proof_type: &ProofType,
    out: &Path,
    limits: &Limits,
    terminal: &Terminal,
) -> Result<Proof, Failure> {
    let mut folder = Folder::create(out, &proof_type.fields)?;
    let bar = Bar::new(terminal, &proof_type.label);
    let outcome = collect::run(connection, order, &mut folder, &bar, limits).await;
    let outcome =
        outcome.map_err(|error| Failure::from(error).during(collecting(connection, proof_type, &bar)))?;
    drop(bar);
    let portal = proof_type.link.as_ref().and_then(|it| connection.portal(&it.origin));
    Ok(folder.finish(&Collected {
        proof_type,
        plugin: Maker::of(connection.plugin()),
        outcome: &outcome,
        portal,
    })?)
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
        match arguments::nearest(name, known.into_iter()) {
            Some(meant) => failure.next(format!("did you mean `{meant}`?")),
            None => failure.next("`exhibit types` says what each of them is"),
        }
    })
}
