//! The runs that the inventory was merged from, and those that a person has to confirm.

use exhibit_state::{Bound, StateError, Transaction};

use super::error::InventoryError;
use super::inventory::Inventory;
use super::line::line;
use super::query::Sources;

/// An evidence that was merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its source.
    pub source: String,
    /// Its digest.
    pub evidence: String,
    /// Where it is kept.
    pub place: String,
    /// When the source was asked, in milliseconds.
    pub at: i64,
    /// Whether it was merged to its end.
    pub is_finished: bool,
    /// Whether what it does not show is gone.
    pub proves_absence: bool,
    /// Whether it shows so few that a person has to confirm that the others are gone.
    pub is_doubted: bool,
    /// How many records it showed.
    pub shown: u64,
}

impl Inventory {
    /// All runs, the earliest first.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn runs(&self) -> Result<Vec<Run>, InventoryError> {
        let select = "SELECT r.id, s.name, r.evidence, r.place, r.at, r.shown, s.id, r.finished_at FROM inventory_run r \
                      JOIN inventory_source s ON s.id = r.source WHERE s.kind = $1 ORDER BY r.at, r.evidence, s.name";
        self.database
            .read(async |transaction: &mut Transaction| {
                let sources = Sources::read(transaction, self.kind()).await?;
                let rows = transaction.rows(select, &[self.kind()]).await?;
                let run = |row: &exhibit_state::Row| {
                    let (id, counted) = (row.integer(0)?, sources.counted.get(&row.integer(6)?));
                    Ok(Run {
                        source: row.text(1)?.to_owned(),
                        evidence: row.text(2)?.to_owned(),
                        place: row.text(3)?.to_owned(),
                        at: row.integer(4)?,
                        is_finished: row.maybe_integer(7)?.is_some(),
                        proves_absence: counted.is_some_and(|it| it.counted.contains(&id)),
                        is_doubted: counted.is_some_and(|it| it.doubted.contains(&id)),
                        shown: u64::try_from(row.integer(5)?).unwrap_or_default(),
                    })
                };
                Ok(rows.iter().map(run).collect::<Result<_, StateError>>()?)
            })
            .await
    }

    /// Confirms that what a run does not show is gone, although it shows far fewer than the one before. Gives whether there is
    /// such a run.
    ///
    /// # Errors
    /// Where the database fails, or the name is too long.
    pub async fn confirm(&self, evidence: &str, by: &str) -> Result<bool, InventoryError> {
        line("the name of the person", by)?;
        let update = "UPDATE inventory_run SET confirmed_by = $2 WHERE evidence = $1 AND source IN \
                      (SELECT id FROM inventory_source WHERE kind = $3)";
        let values: [Bound; 3] = [evidence.into(), by.into(), self.kind()];
        self.database
            .change(async |transaction: &mut Transaction| Ok(transaction.execute(update, &values).await? > 0))
            .await
    }

    /// Forgets all that came of evidence, so that it can be merged again. What persons entered stays: groups, their fields, and
    /// the errors that they resolved.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn forget_evidence(&self) -> Result<(), InventoryError> {
        const OF_KIND: &str = "IN (SELECT id FROM inventory_source WHERE kind = $1)";
        let statements = [
            format!("DELETE FROM inventory_sighting WHERE source {OF_KIND}"),
            format!(
                "DELETE FROM inventory_error_run WHERE error IN (SELECT id FROM inventory_error WHERE source {OF_KIND})"
            ),
            format!("DELETE FROM inventory_error WHERE resolved_at IS NULL AND source {OF_KIND}"),
            format!("DELETE FROM inventory_run WHERE source {OF_KIND}"),
            "UPDATE inventory_item SET successor = NULL, to_link = 0 WHERE kind = $1".to_owned(),
        ];
        self.of_kind(&statements).await
    }

    /// Removes items that no evidence shows and of which no person entered anything: after all evidence was merged again.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn remove_unknown(&self) -> Result<(), InventoryError> {
        let unknown = "kind = $1 AND NOT EXISTS (SELECT 1 FROM inventory_sighting g WHERE g.item = inventory_item.id) \
                       AND NOT EXISTS (SELECT 1 FROM inventory_entry e WHERE e.item = inventory_item.id)";
        self.of_kind(&[format!("DELETE FROM inventory_item WHERE {unknown}")]).await
    }

    async fn of_kind(&self, statements: &[String]) -> Result<(), InventoryError> {
        self.database
            .change(async |transaction: &mut Transaction| {
                for statement in statements {
                    transaction.execute(statement, &[self.kind()]).await?;
                }
                Ok(())
            })
            .await
    }
}
