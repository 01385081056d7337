//! `exhibit certificates`: the inventory that a team works from.

mod amounts;
mod assign;
mod calendar;
mod columns;
mod csv;
mod errors;
mod export;
mod group;
mod list;
mod merge;
mod opened;
mod report;
mod resolve;
mod selection;
mod show;
mod sync;

pub(super) use self::merge::merged;
pub(super) use self::opened::{InventoryArgs, described};

use clap::{Args, Subcommand};

use super::done::Done;
use super::environment::Environment;
use super::failure::Failure;
use super::signals::Stop;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  What must be renewed within 30 days, and by whom:
    exhibit certificates --expiring 30

  Whose is this one, and how is that known:
    exhibit certificates show www.example.com --history

  Each week: collect them, keep the evidence, and merge it:
    exhibit certificates sync --set platform=US2 --store evidence --sign file:evidence-key \\
      --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

  Why was one not imported:
    exhibit certificates errors";

/// Certificates that a team looks after: what ends when, whose it is, what became of it
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES, args_conflicts_with_subcommands = true)]
pub(super) struct Certificates {
    #[command(subcommand)]
    verb: Option<Verb>,
    #[command(flatten)]
    list: list::List,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Sync(Box<sync::Sync>),
    Merge(merge::Merge),
    List(list::List),
    Show(show::Show),
    Assign(assign::Assign),
    #[command(subcommand)]
    Group(group::Group),
    Errors(errors::Errors),
    Resolve(resolve::Resolve),
    Report(report::Report),
    Export(export::Export),
}

impl Certificates {
    pub(super) async fn run(
        self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Done, Failure> {
        match self.verb {
            None => self.list.run(environment, terminal).await?,
            Some(Verb::Sync(it)) => return it.run(environment, terminal, stop).await,
            Some(Verb::Merge(it)) => it.run(environment, terminal).await?,
            Some(Verb::List(it)) => it.run(environment, terminal).await?,
            Some(Verb::Show(it)) => it.run(environment, terminal).await?,
            Some(Verb::Assign(it)) => it.run(environment, terminal).await?,
            Some(Verb::Group(it)) => it.run(environment, terminal).await?,
            Some(Verb::Errors(it)) => it.run(environment, terminal).await?,
            Some(Verb::Resolve(it)) => it.run(environment, terminal).await?,
            Some(Verb::Report(it)) => it.run(environment, terminal).await?,
            Some(Verb::Export(it)) => it.run(environment, terminal).await?,
        }
        Ok(Done::Well)
    }
}
