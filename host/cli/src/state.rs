//! `exhibit state`: the database of what outlives a collection.

use std::collections::BTreeMap;
use std::ffi::OsString;

use clap::{Args, Subcommand};
use exhibit::evidence::format_instant;
use exhibit::format::{count, counted};
use exhibit::store::{Location, Package};
use exhibit_inventory::{Filter, Run};

use super::certificates::{InventoryArgs, described, merged};
use super::environment::Environment;
use super::failure::Failure;
use super::output::{DatabaseOutput, RebuiltOutput, RunOfInventoryOutput, json};
use super::table::{Column, render};
use super::terminal::{Terminal, shown};
use super::wrap::wrap;

/// Where a store has its evidence.
const EVIDENCE: &str = "evidence";

const REBUILD: &str = "\
Examples:
  exhibit state rebuild evidence

What came of evidence is forgotten and merged again. What people entered stays: owners, groups, notes, resolved errors.";

/// Looks after the state database: what Exhibit remembers between collections, beside evidence
#[derive(Debug, Subcommand)]
pub(super) enum State {
    /// Says where it is, and which evidence was merged into it
    Show(InventoryArgs),
    Rebuild(Rebuild),
}

/// Builds the inventory again from the evidence of stores
#[derive(Debug, Args)]
#[command(after_long_help = REBUILD)]
pub(super) struct Rebuild {
    /// The stores: all of those whose evidence is in it
    #[arg(value_name = "STORE", required = true)]
    stores: Vec<Location>,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl State {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        match self {
            Self::Show(it) => show(it, environment, terminal).await,
            Self::Rebuild(it) => it.run(environment, terminal).await,
        }
    }
}

async fn show(given: &InventoryArgs, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
    let location = given.database.location(environment)?.to_string();
    let opened = given.open(environment).await?;
    let certificates = opened.inventory.count(&Filter::default()).await?;
    let runs = opened.inventory.runs().await?;
    if terminal.json() {
        let runs = runs.into_iter().map(output).collect();
        terminal.say(&json(&DatabaseOutput { state: location, certificates, runs })?);
        return Ok(());
    }
    let known = counted(certificates, "certificate", "certificates");
    let merged = counted(runs.len() as u64, "piece of evidence", "pieces of evidence");
    let verdict = wrap(&format!("{}: {known}, of {merged}.", shown(&location)), terminal.width());
    if runs.is_empty() {
        terminal.say(&verdict);
        return Ok(());
    }
    let columns = ["Asked", "Source", "Shown", "What it does not show", "Evidence"];
    let columns = columns.map(|it| Column::new(it).numeric(it == "Shown"));
    let row = |it: &Run| {
        let absence = match (it.is_finished, it.proves_absence, it.is_doubted) {
            (false, _, _) => "not merged to its end: merge it again",
            (_, true, _) => "is gone",
            (_, _, true) => "may be gone: it shows far fewer than the run before",
            _ => "is not known: it is a part",
        };
        vec![
            format_instant(it.at).chars().take(10).collect(),
            shown(&it.source),
            count(it.shown),
            absence.to_owned(),
            shown(&it.place),
        ]
    };
    let table = render(&columns, runs.iter().map(row).collect(), terminal.width());
    terminal.say(&format!("{verdict}\n\n{table}"));
    Ok(())
}

fn output(it: Run) -> RunOfInventoryOutput {
    RunOfInventoryOutput {
        at: format_instant(it.at),
        source: it.source,
        evidence: it.evidence,
        place: it.place,
        is_finished: it.is_finished,
        proves_absence: it.proves_absence,
        is_doubted: it.is_doubted,
        shown: it.shown,
    }
}

impl Rebuild {
    async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let proof_type = &described(&opened.plugin)?.proof_type().name;
        // All stores are read before anything is forgotten.
        let mut all = Vec::new();
        for store in &self.stores {
            let catalog = store.store(&environment.object_stores).await?.catalog()?;
            let is_there =
                |it: &&Package| it.kept.proof_type == *proof_type && it.pruned.is_none() && !it.is_missing;
            let named = |it: &Package| within(store, &it.kept.evidence);
            all.extend(catalog.packages().iter().filter(is_there).map(named));
        }
        opened.inventory.forget_evidence().await?;
        let mut merged_names = Vec::new();
        let mut failed = BTreeMap::new();
        for place in all {
            let name = place.to_string();
            let evidence = place.evidence(&environment.object_stores).await?;
            match merged(&opened, &evidence.folder, &name, None).await {
                Ok(_) => merged_names.push(name),
                Err((failure, true)) => {
                    failed.insert(name, failure.what().to_owned());
                }
                Err((failure, false)) => return Err(failure.next("run the same command again")),
            }
        }
        opened.inventory.remove_unknown().await?;
        terminal.say(&if terminal.json() {
            json(&RebuiltOutput { merged: &merged_names, failed: &failed })?
        } else {
            let certificates = opened.inventory.count(&Filter::default()).await?;
            let number = counted(merged_names.len() as u64, "piece of evidence", "pieces of evidence");
            let mark = if failed.is_empty() { '✔' } else { '!' };
            let certificates = counted(certificates, "certificate", "certificates");
            let mut text = format!("{mark} Built again from {number}: {certificates}.");
            for (name, why) in &failed {
                text += &format!("\n{}: {}", shown(name), shown(why));
            }
            wrap(&text, terminal.width())
        });
        Ok(())
    }
}

/// Evidence of this store, by its name there.
fn within(store: &Location, evidence: &str) -> Location {
    match store.folder() {
        Some(folder) => Location::from(folder.join(EVIDENCE).join(evidence).as_path()),
        None => Location::from(OsString::from(format!(
            "{}/{EVIDENCE}/{evidence}",
            store.to_string().trim_end_matches('/')
        ))),
    }
}
