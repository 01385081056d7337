//! `exhibit certificates export`: the inventory as a file for others.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use exhibit::disk::result_file;
use exhibit::format::counted;
use exhibit_inventory::Item;
use exhibit_rows::ShowPath as _;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ExportedItemsOutput, ListedItemOutput, json};
use super::super::places;
use super::super::terminal::Terminal;
use super::calendar::calendar;
use super::csv::csv;
use super::list::{all, chosen};
use super::opened::InventoryArgs;
use super::selection::Selection;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates export --format csv --out certificates.csv
  exhibit certificates export --format xlsx --out certificates.xlsx --group 'Web shop'
  exhibit certificates export --format ics --out ends.ics --owner web@example.com --expiring 365";

/// What is written where no call says otherwise: all that is needed to renew one.
const USUAL: [&str; 12] = [
    "title", "ends", "status", "owner", "group", "places", "begins", "contact", "email", "team", "renewal",
    "identity",
];

/// How it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Comma-separated values
    Csv,
    /// A workbook
    Xlsx,
    /// iCalendar: an event on each day on which one ends
    Ics,
    /// JSON, as `exhibit certificates list --json` prints it
    Json,
}

/// Writes certificates to a file: CSV, a workbook, a calendar of their ends
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Export {
    /// How it is written
    #[arg(long, value_name = "FORMAT")]
    format: Format,
    /// The file, which is replaced where it is there
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    selection: Selection,
    /// Which columns to write: an unknown name lists those that there are
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    columns: Vec<String>,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Export {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        places::outside(&self.out, "the export", "--out")?;
        let opened = self.inventory.open(environment).await?;
        let usual: Vec<String> = USUAL.iter().map(|it| (*it).to_owned()).collect();
        let columns = chosen(if self.columns.is_empty() { &usual } else { &self.columns }, &opened)?;
        let items = all(&opened, &self.selection).await?;
        let bytes = match self.format {
            Format::Csv => csv(&columns, &items, &opened).map_err(Failure::call)?,
            Format::Ics => calendar(&items, &opened),
            Format::Json => json(&items.iter().map(ListedItemOutput::from).collect::<Vec<_>>())?.into_bytes(),
            Format::Xlsx => {
                let headings: Vec<String> = columns.iter().map(|it| it.heading(&opened)).collect();
                let row = |item: &Item| columns.iter().map(|it| it.whole(item, &opened)).collect();
                let rows = items.iter().map(row).collect();
                exhibit_render::list_xlsx("Certificates", &headings, rows)?
            }
        };
        let write = |error| {
            Failure::call(format!("{} cannot be written: {error}", self.out.shown()))
                .next("name another file with --out, or make room there")
        };
        result_file(&self.out).and_then(|mut it| it.write_all(&bytes)).map_err(write)?;
        let number = items.len() as u64;
        terminal.say(&match terminal.json() {
            true => {
                json(&ExportedItemsOutput { file: self.out.display().to_string(), certificates: number })?
            }
            false => {
                format!(
                    "✔ {} written to {}",
                    counted(number, "certificate", "certificates"),
                    self.out.shown()
                )
            }
        });
        Ok(())
    }
}
