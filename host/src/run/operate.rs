//! Carrying out an operation at the source: shown first, confirmed, done once, and kept as evidence.

use crate::clock::Clock;
use crate::collect::{self, CollectError, Connection, Order};
use crate::contract::catalog::Operation;
use crate::contract::collection::{Request, Task};
use crate::contract::settings;
use crate::contract::types::Value;
use crate::randomness;

use super::collect::this_second;
use super::collecting::Call;
use super::collection::{CollectFailure, CollectOptions, Destination, Progress};
use super::events::{Collecting, Events};

/// What an operation would send, unsigned, as [`Effect::Write`](crate::contract::collection::Effect::Write) says what it
/// changes.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Proposal {
    /// The request.
    pub request: Request,
    /// The URL of the origin that it goes to.
    pub origin: String,
}

/// Finds out what an operation would change, by reads alone. `None` where it would change nothing.
///
/// # Errors
/// Where the operation makes no sense, such as with a name that fits nothing, or the source cannot be asked.
pub async fn propose(
    connection: &Connection,
    operation: &str,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Option<Proposal>, CollectFailure> {
    let operation = find(connection, operation)?;
    let order = order(operation, options, clock)?;
    let collecting = Collecting::new(events);
    let proposed = collect::propose(connection, &order, &collecting, &options.limits).await;
    let proposed = proposed.map_err(|error| {
        let asked = collecting.asked();
        let asked = asked.and_then(|(name, path)| Some((connection.origins().get(&name)?.to_string(), path)));
        CollectFailure::Collection { error: Box::new(error), asked, kept: 0 }
    })?;
    Ok(proposed.map(|request| Proposal {
        origin: connection.origins().get(&request.origin).map(ToString::to_string).unwrap_or_default(),
        request,
    }))
}

/// Carries the operation of this name out, and keeps what was asked, what was sent and how it went as evidence. Its parameters are
/// [`CollectOptions::criteria`]; `confirmed` repeats the value of the one that the manifest names.
///
/// Where an earlier call of the same terms was interrupted, this one goes on with it, whenever that was: what it had sent is not
/// sent again. That [`CollectOptions::fresh`] alone begins anew.
///
/// # Errors
/// Where the connection does not allow operations, it is not confirmed, or it failed: see [`CollectFailure`].
pub async fn operate(
    connection: &Connection,
    operation: &str,
    confirmed: Option<&str>,
    destination: Destination<'_>,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Progress, CollectFailure> {
    let operation = find(connection, operation)?;
    let order = order(operation, options, clock)?;
    if !connection.may_operate() {
        return Err(CollectFailure::NotAllowed);
    }
    confirm(operation, &order, confirmed)?;
    // Processes on several machines could not see in time what another one has sent.
    if matches!(&destination, Destination::Store(open, _) if open.is_remote()) {
        return Err(CollectFailure::ObjectStore);
    }
    let manifest = connection.plugin().manifest();
    let report =
        manifest.evidence_type(&operation.name, true).ok_or_else(|| unknown(connection, &operation.name))?;
    let call = Call {
        connection,
        proof_type: &report,
        options,
        clock,
        events,
        confirmed_by: Some(&operation.confirm),
    };
    call.keep_all(&order, destination).await
}

fn find<'a>(connection: &'a Connection, name: &str) -> Result<&'a Operation, CollectFailure> {
    connection.plugin().manifest().operation(name).ok_or_else(|| unknown(connection, name))
}

fn unknown(connection: &Connection, name: &str) -> CollectFailure {
    let known = &connection.plugin().manifest().operations;
    CollectFailure::NoOperation {
        name: name.to_owned(),
        known: known.iter().map(|it| it.name.clone()).collect(),
    }
}

fn order(
    operation: &Operation,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
) -> Result<Order, CollectFailure> {
    let given = settings::complete(&operation.parameters, options.criteria.clone());
    let criteria = given.map_err(|error| {
        let error = Box::new(CollectError::from(error));
        CollectFailure::Collection { error, asked: None, kept: 0 }
    })?;
    let id: String = randomness::nonce()?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(Order {
        task: Task::Operate(operation.name.clone()),
        criteria,
        window: None,
        since: None,
        as_of: options.as_of.unwrap_or_else(|| this_second(clock)),
        id: Some(id),
    })
}

/// The second key: the value of the parameter that the manifest names.
fn confirm(operation: &Operation, order: &Order, confirmed: Option<&str>) -> Result<(), CollectFailure> {
    let value = order.criteria.iter().find(|it| it.name == operation.confirm);
    let value = value.map(|it| as_text(&it.value)).unwrap_or_default();
    if !value.is_empty() && confirmed == Some(&value) {
        return Ok(());
    }
    let (parameter, given) = (operation.confirm.clone(), confirmed.map(str::to_owned));
    Err(CollectFailure::NotConfirmed { parameter, value, given })
}

/// A value as a person writes it, such as to confirm it. Empty where there is none.
pub fn as_text(value: &Value) -> String {
    match value {
        Value::Text(it) => it.clone(),
        Value::Texts(it) => it.join(","),
        Value::Integer(it) => it.to_string(),
        Value::Number(it) => it.to_string(),
        Value::Boolean(it) => if *it { "yes" } else { "no" }.to_owned(),
        Value::Instant(it) => crate::evidence::format_instant(*it),
        Value::Duration(it) => it.to_string(),
        Value::Absent | Value::Empty => String::new(),
    }
}
