//! Stores and evidence at a location, at hand: a folder as it is, an object store by a folder that stands for it, a
//! bundle unpacked.

use std::io;
use std::path::{Path, PathBuf};

use exhibit_records::{Digest, Proof};

use crate::contract::testing::Test;
use crate::contract::types::Instant;
use crate::disk::{self, Scratch};
use crate::evidence::bundle::{self, UnpackError};
use crate::evidence::in_store::store_of;
use crate::log::Origin;
use crate::signing::SigningKey;
use crate::testing::{StagedRun, TestRun};

use super::attempt::Attempted;
use super::catalog::Catalog;
use super::error::StoreError;
use super::folder::Store;
#[cfg(feature = "store")]
use super::intent::Intent;
use super::location::Location;
#[cfg(feature = "store")]
use super::objects::{Found, ObjectsError};
use super::open_error::{ObjectStoreOptions, OpenError};
use super::recover::Recovered;
#[cfg(feature = "store")]
use super::remote::{self, EVIDENCE, Remote};

/// So often a run of tests gets another number, as others were entered first.
#[cfg(feature = "store")]
const OVERTAKEN: usize = 20;

/// A store, and where its changes go.
#[derive(Debug)]
pub struct OpenStore {
    /// The store, in its own folder or in one that stands for it.
    pub store: Store,
    #[cfg(feature = "store")]
    remote: Option<Remote>,
    /// What was left out of it, as others may be about to finish it.
    under_way: Vec<String>,
    /// What is there that is no part of a store, and was not brought here.
    beside: Vec<String>,
}

/// Evidence in a folder: its own, or one that stands for it here.
#[derive(Debug)]
pub struct OpenEvidence {
    /// Where its files are.
    pub folder: PathBuf,
    /// The store that it is in, where it is in one.
    pub store: Option<OpenStore>,
    /// What a bundle is unpacked into. Removed when dropped.
    unpacked: Option<Scratch>,
}

impl Location {
    /// The store here, without the evidence in it where that would have to be fetched.
    ///
    /// # Errors
    /// Where there is no store, or it cannot be read.
    pub async fn store(&self, options: &ObjectStoreOptions) -> Result<OpenStore, OpenError> {
        match self {
            Self::Folder(folder) => Ok(OpenStore::here(Store::open(folder)?)),
            #[cfg(feature = "store")]
            Self::Objects(url) => {
                let (store, remote) = remote::pull(url, options).await?;
                Ok(OpenStore::remote(store, remote))
            }
            #[cfg(not(feature = "store"))]
            Self::Objects(url) => Err(no_object_stores(url, options)),
        }
    }

    /// The store here, and all evidence that is in it. `None` where there is no store. `now` is the host's clock.
    ///
    /// # Errors
    /// Where there is one that cannot be read.
    pub async fn whole_store(
        &self,
        options: &ObjectStoreOptions,
        now: Instant,
    ) -> Result<Option<OpenStore>, OpenError> {
        match self {
            Self::Folder(bundle) if is_bundle(bundle)? => Ok(None),
            Self::Folder(folder) => match Store::open(folder) {
                Err(StoreError::NoStore(_)) => Ok(None),
                store => Ok(Some(OpenStore::here(store?))),
            },
            #[cfg(feature = "store")]
            Self::Objects(url) if remote::names_evidence(url) => Ok(None),
            #[cfg(feature = "store")]
            Self::Objects(url) => {
                let mut remote = Remote::new(url, options)?;
                let (store, under_way) = remote.objects.pull_all(now).await?;
                let beside = remote.objects.beside();
                Ok(Some(OpenStore { under_way, beside, ..OpenStore::remote(store, remote) }))
            }
            #[cfg(not(feature = "store"))]
            Self::Objects(url) => {
                let _ = now;
                Err(no_object_stores(url, options))
            }
        }
    }

    /// Makes a store here, whose log this key signs.
    ///
    /// # Errors
    /// Where there is something already, or it cannot be written.
    pub async fn create(
        &self,
        name: &Origin,
        key: &SigningKey,
        options: &ObjectStoreOptions,
    ) -> Result<OpenStore, OpenError> {
        match self {
            Self::Folder(folder) => Ok(OpenStore::here(Store::create(folder, name, key)?)),
            #[cfg(feature = "store")]
            Self::Objects(url) => {
                let mut remote = Remote::new(url, options)?;
                let store = remote.objects.create(name, key).await?;
                Ok(OpenStore::remote(store, remote))
            }
            #[cfg(not(feature = "store"))]
            Self::Objects(url) => Err(no_object_stores(url, options)),
        }
    }

    /// The evidence here: a folder, a bundle, or what an address names in a store.
    ///
    /// # Errors
    /// Where a file is not a bundle, or the store that it is in cannot be read. That a folder holds no evidence is found
    /// when it is read.
    pub async fn evidence(&self, options: &ObjectStoreOptions) -> Result<OpenEvidence, OpenError> {
        match self {
            Self::Folder(bundle) if is_bundle(bundle)? => OpenEvidence::unpack(bundle),
            Self::Folder(folder) => {
                let store = store_of(folder).map_err(StoreError::from)?;
                let store = store.map(|it| Store::open(&it)).transpose()?;
                let store = store.map(OpenStore::here);
                Ok(OpenEvidence { folder: folder.clone(), store, unpacked: None })
            }
            #[cfg(feature = "store")]
            Self::Objects(url) => {
                let (store, name) = url
                    .path()
                    .rsplit_once(EVIDENCE)
                    .ok_or_else(|| OpenError::NamesNoEvidence(url.to_string()))?;
                let mut address = url.clone();
                address.set_path(store);
                let (store, remote) = remote::pull(&address, options).await?;
                let folder = remote.objects.fetch(&store, name.trim_end_matches('/')).await?;
                let store = OpenStore::remote(store, remote);
                Ok(OpenEvidence { folder, store: Some(store), unpacked: None })
            }
            #[cfg(not(feature = "store"))]
            Self::Objects(url) => Err(no_object_stores(url, options)),
        }
    }
}

#[cfg(not(feature = "store"))]
fn no_object_stores(url: &url::Url, _: &ObjectStoreOptions) -> OpenError {
    OpenError::NoObjectStores(url.to_string())
}

/// A file is a bundle, or should be one.
fn is_bundle(path: &Path) -> Result<bool, OpenError> {
    Ok(disk::is_file(path).map_err(StoreError::from)?)
}

impl OpenEvidence {
    fn unpack(path: &Path) -> Result<Self, OpenError> {
        let scratch = Scratch::new().map_err(OpenError::Scratch)?;
        let folder = scratch.path().join("evidence");
        bundle::unpack(path, &folder).map_err(|error| match error {
            UnpackError::Other(format) => OpenError::OtherArchive { file: path.to_owned(), format },
            UnpackError::Io(error) if disk::is_of_this_machine(&error) => OpenError::NotUnpacked(error),
            UnpackError::Io(error) if bundle::is_meant_as_one(path) => OpenError::AlteredBundle(error),
            UnpackError::Io(error) => OpenError::NotABundle(error),
        })?;
        Ok(Self { folder, store: None, unpacked: Some(scratch) })
    }

    /// Whether it is a bundle, to which nothing can be added.
    pub fn is_bundle(&self) -> bool {
        self.unpacked.is_some()
    }
}

impl OpenStore {
    /// All that its log lists, and what of that is there.
    ///
    /// # Errors
    /// Where the log cannot be read, is not signed as it should be, or has an entry that does not belong to a store.
    pub fn catalog(&self) -> Result<Catalog, StoreError> {
        let mut catalog = self.store.catalog()?;
        catalog.look(|evidence| self.has_evidence(evidence))?;
        Ok(catalog)
    }
}

#[cfg(feature = "store")]
impl OpenStore {
    fn here(store: Store) -> Self {
        Self { store, remote: None, under_way: Vec::new(), beside: Vec::new() }
    }

    fn remote(store: Store, remote: Remote) -> Self {
        Self { store, remote: Some(remote), under_way: Vec::new(), beside: Vec::new() }
    }

    /// Whether it is in an object store, which other machines write to, too.
    pub fn is_remote(&self) -> bool {
        self.remote.is_some()
    }

    /// Whether this evidence is there.
    fn has_evidence(&self, name: &str) -> io::Result<bool> {
        match &self.remote {
            Some(remote) => Ok(remote.objects.has_evidence(name)),
            None => self.store.has_evidence(name),
        }
    }

    /// Finishes what killed processes had begun. Gives what that was.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub async fn recover(&mut self, key: &SigningKey, now: Instant) -> Result<Recovered, OpenError> {
        Ok(match &mut self.remote {
            Some(remote) => remote.objects.recover(&self.store, key, now).await?,
            None => self.store.recover(key, now)?,
        })
    }

    /// Where a collection of these terms is kept while it runs, and whether one was brought here that another process
    /// has left, for evidence at `destination`. `None` where that is a folder on this machine. With `fresh` what is
    /// there is removed.
    pub(crate) async fn attempt(
        &self,
        terms: Digest,
        key: &SigningKey,
        destination: &Path,
        fresh: bool,
        now: Instant,
    ) -> Result<Option<Attempted>, OpenError> {
        let Some(remote) = &self.remote else { return Ok(None) };
        let found = remote.objects.take_attempt(terms, key, destination, fresh, now).await?;
        Ok(Some(match found {
            Found::Taken(attempt) => {
                Attempted { attempt: Box::new(attempt), was_there: true, others_until: None }
            }
            Found::None { others_until } => {
                let new = remote.objects.new_attempt(terms, key).map_err(ObjectsError::from)?;
                Attempted { attempt: Box::new(new), was_there: false, others_until }
            }
        }))
    }

    /// Has what a run of these tests is compared with at hand. `evidence` is the folder of what is tested.
    ///
    /// # Errors
    /// Where an object store cannot be read.
    pub async fn bring_earlier(
        &self,
        evidence: &Path,
        proof: &Proof,
        tests: &[Test],
    ) -> Result<(), OpenError> {
        if let Some(remote) = &self.remote {
            let names: Vec<&str> = tests.iter().map(|it| it.name.as_str()).collect();
            remote.objects.fetch_earlier(&self.store, evidence, proof, &names).await?;
        }
        Ok(())
    }

    /// Puts a run of tests over evidence of it in its place, enters it in the log, and takes it to where the store is. `now`
    /// is the host's clock. Gives its folder, too.
    ///
    /// # Errors
    /// Where the store cannot be read or written. What is kept of the run then, the error says.
    pub(crate) async fn keep_run(
        &mut self,
        run: StagedRun<'_>,
        key: &SigningKey,
        now: Instant,
    ) -> Result<(TestRun, PathBuf), OpenError> {
        let Some(remote) = &mut self.remote else { return Ok(self.store.keep_run(run, key, now)?) };
        let (mut run, mut folder) = self.store.place_run(run, key)?;
        for _ in 0..OVERTAKEN {
            let store = &self.store;
            let mut seal = |folder: &Path, previous| {
                let digest = run.seal(folder, Some(previous), Some(key))?;
                store.begin(&Intent::run(folder, digest), key)
            };
            let claimed = remote.objects.claim(&self.store, &folder, &mut seal).await;
            folder = claimed.map_err(|error| remote.kept(error))?;
            let digest = run.sealed().ok_or_else(|| StoreError::NoRun(folder.clone()))?;
            self.store.tested(&folder, digest, key, now)?;
            let again = |store: &Store| {
                store.check_follows(&folder)?;
                store.tested(&folder, digest, key, now).map(drop)
            };
            match remote.objects.push(&again).await {
                Ok(()) => return Ok((run, folder)),
                Err(ObjectsError::Store(StoreError::Overtaken(_))) => {}
                Err(error) => return Err(remote.kept(error)),
            }
            folder = remote.objects.withdraw(&folder).await.map_err(|error| remote.kept(error))?;
        }
        let name = exhibit_rows::ShowPath::shown(self.store.evidence().as_path()).to_string();
        Err(remote.kept(ObjectsError::Busy(name)))
    }

    /// Takes what was done to the store to where it is. `again` does it once more, to the store as others
    /// have left it meanwhile.
    ///
    /// # Errors
    /// Where an object store cannot be written. What was done is kept then, and the error says where.
    pub async fn finish(
        &mut self,
        again: &(dyn Fn(&Store) -> Result<(), StoreError> + Sync),
    ) -> Result<(), OpenError> {
        match &mut self.remote {
            Some(remote) => remote.objects.push(again).await.map_err(|error| remote.kept(error)),
            None => Ok(()),
        }
    }

    /// Takes what was pruned away from where it is.
    ///
    /// # Errors
    /// Where an object store cannot be written.
    pub async fn remove_pruned(&mut self) -> Result<(), OpenError> {
        if let Some(remote) = &mut self.remote {
            remote.objects.remove_pruned(&self.store).await?;
        }
        Ok(())
    }

    /// The name, for people, of evidence of it in this folder, or of a run of tests.
    pub fn called(&self, folder: &Path) -> String {
        match &self.remote {
            None => folder.display().to_string(),
            Some(remote) => remote.objects.called(folder),
        }
    }
}

/// Without object stores, all stores are folders, and what is done to them is done.
#[cfg(not(feature = "store"))]
#[expect(clippy::unused_async, reason = "the same calls as with object stores")]
impl OpenStore {
    fn here(store: Store) -> Self {
        Self { store, under_way: Vec::new(), beside: Vec::new() }
    }

    /// Whether it is in an object store: never.
    pub fn is_remote(&self) -> bool {
        false
    }

    /// Whether this evidence is there.
    fn has_evidence(&self, name: &str) -> io::Result<bool> {
        self.store.has_evidence(name)
    }

    /// Finishes what killed processes had begun. Gives what that was.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub async fn recover(&mut self, key: &SigningKey, now: Instant) -> Result<Recovered, OpenError> {
        Ok(self.store.recover(key, now)?)
    }

    /// What is on this machine is kept there.
    pub(crate) async fn attempt(
        &self,
        _: Digest,
        _: &SigningKey,
        _: &Path,
        _: bool,
        _: Instant,
    ) -> Result<Option<Attempted>, OpenError> {
        Ok(None)
    }

    /// Has what a run of these tests is compared with at hand: it is.
    ///
    /// # Errors
    /// None.
    pub async fn bring_earlier(&self, _: &Path, _: &Proof, _: &[Test]) -> Result<(), OpenError> {
        Ok(())
    }

    /// Puts a run of tests over evidence of it in its place, and enters it in the log.
    ///
    /// # Errors
    /// Where the store cannot be read or written.
    pub(crate) async fn keep_run(
        &mut self,
        run: StagedRun<'_>,
        key: &SigningKey,
        now: Instant,
    ) -> Result<(TestRun, PathBuf), OpenError> {
        Ok(self.store.keep_run(run, key, now)?)
    }

    /// What was done is done.
    ///
    /// # Errors
    /// None.
    pub async fn finish(
        &mut self,
        _: &(dyn Fn(&Store) -> Result<(), StoreError> + Sync),
    ) -> Result<(), OpenError> {
        Ok(())
    }

    /// What was pruned is gone.
    ///
    /// # Errors
    /// None.
    pub async fn remove_pruned(&mut self) -> Result<(), OpenError> {
        Ok(())
    }

    /// The name, for people, of evidence of it in this folder, or of a run of tests.
    pub fn called(&self, folder: &Path) -> String {
        folder.display().to_string()
    }
}

impl OpenStore {
    /// What was left out, as others may be about to finish it.
    pub fn under_way(&self) -> &[String] {
        &self.under_way
    }

    /// What is there beside what a store has, of one that is elsewhere.
    pub(crate) fn beside(&self) -> &[String] {
        &self.beside
    }

    /// How many bytes the evidence of this name has there, without its plugin. `None` where it cannot be seen.
    pub(crate) fn bytes_of(&self, evidence: &str) -> Option<u64> {
        #[cfg(feature = "store")]
        if let Some(remote) = &self.remote {
            return Some(remote.objects.bytes_of(evidence));
        }
        disk::bytes_below(&self.store.evidence().join(evidence)).ok()
    }

    /// The folder that it is, or that stands for it.
    pub fn folder(&self) -> &Path {
        self.store.folder()
    }
}
