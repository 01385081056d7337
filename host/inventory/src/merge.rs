//! Merges the rows of one evidence: page by page, each in one transaction.

use exhibit_state::{Bound, Transaction};

use super::error::InventoryError;
use super::facts::Runs;
use super::gone::Whole;
use super::inventory::{Inventory, next_id, refresh};
use super::line::line;
use super::observed::Reading;
use super::under_way::{Merged, RunOrder, UnderWay};
use super::unmerged::{Code, Unmerged, for_people};
use super::{grid, identity, linking, page, unmerged};

/// One evidence on its way into the inventory. Dropped or killed in between, the pages until then are merged; to merge the same
/// evidence again from its beginning completes it.
#[derive(Debug)]
pub struct Merge<'a> {
    run: UnderWay<'a>,
    known_to: i64,
    unplaced: u64,
    merged: Merged,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// Whether it has all that its source shows: it was not filtered, nothing failed, and as many came as there should be.
    pub is_whole: bool,
    /// How many records it showed.
    pub shown: u64,
}

impl Inventory {
    /// Begins to merge an evidence, or takes it up again.
    ///
    /// # Errors
    /// Where the database fails, or a name is too long.
    pub async fn merge(&self, order: RunOrder) -> Result<Merge<'_>, InventoryError> {
        line("the name of the group", &order.group)?;
        line("the name of the source", &order.source)?;
        let mut runs = Runs::default();
        let mut known_to = 0;
        let (source, run) = self
            .database
            .change(async |transaction: &mut Transaction| {
                let ids = self.enter(transaction, &order).await?;
                refresh(transaction, self.kind(), &mut known_to, &mut runs).await?;
                Ok::<_, InventoryError>(ids)
            })
            .await?;
        let run = UnderWay { inventory: self, order, source, run, runs };
        Ok(Merge { run, known_to, unplaced: 0, merged: Merged::default() })
    }

    /// The numbers of the source and of the run, which are entered where they are not known.
    async fn enter(
        &self,
        transaction: &mut Transaction,
        order: &RunOrder,
    ) -> Result<(i64, i64), InventoryError> {
        let source = next_id(transaction, "inventory_source").await?;
        let insert = "INSERT INTO inventory_source (id, kind, name) VALUES ($1, $2, $3) ON CONFLICT (kind, name) DO NOTHING";
        let name: Bound = order.source.as_str().into();
        transaction.execute(insert, &[source.into(), self.kind(), name.clone()]).await?;
        let select = "SELECT id FROM inventory_source WHERE kind = $1 AND name = $2";
        let rows = transaction.rows(select, &[self.kind(), name]).await?;
        let source = rows.first().map_or(Ok(source), |it| it.integer(0))?;
        let run = next_id(transaction, "inventory_run").await?;
        let insert = "INSERT INTO inventory_run (id, source, evidence, place, at, whole, shown, merged_at) \
                      VALUES ($1, $2, $3, $4, $5, 0, 0, $6) ON CONFLICT (source, evidence) DO NOTHING";
        let evidence: Bound = order.evidence.as_str().into();
        let values = [
            run.into(),
            source.into(),
            evidence.clone(),
            for_people(&order.place).into(),
            order.at.into(),
            order.now.into(),
        ];
        transaction.execute(insert, &values).await?;
        let select = "SELECT id FROM inventory_run WHERE source = $1 AND evidence = $2";
        let rows = transaction.rows(select, &[source.into(), evidence]).await?;
        Ok((source, rows.first().map_or(Ok(run), |it| it.integer(0))?))
    }
}

impl Merge<'_> {
    /// Merges a page of rows: all of it, or where it fails, nothing. A record that cannot be merged is entered in the error grid
    /// and does not stop the others.
    ///
    /// # Errors
    /// Where the database fails. The same page can be merged again.
    pub async fn page(&mut self, readings: &[Reading]) -> Result<Merged, InventoryError> {
        let database = self.run.inventory.database.clone();
        let (merged, unplaced) = database
            .change(async |transaction: &mut Transaction| {
                let kind = self.run.inventory.kind();
                refresh(transaction, kind, &mut self.known_to, &mut self.run.runs).await?;
                self.check_run(transaction).await?;
                let merged = page::write(&self.run, transaction, readings).await?;
                let unplaced = grid::write(&self.run, transaction, readings).await?;
                Ok::<_, InventoryError>((merged, unplaced))
            })
            .await?;
        self.unplaced += unplaced;
        self.merged.added += merged.added;
        self.merged.changed += merged.changed;
        self.merged.unchanged += merged.unchanged;
        self.merged.unmerged += merged.unmerged;
        Ok(merged)
    }

    /// That its run is still there: what is merged of another one would be of no evidence.
    async fn check_run(&self, transaction: &mut Transaction) -> Result<(), InventoryError> {
        let select = "SELECT 1 FROM inventory_run WHERE id = $1 AND source = $2 AND evidence = $3";
        let values = [self.run.run.into(), self.run.source.into(), self.run.order.evidence.as_str().into()];
        let is_there = !transaction.rows(select, &values).await?.is_empty();
        if is_there { Ok(()) } else { Err(InventoryError::BuiltAgain) }
    }

    /// Enters records that the plugin rejected, each by its key and the reason.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn rejected<'r>(
        &mut self,
        all: impl Iterator<Item = (&'r str, &'r str)>,
    ) -> Result<Merged, InventoryError> {
        let reading = |(subject, reason): (&str, &str)| Reading::Unmerged {
            subject: unmerged::subject(subject),
            identity: identity::digest(subject).ok(),
            why: Unmerged { code: Code::Rejected, message: for_people(reason) },
        };
        let readings: Vec<Reading> = all.map(reading).collect();
        self.page(&readings).await
    }

    /// Says that so many more records could not be merged, of which nothing else is known: any item may be one of them.
    pub fn unplaced(&mut self, count: u64) {
        self.unplaced = self.unplaced.saturating_add(count);
        self.merged.unmerged = self.merged.unmerged.saturating_add(count);
    }

    /// Ends the run: links what was renewed, and says what the run proves of items that it did not show.
    ///
    /// # Errors
    /// Where the database fails. It can be called again.
    pub async fn finish(mut self, ending: Ending) -> Result<Merged, InventoryError> {
        let database = self.run.inventory.database.clone();
        // Each part of the links is a change of its own, so that others are not held up.
        loop {
            let is_done = database
                .change(async |transaction: &mut Transaction| {
                    let kind = self.run.inventory.kind();
                    refresh(transaction, kind, &mut self.known_to, &mut self.run.runs).await?;
                    linking::link_some(self.run.inventory, &self.run.runs, transaction).await
                })
                .await?;
            if is_done {
                break;
            }
        }
        let whole = match ending.is_whole {
            true if self.unplaced > 0 => Whole::Unplaced,
            true => Whole::Yes,
            false => Whole::No,
        };
        let shown = i64::try_from(ending.shown).unwrap_or(i64::MAX);
        let values: [Bound; 4] =
            [self.run.run.into(), i64::from(whole as u8).into(), shown.into(), self.run.order.now.into()];
        let update = "UPDATE inventory_run SET whole = $2, shown = $3, finished_at = COALESCE(finished_at, $4) WHERE id = $1";
        database
            .change(async |transaction: &mut Transaction| {
                transaction.execute(update, &values).await.map_err(InventoryError::from)
            })
            .await?;
        Ok(self.merged)
    }
}
