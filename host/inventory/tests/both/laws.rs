//! What holds for any runs: merged twice is merged once, and neither the order of runs and pages nor how many merge at once
//! matters.

use std::sync::atomic::{AtomicU32, Ordering};

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{Ending, Inventory};
use exhibit_rows::Value;
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};

use crate::made::{DAY, NOW, Row, dump, hash, open, order, readings, row};

/// Each is merged in half a dozen ways over both databases.
const CASES: u32 = 16;

/// A run, in pages.
#[derive(Debug, Clone)]
struct Run {
    day: i64,
    source: &'static str,
    rows: Vec<Row>,
    is_whole: bool,
}

fn any_row() -> impl Strategy<Value = Row> {
    let name = prop_oneof!["[ab]\\.example", Just(String::new())];
    let grade = prop_oneof![Just(None), "[AB]".prop_map(Some)];
    let host = prop::collection::vec("h[12]", 0..3);
    (1..5_u32, 0..10_u8, name, grade, host, 0..3_i64).prop_map(|(number, how, name, grade, hosts, ends)| {
        let row = row(number)
            .with("name", &*name)
            .with("grade", grade.map_or(Value::Absent, Value::Text))
            .with("hosts", Value::Texts(hosts))
            .with("ends", NOW + ends * DAY);
        match how {
            0 => row.with("hash", Value::Absent),
            1 => row.with("hash", Value::Empty).with("serial", "1"),
            2 => row.with("hash", "zz"),
            3 => row.with("bits", "many"),
            _ => row,
        }
    })
}

fn any_runs() -> impl Strategy<Value = Vec<Run>> {
    let one = (prop::collection::vec(any_row(), 0..7), any::<bool>(), any::<bool>());
    prop::collection::vec(one, 1..5).prop_map(|all| {
        let runs = (1..).zip(all).map(|(day, (rows, is_whole, is_other))| Run {
            day,
            source: if is_other { "t" } else { "s" },
            rows,
            is_whole,
        });
        runs.collect()
    })
}

async fn merge(inventory: &Inventory, run: &Run, pages: &[Vec<Row>]) -> Result<()> {
    let order = exhibit_inventory::RunOrder { source: run.source.to_owned(), ..order(run.day) };
    let mut merge = inventory.merge(order).await?;
    for page in pages {
        merge.page(&readings(page)).await?;
    }
    merge.finish(Ending { is_whole: run.is_whole, shown: run.rows.len() as u64 }).await?;
    Ok(())
}

async fn whole(inventory: &Inventory, run: &Run) -> Result<()> {
    merge(inventory, run, std::slice::from_ref(&run.rows)).await
}

/// The rows in another order, and in pages of any size.
fn shuffled(rows: &[Row], indices: &[Index]) -> Vec<Vec<Row>> {
    let mut left = rows.to_vec();
    let mut pages = vec![Vec::new()];
    for index in indices.iter().cycle().take(rows.len()) {
        let row = left.remove(index.index(left.len()));
        if index.index(3) == 0 {
            pages.push(Vec::new());
        }
        if let Some(page) = pages.last_mut() {
            page.push(row);
        }
    }
    pages
}

/// A new inventory in the database: of a kind of its own.
async fn fresh(address: &str) -> Result<(Inventory, String)> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let kind = format!("law-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    Ok((open(address, &kind).await?, kind))
}

pub(crate) async fn hold_over(addresses: &[String]) -> Result<()> {
    let strategy = (any_runs(), prop::collection::vec(any::<Index>(), 1..9));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    for case in 0..CASES {
        let tree = strategy.new_tree(&mut runner).map_err(|why| anyhow::anyhow!("{why}"))?;
        let (runs, indices) = tree.current();
        for address in addresses {
            holds(address, &runs, &indices)
                .await
                .with_context(|| format!("case {case}, {address}: {runs:#?}"))?;
        }
    }
    Ok(())
}

async fn holds(address: &str, runs: &[Run], indices: &[Index]) -> Result<()> {
    let (plain, _) = fresh(address).await?;
    for run in runs {
        whole(&plain, run).await?;
    }
    let expected = dump(&plain).await?;
    let same = async |what: &str, inventory: &Inventory| {
        let dumped = dump(inventory).await?;
        ensure!(dumped == expected, "{what}:\n{dumped}\ninstead of\n{expected}");
        Ok(())
    };

    for run in runs {
        whole(&plain, run).await?;
    }
    same("merged twice", &plain).await?;

    let (backwards, _) = fresh(address).await?;
    for run in runs.iter().rev() {
        merge(&backwards, run, &shuffled(&run.rows, indices)).await?;
    }
    same("the last run at the beginning, in other pages", &backwards).await?;

    // Two programs, one of which merges everything, and the other one half of it.
    let (one, kind) = fresh(address).await?;
    let other = open(address, &kind).await?;
    let all = async {
        for run in runs {
            whole(&one, run).await?;
        }
        anyhow::Ok(())
    };
    let half = async {
        for run in runs.iter().rev().step_by(2) {
            merge(&other, run, &shuffled(&run.rows, indices)).await?;
        }
        anyhow::Ok(())
    };
    let (all, half) = tokio::join!(all, half);
    all?;
    half?;
    same("two at once", &one).await?;

    // One that was killed after any page left that page, and the next one completes the run.
    let (again, _) = fresh(address).await?;
    for run in runs {
        let pages = shuffled(&run.rows, indices);
        let order = exhibit_inventory::RunOrder { source: run.source.to_owned(), ..order(run.day) };
        let mut merge = again.merge(order).await?;
        for page in pages.iter().take(indices.len() % (pages.len() + 1)) {
            merge.page(&readings(page)).await?;
        }
        drop(merge);
        whole(&again, run).await?;
    }
    same("taken up again", &again).await
}

#[test]
fn fingerprints_of_tests_are_of_the_usual_length() {
    assert_eq!(hash(5).len(), 64);
}
