//! Keeps the links from items to their successors: of each set of names in which something has changed, all at once. The links
//! follow from what the items are, so that the order in which they came does not matter.

use std::collections::BTreeMap;

use exhibit_state::{Bound, Transaction};

use super::derived::Derived;
use super::error::InventoryError;
use super::facts::Runs;
use super::inventory::{Inventory, sightings};
use super::links::{Member, successors};

/// Sets of names that are looked at in one change.
const SETS: i64 = 500;

/// Links some of the items that have changed. Whether none is left.
pub(crate) async fn link_some(
    inventory: &Inventory,
    runs: &Runs,
    transaction: &mut Transaction,
) -> Result<bool, InventoryError> {
    let kind = inventory.kind();
    // Most items have names that no other one has.
    let alone = "UPDATE inventory_item SET to_link = 0, successor = NULL WHERE kind = $1 AND to_link = 1 AND (names IS NULL \
                 OR NOT EXISTS (SELECT 1 FROM inventory_item other WHERE other.kind = inventory_item.kind \
                 AND other.names = inventory_item.names AND other.id <> inventory_item.id))";
    transaction.execute(alone, std::slice::from_ref(&kind)).await?;
    let select =
        "SELECT DISTINCT names FROM inventory_item WHERE kind = $1 AND to_link = 1 ORDER BY names LIMIT $2";
    let rows = transaction.rows(select, &[kind.clone(), SETS.into()]).await?;
    let mut sets: Vec<Bound> = Vec::new();
    for row in &rows {
        sets.push(row.text(0)?.into());
    }
    let select = "SELECT names, id, identity, number, begins, ends, successor FROM inventory_item WHERE kind = $1 AND names IN";
    let mut by_names: BTreeMap<String, Vec<(i64, Option<i64>, Member)>> = BTreeMap::new();
    for row in transaction.rows_in(select, std::slice::from_ref(&kind), &sets).await? {
        let member = Member {
            identity: row.text(2)?.to_owned(),
            number: row.maybe_text(3)?.map(str::to_owned),
            begins: row.maybe_integer(4)?,
            ends: row.maybe_integer(5)?,
            places: std::collections::BTreeSet::new(),
        };
        let entry = (row.integer(1)?, row.maybe_integer(6)?, member);
        by_names.entry(row.text(0)?.to_owned()).or_default().push(entry);
    }
    for set in by_names.into_values() {
        link(inventory, runs, transaction, set).await?;
    }
    Ok(rows.len() < usize::try_from(SETS).unwrap_or(usize::MAX))
}

/// Links the items of one set of names.
async fn link(
    inventory: &Inventory,
    runs: &Runs,
    transaction: &mut Transaction,
    set: Vec<(i64, Option<i64>, Member)>,
) -> Result<(), InventoryError> {
    let ids: Vec<i64> = set.iter().map(|it| it.0).collect();
    let mut facts = sightings(transaction, &ids).await?;
    let mut members = Vec::with_capacity(set.len());
    for (id, _, mut member) in set.iter().cloned() {
        let of_item = facts.remove(&id).unwrap_or_default();
        member.places = Derived::of(&inventory.mapping, runs, &member.identity, &of_item).places;
        members.push(member);
    }
    for (successor, (id, before, _)) in successors(&members).into_iter().zip(&set) {
        let successor = successor.and_then(|it| ids.get(it).copied());
        let update = "UPDATE inventory_item SET to_link = 0, successor = $2 WHERE id = $1";
        if successor == *before {
            continue;
        }
        transaction.execute(update, &[(*id).into(), successor.into()]).await?;
    }
    for chunk in ids.chunks(200) {
        let places: Vec<String> = (1..=chunk.len()).map(|it| format!("${it}")).collect();
        let update = format!("UPDATE inventory_item SET to_link = 0 WHERE id IN ({})", places.join(","));
        let values: Vec<Bound> = chunk.iter().map(|it| Bound::from(*it)).collect();
        transaction.execute(&update, &values).await?;
    }
    Ok(())
}
