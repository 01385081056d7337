//! Brings the database up to date when it is opened. Several programs may open it at once: each step is taken by one.

use super::error::StateError;
use super::schema::{LATEST, STEPS};
use super::transaction::{Inner, Transaction};

/// Which schema it has, and the oldest that a program must know. `None` where it is new.
pub(super) async fn found(transaction: &mut Transaction) -> Result<Option<(i64, i64)>, StateError> {
    let is_there = match &transaction.0 {
        Inner::Sqlite(_) => "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'exhibit_schema'",
        Inner::Postgres(_) => {
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = current_schema() AND tablename = 'exhibit_schema'"
        }
    };
    if transaction.rows(is_there, &[]).await?.is_empty() {
        return Ok(None);
    }
    let rows = transaction.rows("SELECT version, oldest FROM exhibit_schema", &[]).await?;
    rows.first().map(|row| Ok((row.integer(0)?, row.integer(1)?))).transpose()
}

/// Whether nothing is to be done.
pub(super) fn is_current(found: Option<(i64, i64)>) -> Result<bool, StateError> {
    match found {
        Some((_, oldest)) if oldest > LATEST => Err(StateError::Newer { found: oldest, known: LATEST }),
        // A later version has added what this one does not look at.
        Some((version, _)) => Ok(version >= LATEST),
        None => Ok(false),
    }
}

/// Takes the steps that are missing. In a transaction that no other one overlaps.
pub(super) async fn migrate(transaction: &mut Transaction) -> Result<(), StateError> {
    let found = found(transaction).await?;
    if is_current(found)? {
        return Ok(());
    }
    if found.is_none() {
        let table = "CREATE TABLE exhibit_schema (version BIGINT NOT NULL, oldest BIGINT NOT NULL)";
        transaction.execute(table, &[]).await?;
        transaction.execute("INSERT INTO exhibit_schema VALUES (0, 0)", &[]).await?;
    }
    let done = found.map_or(0, |it| it.0);
    let (number, bytewise) = match &transaction.0 {
        // An alias of its own row number, which needs no index beside it.
        Inner::Sqlite(_) => ("INTEGER", "COLLATE BINARY"),
        Inner::Postgres(_) => ("BIGINT", "COLLATE \"C\""),
    };
    for (version, step) in (1..).zip(STEPS).filter(|(version, _)| *version > done) {
        for statement in step.statements {
            let statement = statement.replace("ROWNUMBER", number).replace("BYTEWISE", bytewise);
            transaction.execute(&statement, &[]).await?;
        }
        let update = "UPDATE exhibit_schema SET version = $1, oldest = $2";
        transaction.execute(update, &[version.into(), step.oldest.into()]).await?;
    }
    Ok(())
}
