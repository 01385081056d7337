//! `exhibit bundle`: kept evidence as one file.

use std::path::{Path, PathBuf};

use clap::Args;
use exhibit::Remedy;
use exhibit::run;
use exhibit::store::Location;
use exhibit_records::PROOF_FILE;
use exhibit_rows::ShowPath as _;

use super::environment::Environment;
use super::failure::Failure;
use super::opened;
use super::output::{BundleOutput, json};
use super::places;
use super::terminal::{Terminal, shown};

const EXAMPLES: &str = "\
Examples:
  exhibit bundle evidence/assets
  exhibit bundle evidence/assets --out assets-2026-q4.exhibit.tar
  exhibit verify assets-2026-q4.exhibit.tar --key keys/evidence.pem.pub

The same evidence gives the same bytes. `tar -xf` unpacks it; verify, export and `test --what-if` take it as
it is.";

/// A bundle of what a store has shows that the store's log lists it. This one does not.
const NO_LOG_PROOF: &str = "the bundle carries no proof that a log lists the evidence: it is in no store, or its store is not at \
    hand; evidence that was copied out of a store is bundled where the store is";

/// Writes kept evidence as one file, to hand on or to file away
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Bundle {
    /// The evidence: a folder, as `exhibit collect` made it, or an address in an object store
    #[arg(value_name = "EVIDENCE")]
    evidence: Location,
    /// The file to write, which must not be there [default: EVIDENCE.exhibit.tar; of
    /// evidence in a store, in the current folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Bundle {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let open = opened::evidence(&self.evidence, environment).await?;
        if !open.folder.join(PROOF_FILE).is_file() {
            let evidence = shown(&self.evidence.to_string());
            return Err(Failure::call(format!("{evidence} is no evidence: it has no {PROOF_FILE}"))
                .with(Remedy::NameEvidence));
        }
        let out = match (&self.out, self.evidence.folder()) {
            (Some(out), _) => out.clone(),
            (None, Some(folder)) if open.store.is_none() => run::bundle_name(folder),
            // Beside evidence in a store is no place for a file: nothing else may be there.
            (None, _) => run::bundle_name(Path::new(open.folder.file_name().unwrap_or_default())),
        };
        places::outside(&out, "the bundle", "--out")?;
        let bundled = run::bundle(&open, &out)?;
        if !bundled.has_log_proof {
            terminal.warn(NO_LOG_PROOF);
        }
        terminal.say(&if terminal.json() {
            json(&BundleOutput { bundle: out.display().to_string() })?
        } else {
            format!("The bundle is {}", out.shown())
        });
        Ok(())
    }
}
