//! One page of rows on its way into the tables.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_state::{Bound, Transaction};

use super::derived::Derived;
use super::error::InventoryError;
use super::facts::Sighting;
use super::inventory::{next_id, sightings};
use super::observed::{Observed, Reading};
use super::under_way::{Merged, UnderWay};

/// What the table has of an item.
#[derive(Debug)]
struct Known {
    id: i64,
    number: Option<String>,
    title: String,
    begins: Option<i64>,
    ends: Option<i64>,
    names: Option<String>,
}

const ITEM: &str = "INSERT INTO inventory_item (id, kind, identity, number, is_weak, title, begins, ends, names, owning_group, \
                    to_link, added_at)";
const ITEM_WIDTH: usize = 12;
/// The group, the successor and the time of its coming stay.
const ITEM_AGAIN: &str = "ON CONFLICT (id) DO UPDATE SET number = excluded.number, title = excluded.title, \
                          begins = excluded.begins, ends = excluded.ends, names = excluded.names, \
                          to_link = CASE WHEN excluded.to_link = 1 THEN 1 ELSE inventory_item.to_link END";
const SIGHTING: &str = "INSERT INTO inventory_sighting (item, source, first_run, last_run, last_at, facts)";
const SIGHTING_WIDTH: usize = 6;
const SIGHTING_AGAIN: &str = "ON CONFLICT (item, source) DO UPDATE SET first_run = excluded.first_run, \
                              last_run = excluded.last_run, last_at = excluded.last_at, facts = excluded.facts";

/// Merges the rows that say something of items.
pub(crate) async fn write(
    merge: &UnderWay<'_>,
    transaction: &mut Transaction,
    readings: &[Reading],
) -> Result<Merged, InventoryError> {
    let mut result = Merged::default();
    let mut pages: BTreeMap<&str, Vec<&Observed>> = BTreeMap::new();
    for reading in readings {
        match reading {
            Reading::Observed(it) => pages.entry(&it.key.identity).or_default().push(it),
            // That it was seen is in the error grid.
            Reading::Unmerged { .. } => result.unmerged += 1,
        }
    }
    let all: BTreeSet<&str> = pages.keys().copied().collect();
    let known = known(merge, transaction, &all).await?;
    let ids: Vec<i64> = known.values().map(|it| it.id).collect();
    let mut sightings = sightings(transaction, &ids).await?;
    let mut next = next_id(transaction, "inventory_item").await?;
    let (mut items, mut seen, mut former_names) = (Vec::new(), Vec::new(), BTreeSet::new());
    for (identity, observed) in pages {
        let item = known.get(identity);
        let id = item.map_or(next, |it| it.id);
        let mut of_item = sightings.remove(&id).unwrap_or_default();
        let derive =
            |it: &BTreeMap<i64, Sighting>| Derived::of(&merge.inventory.mapping, &merge.runs, identity, it);
        let before = item.map(|_| derive(&of_item));
        let of_source = of_item.get(&merge.source).cloned();
        let mut sighting = of_source.clone().unwrap_or_else(|| Sighting::new(merge.run));
        for it in &observed {
            sighting.merge(&merge.runs, merge.run, &it.values);
        }
        let is_new = item.is_none();
        let is_changed = of_source.as_ref().is_none_or(|it| current(it) != current(&sighting));
        if of_source.as_ref() != Some(&sighting) {
            seen.extend(sighting_row(merge, id, &sighting));
        }
        of_item.insert(merge.source, sighting);
        let after = derive(&of_item);
        let is_same_row = item.is_some_and(|it| is_row_of(it, &after));
        let is_linked_alike = before.as_ref().is_some_and(|it| it == &after);
        if !is_same_row || !is_linked_alike {
            former_names
                .extend(item.and_then(|it| it.names.clone()).filter(|it| after.names.as_ref() != Some(it)));
            let is_weak = observed.first().is_some_and(|it| it.key.is_weak);
            items.extend(item_row(merge, id, identity, is_weak, &after));
        }
        if is_new {
            next += 1;
            result.added += 1;
        } else if is_changed {
            result.changed += 1;
        } else {
            result.unchanged += 1;
        }
    }
    transaction.insert(ITEM, ITEM_WIDTH, &items, ITEM_AGAIN).await?;
    transaction.insert(SIGHTING, SIGHTING_WIDTH, &seen, SIGHTING_AGAIN).await?;
    for names in former_names {
        let update = "UPDATE inventory_item SET to_link = 1 WHERE kind = $1 AND names = $2";
        transaction.execute(update, &[merge.inventory.kind(), names.into()]).await?;
    }
    Ok(result)
}

/// What a person sees of it: the values that count.
fn current(sighting: &Sighting) -> BTreeMap<&str, &serde_json::Value> {
    sighting.facts.iter().filter_map(|(field, all)| Some((field.as_str(), &all.first()?.value))).collect()
}

fn is_row_of(known: &Known, derived: &Derived) -> bool {
    known.number == derived.number
        && known.title == derived.title
        && known.begins == derived.begins
        && known.ends == derived.ends
        && known.names == derived.names
}

fn item_row(
    merge: &UnderWay<'_>,
    id: i64,
    identity: &str,
    is_weak: bool,
    derived: &Derived,
) -> [Bound; ITEM_WIDTH] {
    [
        id.into(),
        merge.inventory.kind(),
        identity.into(),
        derived.number.clone().into(),
        is_weak.into(),
        derived.title.as_str().into(),
        derived.begins.into(),
        derived.ends.into(),
        derived.names.clone().into(),
        merge.order.group.as_str().into(),
        derived.names.is_some().into(),
        merge.order.now.into(),
    ]
}

fn sighting_row(merge: &UnderWay<'_>, item: i64, sighting: &Sighting) -> [Bound; SIGHTING_WIDTH] {
    [
        item.into(),
        merge.source.into(),
        sighting.first.into(),
        sighting.last.into(),
        merge.runs.get(sighting.last).map_or(merge.order.at, |it| it.0).into(),
        sighting.to_json().into(),
    ]
}

async fn known(
    merge: &UnderWay<'_>,
    transaction: &mut Transaction,
    identities: &BTreeSet<&str>,
) -> Result<BTreeMap<String, Known>, InventoryError> {
    let select = "SELECT identity, id, number, title, begins, ends, names FROM inventory_item WHERE kind = $1 AND identity IN";
    let identities: Vec<Bound> = identities.iter().map(|it| Bound::from(*it)).collect();
    let mut known = BTreeMap::new();
    for row in transaction.rows_in(select, &[merge.inventory.kind()], &identities).await? {
        let item = Known {
            id: row.integer(1)?,
            number: row.maybe_text(2)?.map(str::to_owned),
            title: row.text(3)?.to_owned(),
            begins: row.maybe_integer(4)?,
            ends: row.maybe_integer(5)?,
            names: row.maybe_text(6)?.map(str::to_owned),
        };
        known.insert(row.text(0)?.to_owned(), item);
    }
    Ok(known)
}
