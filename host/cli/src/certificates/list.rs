//! `exhibit certificates list`: which there are, those that end first at the beginning.

use clap::{Args, ValueEnum};
use exhibit::format::count;
use exhibit_inventory::Item;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ListedItemOutput, json};
use super::super::table;
use super::super::terminal::Terminal;
use super::super::wrap::wrap;
use super::amounts::Amounts;
use super::columns::{Column, USUAL, owner};
use super::csv::csv;
use super::opened::{InventoryArgs, Opened};
use super::selection::Selection;

/// So many are shown in a terminal, where no call says otherwise: a screen or two.
const SHOWN: usize = 50;
/// Items that are held in memory at once: they take a few KiB each.
pub(super) const MOST: usize = 200_000;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates list --expiring 30 --no-owner
  exhibit certificates list --owner web@example.com --sort title
  exhibit certificates list --group 'Web shop' --columns title,ends,issuer,contact --csv
  exhibit certificates list --json | jq '.[] | select(.status == \"expired\") | .title'";

/// What a list is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Sort {
    /// The end: those that end first
    Ends,
    /// The name
    Title,
    /// The group, and within it the end
    Group,
    /// The owner, and within that the end
    Owner,
}

/// Lists certificates, those that end first at the beginning
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct List {
    #[command(flatten)]
    selection: Selection,
    /// What they are sorted by
    #[arg(long, value_name = "COLUMN", default_value = "ends")]
    sort: Sort,
    /// Which columns to show: an unknown name lists those that there are
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,
    /// How many to show at most; --json and --csv have all
    #[arg(long, value_name = "NUMBER", default_value_t = SHOWN)]
    limit: usize,
    /// Write CSV to standard output
    #[arg(long, conflicts_with = "json")]
    csv: bool,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl List {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let columns = chosen(&self.columns, &opened)?;
        let mut items = all(&opened, &self.selection).await?;
        self.sort.order(&mut items);
        if self.csv {
            terminal.give(&csv(&columns, &items, &opened).map_err(Failure::call)?);
            return Ok(());
        }
        terminal.say(&match terminal.json() {
            true => json(&items.iter().map(ListedItemOutput::from).collect::<Vec<_>>())?,
            false => self.text(&items, &columns, &opened, terminal),
        });
        Ok(())
    }

    fn text(&self, items: &[Item], columns: &[Column], opened: &Opened, terminal: &Terminal) -> String {
        let verdict = wrap(&Amounts::of(items).in_words(), terminal.width());
        if items.is_empty() {
            let next = match self.selection.is_given() {
                true => "No certificate matches.",
                false => {
                    "There are no certificates yet: `exhibit certificates sync` collects and merges them, \
                     `exhibit certificates merge` merges evidence that is there."
                }
            };
            return wrap(next, terminal.width());
        }
        let headings: Vec<table::Column> =
            columns.iter().map(|it| table::Column::new(it.heading(opened))).collect();
        let shown = items.iter().take(self.limit);
        let rows = shown.map(|item| columns.iter().map(|it| it.glance(item, opened)).collect());
        let table = table::glance(&headings, rows.collect(), terminal.width());
        let more = items.len().saturating_sub(self.limit) as u64;
        let more = match more {
            0 => String::new(),
            more => format!("\n\nNot shown: {} more; --limit {} shows them.", count(more), items.len()),
        };
        format!("{verdict}\n\n{table}{more}")
    }
}

impl Sort {
    /// They come in the order of their ends.
    fn order(self, items: &mut [Item]) {
        match self {
            Self::Ends => {}
            Self::Title => items.sort_by_cached_key(|it| it.title.to_lowercase()),
            Self::Group => items.sort_by_cached_key(|it| it.group.to_lowercase()),
            Self::Owner => items.sort_by_cached_key(|it| {
                owner(it).map_or((true, String::new()), |it| (false, it.to_lowercase()))
            }),
        }
    }
}

/// The columns of these names, or the usual ones.
pub(super) fn chosen(names: &[String], opened: &Opened) -> Result<Vec<Column>, Failure> {
    let usual = USUAL.iter().map(|it| (*it).to_owned());
    let names: Vec<String> = if names.is_empty() { usual.collect() } else { names.to_vec() };
    names.iter().map(|it| Column::named(it.trim(), opened)).collect()
}

/// All that are selected.
pub(super) async fn all(opened: &Opened, selection: &Selection) -> Result<Vec<Item>, Failure> {
    let items = opened.items(&selection.filter(opened.as_of), MOST + 1).await?;
    if items.len() > MOST {
        return Err(Failure::call(format!("more than {} certificates match", count(MOST as u64)))
            .next("narrow them down, with --group, --expiring, --owner or --host"));
    }
    Ok(items)
}
