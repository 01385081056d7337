//! Looks at the error grid.

use std::collections::BTreeMap;

use exhibit_state::{Bound, StateError, Transaction};

use super::error::InventoryError;
use super::inventory::Inventory;
use super::line::line;
use super::query::Sources;
use super::unmerged::{Code, Stage};

/// How an error stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorState {
    /// The newest run that could show it does.
    Open,
    /// A later run merged the record, or had all records and not this error.
    Gone,
    /// A person closed it, and it has not come again since.
    Resolved {
        /// Who.
        by: String,
        /// What they said.
        word: String,
        /// When, in milliseconds.
        at: i64,
    },
}

/// A record that could not be merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GridError {
    /// Its number, to resolve it by. `None` of one that follows from the items themselves.
    pub id: Option<i64>,
    /// The source.
    pub source: String,
    /// Which record.
    pub subject: String,
    /// Where it failed.
    pub stage: Stage,
    /// Why.
    pub code: Code,
    /// The same for people, of the latest run.
    pub message: String,
    /// When it was first and last there, in milliseconds.
    pub first: i64,
    /// The latest.
    pub last: i64,
    /// In how many runs.
    pub count: u64,
    /// How it stands.
    pub state: ErrorState,
}

impl Inventory {
    /// Errors, the newest at the beginning: all of them, or those that are open alone.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn errors(&self, open_alone: bool) -> Result<Vec<GridError>, InventoryError> {
        self.database
            .read(async |transaction: &mut Transaction| {
                let sources = Sources::read(transaction, self.kind()).await?;
                let mut all = self.entered(transaction, &sources).await?;
                all.extend(self.ambiguous(transaction, &sources).await?);
                all.retain(|it| !open_alone || it.state == ErrorState::Open);
                let key = |it: &GridError| (-it.last, it.source.clone(), it.subject.clone(), it.code);
                all.sort_by_cached_key(key);
                Ok(all)
            })
            .await
    }

    async fn entered(
        &self,
        transaction: &mut Transaction,
        sources: &Sources,
    ) -> Result<Vec<GridError>, InventoryError> {
        let select = "SELECT o.error, o.run FROM inventory_error_run o JOIN inventory_error e ON e.id = o.error \
                      JOIN inventory_source s ON s.id = e.source WHERE s.kind = $1";
        let mut occurrences: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
        for row in transaction.rows(select, &[self.kind()]).await? {
            occurrences.entry(row.integer(0)?).or_default().push(row.integer(1)?);
        }
        let select = "SELECT e.id, e.source, e.subject, e.code, e.message, e.resolved_at, e.resolved_by, e.resolved_word, g.last_run \
                      FROM inventory_error e JOIN inventory_source s ON s.id = e.source \
                      LEFT JOIN inventory_item i ON i.kind = s.kind AND i.identity = e.subject \
                      LEFT JOIN inventory_sighting g ON g.item = i.id AND g.source = e.source WHERE s.kind = $1";
        let mut found = Vec::new();
        for row in transaction.rows(select, &[self.kind()]).await? {
            let (id, source) = (row.integer(0)?, row.integer(1)?);
            let runs = occurrences.remove(&id).unwrap_or_default();
            let at = |run: i64| sources.runs.get(run).map_or(0, |it| it.0);
            let Some(last) = runs.iter().copied().reduce(|one, other| sources.runs.later(one, other)) else {
                continue;
            };
            let is_later = |run: Option<i64>| run.is_some_and(|it| sources.runs.order(it, last).is_gt());
            let is_gone =
                is_later(row.maybe_integer(8)?) || is_later(sources.newest_whole.get(&source).copied());
            let resolved = row.maybe_integer(5)?.filter(|it| *it >= at(last));
            let state = match resolved {
                Some(at) => ErrorState::Resolved {
                    by: row.maybe_text(6)?.unwrap_or_default().to_owned(),
                    word: row.maybe_text(7)?.unwrap_or_default().to_owned(),
                    at,
                },
                None if is_gone => ErrorState::Gone,
                None => ErrorState::Open,
            };
            let code = row.text(3)?;
            let code = Code::of(code).ok_or_else(|| StateError::Unexpected(format!("the code {code}")))?;
            found.push(GridError {
                id: Some(id),
                source: sources.names.get(&source).cloned().unwrap_or_default(),
                subject: row.text(2)?.to_owned(),
                stage: code.stage(),
                code,
                message: row.text(4)?.to_owned(),
                first: runs.iter().map(|it| at(*it)).min().unwrap_or_default(),
                last: at(last),
                count: runs.len() as u64,
                state,
            });
        }
        Ok(found)
    }

    /// Items that are known by issuer and number alone, while another one has the same: they are not merged, and a person
    /// has to look which is which. This follows from the items, so it is over as soon as one of them is.
    async fn ambiguous(
        &self,
        transaction: &mut Transaction,
        sources: &Sources,
    ) -> Result<Vec<GridError>, InventoryError> {
        let select = "SELECT w.identity, w.number, g.source, g.first_run, g.last_run, \
                      (SELECT MIN(o.identity) FROM inventory_item o WHERE o.kind = w.kind AND o.number = w.number AND o.id <> w.id) \
                      FROM inventory_item w JOIN inventory_sighting g ON g.item = w.id WHERE w.kind = $1 AND w.is_weak = 1 \
                      AND EXISTS (SELECT 1 FROM inventory_item o WHERE o.kind = w.kind AND o.number = w.number AND o.id <> w.id)";
        let mut found = Vec::new();
        for row in transaction.rows(select, &[self.kind()]).await? {
            let (identity, number) = (row.text(0)?, row.text(1)?);
            let at = |run: i64| sources.runs.get(run).map_or(0, |it| it.0);
            found.push(GridError {
                id: None,
                source: sources.names.get(&row.integer(2)?).cloned().unwrap_or_default(),
                subject: identity.to_owned(),
                stage: Code::Ambiguous.stage(),
                code: Code::Ambiguous,
                message: format!(
                    "`{identity}` and `{}` have the same issuer and number, {number}",
                    row.text(5)?
                ),
                first: at(row.integer(3)?),
                last: at(row.integer(4)?),
                count: 1,
                state: ErrorState::Open,
            });
        }
        Ok(found)
    }

    /// Closes an error with a word, until it comes again. Gives whether there is such an error.
    ///
    /// # Errors
    /// Where the database fails, or one of the texts is too long.
    pub async fn resolve(&self, id: i64, by: &str, word: &str, now: i64) -> Result<bool, InventoryError> {
        line("the name of the person", by)?;
        line("the reason", word)?;
        let update = "UPDATE inventory_error SET resolved_at = $2, resolved_by = $3, resolved_word = $4 WHERE id = $1 \
                      AND source IN (SELECT id FROM inventory_source WHERE kind = $5)";
        let values: [Bound; 5] = [id.into(), now.into(), by.into(), word.into(), self.kind()];
        self.database
            .change(async |transaction: &mut Transaction| Ok(transaction.execute(update, &values).await? > 0))
            .await
    }
}
