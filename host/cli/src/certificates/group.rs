//! `exhibit certificates group`: groups that people sort certificates into.

use clap::{Args, Subcommand};
use exhibit::clock::{Clock as _, SystemClock};
use exhibit::format::{count, counted};
use exhibit_inventory::By;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{GroupOutput, MovedOutput, json};
use super::super::table::{self, Column};
use super::super::terminal::{Terminal, shown};
use super::assign::{ByArgs, Certificates};
use super::opened::InventoryArgs;

const MOVE: &str = "\
Examples:
  exhibit certificates group move 'Web shop' --host www.example.com
  exhibit certificates group move 'Web shop' --host www.example.com --confirm

A group that is not there is made.";

/// Sorts certificates into groups: a collection leaves them there
#[derive(Debug, Subcommand)]
pub(super) enum Group {
    /// Lists the groups, and how many certificates are in each
    List(InventoryArgs),
    Move(Move),
    Rename(Rename),
}

/// Moves certificates to a group, which is made where it is not there
#[derive(Debug, Args)]
#[command(after_long_help = MOVE)]
pub(super) struct Move {
    /// The group
    #[arg(value_name = "GROUP")]
    to: String,
    #[command(flatten)]
    certificates: Certificates,
    /// Move them; otherwise only say how many would be moved
    #[arg(long)]
    confirm: bool,
    #[command(flatten)]
    by: ByArgs,
    #[command(flatten)]
    inventory: InventoryArgs,
}

/// Gives a group another name, or joins it with the one that has that name
#[derive(Debug, Args)]
pub(super) struct Rename {
    /// The group
    #[arg(value_name = "GROUP")]
    from: String,
    /// Its new name
    #[arg(value_name = "NAME")]
    to: String,
    #[command(flatten)]
    by: ByArgs,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Group {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::List(it) => {
                let groups = it.open(environment).await?.inventory.groups().await?;
                let outputs = groups.iter().map(|it| GroupOutput { group: &it.name, certificates: it.items });
                terminal.say(&if terminal.json() {
                    json(&outputs.collect::<Vec<_>>())?
                } else if groups.is_empty() {
                    "There are no groups yet: a collection makes the first.".to_owned()
                } else {
                    let columns = [Column::new("Group"), Column::new("Certificates").numeric(true)];
                    let rows = groups.iter().map(|it| vec![shown(&it.name), count(it.items)]);
                    table::render(&columns, rows.collect(), terminal.width())
                });
                Ok(())
            }
            Self::Move(it) => it.run(environment, terminal).await,
            Self::Rename(it) => it.run(environment, terminal).await,
        }
    }
}

impl Move {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let by = By { person: self.by.person_if(self.confirm, environment)?, at: SystemClock.now() };
        let opened = self.inventory.open(environment).await?;
        let items = self.certificates.items(&opened).await?;
        let elsewhere = items.iter().filter(|it| it.group != self.to).map(|it| it.identity.clone());
        let identities: Vec<String> = elsewhere.collect();
        if self.confirm {
            opened.inventory.move_to_group(&identities, &self.to, &by).await?;
        }
        say(terminal, &self.to, identities.len() as u64, self.confirm)
    }
}

impl Rename {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let by = By { person: self.by.person(environment)?, at: SystemClock.now() };
        let opened = self.inventory.open(environment).await?;
        let groups = opened.inventory.groups().await?;
        if !groups.iter().any(|it| it.name == self.from) {
            let known: Vec<String> = groups.iter().map(|it| shown(&it.name)).collect();
            return Err(Failure::call(format!("there is no group `{}`", shown(&self.from)))
                .next(format!("there are: {}", known.join(", "))));
        }
        let moved = opened.inventory.rename_group(&self.from, &self.to, &by).await?;
        say(terminal, &self.to, moved, true)
    }
}

fn say(terminal: &Terminal, group: &str, moved: u64, is_done: bool) -> Result<(), Failure> {
    terminal.say(&if terminal.json() {
        json(&MovedOutput { group, certificates: moved, is_done })?
    } else {
        let certificates = counted(moved, "certificate", "certificates");
        let group = shown(group);
        match (moved, is_done) {
            (0, _) => format!("Nothing is different: all of them are in {group} already."),
            (_, true) => format!("✔ {certificates} moved to {group}."),
            (_, false) => format!("{certificates} would be moved to {group}; --confirm moves them."),
        }
    });
    Ok(())
}
