//! Kept evidence as one file.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::PROOF_FILE;
use exhibit_rows::ShowPath as _;

use crate::disk::{self, KeepError, Scratch, write_private};
use crate::evidence::{MaxUnpacked, TooMuch, bundle, check_answers};
use crate::remedy::Remedy;
use crate::store::{OpenEvidence, StoreError};

use super::as_written::AsWritten;

/// Why there is no bundle.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BundleError {
    /// There is no evidence.
    #[error("{} is no evidence: it has no {PROOF_FILE}", .0.shown())]
    NoEvidence(PathBuf),
    /// The file cannot be written.
    #[error(transparent)]
    Keep(#[from] KeepError),
    /// What the store's log says of it cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It has more than is read of evidence.
    #[error(transparent)]
    TooMuch(#[from] TooMuch),
    /// This machine's disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl BundleError {
    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::NoEvidence(_) => Some(Remedy::NameEvidence),
            Self::Keep(error) => error.remedy(),
            Self::Store(error) => error.remedy(),
            // Whoever is handed the bundle would have to allow it, too.
            Self::TooMuch(_) => Some(Remedy::DoNotRely),
            Self::Io(error) if disk::is_of_this_machine(error) => Some(Remedy::CheckMachine),
            Self::Io(_) => Some("verify the evidence: what is wrong with it is said there".into()),
        }
    }
}

/// What was bundled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Bundled {
    /// Whether it has with it what shows that the log of a store has the evidence. Without it the evidence is in no store,
    /// or its store was not at hand.
    pub has_log_proof: bool,
}

/// Writes evidence as one file, which must not be there. What is in a store has with it what shows that the store's
/// log has it. The same evidence gives the same bytes.
///
/// ```no_run
/// # async fn bundle() -> Result<(), Box<dyn std::error::Error>> {
/// use std::path::Path;
///
/// use exhibit::run;
/// use exhibit::store::{Location, ObjectStoreOptions};
///
/// let folder = Path::new("evidence/users");
/// let evidence = Location::from(folder).evidence(&ObjectStoreOptions::default()).await?;
/// run::bundle(&evidence, &run::bundle_name(folder))?;
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// Where there is no evidence, it was altered, or it cannot be read or written.
pub fn bundle(evidence: &OpenEvidence, out: &Path) -> Result<Bundled, BundleError> {
    if !disk::is_file(&evidence.folder.join(PROOF_FILE))? {
        return Err(BundleError::NoEvidence(evidence.folder.clone()));
    }
    // Of evidence of earlier formats, answers are unpacked to be checked.
    check_answers(&evidence.folder, MaxUnpacked::default())?;
    let scratch = Scratch::new()?;
    let proof = log_proof(evidence, scratch.path())?;
    let mut written = AsWritten::of(&evidence.folder)?.map_err(KeepError::Altered)?;
    bundle::write_checked(&evidence.folder, out, &proof, &mut written)?;
    // One that was unpacked has it among its files.
    Ok(Bundled { has_log_proof: !proof.is_empty() || disk::is_dir(&evidence.folder.join(bundle::LOG))? })
}

/// What shows that the log of a store has the evidence, as files in this folder.
fn log_proof(evidence: &OpenEvidence, scratch: &Path) -> Result<Vec<(String, PathBuf)>, BundleError> {
    let Some(it) = &evidence.store else { return Ok(Vec::new()) };
    let folder = evidence.folder.canonicalize().map_err(|error| disk::at(&evidence.folder, error))?;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let (entry, proof) = it.store.show(&name)?;
    let mut files = Vec::new();
    for (name, bytes) in [(bundle::ENTRY, entry), (bundle::INCLUSION, proof.into_bytes())] {
        let path = scratch.join(name);
        write_private(&path, &bytes)?;
        files.push((format!("{}/{name}", bundle::LOG), path));
    }
    Ok(files)
}

/// Where the bundle of the evidence in this folder goes where nothing else is said: beside it.
pub fn bundle_name(folder: &Path) -> PathBuf {
    let whole = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    // What ends in `.` or `..` has its name elsewhere.
    let named = if folder.file_name().is_some() { folder } else { &whole };
    let mut name: OsString = named.file_name().unwrap_or_default().to_owned();
    name.push(bundle::ENDING);
    named.with_file_name(name)
}
