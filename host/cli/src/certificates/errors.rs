//! `exhibit certificates errors`: what could not be merged, and why.

use clap::Args;
use exhibit::format::counted;
use exhibit_inventory::{ErrorState, GridError};

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{GridErrorOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown};
use super::super::wrap::wrap;
use super::columns::day;
use super::opened::InventoryArgs;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates errors
  exhibit certificates errors --all --json
  exhibit certificates resolve 12 --note 'a test certificate, removed on Friday'";

/// Lists the certificates that could not be merged: why, since when, and whether that may pass by itself
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Errors {
    /// Those that are gone or resolved, too
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Errors {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let errors = opened.inventory.errors(!self.all).await?;
        terminal.say(&match terminal.json() {
            true => json(&errors.iter().map(GridErrorOutput::from).collect::<Vec<_>>())?,
            false => text(&errors, self.all, terminal.width()),
        });
        Ok(())
    }
}

fn text(errors: &[GridError], all: bool, width: Option<u16>) -> String {
    let open = errors.iter().filter(|it| it.state == ErrorState::Open).count() as u64;
    let verdict = match open {
        0 => "✔ merged: every certificate that the newest runs have.".to_owned(),
        open => format!("✘ not merged: {}.", counted(open, "certificate", "certificates")),
    };
    if errors.is_empty() {
        return wrap(&verdict, width);
    }
    let headings = ["No.", "Certificate", "Why", "Seen", "Since", "Last", "Passes by itself"];
    let mut columns: Vec<Column> = headings.map(Column::new).to_vec();
    if all {
        columns.push(Column::new("State"));
    }
    let row = |it: &GridError| {
        let mut cells = vec![
            it.id.map_or_else(|| "–".to_owned(), |it| it.to_string()),
            shown(&it.subject),
            format!("{}: {} ({})", it.code.word(), shown(&it.message), it.stage.word()),
            counted(it.count, "run", "runs"),
            day(it.first),
            day(it.last),
            if it.code.may_pass_by_itself() { "maybe" } else { "no" }.to_owned(),
        ];
        if all {
            cells.push(state(&it.state));
        }
        cells
    };
    let table = table::render(&columns, errors.iter().map(row).collect(), width);
    let next = "\n\nWhat the source puts right is gone with the next run. `exhibit certificates resolve NO. --note …` closes \
                one that needs no more work.";
    format!(
        "{}\n\n{table}{}",
        wrap(&verdict, width),
        if open > 0 { wrap(next, width) } else { String::new() }
    )
}

fn state(it: &ErrorState) -> String {
    match it {
        ErrorState::Open => "open".to_owned(),
        ErrorState::Gone => "gone by itself".to_owned(),
        ErrorState::Resolved { by, word, at } => {
            format!("resolved by {} on {}: {}", shown(by), day(*at), shown(word))
        }
    }
}
