//! `exhibit collect`: one proof, now.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::collect::{CollectError, Limits, Order};
use exhibit::contract::Manifest;
use exhibit::contract::catalog::ProofType;
use exhibit::contract::collection::Task;
use exhibit::contract::types::Instant;
use exhibit::disk::KeepError;
use exhibit::evidence;
use exhibit::nearest::nearest;
use exhibit::signing::Authority;
use exhibit::testing::file::{Source, Suite};
use serde_json::json;

use super::arguments::{self, Assignment};
use super::connection::ConnectionArgs;
use super::done::Done;
use super::environment::Environment;
use super::failure::Failure;
use super::gather::{Destination, Terms, gather};
use super::place::Location;
use super::sign::SignArgs;
use super::terminal::Terminal;
use super::{bundle, junit, show, test, verdicts};

/// So many rows are shown: a glance. All of them are in the files.
const SHOWN_ROWS: usize = 10;

/// A quarter has no more days: whoever collects every quarter has no gaps.
pub(super) const GOOD_FOR_DAYS: u32 = 92;

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

  Into a store, where a signed log sees to it that nothing goes missing:
    exhibit collect users --set platform=US2 --store evidence --sign file:evidence-key \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

  From a private installation:
    exhibit collect users --set platform=private --origin api=https://api.example.com \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/users

What is in the folder:
  rows.ndjson.zst  the proof, one JSON object a row; zstdcat reads it
  proof.csv        its shown columns, for a spreadsheet
  proof.json       what it is, how it was made, how complete it is, digests
  answers/         the source's answers as they came, zstd-compressed, with what was asked
  plugin.wasm.zst  the plugin, with which `exhibit verify` makes the rows again
  tests/0001/      what the tests came to, where there were any; see `exhibit test --help`";

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
    #[arg(long, value_name = "DIR", required_unless_present = "store")]
    out: Option<PathBuf>,
    /// A store to keep the evidence in, instead of --out: `exhibit evidence init` makes one
    #[arg(long, value_name = "STORE", conflicts_with = "out", requires = "sign")]
    store: Option<Location>,
    /// The evidence as one file, too: DIR.exhibit.tar
    #[arg(long, conflicts_with = "store")]
    bundle: bool,
    /// A file of tests to hold against the proof, or `suggested` for those of the plugin; may be
    /// given again
    #[arg(long = "test", value_name = "FILE")]
    tests: Vec<Source>,
    /// A file for the results of the tests as JUnit XML, too
    #[arg(long, value_name = "FILE", requires = "tests")]
    junit: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArgs,
    /// Where a time stamp authority (RFC 3161) is, which says since when the evidence is there
    #[arg(long, value_name = "URL")]
    timestamp_url: Option<String>,
    /// What the account is called: tells it from others of the same source, for people and in a store
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// For how many days the evidence is good: afterwards it is stale, and says so
    #[arg(long, value_name = "DAYS", default_value_t = GOOD_FOR_DAYS)]
    good_for: u32,
    /// A folder for the answer that a collection fails at, to look into or to send to the source's
    /// support: as it came, with what was asked
    #[arg(long, value_name = "DIR")]
    keep_failed: Option<PathBuf>,
}

impl Collect {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        let place = self.out.as_deref().or_else(|| self.store.as_ref()?.folder());
        if let Some(place) = place {
            junit::check(self.junit.as_deref(), place)?;
        }
        let place = place.unwrap_or(Path::new(""));
        let bundle = self.out.as_deref().filter(|_| self.bundle).map(bundle::of);
        if let Some(there) = bundle.as_ref().filter(|it| it.symlink_metadata().is_ok()) {
            // Better known before an hour of collecting than after.
            return Err(KeepError::Taken(there.display().to_string()).into());
        }
        let as_of = self.as_of.unwrap_or_else(this_second);
        let window = arguments::window(self.from, self.to, as_of).map_err(Failure::call)?;
        let connection = self.connection.connect(environment, terminal).await?;
        let proof_type = proof_type(connection.plugin().manifest(), &self.proof_type)?;
        let criteria = arguments::settings(&proof_type.criteria, &self.with).map_err(CollectError::from)?;
        let order = Order { task: Task::Collect(proof_type.name.clone()), criteria, window, as_of };
        let suite = (!self.tests.is_empty()).then(|| Suite::gather(&self.tests, proof_type)).transpose()?;
        // A key that is not there is better known before an hour of collecting than after.
        let key = self.sign.key()?;
        let authority = self.timestamp_url.as_deref().map(Authority::new).transpose();
        let authority = authority.map_err(|error| Failure::call(&error).next(error.remedy()))?;
        let mut store = match &self.store {
            Some(store) => Some(store.store(environment).await?),
            None => None,
        };
        if let (Some(store), Some(key)) = (&mut store, &key) {
            store.store.check_key(key)?;
            store.tend(key, terminal).await?;
        }
        let terms = Terms {
            key: key.as_ref(),
            authority: authority.as_ref(),
            suite: suite.as_ref(),
            out: store.as_ref().map_or(Destination::Folder(place), Destination::Store),
            good_for_days: self.good_for,
            account: self.account.as_deref(),
            keep_failed: self.keep_failed.as_deref(),
            limits: self.limits(),
            clock: &SystemClock,
        };
        let gathered = gather(&connection, &order, proof_type, &terms, terminal).await;
        if let (Some(store), Some(key)) = (&mut store, &key) {
            // Also where the tests or a time stamp failed: what was collected is kept.
            store.finish(&|store| store.tend(key, SystemClock.now()).map(drop)).await?;
        }
        let (proof, held, folder) = gathered?;
        let called = match &store {
            Some(store) => store.called(&folder),
            None => folder.display().to_string(),
        };
        if let Some(bundle) = &bundle {
            evidence::bundle::write(&folder, bundle, &[]).map_err(|error| {
                let doing = format!("making one file of what was collected; it is in {}", folder.display());
                Failure::from(error).during(doing)
            })?;
        }
        if terminal.json() {
            let run = held.as_ref().map(verdicts::json);
            let bundle = bundle.map(|it| it.display().to_string());
            terminal
                .say(&json!({ "folder": called, "bundle": bundle, "proof": proof, "run": run }).to_string());
        } else {
            let shown = show::proof(&folder, &proof, SHOWN_ROWS, terminal.width());
            terminal.say(&shown.map_err(Failure::call)?);
            if let Some(held) = &held {
                terminal.say(&format!("\n{}", verdicts::text(held, &proof, test::SHOWN_ROWS, terminal)));
            }
            terminal.say(&format!("\nThe evidence is in {called}"));
            if let Some(bundle) = bundle {
                terminal.say(&format!("As one file it is {}", bundle.display()));
            }
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

/// Now, without the fraction of a second that nobody would repeat by hand.
fn this_second() -> Instant {
    let now = SystemClock.now();
    now - now.rem_euclid(1000)
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
