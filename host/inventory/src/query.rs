//! Looks at the inventory: which items there are, and how they stand.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_state::{Bound, Row, StateError, Transaction};
use serde_json::Value as Json;

use super::derived::now;
use super::error::InventoryError;
use super::facts::{RunId, Runs};
use super::gone::{Counted, Finished, Whole};
use super::inventory::{Inventory, refresh, sightings};
use super::mapping::OWNERS;
use super::status::Status;

/// Items that are read at a time, at most: no more than are wanted, and the one behind them.
const AT_A_TIME: usize = 500;

/// Which items are wanted. All that is said must apply.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those that end at this instant or later, in milliseconds.
    pub ends_from: Option<i64>,
    /// Those that end before this instant.
    pub ends_before: Option<i64>,
    /// Those of this group.
    pub group: Option<String>,
    /// Those with one of these. Empty: with any.
    pub statuses: Vec<Status>,
    /// Those of which persons entered these values in these fields.
    pub owned: Vec<(String, String)>,
    /// Those that this contact, address or team looks after, in any case.
    pub owner: Option<String>,
    /// Those for which no person entered who looks after them.
    pub is_unowned: bool,
    /// Those at this place, in any case.
    pub place: Option<String>,
}

/// What time it is for those who look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsOf {
    /// Now, in milliseconds.
    pub now: i64,
    /// How long before its end an item is expiring, in milliseconds.
    pub soon: i64,
}

/// An item as it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// What tells it apart.
    pub identity: String,
    /// What persons call it.
    pub title: String,
    /// When it begins, in milliseconds.
    pub begins: Option<i64>,
    /// When it ends.
    pub ends: Option<i64>,
    /// The group that it is in.
    pub group: String,
    /// How it stands.
    pub status: Status,
    /// The identity of the item that has taken its place.
    pub successor: Option<String>,
    /// How many whole runs in a row did not show it, of the source that showed it last.
    pub missed: usize,
    /// When it was last seen, in milliseconds.
    pub last_seen: Option<i64>,
    /// Its fields, as they are written in evidence: the values that count.
    pub values: BTreeMap<String, Json>,
    /// What persons entered.
    pub owned: BTreeMap<String, String>,
}

/// Where the next items of a list begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    ends: Option<i64>,
    id: i64,
}

/// The runs of all sources, and what they prove.
#[derive(Debug, Default)]
pub(crate) struct Sources {
    pub(crate) runs: Runs,
    pub(crate) counted: BTreeMap<i64, Counted>,
    /// Of each source, the newest run that had all records.
    pub(crate) newest_whole: BTreeMap<i64, i64>,
    pub(crate) names: BTreeMap<i64, String>,
}

impl Sources {
    pub(crate) async fn read(transaction: &mut Transaction, kind: Bound) -> Result<Self, StateError> {
        let mut sources = Self::default();
        refresh(transaction, kind.clone(), &mut 0, &mut sources.runs).await?;
        let select = "SELECT s.id, s.name, r.id, r.whole, r.shown, CASE WHEN r.confirmed_by IS NULL THEN 0 ELSE 1 END \
                      FROM inventory_source s JOIN inventory_run r ON r.source = s.id WHERE s.kind = $1";
        let mut finished: BTreeMap<i64, Vec<Finished>> = BTreeMap::new();
        for row in transaction.rows(select, &[kind]).await? {
            let source = row.integer(0)?;
            sources.names.insert(source, row.text(1)?.to_owned());
            let whole = match row.integer(3)? {
                2 => Whole::Yes,
                1 => Whole::Unplaced,
                _ => Whole::No,
            };
            let shown = u64::try_from(row.integer(4)?).unwrap_or_default();
            let it = Finished { run: row.integer(2)?, whole, shown, is_confirmed: row.integer(5)? == 1 };
            finished.entry(source).or_default().push(it);
        }
        for (source, all) in finished {
            let whole = all.iter().filter(|it| it.whole != Whole::No).map(|it| it.run);
            if let Some(newest) = whole.reduce(|one, other| sources.runs.later(one, other)) {
                sources.newest_whole.insert(source, newest);
            }
            sources.counted.insert(source, Counted::of(&sources.runs, &all));
        }
        Ok(sources)
    }

    /// How many whole runs did not show what each source showed last in this run: none where one source still shows it.
    fn missed(&self, last: &BTreeMap<i64, RunId>) -> usize {
        let missed = |(source, last): (&i64, &RunId)| {
            self.counted.get(source).map_or(0, |it| it.missed(&self.runs, *last))
        };
        last.iter().map(missed).min().unwrap_or_default()
    }

    /// In which runs of each source items were seen and could not be merged: they were there, and what was known of them stays.
    async fn seen_with_errors(
        &self,
        transaction: &mut Transaction,
        identities: &[Bound],
    ) -> Result<BTreeMap<String, Vec<(i64, RunId)>>, StateError> {
        let select = "SELECT e.subject, o.run FROM inventory_error e JOIN inventory_error_run o ON o.error = e.id \
                      WHERE e.source = $1 AND e.subject IN";
        let mut seen: BTreeMap<String, Vec<(i64, RunId)>> = BTreeMap::new();
        for source in self.names.keys() {
            for row in transaction.rows_in(select, &[(*source).into()], identities).await? {
                seen.entry(row.text(0)?.to_owned()).or_default().push((*source, row.integer(1)?));
            }
        }
        Ok(seen)
    }
}

impl Inventory {
    /// Some items, those that end first at the beginning and those without an end last, and where the next ones begin.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn list(
        &self,
        filter: &Filter,
        as_of: AsOf,
        from: Option<Cursor>,
        limit: usize,
    ) -> Result<(Vec<Item>, Option<Cursor>), InventoryError> {
        self.database
            .read(async |transaction: &mut Transaction| {
                let sources = Sources::read(transaction, self.kind()).await?;
                let mut found = Vec::new();
                let mut cursor = from;
                loop {
                    let rows = self
                        .rows(transaction, filter, cursor, limit.saturating_add(1).min(AT_A_TIME))
                        .await?;
                    let is_last = rows.is_empty();
                    let without_end = cursor.is_some_and(|it| it.ends.is_none());
                    for (id, item) in self.items(transaction, &sources, &rows, as_of).await? {
                        if found.len() == limit {
                            return Ok((found, cursor));
                        }
                        cursor = Some(Cursor { ends: item.ends, id });
                        if matches(filter, &self.mapping.places, &item) {
                            found.push(item);
                        }
                    }
                    if let Some(row) = rows.last() {
                        cursor = Some(Cursor { ends: row.maybe_integer(4)?, id: row.integer(0)? });
                    }
                    if is_last && (without_end || filter.ends_from.is_some() || filter.ends_before.is_some())
                    {
                        return Ok((found, None));
                    }
                    if is_last {
                        cursor = Some(Cursor { ends: None, id: 0 });
                    }
                }
            })
            .await
    }

    /// How many items match what the database itself can tell: ends, group, and what persons entered.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn count(&self, filter: &Filter) -> Result<u64, InventoryError> {
        let mut query = Query::new("SELECT COUNT(*) FROM inventory_item WHERE kind = ", self.kind());
        query.filter(filter);
        self.database
            .read(async |transaction: &mut Transaction| {
                let rows = transaction.rows(&query.sql, &query.values).await?;
                let count = rows.first().map_or(Ok(0), |it| it.integer(0))?;
                Ok(u64::try_from(count).unwrap_or_default())
            })
            .await
    }

    async fn rows(
        &self,
        transaction: &mut Transaction,
        filter: &Filter,
        from: Option<Cursor>,
        at_a_time: usize,
    ) -> Result<Vec<Row>, StateError> {
        let mut query =
            Query::new(&format!("SELECT {COLUMNS} FROM inventory_item WHERE kind = "), self.kind());
        query.filter(filter);
        match from {
            None => query.sql.push_str(" AND ends IS NOT NULL"),
            Some(Cursor { ends: Some(ends), id }) => {
                let (ends, id) = (query.value(ends.into()), query.value(id.into()));
                query.sql.push_str(&format!(" AND (ends, id) > ({ends}, {id})"));
            }
            Some(Cursor { ends: None, id }) => {
                let id = query.value(id.into());
                query.sql.push_str(&format!(" AND ends IS NULL AND id > {id}"));
            }
        }
        query.sql.push_str(&format!(" ORDER BY ends, id LIMIT {at_a_time}"));
        transaction.rows(&query.sql, &query.values).await
    }

    /// The items of these rows, without those that are known by a number that another item has.
    pub(crate) async fn items(
        &self,
        transaction: &mut Transaction,
        sources: &Sources,
        rows: &[Row],
        as_of: AsOf,
    ) -> Result<Vec<(i64, Item)>, InventoryError> {
        let mut ids = Vec::new();
        let mut others = BTreeSet::new();
        for row in rows {
            ids.push(row.integer(0)?);
            others.extend(row.maybe_integer(6)?);
        }
        let mut facts = sightings(transaction, &ids).await?;
        let mut owned = owned(transaction, &ids).await?;
        let successors = identities(transaction, &others).await?;
        let subjects =
            rows.iter().map(|row| Ok(row.text(1)?.into())).collect::<Result<Vec<Bound>, StateError>>()?;
        let seen = sources.seen_with_errors(transaction, &subjects).await?;
        let mut items = Vec::new();
        for row in rows {
            let id = row.integer(0)?;
            let is_hidden =
                row.integer(7)? == 1 && self.is_ambiguous(transaction, id, row.maybe_text(8)?).await?;
            if is_hidden {
                continue;
            }
            let of_item = facts.remove(&id).unwrap_or_default();
            let mut last: BTreeMap<i64, RunId> =
                of_item.iter().map(|(source, it)| (*source, it.last)).collect();
            for (source, run) in seen.get(row.text(1)?).into_iter().flatten() {
                last.entry(*source).and_modify(|it| *it = sources.runs.later(*it, *run));
            }
            let missed = sources.missed(&last);
            let fields = self.mapping.fields.iter().map(|it| it.0.as_str());
            let value =
                |field: &str| Some((field.to_owned(), now(&sources.runs, &of_item, field)?.1.value.clone()));
            let ends = row.maybe_integer(4)?;
            let successor = row.maybe_integer(6)?;
            let last = last.into_values().reduce(|one, other| sources.runs.later(one, other));
            let item = Item {
                identity: row.text(1)?.to_owned(),
                title: row.text(2)?.to_owned(),
                begins: row.maybe_integer(3)?,
                ends,
                group: row.text(5)?.to_owned(),
                status: Status::of(ends, missed == 0, successor.is_some(), as_of.now, as_of.soon),
                successor: successor.and_then(|it| successors.get(&it).cloned()),
                missed,
                last_seen: last.and_then(|it| sources.runs.get(it)).map(|it| it.0),
                values: fields.filter_map(value).collect(),
                owned: owned.remove(&id).unwrap_or_default(),
            };
            items.push((id, item));
        }
        Ok(items)
    }

    /// Whether an item that is known by its number alone has the number of one that has a better identity.
    async fn is_ambiguous(
        &self,
        transaction: &mut Transaction,
        id: i64,
        number: Option<&str>,
    ) -> Result<bool, StateError> {
        let select = "SELECT 1 FROM inventory_item WHERE kind = $1 AND number = $2 AND id <> $3 AND is_weak = 0 LIMIT 1";
        let values = [self.kind(), number.unwrap_or_default().into(), id.into()];
        Ok(!transaction.rows(select, &values).await?.is_empty())
    }
}

/// What [`Inventory::items`] reads of a row.
pub(crate) const COLUMNS: &str =
    "id, identity, title, begins, ends, owning_group, successor, is_weak, number";

/// What the database cannot tell by itself.
fn matches(filter: &Filter, places: &[String], item: &Item) -> bool {
    let is_status = filter.statuses.is_empty() || filter.statuses.contains(&item.status);
    let is_at = |place: &String| {
        let is = |it: &Json| it.as_str().is_some_and(|it| it.to_lowercase() == place.to_lowercase());
        places.iter().filter_map(|it| item.values.get(it)).any(|it| match it {
            Json::Array(all) => all.iter().any(is),
            other => is(other),
        })
    };
    is_status && filter.place.as_ref().is_none_or(is_at)
}

/// A statement under construction: values are never part of its text.
struct Query {
    sql: String,
    values: Vec<Bound>,
}

impl Query {
    fn new(sql: &str, first: Bound) -> Self {
        Self { sql: format!("{sql}$1"), values: vec![first] }
    }

    fn value(&mut self, value: Bound) -> String {
        self.values.push(value);
        format!("${}", self.values.len())
    }

    fn filter(&mut self, filter: &Filter) {
        for (text, value) in [(" AND ends >= ", filter.ends_from), (" AND ends < ", filter.ends_before)] {
            if let Some(value) = value {
                let value = self.value(value.into());
                self.sql.push_str(&format!("{text}{value}"));
            }
        }
        if let Some(group) = &filter.group {
            let group = self.value(group.as_str().into());
            self.sql.push_str(&format!(" AND owning_group = {group}"));
        }
        let owned = "id IN (SELECT item FROM inventory_entry WHERE is_current = 1 AND value IS NOT NULL";
        let fields = OWNERS.map(|it| format!("'{it}'")).join(", ");
        if let Some(owner) = &filter.owner {
            let owner = self.value(owner.to_lowercase().into());
            self.sql.push_str(&format!(" AND {owned} AND field IN ({fields}) AND LOWER(value) = {owner})"));
        }
        if filter.is_unowned {
            self.sql.push_str(&format!(" AND NOT {owned} AND field IN ({fields}))"));
        }
        for (field, value) in &filter.owned {
            let (field, value) = (self.value(field.as_str().into()), self.value(value.as_str().into()));
            self.sql.push_str(&format!(
                " AND id IN (SELECT item FROM inventory_entry WHERE field = {field} AND value = {value} AND is_current = 1)"
            ));
        }
    }
}

async fn owned(
    transaction: &mut Transaction,
    items: &[i64],
) -> Result<BTreeMap<i64, BTreeMap<String, String>>, StateError> {
    let select = "SELECT item, field, value FROM inventory_entry WHERE is_current = 1 AND value IS NOT NULL AND item IN";
    let items: Vec<Bound> = items.iter().map(|it| Bound::from(*it)).collect();
    let mut found: BTreeMap<i64, BTreeMap<String, String>> = BTreeMap::new();
    for row in transaction.rows_in(select, &[], &items).await? {
        found.entry(row.integer(0)?).or_default().insert(row.text(1)?.to_owned(), row.text(2)?.to_owned());
    }
    Ok(found)
}

async fn identities(
    transaction: &mut Transaction,
    items: &BTreeSet<i64>,
) -> Result<BTreeMap<i64, String>, StateError> {
    let items: Vec<Bound> = items.iter().map(|it| Bound::from(*it)).collect();
    let rows =
        transaction.rows_in("SELECT id, identity FROM inventory_item WHERE id IN", &[], &items).await?;
    rows.iter().map(|row| Ok((row.integer(0)?, row.text(1)?.to_owned()))).collect()
}
