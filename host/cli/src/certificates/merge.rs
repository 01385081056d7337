//! `exhibit certificates merge`: evidence that is there, into the inventory.

use std::path::Path;

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::format::{count, counted};
use exhibit::run::{self, MergeOptions, MergedEvidence};
use exhibit::store::Location;
use exhibit_inventory::Merged;

use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::opened;
use super::super::output::{MergedOutput, json};
use super::super::terminal::{Terminal, shown};
use super::super::wrap::wrap;
use super::amounts::Amounts;
use super::list;
use super::opened::{InventoryArgs, Opened, described};
use super::selection::Selection;

const EXAMPLES: &str = "\
Examples:
  exhibit certificates merge evidence/certificates
  exhibit certificates merge s3://bucket/evidence/evidence/certificates-20261101T000000Z-8f14e45f

Merged again, evidence changes nothing. `exhibit state rebuild` merges all that a store has.";

/// Merges certificates that are collected already: new ones are added, known ones keep what people entered
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Merge {
    /// The evidence: a folder, a bundle, or its address in a store
    #[arg(value_name = "EVIDENCE", required = true)]
    evidence: Vec<Location>,
    /// The group of certificates that are new [default: that which the plugin names]
    #[arg(long, value_name = "GROUP")]
    new_group: Option<String>,
    #[command(flatten)]
    inventory: InventoryArgs,
}

impl Merge {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let opened = self.inventory.open(environment).await?;
        let mut all = Vec::new();
        for place in &self.evidence {
            let evidence = opened::evidence(place, environment).await?;
            let group = self.new_group.as_deref();
            let merged = merged(&opened, &evidence.folder, &place.to_string(), group).await;
            all.push(merged.map_err(|it| it.0)?);
        }
        say(&opened, &all, terminal).await
    }
}

/// Merges one. An error says, too, whether it is that evidence's alone.
pub(crate) async fn merged(
    opened: &Opened,
    folder: &Path,
    place: &str,
    group: Option<&str>,
) -> Result<MergedEvidence, (Failure, bool)> {
    let mut options = MergeOptions::default();
    options.group = group;
    let of = described(&opened.plugin).map_err(|it| (it, false))?;
    run::merge(&opened.inventory, of, folder, place, options, &SystemClock).await.map_err(|error| {
        let is_of_evidence = error.is_of_evidence();
        (Failure::from(error).during(format!("merging {}", shown(place))), is_of_evidence)
    })
}

/// What came of it, and how all certificates stand now.
pub(super) async fn say(opened: &Opened, all: &[MergedEvidence], terminal: &Terminal) -> Result<(), Failure> {
    let mut sum = Merged::default();
    for MergedEvidence { merged, .. } in all {
        sum.added += merged.added;
        sum.changed += merged.changed;
        sum.unchanged += merged.unchanged;
        sum.unmerged += merged.unmerged;
    }
    let amounts = Amounts::of(&list::all(opened, &Selection::default()).await?);
    terminal.say(&if terminal.json() {
        json(&MergedOutput {
            added: sum.added,
            changed: sum.changed,
            unchanged: sum.unchanged,
            unmerged: sum.unmerged,
            statuses: &amounts.statuses,
        })?
    } else {
        let mut text = wrap(&in_words(sum), terminal.width());
        if sum.unmerged > 0 {
            text += "\n`exhibit certificates errors` says why, for each.";
        }
        format!("{text}\n\n{}", wrap(&amounts.in_words(), terminal.width()))
    });
    Ok(())
}

/// `✔ merged: 300 certificates (12 new, 3 changed, 285 unchanged).`
fn in_words(it: Merged) -> String {
    let merged = counted(it.added + it.changed + it.unchanged, "certificate", "certificates");
    let [added, changed, unchanged] = [it.added, it.changed, it.unchanged].map(count);
    let merged = format!("{merged} ({added} new, {changed} changed, {unchanged} unchanged)");
    match it.unmerged {
        0 => format!("✔ merged: {merged}."),
        unmerged => format!("✘ not merged: {}; merged: {merged}.", count(unmerged)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_of_it_is_said_first() {
        let merged = Merged { added: 1, changed: 2, unchanged: 1_500, unmerged: 0 };
        assert_eq!(in_words(merged), "✔ merged: 1,503 certificates (1 new, 2 changed, 1,500 unchanged).");
        let some = Merged { unmerged: 4, unchanged: 1, ..Merged::default() };
        assert_eq!(in_words(some), "✘ not merged: 4; merged: 1 certificate (0 new, 0 changed, 1 unchanged).");
    }
}
