//! `exhibit test`: holds tests against kept evidence, offline.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use exhibit::Remedy;
use exhibit::clock::SystemClock;
use exhibit::contract::types::{Error, Instant};
use exhibit::evidence::read;
use exhibit::plugin::PluginError;
use exhibit::run::{self, TestFailure, TestOptions};
use exhibit::store::Location;
use exhibit::testing::file::{Source, Suite};
use exhibit::testing::{TestError, TestRun};
use exhibit_records::{Digest, Proof};

use super::connection::PluginArgs;
use super::done::Done;
use super::environment::Environment;
use super::failure::Failure;
use super::output::{TestOutput, json};
use super::sign::SignArgs;
use super::size::SizeArgs;
use super::terminal::{Terminal, shown};
use super::trust::Question;
use super::watch::Watch;
use super::{arguments, junit, opened, verdicts};

/// Of each test that did not pass, so many rows are shown: a glance. All of them are in the files.
pub(super) const SHOWN_ROWS: usize = 5;

const EXAMPLES: &str = "\
Examples:
  The tests that the plugin suggests:
    exhibit test evidence/assets

  Tests of one's own, and the suggested ones with them:
    exhibit test evidence/assets --test tests/assets.toml --test suggested

  What an edited test would change:
    exhibit test evidence/assets --test tests/assets.toml --what-if

  For a build server:
    exhibit test evidence/assets --junit report.xml

What a run leaves in the evidence's folder, as tests/0001, tests/0002 and so on:
  run.json              the tests, their results, and digests
  tests.toml            the tests themselves
  verdicts.ndjson.zst   the verdict of every test on every row; zstdcat reads it
  findings.ndjson.zst   why rows did not pass: field, value seen, value wanted
  findings.csv          the same, for a spreadsheet
  history.ndjson.zst    every row that ever failed: new, still failing, reopened, fixed

A run is compared with the last run of the same test: in this evidence, or in evidence of the same
proof in a folder beside it that covers no later time.";

/// Tests kept evidence, offline: which rows are as they should be, and what changed
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Test {
    /// The folder of the evidence, as `exhibit collect` made it; with --what-if, its bundle, too
    #[arg(value_name = "EVIDENCE")]
    evidence: Location,
    /// A file of tests, or `suggested` for those of the plugin; may be given again [default: suggested]
    #[arg(long = "test", value_name = "FILE")]
    tests: Vec<Source>,
    /// The instant that counts as now [default: that of the evidence]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
    /// Show the results and what would change, and write nothing
    #[arg(long)]
    what_if: bool,
    /// A file for the results as JUnit XML, too
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How many seconds all calls of the plugin together may run [default: 1800]
    #[arg(long, value_name = "SECONDS", value_parser = arguments::seconds)]
    max_plugin_time: Option<u64>,
    #[command(flatten)]
    size: SizeArgs,
    #[command(flatten)]
    sign: SignArgs,
    #[command(flatten)]
    plugin: PluginArgs,
    /// Accepts only the --plugin with this digest, and does not ask whether it is trusted; without it, a plugin
    /// that did not collect the evidence is asked about
    #[arg(long, value_name = "DIGEST", requires = "plugin")]
    trust: Option<Digest>,
}

impl Test {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<Done, Failure> {
        if let Some(folder) = self.evidence.folder() {
            junit::check(self.junit.as_deref(), folder)?;
        }
        junit::begin(self.junit.as_deref(), "exhibit test", &self.evidence.to_string())?;
        let mut open = opened::evidence(&self.evidence, environment).await?;
        if open.is_bundle() && !self.what_if {
            return Err(self.bundle());
        }
        let proof = read::proof(&open.folder).map_err(unreadable)?;
        let key = self.sign.key(&environment.backends).await?;
        if let Some(open) = open.store.as_ref().filter(|_| !self.what_if) {
            open.store.check_key(key.as_ref().ok_or_else(SignArgs::missing)?)?;
        }
        let plugin = self.plugin.load(environment).await?;
        if let Some(named) = self.plugin.plugin.as_ref().filter(|_| plugin.digest() != proof.plugin.digest) {
            Question::about(&plugin, named, &[], self.trust, environment).settle(terminal).await?;
        }
        let mut options = TestOptions::default();
        options.sources = &self.tests;
        options.as_of = self.as_of;
        options.dry_run = self.what_if;
        options.key = key.as_ref();
        options.plugin_time = self.max_plugin_time.map_or(options.plugin_time, Duration::from_secs);
        options.unpacked = self.size.limit();
        let tested = run::test(&mut open, &plugin, &options, &SystemClock, &Watch::new(terminal)).await;
        let tested = tested.map_err(|error| self.failure(error))?;
        self.say(&tested.run, tested.place.as_deref(), &tested.proof, terminal)?;
        if let Some(path) = &self.junit {
            junit::write(path, &tested.run)?;
        }
        Ok(Done::of(&tested.run))
    }

    fn bundle(&self) -> Failure {
        Failure::call(format!(
            "{} is a bundle, to which no run can be added",
            shown(&self.evidence.to_string())
        ))
        .with(Remedy::UnpackOrDryRun)
    }

    fn failure(&self, error: TestFailure) -> Failure {
        match error {
            TestFailure::Bundle => self.bundle(),
            TestFailure::Evidence(error) => unreadable(error),
            TestFailure::KeyMissing => SignArgs::missing(),
            error @ TestFailure::ChangesAlone { .. } => {
                Failure::call(error).next("collect the whole list, without --since, and test that")
            }
            error @ TestFailure::NoInstant => Failure::call(error).with(Remedy::GiveInstant),
            error @ TestFailure::TooMuch(_) => Failure::call(error).with(Remedy::AllowUnpacked),
            error @ TestFailure::RunKeyMissing => Failure::call(error).with(Remedy::SignOrDryRun),
            TestFailure::Store(error) => error.into(),
            TestFailure::Open(error) => error.into(),
            TestFailure::Suite(error) => error.into(),
            TestFailure::Test { error, suite } => refused(error, &suite),
            TestFailure::Unfit(error) => error.into(),
            error => {
                let next = error.remedy();
                Failure::call(error).with(next)
            }
        }
    }

    fn say(
        &self,
        held: &TestRun,
        folder: Option<&str>,
        proof: &Proof,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if terminal.json() {
            let evidence = self.evidence.to_string();
            terminal.say(&json(&TestOutput { evidence, folder, run: held.into() })?);
            return Ok(());
        }
        terminal.say(&verdicts::text(held, proof, SHOWN_ROWS, terminal));
        terminal.say(&match folder {
            Some(folder) => format!("\nThe run is in {}", shown(folder)),
            None => "\nNothing was written: these would be the results.".to_owned(),
        });
        Ok(())
    }
}

/// Why evidence cannot be read, and what to do about it.
fn unreadable(error: io::Error) -> Failure {
    if error.kind() == io::ErrorKind::Unsupported {
        Failure::call(format!("the evidence cannot be read: {error}"))
            .next("test it with the exhibit that collected it, or with a later one")
    } else {
        Failure::call(format!("this is no evidence: {error}")).with(Remedy::NameEvidence)
    }
}

/// With the place in the file where the test is that the plugin refused.
pub(super) fn refused(error: TestError, suite: &Suite) -> Failure {
    match error {
        TestError::Plugin(PluginError::Said(said @ Error::Invalid(_))) => suite.explain(&said).into(),
        error => error.into(),
    }
}
