//! `exhibit bundle`: kept evidence as one file.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::Args;
use exhibit::evidence::bundle;
use serde_json::json;

use super::environment::Environment;
use super::failure::Failure;
use super::place::{Location, OpenEvidence};
use super::scratch::Scratch;
use super::terminal::Terminal;

const EXAMPLES: &str = "\
Examples:
  exhibit bundle evidence/assets
  exhibit bundle evidence/assets --out assets-2026-q4.exhibit.tar
  exhibit verify assets-2026-q4.exhibit.tar --key keys/evidence.pem.pub

The same evidence gives the same bytes. `tar -xf` unpacks it; verify, export and `test --what-if` take it as
it is.";

/// Writes kept evidence as one file, to hand on or to file away
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Bundle {
    /// The evidence: a folder, as `exhibit collect` made it, or an address in an object store
    #[arg(value_name = "EVIDENCE")]
    evidence: Location,
    /// The file to write, which must not be there [default: EVIDENCE.exhibit.tar]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Bundle {
    pub(super) async fn run(&self, environment: &Environment, terminal: &Terminal) -> Result<(), Failure> {
        let open = self.evidence.evidence(environment).await?;
        if !open.folder.join("proof.json").is_file() {
            return Err(Failure::call(format!("{} is no evidence: it has no proof.json", self.evidence))
                .next("name a folder that `exhibit collect` made"));
        }
        let out = match (&self.out, self.evidence.folder()) {
            (Some(out), _) => out.clone(),
            (None, Some(folder)) => of(folder),
            // Beside evidence in an object store is no place for a file.
            (None, None) => {
                Path::new(open.folder.file_name().unwrap_or_default()).with_extension("exhibit.tar")
            }
        };
        let scratch = Scratch::new().map_err(Failure::call)?;
        bundle::write(&open.folder, &out, &shown(&open, scratch.path())?)?;
        terminal.say(&if terminal.json() {
            json!({ "bundle": out.display().to_string() }).to_string()
        } else {
            format!("The bundle is {}", out.display())
        });
        Ok(())
    }
}

/// What shows that the log of a store has the evidence, as files in this folder.
fn shown(open: &OpenEvidence, scratch: &Path) -> Result<Vec<(String, PathBuf)>, Failure> {
    let Some(it) = &open.store else { return Ok(Vec::new()) };
    let folder = open.folder.canonicalize().map_err(Failure::call)?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let (entry, proof) = it.store.show(&name)?;
    let mut files = Vec::new();
    for (name, bytes) in [(bundle::ENTRY, entry), (bundle::INCLUSION, proof.into_bytes())] {
        let path = scratch.join(name);
        std::fs::write(&path, bytes).map_err(Failure::call)?;
        files.push((format!("{}/{name}", bundle::LOG), path));
    }
    Ok(files)
}

/// Where the bundle of the evidence in this folder goes: beside it.
pub(super) fn of(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // What ends in `.` or `..` has its name elsewhere.
    let named = if folder.file_name().is_some() { folder } else { &whole };
    let mut name: OsString = named.file_name().unwrap_or_default().to_owned();
    name.push(bundle::ENDING);
    named.with_file_name(name)
}
