//! A program that is killed at any moment of a merge loses nothing and doubles nothing.

use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use exhibit_inventory::{Ending, Inventory};

use crate::grid::unmergeable;
use crate::made::{Row, dump, open, order, readings, row};

/// Where the child's inventory is.
const ADDRESS: &str = "EXHIBIT_TEST_INVENTORY";
/// How often the child is killed, over each database, and the variable that says another number.
const KILLED: usize = 10;
const KILLED_VARIABLE: &str = "EXHIBIT_TESTS_KILLED";
const ROWS: u32 = 240;
const PAGE: usize = 10;
const KIND: &str = "killed";

fn rows() -> Vec<Row> {
    let bad =
        unmergeable(90_000).into_iter().filter(|it| it.0 != exhibit_inventory::Code::TooLarge).map(|it| it.1);
    (1..=ROWS).map(|it| row(it).with("name", &*format!("n{}.example", it % 50))).chain(bad).collect()
}

/// Merges all, and says after each step that it is over.
async fn merge(inventory: &Inventory, said: &mut dyn FnMut()) -> Result<()> {
    let rows = rows();
    let mut merge = inventory.merge(order(1)).await?;
    said();
    for page in rows.chunks(PAGE) {
        merge.page(&readings(page)).await?;
        said();
    }
    merge.finish(Ending { is_whole: true, shown: rows.len() as u64 }).await?;
    said();
    Ok(())
}

/// The child: a test that does nothing unless it is one.
#[tokio::test(flavor = "multi_thread")]
async fn merges_where_it_is_asked_to() -> Result<()> {
    let Ok(address) = env::var(ADDRESS) else { return Ok(()) };
    merge(&open(&address, KIND).await?, &mut || {
        let mut out = std::io::stdout();
        let _ = out.write_all(b"\nstep\n").and_then(|()| out.flush());
    })
    .await
}

pub(crate) async fn nothing_is_lost_or_doubled(addresses: &[String], expected_at: &[String]) -> Result<()> {
    let killed = env::var(KILLED_VARIABLE).ok().map_or(Ok(KILLED), |it| it.parse())?;
    for (address, plain) in addresses.iter().zip(expected_at) {
        let unhurt = open(plain, "unhurt").await?;
        merge(&unhurt, &mut || ()).await?;
        let expected = dump(&unhurt).await?;
        let steps = rows().len().div_ceil(PAGE) + 2;
        for time in 0..killed {
            kill_after(address, time * steps / killed)?;
            let inventory = open(address, KIND).await?;
            let left = dump(&inventory).await?;
            // Whole pages are there, and nothing twice: an identity that is there twice would be an error of the database.
            ensure!(left.lines().filter(|it| it.starts_with("Shown")).count() <= ROWS as usize, "{left}");
            if time % 5 == 4 {
                merge(&inventory, &mut || ()).await?;
                let completed = dump(&inventory).await?;
                ensure!(completed == expected, "after {time}:\n{completed}\ninstead of\n{expected}");
                inventory.forget_evidence().await?;
                inventory.remove_unknown().await?;
            }
        }
    }
    Ok(())
}

/// Starts the child, and kills it in the middle of what comes after so many steps.
fn kill_after(address: &str, steps: usize) -> Result<()> {
    let mut child = Command::new(env::current_exe()?)
        .args(["--exact", "killed::merges_where_it_is_asked_to", "--nocapture"])
        .env(ADDRESS, address)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let out = BufReader::new(child.stdout.take().context("it has an output")?);
    for line in out.lines().map_while(Result::ok).filter(|it| it == "step").take(steps) {
        drop(line);
    }
    child.kill()?;
    child.wait()?;
    Ok(())
}
