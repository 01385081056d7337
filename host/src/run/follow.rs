//! Which proof of a store a collection of changes continues.

use exhibit_records::{Argument, EarlierProof, OriginRecord, Terms};

use crate::collect::{CollectError, Connection, Order, Since};
use crate::contract::collection::Task;
use crate::contract::settings;
use crate::evidence::parse_instant;
use crate::store::Package;

use super::collecting::Call;
use super::collection::{CollectFailure, Destination};
use super::events::Event;

/// A proof names the origins that answered, which are some of its connection's: of so many, every choice is looked for.
const MAX_ORIGINS: usize = 8;

impl Call<'_> {
    /// The order, of what changed since the last proof of the same terms. `None` where it stays as it is: nothing of that is asked
    /// for, or there is no such proof.
    ///
    /// # Errors
    /// Where the store cannot be read, or a criterion makes no sense.
    pub(super) fn follow(
        &self,
        order: &Order,
        destination: &Destination<'_>,
    ) -> Result<Option<Order>, CollectFailure> {
        let (true, Destination::Store(open, _), Task::Collect(name)) =
            (self.options.since_last, destination, &order.task)
        else {
            return Ok(None);
        };
        let criteria = settings::complete(&self.proof_type.criteria, order.criteria.clone());
        let criteria = criteria.map_err(|error| {
            let error = Box::new(CollectError::from(error));
            CollectFailure::Collection { error, asked: None, kept: 0 }
        })?;
        let criteria: Vec<Argument> = criteria.iter().map(Argument::from).collect();
        let terms = Terms {
            plugin: &self.connection.plugin().manifest().id,
            proof_type: name,
            account: self.options.account,
            origins: &[],
            criteria: &criteria,
        };
        let digests: Vec<_> =
            choices(self.connection).iter().map(|origins| Terms { origins, ..terms }.digest()).collect();
        let catalog = open.catalog()?;
        let of_same = catalog.packages().iter().rev().filter(|it| digests.contains(&it.kept.about));
        let since = of_same.filter_map(since).next();
        self.events.event(&Event::Follows(since.as_ref()));
        Ok(since.map(|since| Order { since: Some(since), ..order.clone() }))
    }
}

/// What changed since this proof, where that can be asked for: it lacks nothing, and neither does any that it continues.
fn since(package: &Package) -> Option<Since> {
    let is_there = package.pruned.is_none() && !package.is_missing && package.is_joined;
    let point = parse_instant(package.kept.point.as_deref().filter(|_| is_there)?)?;
    let (evidence, proof) = (package.kept.evidence.clone(), package.kept.proof);
    Some(Since { point, predecessor: EarlierProof { evidence, proof } })
}

/// Every choice of a connection's origins but that of none, each in the order of their names.
fn choices(connection: &Connection) -> Vec<Vec<OriginRecord>> {
    let all = connection.origins().iter().take(MAX_ORIGINS);
    let all: Vec<OriginRecord> =
        all.map(|(name, it)| OriginRecord { name: name.clone(), url: it.to_string() }).collect();
    let chosen = |bits: usize| {
        let is_chosen = |at: &usize| bits >> at & 1 == 1;
        (0..all.len()).filter(is_chosen).map(|at| all[at].clone()).collect()
    };
    (1..1_usize << all.len()).map(chosen).collect()
}
