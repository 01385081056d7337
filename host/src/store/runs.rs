//! The runs of tests that came after the evidence that they are of.

use std::fs;
use std::path::Path;

use exhibit_records::{Digest, RUN_FILE};

use crate::disk;
use crate::evidence::read;
use crate::signing::PublicKey;
use crate::testing::check_signature;
use crate::testing::earlier::{self, Earlier};

use super::catalog::Catalog;
use super::package::Package;

/// What is wrong with those of evidence in this folder, by what its log says.
pub(crate) fn wrong(package: &Package, folder: &Path) -> Vec<String> {
    let mut wrong = Vec::new();
    for run in &package.runs {
        let name = format!("{}/{}", package.kept.evidence, run.run);
        match disk::read_bounded(&folder.join(&run.run).join(RUN_FILE)) {
            Ok(json) if Digest::of(&json) == run.digest => {}
            Ok(_) => wrong.push(format!("{name} was altered")),
            Err(error) => wrong.push(format!("{name}: {error}")),
        }
    }
    let strangers = unknown(package, folder);
    wrong.extend(strangers.iter().map(|it| format!("{}/{it} is not in the log", package.kept.evidence)));
    wrong
}

/// Folders with runs that the log does not list, in their order, such as `tests/0002`.
pub(super) fn unknown(package: &Package, folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder.join(earlier::RUNS)) else { return Vec::new() };
    // What begins with a dot is being written.
    let names = entries.flatten().map(|it| it.file_name().to_string_lossy().into_owned());
    let runs = names.filter(|it| !it.starts_with('.')).map(|it| format!("{}/{it}", earlier::RUNS));
    let mut unknown: Vec<String> = runs.filter(|it| !package.knows(it)).collect();
    unknown.sort();
    unknown
}

/// Whether a process with this key has put this run there, such as `tests/0002`: over this very evidence, and
/// not a copy of another run of it.
pub(super) fn is_own(package: &Package, folder: &Path, run: &str, key: &PublicKey) -> bool {
    let is_linked = !folder.join(run).symlink_metadata().is_ok_and(|it| it.is_dir());
    let Some(run) = earlier::runs(folder, "").into_iter().find(|it| it.name() == run) else { return false };
    let (Ok(digest), Ok(proof)) = (run.digest(), read::proof(folder)) else { return false };
    let is_copy = package.runs.iter().any(|it| it.digest == digest);
    let signer = check_signature(&run.folder, &run.run, std::slice::from_ref(key));
    !is_linked && !is_copy && run.is_of(&proof, package.kept.proof) && matches!(signer, Ok(Some(_)))
}

impl Catalog {
    /// Whether the log lists this run, which is kept with the evidence in this folder.
    pub fn lists_run(&self, folder: &Path, run: &Earlier) -> bool {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(package) = self.find(&name).filter(|it| it.pruned.is_none()) else { return false };
        let logged = match package.runs.iter().find(|it| it.run == run.name()) {
            Some(it) => Some(it.digest),
            None => came_with_it(package, folder, run),
        };
        logged.is_some_and(|it| run.digest().is_ok_and(|digest| digest == it))
    }
}

/// The digest of a run, as the evidence has it that it came with.
fn came_with_it(package: &Package, folder: &Path, run: &Earlier) -> Option<Digest> {
    let json = disk::read_bounded(&folder.join(exhibit_records::PROOF_FILE)).ok()?;
    let proof = read::parsed(Path::new(exhibit_records::PROOF_FILE), &json).ok()?;
    let part = proof.part(&format!("{}/{RUN_FILE}", run.name()))?;
    (Digest::of(&json) == package.kept.proof).then_some(part.digest)
}
