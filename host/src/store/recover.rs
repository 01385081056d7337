//! What processes that were killed left in a store, finished.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, EvidenceAdded, EvidenceTested, Proof, Run};

use crate::contract::types::Instant;
use crate::disk::{self, FileLock, Sharing, at, staging, sync};
use crate::evidence::in_store::{self, PLUGINS};
use crate::evidence::{SignatureError, check_signature_of, read};
use crate::signing::SigningKey;
use crate::testing::earlier;

use super::adding::Entering;
use super::catalog::Catalog;
use super::error::StoreError;
use super::folder::Store;
use super::identity::UNFINISHED;
use super::intent::Intent;
use super::names::name_of;
use super::package::Package;
use super::runs;

/// The file that locks are held on, so that no process removes what another is about to use.
pub(super) const LOCK: &str = "lock";

/// What the name of a folder ends with that is being removed.
pub(super) const REMOVED: &str = ".pruned";

/// What was finished.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Recovered {
    /// Evidence that a process of this store had begun to add, in place, signed, and not in the log yet.
    pub entered: Vec<EvidenceAdded>,
    /// Runs of tests that a process of this store had begun to add, in place, signed, and not in the log yet.
    pub tested: Vec<EvidenceTested>,
    /// Folders of evidence that had been pruned already.
    pub removed: Vec<PathBuf>,
    /// What is beside the evidence and the runs of tests that the log lists, and that no process of this store began to add:
    /// it is left alone, whatever key signed it.
    pub strangers: Vec<PathBuf>,
}

/// Evidence that a process of the store had begun to add: what was checked is what is entered, so all of it was read once.
struct Own {
    proof: Proof,
    json: Vec<u8>,
    run: Option<Run>,
}

impl Store {
    /// Waits until no process recovers the store.
    pub(super) fn lock_to_add(&self) -> io::Result<FileLock> {
        FileLock::take(&self.folder().join(LOCK), Sharing::Shared)
    }

    /// Waits until no process adds to the store or recovers it.
    pub(super) fn lock_to_tidy(&self) -> io::Result<FileLock> {
        FileLock::take(&self.folder().join(LOCK), Sharing::Alone)
    }

    /// The same, without leaving anything there: reading a store changes nothing. `None` where
    /// there is nothing to wait on, and where this process may not write to the store and so holds up no process that may.
    pub(super) fn lock_to_look(&self) -> io::Result<Option<FileLock>> {
        FileLock::take_to_read(&self.folder().join(LOCK), Sharing::Alone)
    }

    /// Finishes what killed processes had begun: enters what they had said that they enter, put in place and signed with
    /// this key, removes what they had entered as pruned and what they had not completed.
    ///
    /// # Errors
    ///
    /// Where the store cannot be read or written, or the key may not sign its log.
    pub fn recover(&self, key: &SigningKey, now: Instant) -> Result<Recovered, StoreError> {
        let _lock = self.lock_to_tidy()?;
        let catalog = self.catalog()?;
        let mut recovered = Recovered::default();
        self.sweep_removed()?;
        // No process gives the store another format while this one has it for itself.
        if let Err(error) = fs::remove_file(self.folder().join(UNFINISHED))
            && error.kind() != io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "an unfinished store.json could not be removed");
        }
        staging::clean_up_all(&self.evidence());
        for (name, folder) in self.folders()? {
            match catalog.find(&name) {
                Some(package) if package.pruned.is_some() => {
                    remove(&folder)?;
                    recovered.removed.push(folder);
                }
                Some(package) => self.tend_runs(package, &folder, key, now, &mut recovered)?,
                None => match self.own(&name, &folder, &catalog, key)? {
                    Some(own) => {
                        let Own { proof, json, run } = &own;
                        let entering = Entering { proof, json, run: run.as_ref() };
                        recovered.entered.push(self.enter(&folder, &entering, key, now)?);
                    }
                    None => recovered.strangers.push(folder),
                },
            }
        }
        if !self.stands_for_another() {
            let catalog = self.catalog()?;
            // What others put there, or what is complete and not in its place, may need a plugin that the log does not know of.
            if recovered.strangers.is_empty() && staging::found(&self.evidence())?.is_empty() {
                self.sweep_plugins(&catalog)?;
            }
            self.sweep_begun(&catalog)?;
        }
        Ok(recovered)
    }

    fn tend_runs(
        &self,
        package: &Package,
        folder: &Path,
        key: &SigningKey,
        now: Instant,
        recovered: &mut Recovered,
    ) -> Result<(), StoreError> {
        // What processes left that were killed while they tested.
        let runs = folder.join(earlier::RUNS);
        if !runs.is_symlink() {
            staging::clean_up_all(&runs);
        }
        for run in runs::unknown(package, folder)? {
            let path = folder.join(&run);
            match runs::own(self, package, folder, &run, &key.public())? {
                Some(digest) => recovered.tested.push(self.tested(&path, digest, key, now)?),
                None => recovered.strangers.push(path),
            }
        }
        Ok(())
    }

    /// Evidence that a process of this store with this key was about to enter: under the name that it has here, and not a
    /// copy of what is in the log.
    ///
    /// # Errors
    /// Where this machine cannot read it: then it is not known whose it is.
    fn own(&self, name: &str, folder: &Path, catalog: &Catalog, key: &SigningKey) -> io::Result<Option<Own>> {
        let path = folder.join(exhibit_records::PROOF_FILE);
        let Some(json) = disk::readable(disk::read_bounded(&path))? else { return Ok(None) };
        let Ok(proof) = read::parsed(&path, &json) else { return Ok(None) };
        let Some(run) = disk::readable(earlier::collected_with(folder, &proof))? else { return Ok(None) };
        let digest = Digest::of(&json);
        let is_new = catalog.packages().iter().all(|it| it.kept.proof != digest);
        let is_signed = match check_signature_of(folder, &proof, digest, &[key.public()]) {
            Err(SignatureError::Io(error)) if disk::is_of_this_machine(&error) => return Err(error),
            checked => matches!(checked, Ok(Some(_))),
        };
        let is_folder = !disk::is_link(folder)? && disk::is_dir(folder)?;
        let has_begun = self.has_begun(&Intent::evidence(name, digest), &key.public())?;
        let is_own = is_folder && is_new && is_signed && has_begun && name == name_of(&proof, &json);
        Ok(is_own.then_some(Own { proof, json, run }))
    }

    /// The folders where evidence is, in the order of their names, without those in the making.
    pub(super) fn folders(&self) -> Result<Vec<(String, PathBuf)>, StoreError> {
        let evidence = self.evidence();
        let mut folders = Vec::new();
        for entry in fs::read_dir(&evidence).map_err(|error| at(&evidence, error))? {
            let entry = entry.map_err(|error| at(&evidence, error))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if !name.starts_with('.') {
                folders.push((name, entry.path()));
            }
        }
        folders.sort();
        Ok(folders)
    }

    /// Removes what was being removed when a process was killed.
    fn sweep_removed(&self) -> io::Result<()> {
        let evidence = self.evidence();
        for entry in fs::read_dir(&evidence).map_err(|error| at(&evidence, error))? {
            let path = entry.map_err(|error| at(&evidence, error))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with('.') && name.ends_with(REMOVED) {
                fs::remove_dir_all(&path).map_err(|error| at(&path, error))?;
            }
        }
        Ok(())
    }

    /// Removes the plugins that no evidence needs any more. The caller holds the lock. What is no plugin stays.
    pub(super) fn sweep_plugins(&self, catalog: &Catalog) -> io::Result<()> {
        let mut is_changed = false;
        let needed = plugins_needed(self, catalog);
        let plugins = self.folder().join(PLUGINS);
        for name in disk::names(&plugins)? {
            let path = plugins.join(&name);
            if is_plugin_file(&name).is_some() && !needed.contains(&path) && disk::is_file(&path)? {
                fs::remove_file(&path).map_err(|error| at(&path, error))?;
                is_changed = true;
            }
        }
        if is_changed { sync(&plugins) } else { Ok(()) }
    }
}

/// The files of the plugins that evidence of a store needs.
pub(super) fn plugins_needed(store: &Store, catalog: &Catalog) -> BTreeSet<PathBuf> {
    let needed = catalog.packages().iter().filter(|it| it.pruned.is_none()).filter_map(|it| it.kept.plugin);
    needed.map(|it| in_store::plugin(store.folder(), it)).collect()
}

/// The digest that the name of a plugin's file in a store has, where it is such a name.
pub(super) fn is_plugin_file(name: &OsStr) -> Option<&str> {
    let digest = name.to_str()?.strip_suffix(".wasm.zst")?;
    let is_hex = |it: u8| matches!(it, b'0'..=b'9' | b'a'..=b'f');
    (digest.len() == 64 && digest.bytes().all(is_hex)).then_some(digest)
}

/// A folder of evidence, removed at once: a reader never sees half of it.
pub(super) fn remove(folder: &Path) -> io::Result<()> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.with_file_name(format!(".{name}{REMOVED}"));
    fs::rename(folder, &aside).map_err(|error| at(folder, error))?;
    fs::remove_dir_all(&aside).map_err(|error| at(&aside, error))
}
