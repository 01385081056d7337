//! Carrying out an operation at the source: shown first, confirmed, done once, and kept as evidence.

use crate::clock::Clock;
use crate::collect::{self, Connection, Order};
use crate::contract::catalog::Operation;
use crate::contract::collection::{Request, Task};
use crate::contract::settings;
use crate::contract::types::Value;
use crate::randomness;

use super::collect::this_second;
use super::collecting::Call;
use super::collection::{CollectFailure, CollectOptions, Destination, OperateFailure, Progress};
use super::events::{Collecting, Events, Remembering};
use super::ledger;
use super::parameters::parameter_faults;

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
    let order = order(connection, operation, options, clock)?;
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
/// sent again. One that had sent something is started over with [`CollectOptions::again`] alone. With
/// [`CollectOptions::ledger`] the same operation is not sent again wherever its evidence goes, nor soon after its end.
///
/// # Errors
/// Where the connection does not allow operations, it is not confirmed, or it failed: see [`OperateFailure`], which says whether
/// something was sent.
pub async fn operate(
    connection: &Connection,
    operation: &str,
    confirmed: Option<&str>,
    destination: Destination<'_>,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
    events: &dyn Events,
) -> Result<Progress, OperateFailure> {
    let operation = find(connection, operation)?;
    let order = order(connection, operation, options, clock)?;
    if !connection.may_operate() {
        return Err(CollectFailure::NotAllowed.into());
    }
    confirm(operation, &order, confirmed)?;
    // Processes on several machines could not see in time what another one has sent.
    if matches!(&destination, Destination::Store(open, _) if open.is_remote()) {
        return Err(CollectFailure::ObjectStore.into());
    }
    let ledger = match options.ledger {
        Some(it) => Some((it, ledger::key(connection, &order).await?)),
        None => None,
    };
    let remembering = Remembering::new(events);
    let call = Call {
        connection,
        proof_type: &operation.report_type(),
        options,
        clock,
        events: &remembering,
        confirmed_by: Some(&operation.confirm),
        ledger,
    };
    let ended = call.keep_all(&order, destination).await;
    ended.map_err(|why| OperateFailure { why, write: remembering.write() })
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
    connection: &Connection,
    operation: &Operation,
    options: &CollectOptions<'_>,
    clock: &dyn Clock,
) -> Result<Order, CollectFailure> {
    let given = settings::complete_all(&operation.parameters, options.criteria.clone());
    let criteria = given.map_err(|errors| {
        CollectFailure::Parameters(parameter_faults(connection.plugin().manifest(), errors))
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
