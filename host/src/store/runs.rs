//! The runs of tests that came after the evidence that they are of.

use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::{CHAINED_SINCE, Digest, PROOF_FILE, Predecessor, Proof, RUN_FILE};

use crate::checks::Fault;
use crate::contract::types::Instant;
use crate::disk;
use crate::evidence::{SignatureError, read};
use crate::remedy::Remedy;
use crate::signing::{PublicKey, SigningKey};
use crate::testing::earlier::{self, Earlier};
use crate::testing::{StagedRun, TestRun, check_signature_of};

use super::catalog::Catalog;
use super::error::StoreError;
use super::folder::Store;
use super::intent::Intent;
use super::package::Package;

/// What is said of what is in place, and has an intent and no entry.
pub(crate) const NOT_ENTERED: &str = "is not in the log yet: a process that was killed, or failed, or still runs, began to add it, and the \
    next command that writes to the store does";

/// What is wrong with those of evidence in this folder, by what its log says. Those that `begun` knows are not in the log
/// yet.
pub(crate) fn wrong(
    package: &Package,
    folder: &Path,
    begun: &dyn Fn(&str) -> bool,
    next: &Remedy,
) -> Vec<Fault> {
    let mut wrong = Vec::new();
    for run in &package.runs {
        let name = format!("{}/{}", package.kept.evidence, run.run);
        match disk::read_bounded(&folder.join(&run.run).join(RUN_FILE)) {
            Ok(json) if Digest::of(&json) == run.digest => {}
            Ok(_) => wrong.push(Fault::new(format!("{name} was altered"), next.clone())),
            Err(error) => wrong.push(Fault::unread(format!("{name}: {error}"), &error, next.clone())),
        }
    }
    match unknown(package, folder) {
        Ok(strangers) => {
            let others = strangers.iter().filter(|it| !begun(it));
            let said = |it: &String| format!("{}/{it} is not in the log", package.kept.evidence);
            wrong.extend(others.map(|it| Fault::new(said(it), next.clone())));
        }
        Err(error) => wrong.push(Fault::unread(error.to_string(), &error, next.clone())),
    }
    wrong
}

/// Folders with runs that the log does not list, in their order, such as `tests/0002`.
///
/// # Errors
/// Where the folder of runs cannot be read.
pub(super) fn unknown(package: &Package, folder: &Path) -> io::Result<Vec<String>> {
    let names = disk::names_if_any(&folder.join(earlier::RUNS))?;
    // What begins with a dot is being written.
    let names = names.iter().map(|it| it.to_string_lossy().into_owned());
    let runs = names.filter(|it| !it.starts_with('.')).map(|it| format!("{}/{it}", earlier::RUNS));
    let mut unknown: Vec<String> = runs.filter(|it| !package.knows(it)).collect();
    unknown.sort();
    Ok(unknown)
}

/// The digest of the `run.json` of this run, such as `tests/0002`, where a process with this key was about to enter it: over this
/// very evidence, after all that the log lists, and not a copy of another run of it.
///
/// # Errors
/// Where this machine cannot read it: then it is not known whose it is.
pub(super) fn own(
    store: &Store,
    package: &Package,
    folder: &Path,
    run: &str,
    key: &PublicKey,
) -> io::Result<Option<Digest>> {
    let path = folder.join(run);
    let is_linked = disk::is_link(&path)? || !disk::is_dir(&path)?;
    let Some(json) = disk::readable(disk::read_bounded(&path.join(RUN_FILE)))? else { return Ok(None) };
    let found = number(run).and_then(|it| Earlier::of(folder, it, &json)).filter(|it| it.name() == run);
    let (Some(run), Some(proof)) = (found, own_record(package, folder)?) else { return Ok(None) };
    let digest = Digest::of(&json);
    let has_begun = store.has_begun(&Intent::run(&run.folder, digest), key)?;
    let is_next = follows(package, folder, &run)?;
    let is_copy = package.runs.iter().any(|it| it.digest == digest);
    let is_signed = match check_signature_of(&run.folder, &run.run, digest, std::slice::from_ref(key)) {
        Err(SignatureError::Io(error)) if disk::is_of_this_machine(&error) => return Err(error),
        checked => matches!(checked, Ok(Some(_))),
    };
    let is_of_it = run.is_of(&proof, package.kept.proof);
    let is_own = has_begun && !is_linked && !is_copy && is_next && is_of_it && is_signed;
    Ok(is_own.then_some(digest))
}

/// The evidence's own record, where it is the one that the log lists.
fn own_record(package: &Package, folder: &Path) -> io::Result<Option<Proof>> {
    let file = folder.join(PROOF_FILE);
    let Some(json) = disk::readable(disk::read_bounded(&file))? else { return Ok(None) };
    let is_listed = Digest::of(&json) == package.kept.proof;
    Ok(is_listed.then(|| read::parsed(&file, &json).ok()).flatten())
}

/// Runs of evidence in this folder that a process of this store began to enter, and that are whole and not in the log.
///
/// # Errors
/// Where this machine cannot read them, or what was begun.
pub(crate) fn begun(
    store: &Store,
    package: &Package,
    folder: &Path,
    keys: &[PublicKey],
) -> io::Result<Vec<String>> {
    let mut runs = Vec::new();
    for run in unknown(package, folder)? {
        let place = folder.join(&run);
        let Some(json) = disk::readable(disk::read_bounded(&place.join(RUN_FILE)))? else { continue };
        if store.has_begun_with(&Intent::run(&place, Digest::of(&json)), keys)? {
            runs.push(run);
        }
    }
    Ok(runs)
}

impl Store {
    /// Puts a run of tests in its place, after the last one that the log lists, and enters it in the log. `now` is the
    /// host's clock. Gives its folder, too.
    pub(super) fn keep_run(
        &self,
        run: StagedRun<'_>,
        key: &SigningKey,
        now: Instant,
    ) -> Result<(TestRun, PathBuf), StoreError> {
        // Alone: no other run comes between the one that it names and this one.
        let _lock = self.lock_to_tidy()?;
        let (run, folder) = self.place_run(run, key)?;
        let digest = run.sealed().ok_or_else(|| StoreError::NoRun(folder.clone()))?;
        let entered = self.tested(&folder, digest, key, now);
        let tested = entered.map_err(|error| self.not_entered(&folder, error))?;
        self.end(&Intent::run(&folder, tested.digest));
        Ok((run, folder))
    }

    /// Puts a run of tests in its place, after the last one that the log lists. Gives its folder, too.
    pub(super) fn place_run(
        &self,
        run: StagedRun<'_>,
        key: &SigningKey,
    ) -> Result<(TestRun, PathBuf), StoreError> {
        let previous = self.last_record(run.evidence())?;
        let begin = |place: &Path, digest| {
            // It gets its number, and is sealed with that, where the store is.
            if self.stands_for_another() { Ok(()) } else { self.begin(&Intent::run(place, digest), key) }
        };
        Ok(run.place(&|_| Ok(previous.clone()), &begin)?)
    }

    /// The record that the next run of tests of this evidence comes after, by the log.
    pub(super) fn last_record(&self, evidence: &Path) -> Result<Predecessor, StoreError> {
        let catalog = self.catalog()?;
        Ok(last_record(standing(&catalog, evidence)?, evidence)?)
    }

    /// Whether the run of tests in this folder comes after all that the log lists of its evidence, or is listed itself.
    ///
    /// # Errors
    ///
    /// [`StoreError::Overtaken`] where it does not.
    #[cfg(feature = "store")]
    pub(super) fn check_follows(&self, run: &Path) -> Result<(), StoreError> {
        let evidence = run.parent().and_then(Path::parent).unwrap_or(run);
        let catalog = self.catalog()?;
        let package = standing(&catalog, evidence)?;
        let found = earlier::runs(evidence, "")?.into_iter().find(|it| it.folder == run);
        let found = found.ok_or_else(|| StoreError::NoRun(run.to_owned()))?;
        let is_listed = package
            .runs
            .iter()
            .any(|it| it.run == found.name() && found.digest().is_ok_and(|own| own == it.digest));
        if is_listed || follows(package, evidence, &found)? {
            Ok(())
        } else {
            Err(StoreError::Overtaken(package.kept.evidence.clone()))
        }
    }
}

/// The evidence in this folder, by the log.
fn standing<'a>(catalog: &'a Catalog, evidence: &Path) -> Result<&'a Package, StoreError> {
    // By another path to the same folder, too.
    let found = evidence.canonicalize();
    let name = found.as_deref().unwrap_or(evidence).file_name().unwrap_or_default().to_string_lossy();
    let package = catalog.find(&name).filter(|it| it.pruned.is_none());
    package.ok_or_else(|| StoreError::NoEvidence(name.into_owned()))
}

/// Whether a run comes after all that the log lists of its evidence. Those of before name no record.
fn follows(package: &Package, evidence: &Path, run: &Earlier) -> io::Result<bool> {
    Ok(match &run.run.previous {
        Some(previous) => {
            number_of_last(package).is_none_or(|it| it < run.number)
                && *previous == last_record(package, evidence)?
        }
        None => run.run.format < CHAINED_SINCE,
    })
}

/// The highest number of the runs that the log lists by themselves.
pub(super) fn number_of_last(package: &Package) -> Option<u32> {
    package.runs.iter().filter_map(|it| number(&it.run)).max()
}

/// The number of a run, such as `tests/0002`.
pub(super) fn number(run: &str) -> Option<u32> {
    run.strip_prefix(earlier::RUNS)?.strip_prefix('/')?.parse().ok()
}

fn last_record(package: &Package, evidence: &Path) -> io::Result<Predecessor> {
    let last = package.runs.iter().max_by_key(|it| number(&it.run));
    if let Some(last) = last {
        return Ok(Predecessor { file: format!("{}/{RUN_FILE}", last.run), digest: last.digest });
    }
    let own = format!("{}/{RUN_FILE}", earlier::OWN);
    Ok(match own_record(package, evidence)?.and_then(|it| it.part(&own).map(|it| it.digest)) {
        Some(digest) => Predecessor { file: own, digest },
        None => Predecessor { file: PROOF_FILE.to_owned(), digest: package.kept.proof },
    })
}

impl Catalog {
    /// Whether the log lists this run, which is kept with the evidence in this folder.
    ///
    /// # Errors
    /// Where this machine cannot read the run, or the evidence that it may have come with.
    pub fn lists_run(&self, folder: &Path, run: &Earlier) -> io::Result<bool> {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some(package) = self.find(&name).filter(|it| it.pruned.is_none()) else { return Ok(false) };
        let logged = match package.runs.iter().find(|it| it.run == run.name()) {
            Some(it) => Some(it.digest),
            None => came_with_it(package, folder, run)?,
        };
        let Some(logged) = logged else { return Ok(false) };
        Ok(disk::readable(run.digest())? == Some(logged))
    }
}

/// The digest of a run, as the evidence has it that it came with.
fn came_with_it(package: &Package, folder: &Path, run: &Earlier) -> io::Result<Option<Digest>> {
    let part = |proof: Proof| proof.part(&format!("{}/{RUN_FILE}", run.name())).map(|it| it.digest);
    Ok(own_record(package, folder)?.and_then(part))
}
