//! One item, with all that was ever known of it and where each value comes from.

use std::collections::BTreeMap;

use exhibit_state::{Bound, Transaction};
use serde_json::Value as Json;

use super::error::InventoryError;
use super::inventory::{Inventory, sightings};
use super::query::{AsOf, COLUMNS, Item, Sources};

/// Identities that are named where several could be meant.
const AMONG: usize = 10;

/// One item, with all that was ever known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Shown {
    /// As it stands.
    pub item: Item,
    /// Of each field, its values, the one that counts first.
    pub facts: BTreeMap<String, Vec<Known>>,
    /// What persons entered, the newest first.
    pub entries: Vec<Entered>,
}

/// A value, where it comes from, and when it was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    /// As it is written in evidence.
    pub value: Json,
    /// The source that gave it.
    pub source: String,
    /// The evidence that first gave it.
    pub first: Origin,
    /// The latest that did.
    pub last: Origin,
}

/// An evidence, and when its source was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Its digest.
    pub evidence: String,
    /// In milliseconds.
    pub at: i64,
}

/// What a person entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entered {
    /// The field.
    pub field: String,
    /// `None`: taken back.
    pub value: Option<String>,
    /// Who.
    pub by: String,
    /// In milliseconds.
    pub at: i64,
}

impl Inventory {
    /// The item with this identity, with an identity that begins like this, or with this title.
    ///
    /// # Errors
    /// Where there is none, or several could be meant.
    pub async fn show(&self, wanted: &str, as_of: AsOf) -> Result<Shown, InventoryError> {
        self.database
            .read(async |transaction: &mut Transaction| {
                let row = self.find(transaction, wanted).await?;
                let sources = Sources::read(transaction, self.kind()).await?;
                let mut items = self.items(transaction, &sources, std::slice::from_ref(&row), as_of).await?;
                let Some((id, item)) = items.pop() else {
                    return Err(InventoryError::NoItem(wanted.to_owned()));
                };
                let facts = self.facts(transaction, &sources, id).await?;
                Ok(Shown { item, facts, entries: entries(transaction, id).await? })
            })
            .await
    }

    async fn find(
        &self,
        transaction: &mut Transaction,
        wanted: &str,
    ) -> Result<exhibit_state::Row, InventoryError> {
        let wanted = wanted.trim();
        let lower = wanted.to_lowercase();
        let digest = if lower.contains(':') { lower.clone() } else { format!("digest:{lower}") };
        let select = |condition: &str| {
            format!("SELECT {COLUMNS} FROM inventory_item WHERE kind = $1 AND {condition} LIMIT 11")
        };
        // The end of what begins like this: no text has a character behind U+10FFFF.
        let begins = "identity >= $2 AND identity < $3";
        let tries: [(&str, Vec<Bound>); 3] = [
            ("identity = $2", vec![wanted.into()]),
            (begins, vec![digest.as_str().into(), format!("{digest}\u{10ffff}").into()]),
            ("title = $2", vec![wanted.into()]),
        ];
        for (condition, values) in tries {
            let values: Vec<Bound> = [self.kind()].into_iter().chain(values).collect();
            let mut rows = transaction.rows(&select(condition), &values).await?;
            if rows.len() > 1 {
                let among = rows.iter().take(AMONG).map(|it| Ok(it.text(1)?.to_owned()));
                let among = among.collect::<Result<_, exhibit_state::StateError>>()?;
                return Err(InventoryError::SeveralItems { wanted: wanted.to_owned(), among });
            }
            if let Some(row) = rows.pop() {
                return Ok(row);
            }
        }
        Err(InventoryError::NoItem(wanted.to_owned()))
    }

    async fn facts(
        &self,
        transaction: &mut Transaction,
        sources: &Sources,
        id: i64,
    ) -> Result<BTreeMap<String, Vec<Known>>, InventoryError> {
        let mut all: BTreeMap<String, Vec<(i64, Known)>> = BTreeMap::new();
        let origin = |run: i64| {
            let (at, evidence) = sources.runs.get(run).unwrap_or_default();
            Origin { evidence: evidence.to_owned(), at }
        };
        for (source, sighting) in sightings(transaction, &[id]).await?.remove(&id).unwrap_or_default() {
            for (field, said) in sighting.facts {
                for it in said {
                    let source = sources.names.get(&source).cloned().unwrap_or_default();
                    let known =
                        Known { value: it.value, source, first: origin(it.first), last: origin(it.last) };
                    all.entry(field.clone()).or_default().push((it.last, known));
                }
            }
        }
        for known in all.values_mut() {
            let value = |it: &Known| it.value.to_string();
            known.sort_by(|one, other| {
                sources.runs.order(other.0, one.0).then_with(|| value(&other.1).cmp(&value(&one.1)))
            });
        }
        Ok(all
            .into_iter()
            .map(|(field, known)| (field, known.into_iter().map(|it| it.1).collect()))
            .collect())
    }
}

async fn entries(transaction: &mut Transaction, id: i64) -> Result<Vec<Entered>, InventoryError> {
    let select =
        "SELECT field, value, entered_by, entered_at FROM inventory_entry WHERE item = $1 ORDER BY id DESC";
    let mut entries = Vec::new();
    for row in transaction.rows(select, &[id.into()]).await? {
        entries.push(Entered {
            field: row.text(0)?.to_owned(),
            value: row.maybe_text(1)?.map(str::to_owned),
            by: row.text(2)?.to_owned(),
            at: row.integer(3)?,
        });
    }
    Ok(entries)
}
