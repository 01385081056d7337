//! What the account of a connection may do, at the least cost: which proof types can be collected, and which operations
//! carried out. Nothing is changed at the source to find out.

mod answers;
mod found;
mod lookups;
mod probe;
mod problem;
mod shared;
mod watch;

use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::collect::Connection;
use crate::contract::manifest::Manifest;
use crate::nearest::nearest;

pub use self::found::{Access, AccessCheck, CheckEvent, CheckedKind};
use self::probe::Probing;
pub use self::problem::{CheckProblem, NotTried};

/// The plugin has neither a proof type nor an operation of this name.
#[derive(Debug, thiserror::Error)]
#[error("the plugin has neither a proof type nor an operation `{}`", Shown::line(name))]
pub struct UnknownName {
    /// What was asked for.
    pub name: String,
    /// What was probably meant.
    pub nearest: Option<String>,
}

/// Asks the source, for each proof type and each operation in the manifest's order, for as little as shows whether the account
/// may; with `names`, for these alone. What stands in the way of others, too, is tried once. It ends within 15 s of its first
/// request. `heard` is called with what happens.
///
/// # Errors
/// Where a name is unknown. Nothing was asked then.
///
/// ```no_run
/// # async fn check(connection: exhibit::collect::Connection) -> Result<(), exhibit::run::UnknownName> {
/// use exhibit::clock::SystemClock;
/// use exhibit::run;
///
/// for it in run::check(&connection, &[], &SystemClock, &|_| {}).await? {
///     println!("{}: {}", it.name, if it.result.is_ok() { "nothing is known to be missing" } else { "cannot" });
/// }
/// # Ok(())
/// # }
/// ```
pub async fn check(
    connection: &Connection,
    names: &[String],
    clock: &dyn Clock,
    heard: &(dyn Fn(&CheckEvent<'_>) + Send + Sync),
) -> Result<Vec<AccessCheck>, UnknownName> {
    let subjects = subjects(connection.plugin().manifest(), names)?;
    let mut probing = Probing::new(connection, clock, heard);
    let mut checks: Vec<AccessCheck> = Vec::new();
    for (name, kind) in subjects {
        heard(&CheckEvent::Began(name));
        let check = match kind {
            CheckedKind::ProofType => probing.proof_type(name).await,
            CheckedKind::Operation => probing.operation(name).await,
        };
        heard(&CheckEvent::Done(&check));
        checks.push(check);
    }
    Ok(checks)
}

/// What these names mean, or all that there is. A name that both have is the proof type's, as it is to the plugin.
fn subjects<'a>(
    manifest: &'a Manifest,
    names: &[String],
) -> Result<Vec<(&'a str, CheckedKind)>, UnknownName> {
    let types = manifest.proof_types.iter().map(|it| (it.name.as_str(), CheckedKind::ProofType));
    let operations = manifest.operations.iter().map(|it| (it.name.as_str(), CheckedKind::Operation));
    let operations = operations.filter(|it| manifest.proof_type(it.0).is_none());
    let all: Vec<_> = types.chain(operations).collect();
    if let Some(name) = names.iter().find(|name| all.iter().all(|it| it.0 != *name)) {
        let nearest = nearest(name, all.iter().map(|it| it.0)).map(str::to_owned);
        return Err(UnknownName { name: name.clone(), nearest });
    }
    Ok(all.into_iter().filter(|it| names.is_empty() || names.iter().any(|name| it.0 == name)).collect())
}

#[cfg(test)]
mod tests;
