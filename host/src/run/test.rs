//! Testing kept evidence, offline.

use std::io;
use std::path::Path;
use std::time::Duration;

use exhibit_records::Proof;
use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::contract::types::Instant;
use crate::disk::{self, Scratch};
use crate::evidence::{
    AS_OF_WORTH_TELLING_MS, MaxUnpacked, TooMuch, check_parts, format_instant, parse_instant, read, stale,
};
use crate::plugin::{PLUGIN_TIME, Plugin, TimeBudget};
use crate::remedy::Remedy;
use crate::retry::Retry;
use crate::signing::SigningKey;
use crate::store::{OpenError, OpenEvidence, StoreError};
use crate::testing::earlier::{self, Earlier};
use crate::testing::file::{Source, Suite, SuiteError};
use crate::testing::{self, Order, Subject, TestError, TestRun};

use super::events::{Event, Events};

/// What is tested, and what is done with it.
#[non_exhaustive]
pub struct TestOptions<'a> {
    /// Where tests come from; those that the plugin suggests, where there are none.
    pub sources: &'a [Source],
    /// The instant that counts as now: milliseconds since 1970. `None`: that of the evidence.
    pub as_of: Option<Instant>,
    /// Keeps nothing: gives what the tests would say.
    pub dry_run: bool,
    /// The key that signs the run. Evidence in a store needs one.
    pub key: Option<&'a SigningKey>,
    /// How long all calls of the plugin together may run.
    pub plugin_time: Duration,
    /// How much the rows and all runs of tests of the evidence may have together, unpacked: of what has more, none is read.
    pub unpacked: MaxUnpacked,
}

impl Default for TestOptions<'_> {
    fn default() -> Self {
        Self {
            sources: &[],
            as_of: None,
            dry_run: false,
            key: None,
            plugin_time: PLUGIN_TIME,
            unpacked: MaxUnpacked::default(),
        }
    }
}

/// A run of tests.
#[derive(Debug)]
#[non_exhaustive]
pub struct Tested {
    /// The run.
    pub run: TestRun,
    /// What was tested.
    pub proof: Proof,
    /// Where the run is, for people: in an object store, its address. `None` after a dry run.
    pub place: Option<String>,
}

/// Why evidence was not tested.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TestFailure {
    /// A run cannot be added to a bundle.
    #[error("this is a bundle, to which no run can be added")]
    Bundle,
    /// It cannot be read, or it is not evidence.
    #[error("{0}")]
    Evidence(#[source] io::Error),
    /// The log of the store that the evidence is in has to be signed, and no key was given.
    #[error("the evidence is in a store, and a run of tests in a store is signed")]
    KeyMissing,
    /// The evidence is signed, and no key was given: with a run of tests that is not signed, it would no longer verify.
    #[error("the evidence is signed, and with a run of tests that is not signed it would no longer verify")]
    RunKeyMissing,
    /// It has only what changed since another proof: a test of that alone would pass over all that stayed as it was.
    #[error("the evidence has only what changed since {since}, and tests judge a whole list")]
    ChangesAlone {
        /// The point that it continues from, RFC 3339.
        since: String,
    },
    /// It has more than is read of evidence.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// It does not say what counted as now.
    #[error("the evidence does not state its as-of time")]
    NoInstant,
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store cannot be reached, or the run cannot be taken there.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The tests make no sense.
    #[error(transparent)]
    Suite(#[from] SuiteError),
    /// The tests cannot be run.
    #[error("{error}")]
    Test {
        /// Why.
        #[source]
        error: TestError,
        /// The tests, which know their places in files.
        suite: Box<Suite>,
    },
    /// The evidence and the plugin do not fit.
    #[error(transparent)]
    Unfit(TestError),
}

/// Tests evidence with this plugin, which the caller trusts. `clock` is that of the host.
///
/// ```no_run
/// # async fn test(plugin: exhibit::plugin::Plugin) -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
///
/// use exhibit::clock::SystemClock;
/// use exhibit::run::{self, Silent, TestOptions};
/// use exhibit::store::{Location, ObjectStoreOptions};
///
/// let evidence = Location::from(Path::new("evidence/users"));
/// let mut evidence = evidence.evidence(&ObjectStoreOptions::default()).await?;
/// let tested = run::test(&mut evidence, &plugin, &TestOptions::default(), &SystemClock, &Silent).await?;
/// for test in &tested.run.run.tests {
///     println!("{}: {}", test.name, test.outcome.word());
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where there is no run: see [`TestFailure`]. Tests that fail are no error.
pub async fn test(
    evidence: &mut OpenEvidence,
    plugin: &Plugin,
    options: &TestOptions<'_>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Tested, TestFailure> {
    if evidence.is_bundle() && !options.dry_run {
        return Err(TestFailure::Bundle);
    }
    let proof = read::proof(&evidence.folder).map_err(TestFailure::Evidence)?;
    if let Some(since) = &proof.job.since {
        return Err(TestFailure::ChangesAlone { since: Shown::line(since).to_string() });
    }
    let runs = earlier::runs(&evidence.folder, "").map_err(TestFailure::Evidence)?;
    check_parts(proof.parts.iter().chain(runs.iter().flat_map(|it| &it.run.parts)), options.unpacked)?;
    if let Some(open) = evidence.store.as_mut().filter(|_| !options.dry_run) {
        let key = options.key.ok_or(TestFailure::KeyMissing)?;
        open.store.check_key(key)?;
        open.store.check_clock(clock.now())?;
        let recovered = open.recover(key, clock.now()).await?;
        events.event(&Event::Recovered { what: &recovered, store: open });
    }
    if proof.signed_by.is_some() && options.key.is_none() && !options.dry_run {
        return Err(TestFailure::RunKeyMissing);
    }
    if let Some(stale) = stale(&proof, clock.now()) {
        events.event(&Event::DoubtfulTests(&stale));
    }
    let proof_type = testing::proof_type(&proof, plugin).map_err(TestFailure::Unfit)?;
    let suggested = [Source::Suggested];
    let sources = if options.sources.is_empty() { &suggested[..] } else { options.sources };
    let suite = Suite::gather_off_thread(sources, proof_type).await?;
    suite.doubts().iter().for_each(|it| events.event(&Event::DoubtfulTests(it)));
    let as_of = options.as_of.or_else(|| parse_instant(&proof.job.as_of)).ok_or(TestFailure::NoInstant)?;
    if let Some(own) =
        parse_instant(&proof.job.as_of).filter(|own| own.abs_diff(as_of) > AS_OF_WORTH_TELLING_MS)
    {
        events.event(&Event::DoubtfulTests(&format!(
            "the tests are run as of {}, and the evidence is as of {}: ages are other ones than when it was collected",
            format_instant(as_of),
            format_instant(own)
        )));
    }
    let catalog = evidence.store.as_ref().map(|it| it.store.catalog()).transpose()?;
    let known =
        |folder: &Path, run: &Earlier| catalog.as_ref().map_or(Ok(false), |it| it.lists_run(folder, run));
    let order = Order {
        plugin: &plugin.with_budget(&TimeBudget::new(options.plugin_time)),
        tests: suite.tests(),
        as_of,
        made: clock.now(),
        key: options.key,
        known: catalog.is_some().then_some(&known),
    };
    if let Some(store) = &evidence.store {
        store.bring_earlier(&evidence.folder, &proof, suite.tests()).await?;
    }
    events.event(&Event::Testing(proof.rows));
    let progress = |rows| events.event(&Event::Tested(rows));
    let subject = Subject { folder: &evidence.folder, proof: &proof };
    let failed = |error| TestFailure::Test { error, suite: Box::new(suite.clone()) };
    if options.dry_run {
        let scratch = Scratch::new().map_err(OpenError::Scratch)?;
        let run = testing::dry_run(&subject, &order, scratch.path(), &progress).await.map_err(failed)?;
        run.passed_over.iter().for_each(|it| events.event(&Event::PassedOver(it)));
        return Ok(Tested { run, proof, place: None });
    }
    let (run, place) = match (&mut evidence.store, options.key) {
        (Some(open), Some(key)) => {
            let staged = testing::stage_run(&subject, &order, &progress).await.map_err(failed)?;
            let (run, folder) = open.keep_run(staged, key, clock.now()).await?;
            (run, open.called(&folder))
        }
        _ => {
            let (run, folder) = testing::run_on(&subject, &order, &progress).await.map_err(failed)?;
            (run, folder.display().to_string())
        }
    };
    run.passed_over.iter().for_each(|it| events.event(&Event::PassedOver(it)));
    Ok(Tested { run, proof, place: Some(place) })
}

impl TestFailure {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Bundle => Some(Remedy::UnpackOrDryRun),
            Self::Evidence(error) if error.kind() == io::ErrorKind::Unsupported => Some(Remedy::UseWriter),
            Self::Evidence(error) if disk::is_of_this_machine(error) => Some(Remedy::CheckMachine),
            Self::Evidence(_) => Some(Remedy::NameEvidence),
            Self::KeyMissing => Some(Remedy::GiveStoreKey),
            Self::RunKeyMissing => Some(Remedy::SignOrDryRun),
            Self::ChangesAlone { .. } => None,
            Self::TooMuch(_) => Some(Remedy::AllowUnpacked),
            Self::NoInstant => Some(Remedy::GiveInstant),
            Self::Store(error) => error.remedy(),
            Self::Open(error) => error.remedy(),
            Self::Suite(error) => error.remedy(),
            Self::Test { error, .. } | Self::Unfit(error) => error.remedy(),
        }
    }

    /// Whether the same call can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Open(error) => error.retry(),
            Self::Test { error, .. } | Self::Unfit(error) => error.retry(),
            _ => Retry::NeedsPerson,
        }
    }
}
