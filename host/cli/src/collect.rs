//! `exhibit collect`: one proof, now.

mod ready;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use exhibit::clock::{Clock, SystemClock};
use exhibit::collect::{CollectError, Connection, Limits};
use exhibit::contract::Manifest;
use exhibit::contract::catalog::ProofType;
use exhibit::contract::types::Instant;
use exhibit::disk::KeepError;
use exhibit::evidence;
use exhibit::http::Egress;
use exhibit::nearest::nearest;
use exhibit::plugin::Plugin;
use exhibit::run::{
    self, CollectFailure, CollectOptions, Collected, Destination, GOOD_FOR_DAYS, Period, Progress,
};
use exhibit::signing::Authority;
use exhibit::store::Location;
use exhibit::testing::TestRun;
use exhibit::testing::file::{Source, Suite};
use exhibit_rows::{ShowPath as _, Shown};

pub(super) use self::ready::{Gathered, Ready};

use super::arguments::{self, Assignment};
use super::connection::ConnectionArgs;
use super::done::Done;
use super::environment::{Environment, quoted};
use super::failure::Failure;
use super::places::EvidencePlace;
use super::sign::SignArgs;
use super::signals::Stop;
use super::terminal::Terminal;
use super::watch::Watch;
use super::{junit, places, test};

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

  And test it at once, with the plugin's tests and one's own:
    exhibit collect users --set platform=US2 --test suggested --test tests/users.toml \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --out evidence/users

  Into a store, whose signed log shows what was removed:
    exhibit collect users --set platform=US2 --store evidence --sign file:evidence-key \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

  Each day what changed since the day before:
    exhibit collect detections --set platform=US2 --store evidence --sign file:evidence-key \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD \\
      --since last

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
  tests/0001/      the results of tests, if there were any; see `exhibit test --help`";

/// The pauses before them are nine hours in all then: whoever wants more, calls it by a schedule.
const MAX_ATTEMPTS: i64 = 16;

/// Which proof a collection continues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Earlier {
    /// The last one of the same terms
    Last,
}

/// Collects one proof, now, into a folder
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Collect {
    /// The proof type, as `exhibit types` lists it
    #[arg(value_name = "TYPE")]
    proof_type: String,
    #[command(flatten)]
    collect: CollectArgs,
}

/// How a proof is collected, whichever it is.
#[derive(Debug, Args)]
pub(super) struct CollectArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    /// What narrows the proof down; `exhibit types TYPE` lists it
    #[arg(long, value_name = "NAME=VALUE")]
    with: Vec<Assignment>,
    /// Where the proof's window begins: a date (its start in UTC), or a date and time. What a window proves depends on the
    /// type: `exhibit types TYPE` says it
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    from: Option<Instant>,
    /// Where the window ends: the first instant that no longer belongs to it [default: --as-of]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    to: Option<Instant>,
    /// Collect only what changed since the last proof of the same terms in the store, by the clock of the source. Where the store
    /// has none that lacks nothing, all is collected. `exhibit types TYPE` says what counts as a change. Tests judge whole lists
    /// and exclude this
    #[arg(long, value_name = "PROOF", requires = "store", conflicts_with_all = ["from", "to"])]
    since: Option<Earlier>,
    /// The instant that counts as now, for ages and for what is overdue [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
    /// How many seconds to wait at most, all pauses together, where the source asks for patience
    /// [default: 3900]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_wait: Option<u64>,
    /// How many seconds the collection may take at most; waits that --max-wait counts do not count [default: 43200]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_time: Option<u64>,
    /// How many seconds all calls of the plugin together may run: in the collection, and again in its tests
    /// [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_plugin_time: Option<u64>,
    /// How often a request is made, where the source or the network fails [default: 5]
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=MAX_ATTEMPTS))]
    attempts: Option<u32>,
    /// The folder for the evidence: made if it is not there, never overwritten
    // That it or --store is needed is said below, with what to write.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// A store to keep the evidence in, instead of --out: `exhibit evidence init` makes one
    #[arg(long, value_name = "STORE", conflicts_with = "out")]
    store: Option<Location>,
    /// The evidence as one file, too: DIR.exhibit.tar
    #[arg(long, conflicts_with = "store")]
    bundle: bool,
    /// A file of tests to run on the proof, or `suggested` for those of the plugin; may be given again
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
    /// For how many days the evidence is good; `exhibit evidence list` says what is stale
    #[arg(long, value_name = "DAYS", default_value_t = GOOD_FOR_DAYS, value_parser = arguments::days)]
    good_for: u32,
    /// A folder for the answer that a collection fails at, to look into or to send to the source's
    /// support: as it came, with what was asked. Where DIR is not empty, it is kept in DIR-2, DIR-3 and so on
    #[arg(long, value_name = "DIR")]
    keep_failed: Option<PathBuf>,
    /// Start over, where the same command was interrupted and would otherwise resume after the last
    /// page that is kept
    #[arg(long)]
    fresh: bool,
}

impl Collect {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Done, Failure> {
        let ready = self.collect.gather(&self.proof_type, environment, terminal, stop).await?;
        let done = ready.done();
        let tests = ready.say(terminal)?;
        self.collect.write_results(tests.as_ref())?;
        Ok(done)
    }
}

impl CollectArgs {
    /// The instant that counts as now, where the call names one.
    pub(super) fn as_of(&self) -> Option<Instant> {
        self.as_of
    }

    /// The plugin alone.
    pub(super) async fn plugin(&self, environment: &Environment) -> Result<Plugin, Failure> {
        self.connection.plugin(environment).await
    }

    /// Collects a proof of this type, keeps it, and tests it. Whatever came of its tests, it is kept.
    pub(super) async fn gather(
        &self,
        proof_type: &str,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Ready, Failure> {
        places::of_evidence(self.out.as_deref(), self.store.as_ref(), &self.sign)?;
        if let Some(failed) = &self.keep_failed {
            places::outside(failed, "the answer that failed", "--keep-failed")?;
        }
        let place = self.out.as_deref().or_else(|| self.store.as_ref()?.folder());
        if let Some(place) = place {
            junit::check(self.junit.as_deref(), place)?;
        }
        junit::begin(self.junit.as_deref(), "exhibit collect", proof_type)?;
        let bundle = self.out.as_deref().filter(|_| self.bundle).map(run::bundle_name);
        if let Some(there) = bundle.as_ref().filter(|it| it.symlink_metadata().is_ok()) {
            // Better known before an hour of collecting than after.
            return Err(KeepError::Taken(there.shown().to_string()).into());
        }
        let now = SystemClock.now();
        // Without the fraction of a second that no one would repeat by hand.
        let as_of = self.as_of.unwrap_or(now - now.rem_euclid(1000));
        // Said at once where there is none.
        let window = arguments::window(self.from, self.to, as_of).map_err(Failure::call)?;
        let connection = self.connection.connect(environment, terminal).await?;
        let proof_type = self::proof_type(connection.plugin().manifest(), proof_type)?;
        let suite = match &self.tests[..] {
            [] => None,
            tests => Some(Suite::gather_off_thread(tests, proof_type).await?),
        };
        suite.iter().flat_map(Suite::doubts).for_each(|it| terminal.warn(&it));
        // A key that is not there is better known before an hour of collecting than after.
        let key = self.sign.key(&environment.backends).await?;
        let authority = |url| Authority::new(url, Egress::default());
        let authority = self.timestamp_url.as_deref().map(authority).transpose();
        let authority = authority.map_err(|error| Failure::call(&error).with(error.remedy()))?;
        let mut options = CollectOptions::default();
        options.criteria =
            arguments::settings(&proof_type.criteria, &self.with).map_err(CollectError::from)?;
        options.period = window.map(|it| Period { from: it.start, to: self.to });
        options.since_last = self.since == Some(Earlier::Last);
        options.as_of = self.as_of;
        options.fresh = self.fresh;
        options.suite = suite.as_ref();
        options.key = key.as_ref();
        options.authority = authority.as_ref();
        options.good_for_days = self.good_for;
        options.account = self.account.as_deref();
        options.keep_failed = self.keep_failed.as_deref();
        options.limits = self.limits();
        let mut place = EvidencePlace::open(self.out.as_deref(), self.store.as_ref(), environment).await?;
        let destination = place.destination(key.as_ref());
        let gathered =
            gathered(&connection, proof_type, destination, &options, &SystemClock, terminal, stop).await?;
        if let Some(bundle) = &bundle {
            let folder = &gathered.folder;
            evidence::bundle::write(folder, bundle, &[]).map_err(|error| {
                let doing = format!("bundling the evidence, which is in {}", folder.shown());
                let next = format!("`exhibit bundle {}` makes the bundle of it", quoted(folder));
                Failure::from(error).during(doing).next(next)
            })?;
        }
        let source = connection.plugin().manifest().label.clone();
        Ok(Ready::new(gathered, bundle, source, place))
    }

    /// Writes the results of tests where the call wants them, too: after it was said what was collected, which stays where
    /// that fails.
    pub(super) fn write_results(&self, tests: Option<&TestRun>) -> Result<(), Failure> {
        match (&self.junit, tests) {
            (Some(path), Some(tests)) => junit::write(path, tests),
            _ => Ok(()),
        }
    }

    fn limits(&self) -> Limits {
        let mut limits = Limits::default();
        limits.max_wait = self.max_wait.map_or(limits.max_wait, Duration::from_secs);
        limits.max_time = self.max_time.map_or(limits.max_time, Duration::from_secs);
        limits.max_plugin_time = self.max_plugin_time.map_or(limits.max_plugin_time, Duration::from_secs);
        limits.attempts = self.attempts.unwrap_or(limits.attempts);
        limits
    }
}

/// Collects with a bar. What was collected is kept, whatever became of
/// its tests and its time stamp: these are failures afterwards.
pub(super) async fn gathered(
    connection: &Connection,
    proof_type: &ProofType,
    destination: Destination<'_>,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
    terminal: &Terminal,
    stop: &Stop,
) -> Result<Gathered, Failure> {
    let watch = Watch::collecting(terminal, &proof_type.label, stop);
    let collected = run::collect(connection, &proof_type.name, destination, options, clock, &watch).await;
    drop(watch);
    stop.has_ended();
    let collected = match collected.map_err(|error| failure(error, proof_type, options))? {
        Progress::Done(collected) => *collected,
        Progress::Suspended(it) => {
            let until = evidence::format_instant(it.until);
            return Err(Failure::source(format!("suspended: {}", Shown::line(&it.reason)))
                .next(format!("the same command resumes it after {until}")));
        }
    };
    let Collected { proof, folder, place, tests, unstamped, .. } = collected;
    if let Some(error) = unstamped {
        let doing = format!("asking for a time stamp; the evidence is in {place}, without one");
        return Err(Failure::source(&error).during(doing).with(error.remedy()));
    }
    let tests = match (tests, options.suite) {
        (Some(Err(error)), Some(suite)) => {
            let doing = format!("testing what was collected; it is in {place}");
            return Err(test::refused(error, suite).during(doing));
        }
        (Some(tests), _) => Some(tests?),
        (None, _) => None,
    };
    Ok(Gathered { proof, folder, place, tests })
}

fn failure(error: CollectFailure, proof_type: &ProofType, options: &CollectOptions<'_>) -> Failure {
    match error {
        CollectFailure::Tests(error) => match options.suite {
            Some(suite) => test::refused(error, suite),
            None => error.into(),
        },
        CollectFailure::Keep(error) => error.into(),
        CollectFailure::Store(error) => error.into(),
        CollectFailure::Open(error) => error.into(),
        CollectFailure::Collection { error, asked, kept } => {
            let waits = matches!(*error, CollectError::Wait { .. } | CollectError::ConnectionBusy { .. });
            let doing = match asked {
                Some((origin, path)) => format!("collecting {} from {origin}{path}", proof_type.name),
                None => format!("collecting {}", proof_type.name),
            };
            // What is wrong in the call has to be changed, and another call does not resume this one.
            let kept = if error.is_of_the_call() { 0 } else { kept };
            let failure = Failure::from(*error).during(doing);
            let failure = if waits { failure.further("--max-wait SECONDS") } else { failure };
            failure.resumed_after(kept)
        }
        error @ CollectFailure::NoWindow { .. } => Failure::call(error).next("leave --from and --to out"),
        error @ CollectFailure::TestsOfChanges => {
            Failure::call(error).next("leave --since out where tests are to be run, or --test")
        }
        error @ CollectFailure::NoChanges { .. } => {
            Failure::call(error).next("leave --since out: all that there is is collected")
        }
        error => Failure::call(error),
    }
}

/// The proof type of this name.
pub(super) fn proof_type<'a>(manifest: &'a Manifest, name: &str) -> Result<&'a ProofType, Failure> {
    manifest.proof_type(name).ok_or_else(|| {
        let known: Vec<&str> = manifest.proof_types.iter().map(|it| it.name.as_str()).collect();
        let failure =
            Failure::call(format!("unknown proof type `{name}`; the plugin has: {}", known.join(", ")));
        match nearest(name, known.into_iter()) {
            Some(meant) => failure.next(format!("did you mean `{meant}`?")),
            None => failure.next("`exhibit types` says what each of them is"),
        }
    })
}
