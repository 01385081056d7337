//! `exhibit certificates report`: who has to renew how many, and by when.

use std::collections::BTreeMap;

use clap::Args;
use exhibit::clock::DAY;
use exhibit::format::{count, counted};
use exhibit_inventory::{Filter, Item, Status};

use super::super::arguments;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{DueOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown};
use super::super::wrap::wrap;
use super::columns::{day, left, owner};
use super::list::MOST;
use super::opened::{InventoryArgs, Opened};

/// A quarter: what has to be planned.
const DAYS: u32 = 90;
/// A bar is so many characters long at most.
const BAR: u64 = 20;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates report
  exhibit certificates report --days 30 --json";

/// Says who has to renew how many certificates, and which of them ends first
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Report {
    /// How far ahead
    #[arg(long, value_name = "DAYS", default_value_t = DAYS, value_parser = arguments::days_or_unit)]
    days: u32,
    #[command(flatten)]
    inventory: InventoryArgs,
}

/// What one owner has to renew.
#[derive(Debug, Default)]
struct Due<'a> {
    /// Those that ended.
    expired: u64,
    /// Those that end within the time, with those whose renewal is under way.
    ending: u64,
    under_way: u64,
    /// The one that ends first.
    first: Option<&'a Item>,
}

impl Report {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let filter = Filter {
            ends_before: Some(opened.as_of.now.saturating_add(i64::from(self.days) * DAY)),
            statuses: vec![Status::Expired, Status::Expiring, Status::Valid],
            ..Filter::default()
        };
        let items = opened.items(&filter, MOST).await?;
        let due = due(&items);
        terminal.say(&if terminal.json() {
            let output = due.iter().map(|(owner, it)| DueOutput {
                owner: *owner,
                expired: it.expired,
                ending: it.ending,
                renewal_under_way: it.under_way,
                first: it.first.map(|it| it.title.as_str()),
                first_ends: it.first.and_then(|it| it.ends).map(exhibit::evidence::format_instant),
            });
            json(&output.collect::<Vec<_>>())?
        } else {
            self.text(&due, &opened, terminal)
        });
        Ok(())
    }

    fn text(&self, due: &BTreeMap<Option<&str>, Due<'_>>, opened: &Opened, terminal: &Terminal) -> String {
        let sum = |of: fn(&Due<'_>) -> u64| due.values().map(of).sum::<u64>();
        let (expired, ending, under_way) =
            (sum(|it| it.expired), sum(|it| it.ending), sum(|it| it.under_way));
        let within = counted(u64::from(self.days), "day", "days");
        let mut verdict = format!(
            "{} within {within}, {} ended already.",
            counted(ending, "certificate ends", "certificates end"),
            count(expired)
        );
        if under_way > 0 {
            verdict += &format!(" The renewal of {} is under way.", count(under_way));
        }
        if let Some(none) = due.get(&None) {
            verdict += &format!(" {} of them have no owner.", count(none.expired + none.ending));
        }
        let verdict = wrap(&verdict, terminal.width());
        if due.is_empty() {
            return verdict;
        }
        let most = due.values().map(|it| it.expired + it.ending).max().unwrap_or(1).max(1);
        let mut rows: Vec<(&Option<&str>, &Due<'_>)> = due.iter().collect();
        rows.sort_by_key(|(_, it)| it.first.and_then(|it| it.ends));
        let row = |(owner, it): &(&Option<&str>, &Due<'_>)| {
            let number = it.expired + it.ending;
            let first = it.first.map_or_else(String::new, |item| {
                let ends = item
                    .ends
                    .map_or_else(String::new, |it| format!(" ({}, {})", day(it), left(it, opened.as_of)));
                format!("{}{ends}", shown(&item.title))
            });
            vec![
                owner.map_or_else(|| "(no owner)".to_owned(), shown),
                count(number),
                bar(number, most),
                count(it.expired),
                first,
            ]
        };
        let columns = [
            Column::new("Owner"),
            Column::new("To renew").numeric(true),
            Column::new(""),
            Column::new("Ended").numeric(true),
            Column::new("First"),
        ];
        let table = table::render(&columns, rows.iter().map(row).collect(), terminal.width());
        format!("{verdict}\n\n{table}")
    }
}

/// What each owner has to renew; `None`: those without an owner.
fn due(items: &[Item]) -> BTreeMap<Option<&str>, Due<'_>> {
    let mut due: BTreeMap<Option<&str>, Due<'_>> = BTreeMap::new();
    // They come in the order of their ends.
    for item in items {
        let it = due.entry(owner(item)).or_default();
        match item.status {
            Status::Expired => it.expired += 1,
            _ => it.ending += 1,
        }
        it.under_way += u64::from(item.owned.contains_key("renewal"));
        it.first = it.first.or(Some(item));
    }
    due
}

fn bar(number: u64, most: u64) -> String {
    let length = (number * BAR).div_ceil(most);
    "█".repeat(usize::try_from(length).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share_and_seen_however_short() {
        assert_eq!(bar(10, 10).chars().count(), 20);
        assert_eq!(bar(1, 1_000), "█");
        assert_eq!(bar(0, 10), "");
    }
}
