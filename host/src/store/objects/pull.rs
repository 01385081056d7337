//! Bringing what is needed of a store into the folder that stands for it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use object_store::{GetOptions, GetResult, UpdateVersion};

use crate::evidence::{at, parse_instant, signature};
use crate::log::CHECKPOINT;
use crate::plugin::contract::types::Instant;
use crate::testing::{self, Tested, earlier};

use super::super::catalog::{Package, is_name};
use super::super::error::StoreError;
use super::super::folder::{EVIDENCE, LOG, PLUGINS, Store};
use super::super::identity;
use super::error::ObjectsError;
use super::paths::{comes_last, last_of_unknown, of_evidence, proof_of};
use super::pending::{PENDING, PENDING_BYTES, Pending};
use super::{ABANDONED_AFTER, Listed, Objects};

/// A store has no more objects: a century of a thousand proofs a day would need more.
const OBJECTS: usize = 50_000_000;
/// A log that is read while others write may not fit together; it does at the next look.
const LOOKS: usize = 5;
/// What a run of tests is compared with is looked for in so many proofs of its type: a quarter of daily ones.
const LOOKED_BACK: usize = 100;
/// What is whole is entered in the log right away: a process that takes longer has lost its network.
const ENTERED_WITHIN: Instant = 10 * 60 * 1000;
/// No object of a log is larger: a bundle of entries has 256 of 64 KiB.
const LOG_BYTES: u64 = 32 << 20;
/// No record that is read whole is larger.
const RECORD_BYTES: u64 = 64 << 20;

impl Objects {
    /// The store, with its log and without its evidence.
    pub async fn pull(&mut self) -> Result<Store, ObjectsError> {
        let mut looks = 0;
        loop {
            looks += 1;
            self.list().await?;
            if !self.listed.contains_key(identity::FILE) {
                return Err(ObjectsError::NoStore(self.name.clone()));
            }
            self.bring(identity::FILE, RECORD_BYTES).await?;
            for folder in [EVIDENCE, PLUGINS] {
                let folder = self.mirror.join(folder);
                fs::create_dir_all(&folder).map_err(|error| at(&folder, error))?;
            }
            self.pull_log().await?;
            let store = Store::open(&self.mirror)?;
            match store.catalog() {
                Ok(_) => return Ok(store),
                Err(StoreError::Log(_)) if looks < LOOKS => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// The evidence of this name, with its plugin. Gives its folder.
    pub async fn fetch(&self, store: &Store, evidence: &str) -> Result<PathBuf, ObjectsError> {
        let folder = store.find(evidence)?;
        self.bring_folder(evidence).await?;
        let plugin = store.catalog()?.find(evidence).and_then(|it| it.kept.plugin);
        if let Some(digest) = plugin {
            let path = format!("{PLUGINS}/{}.wasm.zst", digest.hex());
            if self.listed.contains_key(&path) {
                self.bring(&path, RECORD_BYTES).await?;
            }
        }
        Ok(folder)
    }

    /// All evidence and plugins that there are, whether the log knows of them or not: without what others
    /// may be about to put there or to enter in the log.
    pub async fn fetch_all(&mut self, store: &Store, now: Instant) -> Result<(), ObjectsError> {
        // Anew: evidence comes before its entry, so all that the log speaks of is in what is listed now.
        self.list().await?;
        let catalog = store.catalog()?;
        let under_way = |path: &str| {
            last_of_unknown(path, &catalog).is_some_and(|last| match self.listed.get(&last) {
                Some(last) => last.written.saturating_add(ENTERED_WITHIN) > now,
                None => self.listed[path].written.saturating_add(ABANDONED_AFTER) > now,
            })
        };
        for path in self.listed.keys() {
            let counts = [EVIDENCE, PLUGINS].iter().any(|it| path.starts_with(&format!("{it}/")));
            if counts && !under_way(path) {
                self.bring(path, u64::MAX).await?;
            }
        }
        Ok(())
    }

    /// What tells whose evidence and runs of tests are that are whole and not in the log, so that they can
    /// be entered.
    pub(super) async fn fetch_strangers(&self, store: &Store) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        for path in self.listed.keys() {
            let last = last_of_unknown(path, &catalog).filter(|it| self.listed.contains_key(it));
            let (Some(last), Some((evidence, file))) = (last, of_evidence(path)) else { continue };
            let is_record = comes_last(path) > 0 || file.rsplit('/').next() == Some(signature::FILE);
            if is_record {
                self.bring(path, RECORD_BYTES).await?;
            }
            let proof = proof_of(evidence);
            if *path == last && last != proof {
                self.bring(&proof, RECORD_BYTES).await?;
            }
        }
        Ok(())
    }

    /// What a run of tests of this type is compared with: the last one before of each of its tests, in
    /// evidence that speaks for no later time.
    pub async fn fetch_earlier(
        &self,
        store: &Store,
        proof_type: &str,
        as_of: Instant,
    ) -> Result<(), ObjectsError> {
        let catalog = store.catalog()?;
        let time = |it: &Package| parse_instant(&it.kept.as_of).filter(|it| *it <= as_of);
        let earlier = catalog.packages().iter().filter(|it| {
            let tested = it.kept.tests.is_some() || !it.runs.is_empty();
            it.kept.proof_type == proof_type && it.pruned.is_none() && tested
        });
        let mut earlier: Vec<_> = earlier.filter_map(|it| Some((time(it)?, it))).collect();
        earlier.sort_by_key(|(time, it)| Reverse((*time, it.index)));
        earlier.truncate(LOOKED_BACK);
        let mut compared = BTreeSet::new();
        for (_, package) in earlier {
            let name = &package.kept.evidence;
            let prefix = format!("{EVIDENCE}/{name}/{}/", earlier::RUNS);
            self.bring(&proof_of(name), RECORD_BYTES).await?;
            for path in self.listed.keys().filter(|it| it.starts_with(&prefix) && comes_last(it) > 0) {
                self.bring(path, RECORD_BYTES).await?;
            }
            let mut runs = earlier::runs(&store.evidence().join(name), name);
            runs.sort_by_key(|it| Reverse(it.number));
            for run in runs {
                let fresh = |it: &Tested| compared.insert((package.kept.about, it.name.clone()));
                // Each of them, so that none is asked for twice.
                if run.run.tests.iter().map(fresh).fold(false, |any, it| any | it) {
                    let history = format!("{EVIDENCE}/{name}/{}/{}", run.name(), testing::HISTORY);
                    self.bring(&history, u64::MAX).await?;
                }
            }
        }
        Ok(())
    }

    async fn bring_folder(&self, evidence: &str) -> Result<(), ObjectsError> {
        let prefix = format!("{EVIDENCE}/{evidence}/");
        for path in self.listed.keys().filter(|it| it.starts_with(&prefix)) {
            self.bring(path, u64::MAX).await?;
        }
        Ok(())
    }

    /// Looks what objects there are.
    pub(super) async fn list(&mut self) -> Result<(), ObjectsError> {
        self.listed.clear();
        let mut objects = self.objects.list(Some(&self.prefix));
        while let Some(object) = objects.try_next().await? {
            let Some(parts) = object.location.prefix_match(&self.prefix) else { continue };
            let parts: Vec<String> = parts.map(|it| it.as_ref().to_owned()).collect();
            let path = parts.join("/");
            if parts.iter().any(|it| !is_name(it)) {
                return Err(ObjectsError::Stranger(path));
            }
            self.listed.insert(path, Listed { written: object.last_modified.timestamp_millis() });
            if self.listed.len() > OBJECTS {
                let limit = format!("{OBJECTS} objects");
                return Err(ObjectsError::TooMuch { what: self.name.clone(), limit });
            }
        }
        Ok(())
    }

    /// The log, as its own objects have it and then `pending`, which is never behind.
    pub(super) async fn pull_log(&mut self) -> Result<(), ObjectsError> {
        let pending = self.pull_pending().await?;
        let folder = self.mirror.join(LOG);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| at(&folder, error))?;
        }
        self.log.clear();
        let prefix = format!("{LOG}/");
        let own: Vec<String> =
            self.listed.keys().filter_map(|it| it.strip_prefix(&prefix)).map(str::to_owned).collect();
        for path in own {
            // What has gone meanwhile was of an earlier moment.
            if let Some(got) = self.get(&format!("{LOG}/{path}")).await? {
                self.log.insert(path.clone(), bytes(got, &path, LOG_BYTES).await?);
            }
        }
        let published = self.log.get(CHECKPOINT).cloned();
        self.unpublished = pending.filter(|it| it.0.get(CHECKPOINT) != published.as_ref());
        for (path, bytes) in self.unpublished.iter().flat_map(|it| &it.0) {
            self.log.insert(path.clone(), bytes.clone());
        }
        for (path, bytes) in &self.log {
            write(&folder.join(path), bytes)?;
        }
        Ok(())
    }

    async fn pull_pending(&mut self) -> Result<Option<Pending>, ObjectsError> {
        let Some(got) = self.get(PENDING).await? else {
            self.pending = None;
            return Ok(None);
        };
        self.pending =
            Some(UpdateVersion { e_tag: got.meta.e_tag.clone(), version: got.meta.version.clone() });
        let bytes = bytes(got, PENDING, PENDING_BYTES).await?;
        let pending = Pending::parse(&bytes).ok_or_else(|| ObjectsError::Stranger(PENDING.to_owned()))?;
        match pending.0.keys().find(|it| !it.split('/').all(is_name)) {
            Some(path) => Err(ObjectsError::Stranger(path.clone())),
            None => Ok(Some(pending)),
        }
    }

    /// An object, with where it is now. `None` where there is none.
    async fn get(&self, path: &str) -> Result<Option<GetResult>, ObjectsError> {
        match self.objects.get_opts(&self.key(path), GetOptions::default()).await {
            Ok(got) => Ok(Some(got)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// An object as a file, if it is there and is not a file yet.
    pub(super) async fn bring(&self, path: &str, most: u64) -> Result<(), ObjectsError> {
        let file = self.mirror.join(path);
        if file.is_file() {
            return Ok(());
        }
        let Some(got) = self.get(path).await? else { return Ok(()) };
        self.remember(path);
        if got.meta.size > most {
            return Err(too_much(path, most));
        }
        if let Some(parent) = file.parent() {
            fs::create_dir_all(parent).map_err(|error| at(parent, error))?;
        }
        let mut out = fs::File::create(&file).map_err(|error| at(&file, error))?;
        let (mut stream, mut size) = (got.into_stream(), 0);
        while let Some(piece) = stream.try_next().await? {
            size += piece.len() as u64;
            if size > most {
                return Err(too_much(path, most));
            }
            out.write_all(&piece).map_err(|error| at(&file, error))?;
        }
        Ok(())
    }
}

/// All of an object that is small.
async fn bytes(got: GetResult, path: &str, most: u64) -> Result<Vec<u8>, ObjectsError> {
    let (mut stream, mut bytes) = (got.into_stream(), Vec::new());
    while let Some(piece) = stream.try_next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > most {
            return Err(too_much(path, most));
        }
    }
    Ok(bytes)
}

fn too_much(path: &str, most: u64) -> ObjectsError {
    ObjectsError::TooMuch { what: path.to_owned(), limit: format!("{most} bytes") }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|error| at(parent, error))?;
    }
    fs::write(path, bytes).map_err(|error| at(path, error))
}

/// All files below a folder, by their paths within it, with `/` between.
pub(super) fn files(folder: &Path) -> std::io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut open = vec![(folder.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        for entry in fs::read_dir(&folder).map_err(|error| at(&folder, error))? {
            let entry = entry.map_err(|error| at(&folder, error))?;
            let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                open.push((entry.path(), format!("{path}/")));
            } else {
                files.insert(path, entry.path());
            }
        }
    }
    Ok(files)
}
