//! The folder of a store, and its log.

use std::path::{Path, PathBuf};
use std::{fs, io};

use exhibit_records::{Digest, Entry, EvidenceAdded, PROOF_FILE, Proof};

use crate::contract::types::Instant;
use crate::disk::{self, at, private, private_all};
use crate::evidence::format_instant;
use crate::evidence::in_store::{EVIDENCE, PLUGINS};
use crate::log::{Audit, Log, Origin, View};
use crate::signing::{PublicKey, SigningKey};

use super::catalog::Catalog;
use super::error::StoreError;
use super::identity::{Identity, UNFINISHED};
use super::names::stem;
use super::package::Package;
use super::stated;

/// Where the log is.
pub(super) const LOG: &str = "log";
/// So often a log is looked at that is written to meanwhile: writing takes milliseconds, and collecting minutes.
pub(super) const LOOKS: usize = 5;

/// A store in a folder.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
    log: Log,
    /// Whether it stands for a store that is elsewhere: what was begun is over when that has it.
    stands_for_another: bool,
}

/// Evidence that has come into a store.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct StoredEvidence {
    /// What its `proof.json` says.
    pub proof: Proof,
    /// Where it is.
    pub folder: PathBuf,
    /// Its entry in the log.
    pub kept: EvidenceAdded,
}

impl Store {
    /// Makes a store in a folder that is not there or empty, or where making one was interrupted. This key signs its log.
    ///
    /// # Errors
    ///
    /// [`StoreError::Occupied`] where something is there already; otherwise where the folder cannot be written.
    pub fn create(folder: &Path, name: &Origin, key: &SigningKey) -> Result<Self, StoreError> {
        private_all(folder).map_err(|error| at(folder, error))?;
        // Held while it is made: what another process makes there is none that a killed one has left.
        let lock = fs::File::open(folder).ok().filter(|it| it.try_lock().is_ok());
        if !disk::names(folder)?.is_empty() && (lock.is_none() || !clear_unfinished(folder)?) {
            return Err(StoreError::Occupied(folder.to_owned()));
        }
        let identity = Identity::new(name, &key.public());
        for within in [EVIDENCE, PLUGINS] {
            let within = folder.join(within);
            private(&within).map_err(|error| at(&within, error))?;
        }
        let store = Self::with(folder, &identity, vec![key.public()])?;
        store.log.create(key)?;
        // Last: what makes the folder a store.
        identity.write(folder)?;
        drop(lock);
        Ok(store)
    }

    /// The store in this folder. Its log counts if it is signed as the store says.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoStore`] where there is none; otherwise where its `store.json` cannot be read. The log is not read yet.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let identity = Identity::read(folder)?;
        let keys = identity.keys()?;
        Self::with(folder, &identity, keys)
    }

    /// The same, and the log counts if one of these keys has signed it.
    ///
    /// # Errors
    ///
    /// As [`Self::open`].
    pub fn open_with(folder: &Path, trusted: Vec<PublicKey>) -> Result<Self, StoreError> {
        Self::with(folder, &Identity::read(folder)?, trusted)
    }

    fn with(folder: &Path, identity: &Identity, keys: Vec<PublicKey>) -> Result<Self, StoreError> {
        let log = Log::new(&folder.join(LOG), identity.name()?, keys);
        Ok(Self { folder: folder.to_owned(), log, stands_for_another: false })
    }

    /// The same, standing for a store that is elsewhere.
    #[cfg(feature = "store")]
    pub(super) fn standing_for_another(self) -> Self {
        Self { stands_for_another: true, ..self }
    }

    /// Whether what is done here is not done yet where the store is.
    pub(super) fn stands_for_another(&self) -> bool {
        self.stands_for_another
    }

    /// Where it is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its log.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The keys that it names as its own.
    pub(crate) fn named_keys(&self) -> Vec<PublicKey> {
        Identity::read(&self.folder).and_then(|it| it.keys()).unwrap_or_default()
    }

    /// Whether this key may sign what happens here.
    ///
    /// # Errors
    ///
    /// Where it may not.
    pub fn check_key(&self, key: &SigningKey) -> Result<(), StoreError> {
        Ok(self.log.check_key(key)?)
    }

    /// Whether what is entered by this clock is dated after what its log has: to be asked before anything is collected or tested
    /// for it. `now` is the host's clock.
    ///
    /// # Errors
    ///
    /// [`StoreError::ClockSetBack`] where it is not; otherwise where the log cannot be read.
    pub fn check_clock(&self, now: Instant) -> Result<(), StoreError> {
        let catalog = look(&self.log, |view| Ok(read_into(Catalog::for_checks(), view)?.0))?;
        match catalog.dates().ahead_of(now) {
            Some((latest, index)) => Err(StoreError::ClockSetBack {
                now: format_instant(now),
                latest: format_instant(latest),
                index,
            }),
            None => Ok(()),
        }
    }

    /// Where its evidence is.
    pub fn evidence(&self) -> PathBuf {
        self.folder.join(EVIDENCE)
    }

    /// The folder of evidence that its log lists.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoEvidence`] where the log lists none of this name, or lists it as pruned; otherwise as
    /// [`Self::catalog`].
    pub fn find(&self, evidence: &str) -> Result<PathBuf, StoreError> {
        match self.catalog()?.find(evidence) {
            Some(package) if package.pruned.is_none() => Ok(self.evidence().join(&package.kept.evidence)),
            _ => Err(StoreError::NoEvidence(evidence.to_owned())),
        }
    }

    /// All that its log lists.
    ///
    /// # Errors
    ///
    /// Where the log cannot be read, is not signed as it should be, or has an entry that does not belong to a store.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        let mut catalog = look(&self.log, |view| Ok(read_catalog(view)?.0))?;
        catalog.complete(|kept| {
            let bytes = disk::read_bounded(&self.evidence().join(&kept.evidence).join(PROOF_FILE)).ok()?;
            // What was changed since is not the evidence that the log names.
            (Digest::of(&bytes) == kept.proof).then(|| Proof::parse(&bytes).ok().map(|it| it.proves()))?
        });
        Ok(catalog)
    }

    /// Whether this evidence is there.
    ///
    /// # Errors
    /// Where this machine does not say so.
    pub(super) fn has_evidence(&self, name: &str) -> io::Result<bool> {
        disk::is_file(&self.evidence().join(name).join(PROOF_FILE))
    }

    /// A folder to collect into, for [`Self::keep`]; nothing is made there yet.
    pub fn destination(&self, proof_type: &str, as_of: Instant) -> PathBuf {
        self.evidence().join(stem(proof_type, &format_instant(as_of)))
    }

    /// Why what is in this folder is not in the log yet.
    pub(super) fn not_entered(&self, folder: &Path, error: StoreError) -> StoreError {
        let what = folder.strip_prefix(self.evidence()).unwrap_or(folder).to_string_lossy().into_owned();
        StoreError::NotEntered { what, error: Box::new(error) }
    }

    /// The log's entry of evidence, and a text that proves, with the log's key, that it is in the log.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoEvidence`] where the log lists none of this name; otherwise where the log cannot be read.
    pub fn show(&self, evidence: &str) -> Result<(Vec<u8>, String), StoreError> {
        look(&self.log, |view| {
            let (catalog, _) = read_catalog(view)?;
            let package =
                catalog.find(evidence).ok_or_else(|| StoreError::NoEvidence(evidence.to_owned()))?;
            let (entry, proof) = view.entry(package.index)?;
            Ok((entry, proof.to_text()))
        })
    }

    /// What the log says wrongly of evidence in this folder, and of its later runs of tests. `now` is the verifier's clock.
    pub(crate) fn misstated(
        &self,
        package: &Package,
        folder: &Path,
        now: Instant,
    ) -> Result<Vec<String>, StoreError> {
        look(&self.log, |view| {
            let mut entries = view.entries();
            let mut wrong = stated::of_evidence(package, folder, &mut entries, now);
            wrong.extend(stated::of_runs(package, folder, &mut entries, now));
            Ok(wrong)
        })
    }

    /// Appends to the log what `entries` makes of all that it has. Gives what it has then.
    pub(super) fn change(
        &self,
        key: &SigningKey,
        mut entries: impl FnMut(&Catalog) -> Result<Vec<Entry>, StoreError>,
    ) -> Result<Catalog, StoreError> {
        // Whatever keys the store names: this one signs nothing on top of what another has signed.
        let log = Log::new(&self.folder.join(LOG), self.log.origin().clone(), vec![key.public()]);
        // What is entered was made of all that the log had: others that add at the same time may be quicker.
        loop {
            if let Some(catalog) = self.change_once(&log, key, &mut entries)? {
                return Ok(catalog);
            }
        }
    }

    /// The same, once. `None` where the log had got more entries by then.
    fn change_once(
        &self,
        log: &Log,
        key: &SigningKey,
        entries: &mut dyn FnMut(&Catalog) -> Result<Vec<Entry>, StoreError>,
    ) -> Result<Option<Catalog>, StoreError> {
        let (mut catalog, size) = {
            let view = log.read()?;
            (read_catalog(&view)?.0, view.checkpoint().size)
        };
        let entries = entries(&catalog)?;
        let entries: Vec<Vec<u8>> =
            entries.iter().map(serde_json::to_vec).collect::<Result<_, _>>().map_err(io::Error::from)?;
        // What is in the log stays there: nothing that makes no sense may come into it.
        for entry in &entries {
            catalog.read(0, entry).map_err(StoreError::Nonsense)?;
        }
        let entries: Vec<&[u8]> = entries.iter().map(Vec::as_slice).collect();
        if !entries.is_empty() {
            Identity::raise(&self.folder)?;
        }
        Ok(log.append_at(size, &entries, key)?.map(|_| catalog))
    }
}

/// What is seen in a log. A process that may not write to it, and so reads it without a lock, looks again where it was
/// written to meanwhile.
pub(super) fn look<T>(
    log: &Log,
    mut seen: impl FnMut(&View<'_>) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut looks = 1;
    loop {
        let view = log.read()?;
        match seen(&view) {
            Err(_) if looks < LOOKS && view.is_overtaken() => looks += 1,
            seen => return seen,
        }
    }
}

/// Removes what a process has left that was killed, or failed, while it made a store: folders without anything in them, and a
/// log that no `store.json` names. Whether that is all that there is; otherwise nothing is removed.
fn clear_unfinished(folder: &Path) -> io::Result<bool> {
    let has_only = |within: &str, known: &[&str]| -> io::Result<bool> {
        let path = folder.join(within);
        let is_plain = disk::is_dir(&path)? && !disk::is_link(&path)?;
        Ok(is_plain && disk::names(&path)?.iter().all(|it| known.iter().any(|known| it == *known)))
    };
    for name in disk::names(folder)? {
        let is_left = match name.to_str() {
            Some(name @ (EVIDENCE | PLUGINS)) => has_only(name, &[])?,
            Some(name @ LOG) => has_only(name, &["lock", "aside", "checkpoint"])?,
            Some(UNFINISHED) => disk::is_file(&folder.join(UNFINISHED))?,
            _ => false,
        };
        if !is_left {
            return Ok(false);
        }
    }
    for name in disk::names(folder)? {
        let path = folder.join(&name);
        let removed = if name == UNFINISHED { fs::remove_file(&path) } else { fs::remove_dir_all(&path) };
        removed.map_err(|error| at(&path, error))?;
    }
    Ok(true)
}

/// All that a log lists, and the result of auditing its files.
pub(super) fn read_catalog(view: &View<'_>) -> Result<(Catalog, Audit), StoreError> {
    read_into(Catalog::default(), view)
}

/// The same, into an empty catalog.
pub(super) fn read_into(mut catalog: Catalog, view: &View<'_>) -> Result<(Catalog, Audit), StoreError> {
    let mut wrong = None;
    let audit = view.audit(|index, entry| {
        if let Err(why) = catalog.read(index, entry) {
            wrong.get_or_insert(StoreError::Entry { index, why });
        }
    })?;
    wrong.map_or(Ok((catalog, audit)), Err)
}
#[cfg(test)]
mod tests {
    use exhibit_secrets::{Backends, SecretRef};

    use super::*;

    #[tokio::test]
    async fn a_store_is_made_where_making_one_was_interrupted_and_nowhere_else()
    -> Result<(), Box<dyn std::error::Error>> {
        let place = tempfile::tempdir()?;
        crate::signing::make(&place.path().join("key"))?;
        let key = SecretRef::File(place.path().join("key"));
        let key = SigningKey::read(&key, &Backends::default()).await?;
        let name: Origin = "example.com/store".parse()?;
        let folder = place.path().join("store");
        Store::create(&folder, &name, &key)?;
        assert!(matches!(Store::create(&folder, &name, &key), Err(StoreError::Occupied(_))), "a store");
        // Killed before the last step, and before that.
        fs::remove_file(folder.join(exhibit_records::STORE_FILE))?;
        fs::write(folder.join(UNFINISHED), "half")?;
        Store::create(&folder, &name, &key)?;
        fs::remove_file(folder.join(exhibit_records::STORE_FILE))?;
        fs::remove_dir_all(folder.join(LOG))?;
        fs::remove_dir(folder.join(PLUGINS))?;
        Store::create(&folder, &name, &key)?.catalog()?;
        // What somebody keeps there stays.
        fs::remove_file(folder.join(exhibit_records::STORE_FILE))?;
        fs::write(folder.join(EVIDENCE).join("mine.txt"), "mine")?;
        assert!(matches!(Store::create(&folder, &name, &key), Err(StoreError::Occupied(_))), "a file");
        assert!(folder.join(LOG).is_dir() && folder.join(EVIDENCE).join("mine.txt").is_file());
        Ok(())
    }
}
