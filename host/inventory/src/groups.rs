//! Groups that persons sort items into. A group is there as long as an item is in it.

use exhibit_state::{Bound, StateError, Transaction};

use super::error::InventoryError;
use super::inventory::{Inventory, next_id};
use super::line::line;
use super::people::By;

/// What the history of an item calls its group.
const FIELD: &str = "group";

/// A group, and how many items are in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How many items are in it.
    pub items: u64,
}

impl Inventory {
    /// All groups, in the order of their names.
    ///
    /// # Errors
    /// Where the database fails.
    pub async fn groups(&self) -> Result<Vec<Group>, InventoryError> {
        let select =
            "SELECT owning_group, COUNT(*) FROM inventory_item WHERE kind = $1 GROUP BY owning_group";
        self.database
            .read(async |transaction: &mut Transaction| {
                let rows = transaction.rows(select, &[self.kind()]).await?;
                let group = |row: &exhibit_state::Row| {
                    let items = u64::try_from(row.integer(1)?).unwrap_or_default();
                    Ok(Group { name: row.text(0)?.to_owned(), items })
                };
                let mut groups = rows.iter().map(group).collect::<Result<Vec<_>, StateError>>()?;
                groups.sort_by(|one, other| one.name.cmp(&other.name));
                Ok(groups)
            })
            .await
    }

    /// Moves items to a group, all or none, and keeps who did it as their history. Gives how many were elsewhere.
    ///
    /// # Errors
    /// Where one of the items is not there, or the name is too long.
    pub async fn move_to_group(
        &self,
        identities: &[String],
        group: &str,
        by: &By,
    ) -> Result<u64, InventoryError> {
        line("the name of the group", group)?;
        line("the name of the person", &by.person)?;
        self.database
            .change(async |transaction: &mut Transaction| {
                let mut moved = 0;
                for identity in identities {
                    let item = self.id(transaction, identity).await?;
                    moved += move_one(transaction, item, group, by).await?;
                }
                Ok(moved)
            })
            .await
    }

    /// Gives a group another name, or joins it with the one that has that name. Gives how many items were in it.
    ///
    /// # Errors
    /// Where the new name is too long.
    pub async fn rename_group(&self, from: &str, to: &str, by: &By) -> Result<u64, InventoryError> {
        line("the name of the group", to)?;
        line("the name of the person", &by.person)?;
        let select = "SELECT id FROM inventory_item WHERE kind = $1 AND owning_group = $2";
        self.database
            .change(async |transaction: &mut Transaction| {
                let mut moved = 0;
                for row in transaction.rows(select, &[self.kind(), from.into()]).await? {
                    moved += move_one(transaction, row.integer(0)?, to, by).await?;
                }
                Ok(moved)
            })
            .await
    }
}

async fn move_one(
    transaction: &mut Transaction,
    item: i64,
    group: &str,
    by: &By,
) -> Result<u64, InventoryError> {
    let update = "UPDATE inventory_item SET owning_group = $2 WHERE id = $1 AND owning_group <> $2";
    let moved = transaction.execute(update, &[item.into(), group.into()]).await?;
    if moved > 0 {
        // The group itself is a column of the item; what is current of persons' fields stays.
        let insert = "INSERT INTO inventory_entry (id, item, field, value, entered_by, entered_at, is_current) \
                      VALUES ($1, $2, $3, $4, $5, $6, 0)";
        let id = next_id(transaction, "inventory_entry").await?;
        let values: [Bound; 6] =
            [id.into(), item.into(), FIELD.into(), group.into(), by.person.as_str().into(), by.at.into()];
        transaction.execute(insert, &values).await?;
    }
    Ok(moved)
}
