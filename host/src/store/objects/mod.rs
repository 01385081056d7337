//! Stores in object stores: Amazon S3 and what speaks its protocol, Google Cloud Storage, Azure.
//!
//! What is done to a store is done to a folder, always: the objects that it takes are brought
//! into one, and what has changed there is taken back. Evidence goes first, its `proof.json` last. Then
//! one object, `pending`, gets all that the log changed by, if no other process has changed it meanwhile: that
//! is the moment at which it counts. Then the log's own objects follow. The next process finishes it
//! where one died in between.

mod attempt;
mod error;
mod fetch;
mod page;
mod paths;
mod pending;
mod pull;
mod push;
mod put;
mod refusal;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use exhibit_rows::ShowPath as _;
use object_store::path::Path as Key;
use object_store::{ObjectStore, UpdateVersion};
use url::Url;

use crate::clock::DAY;
use crate::contract::types::Instant;
use crate::log::Origin;
use crate::signing::SigningKey;

use super::folder::Store;

pub(super) use attempt::Found;
pub use error::ObjectsError;

/// What a process that still runs is writing is younger.
const ABANDONED_AFTER: Instant = DAY;

/// A store in an object store, and the folder that stands for it here.
#[derive(Debug)]
pub struct Objects {
    objects: Arc<dyn ObjectStore>,
    prefix: Key,
    /// What people call it.
    name: String,
    mirror: PathBuf,
    /// All objects, by their paths below the prefix, as they were when it was last looked.
    listed: BTreeMap<String, Listed>,
    /// The log as it was then, by paths within it.
    log: BTreeMap<String, Vec<u8>>,
    /// Which `pending` that was.
    pending: Option<UpdateVersion>,
    /// What was brought here, and so is not put there again if others have removed it.
    brought: Mutex<BTreeSet<String>>,
    /// Whether the store there is of an older format than what is entered now.
    is_older: bool,
    /// What of it is not in the log's own objects yet.
    unpublished: Option<pending::Pending>,
}

/// An object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Listed {
    /// When it was written, milliseconds since 1970.
    written: i64,
    /// How large it is.
    bytes: u64,
}

impl Objects {
    /// Whether this evidence was there when it was last looked.
    pub(super) fn has_evidence(&self, name: &str) -> bool {
        self.listed.contains_key(&paths::proof_of(name))
    }

    /// The store at an address such as `s3://bucket/evidence`. `options` are those of the object store, such
    /// as `aws_region`; `mirror` is an empty folder for temporary files.
    pub fn new(
        url: &Url,
        options: impl IntoIterator<Item = (String, String)>,
        mirror: &Path,
    ) -> Result<Self, ObjectsError> {
        crate::http::use_ring();
        let (objects, prefix) = object_store::parse_url_opts(url, options)?;
        Ok(Self {
            objects: objects.into(),
            prefix,
            name: url.to_string(),
            mirror: mirror.to_owned(),
            listed: BTreeMap::new(),
            log: BTreeMap::new(),
            pending: None,
            brought: Mutex::default(),
            is_older: false,
            unpublished: None,
        })
    }

    /// Makes a store where nothing is yet. This key signs its log.
    pub async fn create(&mut self, name: &Origin, key: &SigningKey) -> Result<Store, ObjectsError> {
        self.list().await?;
        if !self.listed.is_empty() {
            return Err(ObjectsError::Occupied(self.name.clone()));
        }
        let store = Store::create(&self.mirror, name, key)?.standing_for_another();
        self.push(&|_| Ok(())).await?;
        // Last: what makes it a store.
        self.put_file(exhibit_records::STORE_FILE).await?;
        Ok(store)
    }

    /// What people call a file or a folder of the one that stands for it.
    pub fn called(&self, within: &Path) -> String {
        let path = self.path_of(within).unwrap_or_else(|_| within.display().to_string());
        format!("{}/{path}", self.name.trim_end_matches('/'))
    }

    /// How many bytes the objects of this evidence have, as they were when it was last looked.
    pub(super) fn bytes_of(&self, evidence: &str) -> u64 {
        let of = self
            .listed
            .iter()
            .filter(|(path, _)| paths::of_evidence(path).is_some_and(|it| it.0 == evidence));
        of.map(|(_, it)| it.bytes).sum()
    }

    /// The path of the object that this file stands for.
    fn path_of(&self, file: &Path) -> Result<String, ObjectsError> {
        let elsewhere = |_| ObjectsError::Stranger(file.shown().to_string());
        let path = file.strip_prefix(&self.mirror).map_err(elsewhere)?;
        Ok(path.iter().map(|it| it.to_string_lossy()).collect::<Vec<_>>().join("/"))
    }

    /// Remembers that this was brought here.
    fn remember(&self, path: &str) {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).insert(path.to_owned());
    }

    /// Whether this was brought here.
    fn is_brought(&self, path: &str) -> bool {
        self.brought.lock().unwrap_or_else(PoisonError::into_inner).contains(path)
    }

    /// The object of this path below the prefix.
    fn key(&self, path: &str) -> Key {
        path.split('/').fold(self.prefix.clone(), |key, part| key.join(part))
    }
}

#[cfg(test)]
mod tests;
