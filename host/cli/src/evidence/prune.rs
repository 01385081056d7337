//! `exhibit evidence prune`: removing what is no longer needed.

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::contract::types::Instant;
use exhibit::format::counted;
use exhibit::run::{self, PruneFailure};
use exhibit::store::{Location, Policy, PrunePlan, Pruned};
use indicatif::BinaryBytes;

use super::super::arguments;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{PrunedOutput, json};
use super::super::sign::SignArgs;
use super::super::table::{Column, render};
use super::super::terminal::{Terminal, shown};
use super::super::watch::Watch;
use super::list::outcomes;

const EXAMPLES: &str = "\
Examples:
  What would go:
    exhibit evidence prune evidence --older-than 1095

  And away with it:
    exhibit evidence prune evidence --older-than 1095 --confirm --sign file:evidence-key

  What a test failed over, too, by its name:
    exhibit evidence prune evidence --evidence users-20261101T000000Z-8f14e45f

Evidence is superseded by later evidence of the same things at the same time that was tested with at least the same tests.
Evidence with a failed or inconclusive test is kept whatever a rule says, until it is named. What it was, its digest, and why it went stay in the store's signed log.";

/// Removes evidence that a rule no longer needs, and records each removal in the signed log
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
#[group(id = "rules", multiple = true)]
pub(crate) struct Prune {
    /// The store: a folder, or an address such as s3://bucket/evidence
    #[arg(value_name = "STORE")]
    store: Location,
    /// What other evidence has taken the place of
    #[arg(long)]
    superseded: bool,
    /// What has been stale for so many days
    #[arg(long, value_name = "DAYS", value_parser = arguments::days)]
    stale_for: Option<u32>,
    /// What covers no time within so many days before now
    #[arg(long, value_name = "DAYS", value_parser = arguments::days)]
    older_than: Option<u32>,
    /// This evidence, whatever the verdicts of its tests, by its name in `exhibit evidence list`; once for each
    #[arg(long = "evidence", value_name = "NAME")]
    evidence: Vec<String>,
    /// Of what the rules say, this proof type alone
    #[arg(long = "type", value_name = "TYPE")]
    proof_type: Option<String>,
    /// Remove it; otherwise only list what would be removed
    #[arg(long)]
    confirm: bool,
    /// The instant that counts as now [default: now]
    #[arg(long, value_name = "DATE", value_parser = arguments::instant)]
    as_of: Option<Instant>,
    #[command(flatten)]
    sign: SignArgs,
}

impl Prune {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let mut policy = Policy::default();
        policy.superseded = self.superseded;
        policy.stale_for_days = self.stale_for;
        policy.older_than_days = self.older_than;
        policy.evidence.clone_from(&self.evidence);
        policy.proof_type.clone_from(&self.proof_type);
        if !policy.has_rule() {
            return Err(no_rule(PruneFailure::NoRule));
        }
        let mut open = self.store.store(&environment.object_stores).await?;
        let key = match self.confirm {
            true => Some(self.sign.key_of_store(&environment.backends).await?),
            false => None,
        };
        let watch = Watch::new(terminal);
        let pruned = run::prune(&mut open, &policy, key.as_ref(), self.as_of, &SystemClock, &watch).await;
        let plan = pruned.map_err(|error| match error {
            PruneFailure::Store(error) => error.into(),
            PruneFailure::Open(error) => error.into(),
            error @ PruneFailure::NoRule => no_rule(error),
            error => Failure::call(error),
        })?;
        terminal.say(&if terminal.json() {
            json(&PrunedOutput::new(&plan, self.confirm))?
        } else {
            self.text(&plan, terminal)
        });
        Ok(())
    }

    fn text(&self, plan: &PrunePlan, terminal: &Terminal) -> String {
        let PrunePlan { removed, kept, .. } = plan;
        let mut text = if removed.is_empty() {
            "No evidence matches: there is nothing to prune.".to_owned()
        } else {
            let proofs = counted(removed.len() as u64, "proof", "proofs");
            let bytes = removed.iter().filter_map(|it| it.bytes).sum();
            let proofs = format!("{proofs} ({})", BinaryBytes(bytes));
            let done = match self.confirm {
                true => format!("{proofs} pruned; the log says so."),
                false => format!("{proofs} would be pruned; --confirm removes them."),
            };
            format!("{}\n\n{done}", table(removed, "Why", terminal))
        };
        let (needed, kept): (Vec<Pruned>, Vec<Pruned>) =
            kept.iter().cloned().partition(|it| it.needed_by.is_some());
        let kept = kept.as_slice();
        if !needed.is_empty() {
            let needed_is = counted(needed.len() as u64, "proof is kept", "proofs are kept");
            let needed = needed.iter().map(|it| {
                let by = it.needed_by.as_deref().unwrap_or_default();
                format!("{}: {} has only what changed since it", shown(&it.evidence), shown(by))
            });
            let needed: Vec<String> = needed.collect();
            text.push_str(&format!("\n\n{needed_is}, as others continue them:\n\n{}", needed.join("\n")));
        }
        if !kept.is_empty() {
            let kept_is = counted(kept.len() as u64, "proof is kept", "proofs are kept");
            let heading = format!("{kept_is}, as a test failed or was inconclusive:");
            let of_tests = kept.iter().map(|it| {
                let tests = it.not_passed.as_deref().unwrap_or_default();
                format!("{}: {}", shown(&it.evidence), shown(tests))
            });
            let of_tests: Vec<String> = of_tests.collect();
            text.push_str(&format!(
                "\n\n{heading}\n\n{}\n\n{}\n\nTo prune one of them, name it: --evidence {}",
                table(kept, "Would go, as", terminal),
                of_tests.join("\n"),
                shown(&kept[0].evidence)
            ));
        }
        text
    }
}

fn table(pruned: &[Pruned], why: &str, terminal: &Terminal) -> String {
    let columns = ["Evidence", why, "Size", "Tests"].map(|it| Column::new(it).numeric(it == "Size"));
    let cells = |it: &Pruned| {
        vec![
            shown(&it.evidence),
            shown(&it.why),
            it.bytes.map_or_else(|| "?".to_owned(), |it| BinaryBytes(it).to_string()),
            it.tests.map_or_else(|| "–".to_owned(), outcomes),
        ]
    };
    render(&columns, pruned.iter().map(cells).collect(), terminal.width())
}

fn no_rule(error: PruneFailure) -> Failure {
    Failure::call(error).next("say --superseded, --stale-for DAYS, --older-than DAYS or --evidence NAME")
}
