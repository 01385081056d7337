//! One transaction: all of it is kept, or nothing.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Column as _, Decode, Postgres, Row as _, Sqlite, TypeInfo as _, ValueRef as _};

use super::error::StateError;
use super::value::{Bound, Row};

/// Values of one statement. SQLite takes 32,766, PostgreSQL 65,535.
const VALUES: usize = 30_000;
/// Rows of one statement that writes many. Always so many, or one: a database keeps the plan of each statement.
const MANY: usize = 200;

/// A transaction under way. Dropped before it is done, nothing of it is kept.
#[derive(Debug)]
pub struct Transaction(pub(super) Inner);

#[derive(Debug)]
pub(super) enum Inner {
    Sqlite(sqlx::Transaction<'static, Sqlite>),
    Postgres(sqlx::Transaction<'static, Postgres>),
}

impl Transaction {
    /// Carries out a statement, and gives the number of rows that it changed.
    ///
    /// # Errors
    /// Where the database refuses it. The transaction is over then.
    pub async fn execute(&mut self, sql: &str, values: &[Bound]) -> Result<u64, StateError> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &mut self.0 {
            Inner::Sqlite(transaction) => {
                let query = values.iter().fold(sqlx::query::<Sqlite>(sql), |query, value| match value {
                    Bound::Integer(it) => query.bind(*it),
                    Bound::Text(it) => query.bind(it.clone()),
                });
                let done = query.execute(&mut **transaction).await;
                done.map(|it| it.rows_affected()).map_err(StateError::Database)
            }
            Inner::Postgres(transaction) => {
                let query = values.iter().fold(sqlx::query::<Postgres>(sql), |query, value| match value {
                    Bound::Integer(it) => query.bind(*it),
                    Bound::Text(it) => query.bind(it.clone()),
                });
                let done = query.execute(&mut **transaction).await;
                done.map(|it| it.rows_affected()).map_err(StateError::Database)
            }
        }
    }

    /// The rows that a statement gives: all at once, so it should have a limit.
    ///
    /// # Errors
    /// Where the database refuses it, or gives other values than whole numbers and texts.
    pub async fn rows(&mut self, sql: &str, values: &[Bound]) -> Result<Vec<Row>, StateError> {
        let sql = AssertSqlSafe(sql.to_owned());
        match &mut self.0 {
            Inner::Sqlite(transaction) => {
                let query = values.iter().fold(sqlx::query::<Sqlite>(sql), |query, value| match value {
                    Bound::Integer(it) => query.bind(*it),
                    Bound::Text(it) => query.bind(it.clone()),
                });
                let rows = query.fetch_all(&mut **transaction).await.map_err(StateError::Database)?;
                rows.iter().map(of_sqlite).collect()
            }
            Inner::Postgres(transaction) => {
                let query = values.iter().fold(sqlx::query::<Postgres>(sql), |query, value| match value {
                    Bound::Integer(it) => query.bind(*it),
                    Bound::Text(it) => query.bind(it.clone()),
                });
                let rows = query.fetch_all(&mut **transaction).await.map_err(StateError::Database)?;
                rows.iter().map(of_postgres).collect()
            }
        }
    }

    /// Writes many rows: `before` is `INSERT INTO … (…)`, then come the values of all rows, each with `width` of them, and
    /// `after` is such as `ON CONFLICT …`, or empty.
    ///
    /// # Errors
    /// Where the database refuses one of them.
    pub async fn insert(
        &mut self,
        before: &str,
        width: usize,
        values: &[Bound],
        after: &str,
    ) -> Result<(), StateError> {
        let width = width.max(1);
        let many = MANY.min(VALUES / width).max(1);
        let (whole, rest) = values.split_at(values.len() / (many * width) * (many * width));
        for (rows, chunk) in [(many, whole), (1, rest)] {
            let sql = format!("{before} VALUES {} {after}", tuples(rows, width));
            for values in chunk.chunks(rows * width) {
                self.execute(&sql, values).await?;
            }
        }
        Ok(())
    }

    /// The rows of a statement that asks for one of several values: `before` ends with `IN`, and the values come behind
    /// it. `first` are the values of `before` itself.
    ///
    /// # Errors
    /// As of [`Self::rows`].
    pub async fn rows_in(
        &mut self,
        before: &str,
        first: &[Bound],
        several: &[Bound],
    ) -> Result<Vec<Row>, StateError> {
        let mut found = Vec::new();
        for chunk in several.chunks(MANY) {
            // Filled up with the last one, so that there is one statement for all.
            let last = chunk.last().into_iter().cycle().take(MANY - chunk.len());
            let values: Vec<Bound> = first.iter().chain(chunk).chain(last).cloned().collect();
            let places: Vec<String> = (1..=MANY).map(|it| format!("${}", first.len() + it)).collect();
            found.extend(self.rows(&format!("{before} ({})", places.join(",")), &values).await?);
        }
        Ok(found)
    }

    pub(super) async fn commit(self) -> Result<(), sqlx::Error> {
        match self.0 {
            Inner::Sqlite(transaction) => transaction.commit().await,
            Inner::Postgres(transaction) => transaction.commit().await,
        }
    }
}

/// `($1,$2),($3,$4)`
fn tuples(rows: usize, width: usize) -> String {
    let mut text = String::new();
    for row in 0..rows {
        text.push_str(if row == 0 { "(" } else { "),(" });
        for column in 0..width {
            // Writing to a string cannot fail.
            let _ = write!(text, "{}${}", if column == 0 { "" } else { "," }, row * width + column + 1);
        }
    }
    text + ")"
}

fn of_sqlite(row: &sqlx::sqlite::SqliteRow) -> Result<Row, StateError> {
    let value = |at: usize| {
        let value = row.try_get_raw(at).map_err(StateError::Database)?;
        if value.is_null() {
            return Ok(Bound::Text(None));
        }
        let kind = value.type_info().name().to_owned();
        let decoded = match kind.as_str() {
            "TEXT" => <String as Decode<'_, Sqlite>>::decode(value).map(|it| Bound::Text(Some(it))),
            "INTEGER" => <i64 as Decode<'_, Sqlite>>::decode(value).map(|it| Bound::Integer(Some(it))),
            _ => return Err(unexpected(row.column(at).name(), &kind)),
        };
        decoded.map_err(|cause| StateError::Database(sqlx::Error::Decode(cause)))
    };
    (0..row.len()).map(value).collect::<Result<_, _>>().map(Row)
}

fn of_postgres(row: &sqlx::postgres::PgRow) -> Result<Row, StateError> {
    let value = |at: usize| {
        let value = row.try_get_raw(at).map_err(StateError::Database)?;
        if value.is_null() {
            return Ok(Bound::Text(None));
        }
        let kind = value.type_info().name().to_owned();
        let decoded = match kind.as_str() {
            "TEXT" | "VARCHAR" => {
                <String as Decode<'_, Postgres>>::decode(value).map(|it| Bound::Text(Some(it)))
            }
            "INT8" => <i64 as Decode<'_, Postgres>>::decode(value).map(|it| Bound::Integer(Some(it))),
            "INT4" => <i32 as Decode<'_, Postgres>>::decode(value).map(|it| Bound::Integer(Some(it.into()))),
            _ => return Err(unexpected(row.column(at).name(), &kind)),
        };
        decoded.map_err(|cause| StateError::Database(sqlx::Error::Decode(cause)))
    };
    (0..row.len()).map(value).collect::<Result<_, _>>().map(Row)
}

fn unexpected(column: &str, kind: &str) -> StateError {
    StateError::Unexpected(format!("{column} is of type {kind}"))
}
