//! Evidence as the host keeps it, so that `exhibit verify` takes it.
//!
//! `host/EVIDENCE.md` describes the folder. It is written whole, and `proof.json` last: a folder without that is none.

mod bundle;
pub(crate) mod record;

use std::path::Path;

use exhibit_rows::ShowPath as _;

use crate::failure::Failure;
use crate::files;

pub(crate) use self::bundle::{Collected, packed, write};

/// What makes a folder evidence.
pub(crate) use exhibit_records::PROOF_FILE;

/// A failure at this path.
pub(crate) fn failed(path: &Path, error: &std::io::Error) -> Failure {
    Failure::call(format!("{}: {error}", path.shown()))
}

/// Whether there is evidence in the folder already.
pub(crate) fn is_there(folder: &Path) -> Result<bool, Failure> {
    let names = files::names(folder).map_err(|error| failed(folder, &error))?;
    Ok(names.is_some_and(|it| it.iter().any(|it| it == PROOF_FILE)))
}
