//! The inventory of one kind of items, in the state database.

use std::collections::BTreeMap;

use exhibit_state::{Bound, Database, Row, StateError, Transaction};

use super::error::InventoryError;
use super::facts::{Runs, Sighting};
use super::mapping::Mapping;

/// The inventory of one kind of items.
#[derive(Debug, Clone)]
pub struct Inventory {
    pub(crate) database: Database,
    pub(crate) mapping: Mapping,
}

impl Inventory {
    /// Of the items that this mapping makes.
    ///
    /// # Errors
    /// Where the mapping makes no sense.
    pub fn new(database: Database, mapping: Mapping) -> Result<Self, InventoryError> {
        mapping.check()?;
        Ok(Self { database, mapping })
    }

    /// How rows become items.
    pub fn mapping(&self) -> &Mapping {
        &self.mapping
    }

    pub(crate) fn kind(&self) -> Bound {
        self.mapping.kind.as_str().into()
    }
}

/// The number that a new row of a table has. Changes do not overlap, so no other one takes it.
pub(crate) async fn next_id(transaction: &mut Transaction, table: &str) -> Result<i64, StateError> {
    let rows = transaction.rows(&format!("SELECT COALESCE(MAX(id), 0) + 1 FROM {table}"), &[]).await?;
    rows.first().map_or(Ok(1), |it| it.integer(0))
}

/// Adds the runs of a kind that are not known yet.
pub(crate) async fn refresh(
    transaction: &mut Transaction,
    kind: Bound,
    known_to: &mut i64,
    runs: &mut Runs,
) -> Result<(), StateError> {
    let select = "SELECT r.id, r.at, r.evidence FROM inventory_run r JOIN inventory_source s ON s.id = r.source \
                  WHERE s.kind = $1 AND r.id > $2 ORDER BY r.id";
    for row in transaction.rows(select, &[kind, (*known_to).into()]).await? {
        *known_to = row.integer(0)?;
        runs.add(*known_to, row.integer(1)?, row.text(2)?);
    }
    Ok(())
}

/// What all sources say of each of these items, by item and source.
pub(crate) async fn sightings(
    transaction: &mut Transaction,
    items: &[i64],
) -> Result<BTreeMap<i64, BTreeMap<i64, Sighting>>, InventoryError> {
    let mut found: BTreeMap<i64, BTreeMap<i64, Sighting>> = BTreeMap::new();
    let select = "SELECT item, source, first_run, last_run, facts FROM inventory_sighting WHERE item IN";
    let items: Vec<Bound> = items.iter().map(|it| Bound::from(*it)).collect();
    for row in transaction.rows_in(select, &[], &items).await? {
        found.entry(row.integer(0)?).or_default().insert(row.integer(1)?, sighting(&row)?);
    }
    Ok(found)
}

fn sighting(row: &Row) -> Result<Sighting, InventoryError> {
    let read = Sighting::from_json(row.integer(2)?, row.integer(3)?, row.text(4)?);
    read.ok_or_else(|| InventoryError::Facts(format!("item {}", row.integer(0).unwrap_or_default())))
}
