//! `exhibit certificates sync`: collects them, keeps the evidence, and merges it.

use clap::Args;
use exhibit::clock::{Clock as _, DAY, SystemClock};
use exhibit_inventory::AsOf;

use super::super::collect::CollectArgs;
use super::super::database::DatabaseArgs;
use super::super::done::Done;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::signals::Stop;
use super::super::terminal::{Terminal, shown};
use super::merge;
use super::opened::{Opened, SOON, described, inventory};

const EXAMPLES: &str = "\
Examples:
  exhibit certificates sync --set platform=US2 --store evidence --sign file:evidence-key \\
    --secret username=env:API_USERNAME --secret password=env:API_PASSWORD

A collection with criteria shows a part: what it does not show is not called *not seen*.";

/// Collects the certificates, keeps the evidence, and merges it into the inventory
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Sync {
    #[command(flatten)]
    collect: CollectArgs,
    /// The group of certificates that are new [default: that which the plugin names]
    #[arg(long, value_name = "GROUP")]
    new_group: Option<String>,
    #[command(flatten)]
    database: DatabaseArgs,
}

impl Sync {
    pub(super) async fn run(
        &self,
        environment: &Environment,
        terminal: &Terminal,
        stop: &Stop,
    ) -> Result<Done, Failure> {
        let plugin = self.collect.plugin(environment).await?;
        let proof_type = described(&plugin)?.proof_type().name.clone();
        // A database that cannot be used is better known before an hour of collecting than after.
        let inventory = inventory(&plugin, &self.database, environment).await?;
        let ready = self.collect.gather(&proof_type, environment, terminal, stop).await?;
        let now = self.collect.as_of().unwrap_or_else(|| SystemClock.now());
        let opened = Opened { plugin, inventory, as_of: AsOf { now, soon: i64::from(SOON) * DAY } };
        let group = self.new_group.as_deref();
        let merged = merge::merged(&opened, ready.folder(), ready.place(), group).await;
        let merged = merged.map_err(|(error, _)| {
            error.next(format!(
                "the evidence is complete, in {}: `exhibit certificates merge` merges it",
                shown(ready.place())
            ))
        })?;
        merge::say(&opened, &[merged], terminal).await?;
        if !terminal.json() {
            terminal.say(&format!("\nThe evidence is in {}", shown(ready.place())));
        }
        self.collect.write_results(ready.tests())?;
        Ok(ready.done())
    }
}
