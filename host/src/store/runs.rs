//! The runs of tests that came after the evidence that they are of.

use std::fs;
use std::path::Path;

use crate::digest::Digest;
use crate::evidence::{found, read};
use crate::signing::PublicKey;
use crate::testing::{RUN_FILE, Run, check_signature, earlier};

use super::catalog::Package;

/// What is wrong with those of evidence in this folder, by what its log says.
pub(crate) fn wrong(package: &Package, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for run in &package.runs {
        let name = format!("{}/{}", package.kept.evidence, run.run);
        match found::record(&folder.join(&run.run).join(RUN_FILE)) {
            Ok(json) if Digest::of(&json) == run.digest => {}
            Ok(_) => wrong.push(format!("{name} was altered")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let strangers = unknown(package, folder);
    wrong.extend(strangers.iter().map(|it| format!("{}/{it} is not in the log", package.kept.evidence)));
    wrong
}

/// Folders where runs are that the log does not speak of, in their order, such as `tests/0002`.
pub(super) fn unknown(package: &Package, folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.join(earlier::RUNS)) else { return Vec::new() };
    // What begins with a dot is being written.
    let names = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned());
    let runs = names.filter(|it| !it.starts_with('.')).map(|it| format!("{}/{it}", earlier::RUNS));
    let mut unknown: Vec<String> = runs.filter(|it| !package.knows(it)).collect();
    unknown.sort();
    unknown
}

/// Whether a process with this key has put this run there, such as `tests/0002`: over the rows of this
/// evidence, and not a copy of another run of it.
pub(super) fn is_own(package: &Package, folder: &Path, run: &str, key: &PublicKey) -> bool {
    let run = folder.join(run);
    let (Ok(Some(said)), Ok(proof)) = (Run::read(&run), read::proof(folder)) else { return false };
    let Ok(json) = found::record(&run.join(RUN_FILE)) else { return false };
    let digest = Digest::of(&json);
    let is_copy = package.runs.iter().any(|it| it.digest == digest)
        || proof.part(&format!("{}/{RUN_FILE}", earlier::OWN)).is_some_and(|it| it.digest == digest);
    let is_of_this = read::kept_rows(&proof).is_ok_and(|it| it.meaning() == said.rows);
    let is_signed = matches!(check_signature(&run, &said, std::slice::from_ref(key)), Ok(Some(_)));
    !is_copy && is_of_this && is_signed
}
