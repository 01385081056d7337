//! What persons enter: it is theirs, and no run touches it.

use exhibit_state::{Bound, Transaction};

use super::error::InventoryError;
use super::inventory::{Inventory, next_id};
use super::line::line;
use super::mapping::OWNED;

/// A note is longer than other texts. In characters.
const ENTRY: usize = 2_000;

/// What a person enters in a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// One of the fields that persons own.
    pub field: String,
    /// `None` takes back what is there.
    pub value: Option<String>,
}

/// Who changes something, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    /// The person.
    pub person: String,
    /// In milliseconds.
    pub at: i64,
}

impl Inventory {
    /// Enters values of items, all or none. Gives how many were different before. What was there is kept as history.
    ///
    /// # Errors
    /// Where one of the items is not there, a field is not one that persons own, or a text is too long.
    pub async fn assign(
        &self,
        identities: &[String],
        entries: &[Entry],
        by: &By,
    ) -> Result<u64, InventoryError> {
        line("the name of the person", &by.person)?;
        for Entry { field, value } in entries {
            if !OWNED.contains(&field.as_str()) {
                return Err(InventoryError::NotOwned { field: field.clone() });
            }
            let is_text =
                |it: &String| !it.trim().is_empty() && it.chars().count() <= ENTRY && !it.contains('\0');
            if value.as_ref().is_some_and(|it| !is_text(it)) {
                return Err(InventoryError::Text { what: format!("`{field}`"), most: ENTRY });
            }
        }
        self.database
            .change(async |transaction: &mut Transaction| {
                let mut changed = 0;
                let mut next = next_id(transaction, "inventory_entry").await?;
                for identity in identities {
                    let item = self.id(transaction, identity).await?;
                    for entry in entries {
                        if self.enter_one(transaction, next, item, entry, by).await? {
                            next += 1;
                            changed += 1;
                        }
                    }
                }
                Ok(changed)
            })
            .await
    }

    async fn enter_one(
        &self,
        transaction: &mut Transaction,
        id: i64,
        item: i64,
        entry: &Entry,
        by: &By,
    ) -> Result<bool, InventoryError> {
        let field: Bound = entry.field.as_str().into();
        let select = "SELECT value FROM inventory_entry WHERE item = $1 AND field = $2 AND is_current = 1";
        let rows = transaction.rows(select, &[item.into(), field.clone()]).await?;
        let before = rows.first().map_or(Ok(None), |it| it.maybe_text(0))?;
        if before == entry.value.as_deref() {
            return Ok(false);
        }
        let update =
            "UPDATE inventory_entry SET is_current = 0 WHERE item = $1 AND field = $2 AND is_current = 1";
        transaction.execute(update, &[item.into(), field.clone()]).await?;
        let insert = "INSERT INTO inventory_entry (id, item, field, value, entered_by, entered_at, is_current) \
                      VALUES ($1, $2, $3, $4, $5, $6, 1)";
        let values = [
            id.into(),
            item.into(),
            field,
            entry.value.clone().into(),
            by.person.as_str().into(),
            by.at.into(),
        ];
        transaction.execute(insert, &values).await?;
        Ok(true)
    }

    pub(crate) async fn id(
        &self,
        transaction: &mut Transaction,
        identity: &str,
    ) -> Result<i64, InventoryError> {
        let select = "SELECT id FROM inventory_item WHERE kind = $1 AND identity = $2";
        let rows = transaction.rows(select, &[self.kind(), identity.into()]).await?;
        rows.first().map_or(Err(InventoryError::NoItem(identity.to_owned())), |it| Ok(it.integer(0)?))
    }
}
