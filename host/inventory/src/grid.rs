//! The error grid: what could not be merged, in which runs, and whether that is over.

use std::collections::{BTreeMap, BTreeSet};

use exhibit_state::{Bound, Transaction};

use super::error::InventoryError;
use super::inventory::next_id;
use super::observed::Reading;
use super::under_way::UnderWay;

/// What the table has of an error.
#[derive(Debug)]
struct Known {
    id: i64,
    message: String,
    message_run: i64,
}

const ERROR: &str = "INSERT INTO inventory_error (id, source, subject, stage, code, message, message_run)";
const ERROR_WIDTH: usize = 7;
/// What a person said of it stays.
const ERROR_AGAIN: &str =
    "ON CONFLICT (id) DO UPDATE SET message = excluded.message, message_run = excluded.message_run";

/// Enters what could not be merged. That it was merged by another run is seen by its item. Gives how many records could not be placed: any
/// item may be meant by them.
pub(crate) async fn write(
    merge: &UnderWay<'_>,
    transaction: &mut Transaction,
    readings: &[Reading],
) -> Result<u64, InventoryError> {
    let mut unplaced = 0;
    let mut failed: BTreeMap<(String, &str, &str), &str> = BTreeMap::new();
    for reading in readings {
        if let Reading::Unmerged { subject, identity, why } = reading {
            unplaced += u64::from(identity.is_none());
            let subject = identity.as_ref().unwrap_or(subject).clone();
            let message =
                failed.entry((subject, why.code.stage().word(), why.code.word())).or_insert(&why.message);
            // One evidence may have the same twice: which of the two is kept does not depend on their order.
            *message = (*message).max(why.message.as_str());
        }
    }
    if failed.is_empty() {
        return Ok(unplaced);
    }
    let known = known(merge, transaction, &failed).await?;
    let mut next = next_id(transaction, "inventory_error").await?;
    let (mut errors, mut occurrences) = (Vec::new(), Vec::new());
    for ((subject, stage, code), message) in &failed {
        let known = known.get(&(subject.clone(), (*stage).to_owned(), (*code).to_owned()));
        let id = known.map_or(next, |it| it.id);
        next += i64::from(known.is_none());
        let latest = known.map_or(merge.run, |it| merge.runs.later(it.message_run, merge.run));
        let message = match known {
            Some(it) if latest == it.message_run && it.message_run != merge.run => it.message.as_str(),
            Some(it) if it.message_run == merge.run => it.message.as_str().max(message),
            _ => message,
        };
        errors.extend([
            id.into(),
            merge.source.into(),
            subject.as_str().into(),
            (*stage).into(),
            (*code).into(),
            message.into(),
            latest.into(),
        ]);
        occurrences.extend([Bound::from(id), merge.run.into()]);
    }
    transaction.insert(ERROR, ERROR_WIDTH, &errors, ERROR_AGAIN).await?;
    let insert = "INSERT INTO inventory_error_run (error, run)";
    transaction.insert(insert, 2, &occurrences, "ON CONFLICT (error, run) DO NOTHING").await?;
    Ok(unplaced)
}

async fn known(
    merge: &UnderWay<'_>,
    transaction: &mut Transaction,
    failed: &BTreeMap<(String, &str, &str), &str>,
) -> Result<BTreeMap<(String, String, String), Known>, InventoryError> {
    let select = "SELECT subject, stage, code, id, message, message_run FROM inventory_error WHERE source = $1 AND subject IN";
    let subjects: BTreeSet<&str> = failed.keys().map(|it| it.0.as_str()).collect();
    let subjects: Vec<Bound> = subjects.into_iter().map(Bound::from).collect();
    let mut known = BTreeMap::new();
    for row in transaction.rows_in(select, &[merge.source.into()], &subjects).await? {
        let key = (row.text(0)?.to_owned(), row.text(1)?.to_owned(), row.text(2)?.to_owned());
        let message = row.text(4)?.to_owned();
        known.insert(key, Known { id: row.integer(3)?, message, message_run: row.integer(5)? });
    }
    Ok(known)
}
