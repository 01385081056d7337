//! Bringing what is needed of a store into the folder that stands for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use futures_util::TryStreamExt as _;
use object_store::{GetOptions, GetResult, UpdateVersion};

use crate::disk::{at, private_all, write_private};
use crate::evidence::in_store::{EVIDENCE, PLUGINS};
use crate::log::CHECKPOINT;

use super::super::catalog::is_name;
use super::super::error::StoreError;
use super::super::folder::{LOG, Store};
use super::super::identity::Identity;
use super::super::strays;
use super::error::ObjectsError;
use super::paths::RESUME;
use super::pending::{PENDING, PENDING_BYTES, Pending};
use super::{Listed, Objects};

/// A store has no more objects: a century of a thousand proofs a day would need more.
const OBJECTS: usize = 50_000_000;
/// A log that is read while others write may not fit together; it does at the next look.
pub(super) const LOOKS: usize = 5;
/// No object of a log is larger: a bundle of entries has 256 of 64 KiB.
const LOG_BYTES: u64 = 32 << 20;
/// No record that is read whole is larger.
pub(super) const RECORD_BYTES: u64 = 64 << 20;

impl Objects {
    /// The store, with its log and without its evidence.
    pub async fn pull(&mut self) -> Result<Store, ObjectsError> {
        let mut looks = 0;
        loop {
            looks += 1;
            self.list().await?;
            if !self.listed.contains_key(exhibit_records::STORE_FILE) {
                return Err(ObjectsError::NoStore(self.name.clone()));
            }
            self.bring(exhibit_records::STORE_FILE, RECORD_BYTES).await?;
            self.is_older |= Identity::raise(&self.mirror)?;
            for folder in [EVIDENCE, PLUGINS] {
                let folder = self.mirror.join(folder);
                private_all(&folder).map_err(|error| at(&folder, error))?;
            }
            self.pull_log().await?;
            let store = Store::open(&self.mirror)?.standing_for_another();
            match store.catalog() {
                Ok(_) => return Ok(store),
                Err(StoreError::Log(_)) if looks < LOOKS => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Looks what objects there are.
    pub(super) async fn list(&mut self) -> Result<(), ObjectsError> {
        self.listed.clear();
        let mut objects = self.objects.list(Some(&self.prefix));
        let unlisted = |error| ObjectsError::Unlisted { address: self.name.clone(), error };
        while let Some(object) = objects.try_next().await.map_err(unlisted)? {
            let Some(parts) = object.location.prefix_match(&self.prefix) else { continue };
            let parts: Vec<String> = parts.map(|it| it.as_ref().to_owned()).collect();
            let path = parts.join("/");
            if parts.iter().any(|it| !is_name(it)) {
                return Err(ObjectsError::Stranger(path));
            }
            let written = object.last_modified.timestamp_millis();
            self.listed.insert(path, Listed { written, bytes: object.size });
            if self.listed.len() > OBJECTS {
                let limit = format!("{OBJECTS} objects");
                return Err(ObjectsError::TooMuch { what: self.name.clone(), limit });
            }
        }
        Ok(())
    }

    /// What is there beside what a store has, as it was when it was last looked: the first name of each path.
    pub(in crate::store) fn beside(&self) -> Vec<String> {
        let firsts = self.listed.keys().map(|it| it.split('/').next().unwrap_or_default());
        let strays = firsts.filter(|it| ![PENDING, RESUME].contains(it) && !strays::OWN.contains(it));
        let strays: BTreeSet<&str> = strays.collect();
        strays.into_iter().map(str::to_owned).collect()
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

    /// An object, with where it is now. `None` where it does not exist.
    pub(super) async fn get(&self, path: &str) -> Result<Option<GetResult>, ObjectsError> {
        match self.objects.get_opts(&self.key(path), GetOptions::default()).await {
            Ok(got) => Ok(Some(got)),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }
}

/// All of an object that is small.
pub(super) async fn bytes(got: GetResult, path: &str, most: u64) -> Result<Vec<u8>, ObjectsError> {
    let (mut stream, mut bytes) = (got.into_stream(), Vec::new());
    while let Some(piece) = stream.try_next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > most {
            return Err(too_much(path, most));
        }
    }
    Ok(bytes)
}

pub(super) fn too_much(path: &str, most: u64) -> ObjectsError {
    ObjectsError::TooMuch { what: path.to_owned(), limit: format!("{most} bytes") }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        private_all(parent).map_err(|error| at(parent, error))?;
    }
    write_private(path, bytes).map(drop)
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
