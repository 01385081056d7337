//! A collection from its beginning, or from where it was left, to evidence that is in place.

use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, PluginRecord};

use crate::clock::{Clock, DAY};
use crate::collect::sink::Sink as _;
use crate::collect::spool::{Checkpoint, WriteState};
use crate::collect::{self, CollectError, Connection, Ended, Order};
use crate::contract::catalog::ProofType;
use crate::contract::types::{Error, Instant};
use crate::disk::KeepError;
use crate::evidence::spool::{Begun, Terms};
use crate::evidence::{self, EvidenceWriter, StagedEvidence};
use crate::plugin::{PluginError, TimeBudget};
use crate::store::attempt::Attempt;
use crate::testing::earlier::Earlier;
use crate::testing::file::Suite;
use crate::testing::{self, TestError, TestRun};

use super::collection::{CollectFailure, CollectOptions, Collected, Destination, Progress, Suspended};
use super::earlier_run::{EarlierEnd, Ledger};
use super::events::{Collecting, Event, Events, FailedAnswer};
use super::ledger::LedgerRun;
use super::mirrored::Mirrored;
use super::resume::{OfOtherTerms, Search, Searched};

/// What a call is given, and stays the same during it.
pub(super) struct Call<'a> {
    pub(super) connection: &'a Connection,
    pub(super) proof_type: &'a ProofType,
    pub(super) options: &'a CollectOptions<'a>,
    pub(super) clock: &'a dyn Clock,
    pub(super) events: &'a dyn Events,
    /// Of an operation: the parameter that tells what it does.
    pub(super) confirmed_by: Option<&'a str>,
    /// Of an operation, where there is a ledger: what makes it the same as another one.
    pub(super) ledger: Option<(&'a Ledger, Digest)>,
}

/// A collection that begins or is resumed.
struct Work {
    /// When it began, by the host's clock.
    began: Instant,
    order: Order,
    place: PathBuf,
    folder: EvidenceWriter,
    from: Option<Checkpoint>,
    /// When it was resumed before.
    resumed: Vec<Instant>,
}

impl Call<'_> {
    /// Carries the order out, and keeps what it gives.
    pub(super) async fn keep_all(
        &self,
        order: &Order,
        mut destination: Destination<'_>,
    ) -> Result<Progress, CollectFailure> {
        let Self { clock, events, .. } = *self;
        if let Destination::Store(open, key) = &mut destination {
            open.store.check_key(key)?;
            open.store.check_clock(clock.now())?;
            let recovered = open.recover(key, clock.now()).await?;
            events.event(&Event::Recovered { what: &recovered, store: open });
        }
        let followed = self.follow(order, &destination)?;
        let order = followed.as_ref().unwrap_or(order);
        let mut attempt = None;
        let collected = self.collect(order, &destination, &mut attempt).await;
        if let Destination::Store(open, key) = &mut destination {
            // Also where the collection failed: what was recovered belongs there.
            let finished = open.finish(&|store| store.recover(key, clock.now()).map(drop)).await;
            // What went wrong first is what counts.
            if collected.is_ok() {
                finished?;
            }
        }
        // Now that the evidence is where it should be, or will never be.
        let is_over = match &collected {
            Ok(Progress::Done(_)) => true,
            Ok(Progress::Suspended(_)) => false,
            // Of what an operation has sent, something is to be known.
            Err(CollectFailure::Collection { kept, .. }) => *kept == 0 && !order.is_operation(),
            Err(_) => false,
        };
        if let Some(mut attempt) = attempt {
            let ended = if is_over { attempt.remove().await } else { attempt.leave().await };
            if let Err(error) = ended {
                tracing::warn!(%error, "what was kept to resume the collection is left as it is");
            }
        }
        collected
    }
}

impl Call<'_> {
    /// Collects, tests, signs and keeps. `attempt` is set where what is committed is kept in an object store, too.
    pub(super) async fn collect(
        &self,
        order: &Order,
        destination: &Destination<'_>,
        attempt: &mut Option<Box<dyn Attempt>>,
    ) -> Result<Progress, CollectFailure> {
        let Self { connection, proof_type, options, clock, events, .. } = *self;
        if let Some(suite) = options.suite {
            // A test that makes no sense is better known before an hour of collecting than after.
            let tester = connection.plugin().tester(&proof_type.name, suite.tests(), order.as_of).await;
            tester.map_err(|error| CollectFailure::Tests(error.into()))?;
        }
        let Work { began, order, place, mut folder, from, mut resumed } =
            self.begin(order, destination, attempt).await?;
        let ledger = self.ledger_run(&order, &place, from.as_ref())?;
        if let Some(failed) = options.keep_failed {
            folder = folder.keep_failed(failed)?;
        }
        let is_resumed = from.is_some();
        let has_sent = from.as_ref().is_some_and(|it| it.write.sent().is_some());
        let answered = from.as_ref().and_then(|it| match &it.write {
            WriteState::Answered(sent) => Some(sent.number),
            _ => None,
        });
        if is_resumed {
            resumed.push(clock.now());
        }
        let collecting = Collecting::new(events);
        let mut resume = collect::Resume::default();
        (resume.from, resume.hold) = (from, options.hold);
        let mut sink = Mirrored {
            folder: &mut folder,
            attempt: attempt.as_deref_mut(),
            ledger,
            clock,
            has_sent,
            refused: None,
            answered,
        };
        let ended =
            collect::resume(connection, &order, resume, &mut sink, &collecting, &options.limits).await;
        let Mirrored { mut ledger, has_sent, refused, .. } = sink;
        if let Some(refused) = refused {
            folder.forget();
            return Err(refused);
        }
        let outcome = match ended {
            Ok(Ended::Finished(outcome)) => outcome,
            Ok(Ended::Suspended(it)) => {
                let (until, reason, pages) = (it.until, it.reason, folder.kept());
                return Ok(Progress::Suspended(Suspended { until, reason, destination: place, pages }));
            }
            Err(error) => {
                let asked = collecting
                    .asked()
                    .and_then(|(name, path)| Some((connection.origins().get(&name)?.to_string(), path)));
                // What would fail in the same way is not kept for another try, unless it has sent something, of which a record is
                // to stay.
                // A checkpoint that its plugin refuses is of no use.
                let refused = is_resumed
                    && asked.is_none()
                    && matches!(error, CollectError::Plugin(PluginError::Said(_)));
                let is_over = !has_sent && (refused || is_final(&error));
                let kept = if is_over { folder.forget() } else { folder.kept() };
                events.event(&Event::FailedAnswer(&failed_answer(folder, options.keep_failed.is_some())));
                return Err(CollectFailure::Collection { error: Box::new(error), asked, kept });
            }
        };
        let portal = proof_type.link.as_ref().and_then(|it| connection.portal(&it.origin));
        let mut whole = folder.complete(&evidence::CollectionSummary {
            proof_type,
            plugin: PluginRecord::from(connection.plugin()),
            outcome: &outcome,
            predecessor: order.since.as_ref().map(|it| &it.predecessor),
            began,
            resumed: &resumed,
            portal,
        })?;
        whole.keep_plugin(connection.plugin())?;
        // Whatever counts as now: what was seen today is good from today on.
        whole.expire(order.as_of.min(began).saturating_add(Instant::from(options.good_for_days) * DAY));
        if let Some(name) = options.account {
            whole.name_account(name);
        }
        events.event(&Event::Collected(whole.proof()));
        let tests = match options.suite {
            Some(suite) => Some(self.test(suite, &order, (&mut whole, &place), destination).await),
            None => None,
        };
        let collected = self.keep(whole, destination, place, tests).await?;
        if let (Some(attempt), Some(name)) = (attempt, collected.folder.file_name()) {
            attempt.complete(&name.to_string_lossy()).await.map_err(KeepError::from)?;
        }
        if let Some(run) = &mut ledger {
            let end = EarlierEnd { at: clock.now(), outcome: collected.proof.outcome };
            if let Err(error) = run.ended(&collected.folder, end) {
                // The same operation is then refused for longer.
                tracing::warn!(%error, "it is not written down that the operation has ended");
            }
        }
        Ok(Progress::Done(Box::new(collected)))
    }

    /// Its place in the ledger.
    fn ledger_run(
        &self,
        order: &Order,
        place: &Path,
        from: Option<&Checkpoint>,
    ) -> Result<Option<LedgerRun<'_>>, CollectFailure> {
        let Some((ledger, key)) = self.ledger else { return Ok(None) };
        let id = order.id.as_deref().unwrap_or_default();
        // What it has sent itself is not refused any more.
        let again = self.options.again || from.is_some_and(|it| it.write.sent().is_some());
        LedgerRun::new(ledger, key, id, place, again).map(Some)
    }

    /// Begins, or goes on with what an interrupted call of the same terms has left.
    async fn begin(
        &self,
        order: &Order,
        destination: &Destination<'_>,
        attempt: &mut Option<Box<dyn Attempt>>,
    ) -> Result<Work, CollectFailure> {
        let Self { connection, proof_type, options, clock, events, .. } = *self;
        let now = clock.now();
        let place_of = |as_of| match destination {
            Destination::Folder(folder) => (*folder).to_owned(),
            Destination::Store(open, _) => open.store.destination(&proof_type.name, as_of),
        };
        let place = place_of(order.as_of);
        // One that cannot be read ends the collection at its first request, with the reason.
        let caller = connection.caller().await.ok().flatten();
        let as_of_chosen = options.as_of.is_some();
        let terms = Terms::new(connection, &proof_type.name, order, as_of_chosen, options.account, caller);
        let digest = terms.digest().map_err(KeepError::from)?;
        let mut brought = false;
        if let Destination::Store(open, key) = destination
            && let Some(it) = open.attempt(digest, key, &place, options.fresh, now).await?
        {
            if let Some(resumable_from) = it.others_until {
                events.event(&Event::MayBeUnderWay { resumable_from });
            }
            (*attempt, brought) = (Some(it.attempt), it.was_there);
        }
        let search = Search {
            destination: &place,
            in_store: matches!(destination, Destination::Store(..)).then_some(&place_of),
            terms: &terms,
            fields: &proof_type.fields,
            now,
            within: options.resume_within,
            fresh: options.fresh,
            again: options.again,
            confirmed_by: self.confirmed_by,
        };
        let Searched { found, others, set_aside } = search.find()?;
        for folder in &set_aside {
            events.event(&Event::SetAside { folder });
        }
        if let Some(found) = found {
            let (pages, rows) = found.committed;
            events.event(&Event::Resumed { began: found.begun.began, pages, rows });
            return Ok(Work {
                began: found.begun.began,
                order: found.begun.order(order.clone()),
                place: found.destination,
                folder: found.folder,
                from: Some(found.from),
                resumed: found.resumed,
            });
        }
        for OfOtherTerms { began, pages, differs, until } in &others {
            let (began, pages, until) = (*began, *pages, *until);
            events.event(&Event::OtherTerms { began, pages, differs, until });
        }
        if let Some((ledger, key)) = self.ledger.filter(|_| !options.again) {
            ledger.check(key, order.id.as_deref().unwrap_or_default(), now)?;
        }
        if options.only_resume {
            return Err(CollectFailure::NothingToResume);
        }
        if brought && let Destination::Store(open, key) = destination {
            // It is too old, or damaged.
            if let Some(mut old) = attempt.take() {
                old.remove().await.map_err(KeepError::from)?;
            }
            *attempt = open.attempt(digest, key, &place, false, now).await?.map(|it| it.attempt);
        }
        let window = order.window.map(|it| (it.start, it.end));
        let within = u64::try_from(options.resume_within.as_millis()).unwrap_or(u64::MAX);
        let (as_of, id) = (order.as_of, order.id.clone());
        let begun = Begun { terms, as_of, began: now, within, window, id };
        let mut folder = EvidenceWriter::create_resumable(&place, &proof_type.fields, &begun)?;
        if order.is_operation() && folder.spool().is_none() {
            return Err(CollectFailure::NotKept { place });
        }
        let (order, resumed) = (order.clone(), Vec::new());
        Ok(Work { began: now, order, place, folder, from: None, resumed })
    }

    /// Puts it in place: signed, and stamped by an authority, as far as that is asked for.
    async fn keep(
        &self,
        mut whole: StagedEvidence,
        destination: &Destination<'_>,
        place: PathBuf,
        tests: Option<Result<TestRun, TestError>>,
    ) -> Result<Collected, CollectFailure> {
        let key = match destination {
            Destination::Store(_, key) => Some(*key),
            Destination::Folder(_) => self.options.key,
        };
        let unstamped = match self.options.authority {
            Some(authority) => whole.timestamp(key, authority).await?,
            None => None,
        };
        let (proof, folder, place) = match destination {
            Destination::Store(open, key) => {
                let arrived = open.store.keep(whole, key, self.clock.now())?;
                let place = open.called(&arrived.folder);
                (arrived.proof, arrived.folder, place)
            }
            Destination::Folder(_) => {
                let name = place.display().to_string();
                (whole.commit(key)?, place, name)
            }
        };
        Ok(Collected { proof, folder, place, tests, unstamped })
    }

    async fn test(
        &self,
        suite: &Suite,
        order: &Order,
        (whole, place): (&mut StagedEvidence, &Path),
        destination: &Destination<'_>,
    ) -> Result<TestRun, TestError> {
        self.events.event(&Event::Testing(whole.proof().rows));
        let (catalog, key) = match destination {
            Destination::Store(open, key) => {
                let brought = open.bring_earlier(place, whole.proof(), suite.tests()).await;
                brought.map_err(|error| TestError::Earlier(io::Error::other(error)))?;
                (Some(open.store.catalog().map_err(io::Error::other)?), Some(*key))
            }
            Destination::Folder(_) => (None, self.options.key),
        };
        let known =
            |folder: &Path, run: &Earlier| catalog.as_ref().map_or(Ok(false), |it| it.lists_run(folder, run));
        let budget = TimeBudget::new(self.options.limits.max_plugin_time);
        let tests = testing::Order {
            plugin: &self.connection.plugin().with_budget(&budget),
            tests: suite.tests(),
            as_of: order.as_of,
            made: self.clock.now(),
            key,
            known: catalog.is_some().then_some(&known),
        };
        let progress = |rows| self.events.event(&Event::Tested(rows));
        let run = testing::run_with_collection(whole, place, &tests, &progress).await?;
        run.passed_over.iter().for_each(|it| self.events.event(&Event::PassedOver(it)));
        Ok(run)
    }
}

/// Whether it would fail in the same way again: the plugin is wrong, or what it was asked for makes no sense, such as a name that
/// fits nothing. Whatever the source has answered or this machine was short of, it may be otherwise next time, and only the last
/// request is repeated.
fn is_final(error: &CollectError) -> bool {
    matches!(
        error,
        CollectError::Plugin(PluginError::Broke { .. } | PluginError::Said(Error::Invalid(_)))
            | CollectError::Write
            | CollectError::Request(_)
            | CollectError::SecretHandedOver { .. }
            | CollectError::Endless { .. }
    )
}

/// What a collection failed at, where that was asked for.
fn failed_answer(folder: EvidenceWriter, is_wanted: bool) -> FailedAnswer {
    if !is_wanted {
        return FailedAnswer::NotWanted;
    }
    match folder.fail() {
        Ok(Some(folder)) => FailedAnswer::Kept(folder),
        Ok(None) => FailedAnswer::None,
        Err(error) => FailedAnswer::NotKept(error),
    }
}
