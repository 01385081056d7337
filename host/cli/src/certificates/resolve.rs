//! `exhibit certificates resolve`: closing an error that needs no more work.

use clap::Args;
use exhibit::clock::{Clock as _, SystemClock};

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{ResolvedOutput, json};
use super::super::terminal::{Terminal, shown};
use super::assign::ByArgs;
use super::opened::InventoryArgs;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates resolve 12 --note 'a test certificate, removed on Friday'";

/// Closes an error of `exhibit certificates errors` with a word; it opens again where it comes again
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Resolve {
    /// Its number, as `exhibit certificates errors` shows it
    #[arg(value_name = "NUMBER")]
    number: i64,
    /// Why it needs no more work
    #[arg(long, value_name = "TEXT")]
    note: String,
    #[command(flatten)]
    by: ByArgs,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Resolve {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let person = self.by.person(environment)?;
        let opened = self.inventory.open(environment).await?;
        let now = SystemClock.now();
        if !opened.inventory.resolve(self.number, &person, &self.note, now).await? {
            return Err(Failure::call(format!("there is no error {}", self.number))
                .next("`exhibit certificates errors --all` lists them with their numbers"));
        }
        terminal.say(&match terminal.json() {
            true => json(&ResolvedOutput { number: self.number, by: &person })?,
            false => format!("✔ The error {} is resolved by {}.", self.number, shown(&person)),
        });
        Ok(())
    }
}
