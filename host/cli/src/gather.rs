//! Collecting a proof, testing it, and putting it where it goes: whatever fails on the way, what was collected
//! is kept.

use std::io;
use std::path::{Path, PathBuf};

use exhibit::clock::{Clock, DAY};
use exhibit::collect::{self, CollectError, Connection, Limits, Order};
use exhibit::contract::catalog::ProofType;
use exhibit::contract::types::Instant;
use exhibit::evidence::{Collected, Folder, Whole};
use exhibit::format::count;
use exhibit::plugin::Plugin;
use exhibit::signing::{Authority, SigningKey};
use exhibit::testing::earlier::Earlier;
use exhibit::testing::file::Suite;
use exhibit::testing::{self, Held, TestError};
use exhibit_records::{PluginRecord, Proof};

use super::failure::Failure;
use super::place::OpenStore;
use super::progress::{Bar, Rows};
use super::terminal::Terminal;
use super::test;

/// Where evidence goes.
#[derive(Clone, Copy)]
pub(super) enum Destination<'a> {
    Folder(&'a Path),
    Store(&'a OpenStore),
}

impl Destination<'_> {
    /// What people call evidence there.
    fn called(self, folder: &Path) -> String {
        match self {
            Self::Folder(_) => folder.display().to_string(),
            Self::Store(open) => open.called(folder),
        }
    }
}

/// Where a collection goes, how far, and what is asked of it.
pub(super) struct Terms<'a> {
    pub(super) key: Option<&'a SigningKey>,
    pub(super) authority: Option<&'a Authority>,
    pub(super) suite: Option<&'a Suite>,
    pub(super) out: Destination<'a>,
    pub(super) good_for_days: u32,
    pub(super) account: Option<&'a str>,
    pub(super) keep_failed: Option<&'a Path>,
    pub(super) limits: Limits,
    pub(super) clock: &'a dyn Clock,
}

/// Collects into the folder, with a bar for whoever watches, and a warning where a proof is less
/// than it seems.
pub(super) async fn gather(
    connection: &Connection,
    order: &Order,
    proof_type: &ProofType,
    terms: &Terms<'_>,
    terminal: &Terminal,
) -> Result<(Proof, Option<Held>, PathBuf), Failure> {
    let began = terms.clock.now();
    let destination = match terms.out {
        Destination::Folder(folder) => folder.to_owned(),
        Destination::Store(open) => open.store.destination(&proof_type.name, order.as_of),
    };
    if let Some(suite) = terms.suite {
        // A test that makes no sense is better known before an hour of collecting than after.
        let tester = connection.plugin().tester(&proof_type.name, suite.tests(), order.as_of).await;
        tester.map_err(|error| test::refused(error.into(), suite))?;
    }
    let mut folder = Folder::create(&destination, &proof_type.fields)?;
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
        plugin: PluginRecord::from(connection.plugin()),
        outcome: &outcome,
        began,
        portal,
    })?;
    whole.keep_plugin(connection.plugin())?;
    // Whatever the call says counts as now: what was seen today is good from today on.
    whole.expire(order.as_of.min(began).saturating_add(Instant::from(terms.good_for_days) * DAY));
    if let Some(name) = terms.account {
        whole.name_account(name);
    }
    warn(whole.proof(), terminal);
    let held = match terms.suite {
        Some(suite) => {
            let held = hold(connection.plugin(), suite, order, terms, (&mut whole, &destination), terminal);
            Some((held.await, suite))
        }
        None => None,
    };
    // What was collected is kept, whatever became of the tests.
    let (proof, folder) = put(whole, terms, destination).await?;
    match held {
        None => Ok((proof, None, folder)),
        Some((Ok(held), _)) => Ok((proof, Some(held), folder)),
        Some((Err(error), suite)) => {
            let doing = format!("testing what was collected; it is in {}", terms.out.called(&folder));
            Err(test::refused(error, suite).during(doing))
        }
    }
}

/// Puts it in place: signed, and seen by an authority, as far as that is asked for.
async fn put(mut whole: Whole, terms: &Terms<'_>, destination: PathBuf) -> Result<(Proof, PathBuf), Failure> {
    let refused = match terms.authority {
        Some(authority) => whole.timestamp(terms.key, authority).await?,
        None => None,
    };
    // What was collected is kept, whatever became of the time stamp.
    let (proof, folder) = match (terms.out, terms.key) {
        (Destination::Store(open), Some(key)) => {
            let arrived = open.store.keep(whole, key, terms.clock.now())?;
            (arrived.proof, arrived.folder)
        }
        _ => (whole.put(terms.key)?, destination),
    };
    match refused {
        None => Ok((proof, folder)),
        Some(error) => {
            let there = terms.out.called(&folder);
            let doing = format!("asking for a time stamp; the evidence is in {there}, without one");
            Err(Failure::source(&error).during(doing).next(error.remedy()))
        }
    }
}

async fn hold(
    plugin: &Plugin,
    suite: &Suite,
    order: &Order,
    terms: &Terms<'_>,
    (whole, destination): (&mut Whole, &Path),
    terminal: &Terminal,
) -> Result<Held, TestError> {
    let bar = Rows::new(terminal, "testing", whole.proof().rows);
    let catalog = match terms.out {
        Destination::Store(open) => {
            let brought = open.bring_earlier(destination, whole.proof(), suite.tests()).await;
            brought.map_err(|error| TestError::Earlier(io::Error::other(error)))?;
            Some(open.store.catalog().map_err(io::Error::other)?)
        }
        Destination::Folder(_) => None,
    };
    let known = |folder: &Path, run: &Earlier| catalog.as_ref().is_some_and(|it| it.vouches(folder, run));
    let tests = testing::Order {
        plugin,
        tests: suite.tests(),
        as_of: order.as_of,
        made: terms.clock.now(),
        key: terms.key,
        known: catalog.is_some().then_some(&known),
    };
    testing::within(whole, destination, &tests, &|rows| bar.done(rows)).await
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

/// What was under way, as far as it had come.
fn collecting(connection: &Connection, proof_type: &ProofType, bar: &Bar) -> String {
    let asked = bar.asked();
    let asked = asked.as_ref().and_then(|(name, path)| Some((connection.origins().get(name)?, path)));
    match asked {
        Some((origin, path)) => format!("collecting {} from {origin}{path}", proof_type.name),
        None => format!("collecting {}", proof_type.name),
    }
}
