//! Probes, one after the other, and what each leaves for the next.

use crate::clock::Clock;
use crate::collect::{self, CollectError, Connection, Limits, Order};
use crate::contract::collection::{OperationOutcome, Task};
use crate::contract::types::Error;
use crate::plugin::PluginError;
use crate::remedy::Remedy;

use super::answers::Answers;
use super::found::{Access, AccessCheck, CheckEvent, CheckedKind};
use super::lookups::{self, Listed};
use super::problem::{CheckProblem, NotTried, is_login_refused};
use super::shared::{Shared, url};
use super::watch::{TIME, Watch};

/// A connection that broke once may be made the next time; a collection has more patience.
const ATTEMPTS: u32 = 2;

/// A check under way.
pub(super) struct Probing<'a> {
    connection: &'a Connection,
    watch: Watch<'a>,
    shared: Option<Shared>,
    /// The signatures that the source has taken so far, and where.
    accepted: Vec<String>,
    accepted_at: Option<String>,
    lists: lookups::Known,
    operations: Vec<OfNeeds>,
}

/// What came of the probe of an operation, for others that need the same rights.
struct OfNeeds {
    name: String,
    needs: Vec<String>,
    found: Result<(Access, Vec<String>), Refused>,
}

/// What a probe failed of.
#[derive(Clone)]
struct Refused {
    what: String,
    next: Option<Remedy>,
    refused: bool,
}

/// What came of one probe.
struct Probed {
    result: Result<Access, CheckProblem>,
    remarks: Vec<String>,
    round_trip: Option<i64>,
    skew: Option<i64>,
}

impl Probed {
    fn not_tried(why: NotTried) -> Self {
        Self { result: Err(CheckProblem::NotTried(why)), remarks: vec![], round_trip: None, skew: None }
    }

    fn of(self, name: &str, kind: CheckedKind) -> AccessCheck {
        let Self { result, remarks, round_trip, skew } = self;
        AccessCheck { name: name.to_owned(), kind, result, remarks, round_trip, skew }
    }
}

impl<'a> Probing<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        clock: &'a dyn Clock,
        heard: &'a (dyn Fn(&CheckEvent<'_>) + Send + Sync),
    ) -> Self {
        Self {
            connection,
            watch: Watch::new(clock, heard),
            shared: None,
            accepted: Vec::new(),
            accepted_at: None,
            lists: lookups::Known::new(),
            operations: Vec::new(),
        }
    }

    pub(super) async fn proof_type(&mut self, name: &str) -> AccessCheck {
        self.probe(&Task::Probe(name.to_owned())).await.of(name, CheckedKind::ProofType)
    }

    /// Probes an operation, unless one with the same needs was, and the lists that it needs.
    pub(super) async fn operation(&mut self, name: &str) -> AccessCheck {
        let manifest = self.connection.plugin().manifest();
        let Some(operation) = manifest.operation(name) else {
            return Probed::not_tried(NotTried::NoProbe).of(name, CheckedKind::Operation);
        };
        let probed = match self.alike(&operation.needs) {
            Some(probed) => probed,
            None => {
                let probed = self.probe(&Task::Probe(name.to_owned())).await;
                self.remember(name, &operation.needs, &probed);
                probed
            }
        };
        let mut check = probed.of(name, CheckedKind::Operation);
        if check.result.is_err() {
            return check;
        }
        for (lookup, parameter, required) in lookups::needed(manifest, operation) {
            let listed = self.list(&lookup.name).await;
            lookups::apply(&mut check, &lookup.name, parameter, required, &listed);
        }
        check
    }

    fn remember(&mut self, name: &str, needs: &[String], probed: &Probed) {
        let found = match &probed.result {
            // What was not tried is not known of others, either.
            Err(CheckProblem::NotTried(_)) => return,
            Ok(access) => Ok((*access, probed.remarks.clone())),
            Err(problem) => Err(Refused {
                what: problem.to_string(),
                next: problem.remedy(),
                refused: problem.is_refusal(),
            }),
        };
        self.operations.push(OfNeeds { name: name.to_owned(), needs: needs.to_vec(), found });
    }

    /// What was found of an operation that needs the same rights.
    fn alike(&self, needs: &[String]) -> Option<Probed> {
        let other = self.operations.iter().find(|it| it.needs == needs)?;
        let (result, remarks) = match other.found.clone() {
            Ok((access, remarks)) => (Ok(access), remarks),
            Err(Refused { what, next, refused }) => {
                (Err(CheckProblem::AsAnother { name: other.name.clone(), what, next, refused }), vec![])
            }
        };
        Some(Probed { result, remarks, round_trip: None, skew: None })
    }

    /// Whether a list can be read, which is asked once.
    async fn list(&mut self, name: &str) -> Listed {
        if let Some(known) = self.lists.get(name) {
            return known.clone();
        }
        self.watch.tell(&CheckEvent::Began(name));
        let Probed { result, .. } = self.probe(&Task::LookUp(name.to_owned())).await;
        let listed = match result {
            Ok(_) => Listed::Read,
            Err(problem) if problem.is_refusal() => Listed::Refused(problem.to_string(), problem.remedy()),
            Err(problem) => Listed::Unknown(problem.to_string()),
        };
        self.lists.insert(name.to_owned(), listed.clone());
        listed
    }

    async fn probe(&mut self, task: &Task) -> Probed {
        let why = match &self.shared {
            Some(shared) => shared.reason_for(self.connection, task, self.watch.clock).await,
            None => None,
        };
        if let Some(why) = why {
            return Probed::not_tried(why);
        }
        if self.watch.left().is_zero() {
            return Probed::not_tried(NotTried::NoTime(TIME));
        }
        self.ask(task).await
    }

    async fn ask(&mut self, task: &Task) -> Probed {
        let (connection, watch) = (self.connection, &self.watch);
        let as_of = watch.clock.now();
        let order =
            Order { task: task.clone(), criteria: vec![], window: None, since: None, as_of, id: None };
        let mut answers = Answers::new(watch);
        let mut limits = Limits::default();
        (limits.max_wait, limits.attempts) = (watch.left(), ATTEMPTS);
        let outcome = tokio::select! {
            outcome = collect::run(connection, &order, &mut answers, watch, &limits) => {
                outcome.map_err(CheckProblem::Failed)
            }
            () = watch.end_of_time() => Err(if watch.is_answered() {
                CheckProblem::NotTried(NotTried::NoTime(TIME))
            } else {
                let (origin, why) = (url(connection, &watch.origin()), watch.last_failure());
                CheckProblem::NoAnswer { origin, after: TIME, why }
            }),
        };
        let (result, mut remarks) = match outcome {
            Ok(outcome) => {
                let access = match outcome.summary.outcome {
                    Some(OperationOutcome::Unknown | OperationOutcome::NotDone) => Access::Undecided,
                    Some(OperationOutcome::Done) | None => Access::Granted,
                };
                // Those of a list are of what is in it.
                let notes = if matches!(task, Task::LookUp(_)) { vec![] } else { outcome.summary.notes };
                (Ok(access), notes)
            }
            Err(CheckProblem::Failed(error)) if self.cannot_tell(task, &error) => {
                (Err(CheckProblem::NotTried(NotTried::NoProbe)), vec![])
            }
            Err(problem) => (Err(problem), vec![]),
        };
        match &result {
            Ok(_) => {
                if let Some(auth) = answers.auth.take().filter(|it| !self.accepted.contains(it)) {
                    self.accepted.push(auth);
                }
                self.accepted_at = self.accepted_at.take().or(answers.origin.take());
            }
            Err(problem) => {
                let shared = Shared::of(problem, &answers, connection, task, watch, &self.accepted).await;
                remarks.extend(self.of_the_login(problem, shared.as_ref()));
                let Answers { round_trip, skew, .. } = answers;
                self.shared = self.shared.take().or(shared);
                return Probed { result, remarks, round_trip, skew };
            }
        }
        Probed { result, remarks, round_trip: answers.round_trip, skew: answers.skew }
    }

    /// What else is known where a login is refused: where its own pages are, or that the same login was accepted elsewhere.
    fn of_the_login(&self, problem: &CheckProblem, shared: Option<&Shared>) -> Option<String> {
        if let (CheckProblem::Failed(CollectError::Sign(error)), Some(at)) = (problem, &self.accepted_at)
            && is_login_refused(error)
        {
            return Some(format!(
                "{at} accepted the same credentials, so they are right: the place that refuses them is of another installation, \
                 or the account may not use it"
            ));
        }
        match shared {
            Some(Shared::Credentials) => {
                let pages = self.connection.portal(&self.watch.origin())?;
                Some(format!(
                    "by its settings, this connection is for accounts that sign in at {pages}: compare that with where this one \
                     does"
                ))
            }
            _ => None,
        }
    }

    /// Whether the plugin cannot probe this operation: its probe makes no sense to it.
    fn cannot_tell(&self, task: &Task, error: &CollectError) -> bool {
        let Task::Probe(name) = task else { return false };
        let is_operation = self.connection.plugin().manifest().proof_type(name).is_none();
        is_operation && matches!(error, CollectError::Plugin(PluginError::Said(Error::Invalid(_))))
    }
}
