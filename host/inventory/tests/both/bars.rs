//! How fast it is and how much memory it takes, against bars. Ignored: it takes minutes, and says something of an idle machine alone.
//!
//! `cargo test --release -p exhibit-inventory --test both bars -- --ignored --nocapture`

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use exhibit_databases::Databases;
use exhibit_inventory::{Code, Ending, Filter};
use exhibit_state::{Database, Location, StateError, Transaction};

use crate::grid::unmergeable;
use crate::made::{AS_OF, DAY, NOW, Row, make, open, order, readings, row};

const MERGED: u32 = 100_000;
const PAGE: u32 = 500;
const LISTED: i64 = 1_000_000;
/// What a person sees of a long list at once.
const SHOWN: usize = 100;
const LIST_TIME: Duration = Duration::from_millis(200);
/// Memory that merging may take more at its end than after a tenth. In KiB.
const GROWTH: u64 = 32 << 10;

/// The largest memory that this process has had, in KiB. None where the system does not say.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn a_hundred_thousand_are_merged_in_flat_memory() -> Result<()> {
    let databases = Databases::start()?;
    for address in databases.new_ones("merged")? {
        let inventory = open(&address, "merged").await?;
        for run in 1..=2 {
            let begun = Instant::now();
            let mut merge = inventory.merge(order(run)).await?;
            let mut early = None;
            for page in (0..MERGED).step_by(PAGE as usize) {
                let rows: Vec<Row> = (page..page + PAGE).map(row).collect();
                merge.page(&readings(&rows)).await?;
                if page == MERGED / 10 {
                    early = peak();
                }
            }
            let merged = merge.finish(Ending { is_whole: true, shown: MERGED.into() }).await?;
            let grown = peak().zip(early).map(|(late, early)| late.saturating_sub(early));
            println!(
                "{} run {run}: {merged:?} in {:?}, memory {grown:?} KiB more",
                kind(&address),
                begun.elapsed()
            );
            ensure!(run != 1 || grown.is_none_or(|it| it < GROWTH), "memory grows: {grown:?} KiB");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn what_expires_in_thirty_days_is_found_among_a_million() -> Result<()> {
    let databases = Databases::start()?;
    for address in databases.new_ones("listed")? {
        let inventory = open(&address, "listed").await?;
        // One run and one source, so that the rows below have something to be of.
        let merge = inventory.merge(order(1)).await?;
        merge.finish(Ending { is_whole: true, shown: 1 }).await?;
        fill(&Database::open(&Location::parse(&address)?, None, make).await?).await?;
        let soon = Filter { ends_from: Some(NOW), ends_before: Some(NOW + 30 * DAY), ..Filter::default() };
        for time in 1..=3 {
            let begun = Instant::now();
            let count = inventory.count(&soon).await?;
            let counted = begun.elapsed();
            let (items, _) = inventory.list(&soon, AS_OF, None, SHOWN).await?;
            let listed = begun.elapsed() - counted;
            println!(
                "{} time {time}: {count} counted in {counted:?}, {SHOWN} listed in {listed:?}",
                kind(&address)
            );
            ensure!(items.len() == SHOWN && count > 20_000, "{count}");
            ensure!(time == 1 || cfg!(debug_assertions) || counted + listed < LIST_TIME);
        }
    }
    Ok(())
}

/// A million items that end over three years, made by the database itself.
async fn fill(database: &Database) -> Result<()> {
    let numbers = format!(
        "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < {LISTED})"
    );
    let spread = 1_095 * DAY / LISTED;
    let items = format!(
        "INSERT INTO inventory_item (id, kind, identity, is_weak, title, begins, ends, owning_group, to_link, added_at) {numbers} \
         SELECT i, 'listed', 'digest:' || i, 0, 'n' || i || '.example', {NOW}, {NOW} + i * {spread}, 'g', 0, {NOW} FROM n"
    );
    let sightings = format!(
        "INSERT INTO inventory_sighting (item, source, first_run, last_run, last_at, facts) {numbers} \
         SELECT i, 1, 1, 1, {NOW}, '{{\"name\":\"n' || i || '.example\",\"issuer\":\"Example CA\"}}' FROM n"
    );
    database
        .change(async |transaction: &mut Transaction| {
            transaction.execute(&items, &[]).await?;
            transaction.execute(&sightings, &[]).await?;
            // What the database does by itself after a while.
            transaction.execute("ANALYZE", &[]).await.map(drop)
        })
        .await
        .map_err(|error: StateError| error.into())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement"]
async fn five_hundred_of_ten_thousand_cannot_be_merged() -> Result<()> {
    let databases = Databases::start()?;
    for address in databases.new_ones("errors")? {
        let inventory = open(&address, "errors").await?;
        // Fifty for each of ten reasons.
        let ten = |it: &(Code, Row)| !matches!(it.0, Code::TooLarge | Code::IssuerTooLong);
        let bad =
            (0..50).flat_map(|it| unmergeable(100_000 + 10 * it).into_iter().filter(ten).map(|it| it.1));
        let bad: Vec<Row> = bad.collect();
        ensure!(bad.len() == 500);
        let good: Vec<Row> = (0..9_500).map(row).collect();
        let rows: Vec<Row> = good.iter().chain(&bad).cloned().collect();
        let begun = Instant::now();
        let run = async |day: i64, rows: &[Row]| {
            let mut merge = inventory.merge(order(day)).await?;
            for page in rows.chunks(PAGE as usize) {
                merge.page(&readings(page)).await?;
            }
            anyhow::Ok(merge.finish(Ending { is_whole: true, shown: rows.len() as u64 }).await?)
        };
        let merged = run(1, &rows).await?;
        ensure!((merged.added, merged.unmerged) == (9_500, 500), "{merged:?}");
        let errors = inventory.errors(true).await?;
        let codes: std::collections::BTreeSet<Code> = errors.iter().map(|it| it.code).collect();
        ensure!((errors.len(), codes.len()) == (500, 10), "{} {codes:?}", errors.len());
        let mended: Vec<Row> = good.into_iter().chain((200_000..200_500).map(row)).collect();
        let merged = run(2, &mended).await?;
        ensure!(merged.added == 500 && inventory.errors(true).await?.is_empty());
        println!("{}: 9,500 and 500, then 10,000, in {:?}", kind(&address), begun.elapsed());
    }
    Ok(())
}

fn kind(address: &str) -> &str {
    address.split(':').next().unwrap_or_default()
}
