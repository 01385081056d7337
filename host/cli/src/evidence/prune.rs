//! `exhibit evidence prune`: removing what is no longer needed.

use clap::Args;
use exhibit::clock::SystemClock;
use exhibit::contract::types::Instant;
use exhibit::format::counted;
use exhibit::run::{self, PruneFailure};
use exhibit::store::{Location, Policy, Reason};

use super::super::arguments;
use super::super::environment::Environment;
use super::super::failure::Failure;
use super::super::output::{PrunedEvidenceOutput, PrunedOutput, json};
use super::super::sign::SignArgs;
use super::super::table::{Column, render};
use super::super::terminal::{Terminal, shown};
use super::super::watch::Watch;

const EXAMPLES: &str = "\
Examples:
  What would go:
    exhibit evidence prune evidence --older-than 1095

  And away with it:
    exhibit evidence prune evidence --older-than 1095 --confirm --sign file:evidence-key

What it was, its digest, and why it went stay in the store's signed log.";

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
    #[arg(long, value_name = "DAYS")]
    stale_for: Option<u32>,
    /// What covers no time within so many days before now
    #[arg(long, value_name = "DAYS")]
    older_than: Option<u32>,
    /// Of this proof type alone
    #[arg(long = "type", value_name = "TYPE")]
    proof_type: Option<String>,
    /// Remove it; otherwise only list what would be removed
    #[arg(long, requires = "sign")]
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
        let reasons = pruned.map_err(|error| match error {
            PruneFailure::Store(error) => error.into(),
            PruneFailure::Open(error) => error.into(),
            error @ PruneFailure::NoRule => no_rule(error),
            error => Failure::call(error),
        })?;
        terminal.say(&if terminal.json() {
            let evidence = reasons.iter().map(PrunedEvidenceOutput::from).collect();
            json(&PrunedOutput { pruned: self.confirm, evidence })?
        } else {
            self.text(&reasons, terminal)
        });
        Ok(())
    }

    fn text(&self, reasons: &[Reason], terminal: &Terminal) -> String {
        if reasons.is_empty() {
            return "No evidence matches: there is nothing to prune.".to_owned();
        }
        let columns = [Column::new("Evidence"), Column::new("Why")];
        let rows = reasons.iter().map(|it| vec![shown(&it.evidence), shown(&it.why)]).collect();
        let table = render(&columns, rows, terminal.width());
        let proofs = counted(reasons.len() as u64, "proof", "proofs");
        if self.confirm {
            format!("{table}\n\n{proofs} pruned; the log says so.")
        } else {
            format!("{table}\n\n{proofs} would be pruned; --confirm removes them.")
        }
    }
}

fn no_rule(error: PruneFailure) -> Failure {
    Failure::call(error).next("say --superseded, --stale-for DAYS or --older-than DAYS")
}
