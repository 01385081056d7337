//! Collecting a proof, testing it, signing it, having it time-stamped, and putting it where it goes.

use crate::clock::Clock;
use crate::collect::{Connection, Order};
use crate::contract::collection::Task;
use crate::contract::types::{Instant, Window};

use super::collecting::Call;
use super::collection::{CollectFailure, CollectOptions, Destination, Progress};
use super::events::Events;

/// Collects a proof of the type of this name from a connection, and keeps it. Whatever fails once it is collected,
/// such as a test or a time stamp, it is kept. `clock` is that of the host.
///
/// Where an earlier call of the same terms was interrupted (it was dropped, its process was killed, the source was
/// not available), this one resumes it at the first page that was not committed, within [`CollectOptions::resume_within`].
/// Nothing is resumed by another plugin, with other settings, origins, criteria or another period, or for another destination.
///
/// ```no_run
/// # async fn collect(connection: exhibit::collect::Connection) -> Result<(), Box<dyn std::error::Error>> {
/// use exhibit::clock::SystemClock;
/// use exhibit::run::{self, CollectOptions, Destination, Progress, Silent};
///
/// let out = Destination::Folder("evidence/users".as_ref());
/// let options = CollectOptions::default();
/// match run::collect(&connection, "users", out, &options, &SystemClock, &Silent).await? {
///     Progress::Done(collected) => println!("{} rows in {}", collected.proof.rows, collected.place),
///     Progress::Suspended(it) => println!("{}: call it again after {}", it.reason, it.until),
/// }
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where nothing was collected, or it could not be taken to where it should be: see [`CollectFailure`].
pub async fn collect(
    connection: &Connection,
    proof_type: &str,
    destination: Destination<'_>,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Progress, CollectFailure> {
    let manifest = connection.plugin().manifest();
    let proof_type = manifest.proof_type(proof_type).ok_or_else(|| CollectFailure::NoProofType {
        name: proof_type.to_owned(),
        known: manifest.proof_types.iter().map(|it| it.name.clone()).collect(),
    })?;
    if options.period.is_some() && proof_type.window.is_none() {
        return Err(CollectFailure::NoWindow { name: proof_type.name.clone() });
    }
    if options.since_last {
        if options.period.is_some() {
            return Err(CollectFailure::ChangesOfWindow);
        }
        if options.suite.is_some() {
            return Err(CollectFailure::TestsOfChanges);
        }
        if let Err(why) = &proof_type.changes {
            return Err(CollectFailure::NoChanges { name: proof_type.name.clone(), why: why.clone() });
        }
        if matches!(destination, Destination::Folder(_)) {
            return Err(CollectFailure::ChangesWithoutStore);
        }
    }
    let call = Call { connection, proof_type, options, clock, events, confirmed_by: None, ledger: None };
    let as_of = options.as_of.unwrap_or_else(|| this_second(clock));
    let now = clock.now();
    if let Some(from) = options.period.map(|it| it.from).filter(|it| *it >= now) {
        return Err(CollectFailure::NotBegun { from, now });
    }
    let order = Order {
        task: Task::Collect(proof_type.name.clone()),
        criteria: options.criteria.clone(),
        window: options.period.map(|it| Window { start: it.from, end: it.to.unwrap_or(as_of) }),
        since: None,
        as_of,
        id: None,
    };
    call.keep_all(&order, destination).await
}

/// Now, without the fraction of a second that no one would repeat by hand.
pub(super) fn this_second(clock: &dyn Clock) -> Instant {
    let now = clock.now();
    now - now.rem_euclid(1000)
}
