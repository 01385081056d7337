//! Collections on their way into an object store: what a killed process has committed, another one resumes.
//!
//! ```text
//! resume/TERMS/ATTEMPT/owner          which process writes it; gone where that has left it
//! resume/TERMS/ATTEMPT/000001         what a page has added to the files
//! resume/TERMS/ATTEMPT/000001.taken   another process goes on after that page
//! resume/TERMS/ATTEMPT/complete       the name of the evidence that it has become
//! ```
//!
//! A page is one object, so it is there as a whole or not at all, and its number is given once: where two processes
//! believe that an attempt is theirs, one of them fails at its next page. Each page is signed with the key of the store,
//! together with its place: what is resumed becomes signed evidence, and must not come from anywhere else.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use exhibit_records::Digest;
use futures_util::TryStreamExt as _;
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt as _, PutMode};
use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::collect::spool::Kept;
use crate::contract::types::Instant;
use crate::disk::{at, clean_up_markers, invalid, resumable_folder};
use crate::signing::{SIGNATURE_BYTES, SigningKey};

use super::super::attempt::Attempt;
use super::Objects;
use super::error::ObjectsError;
use super::page::{PAGE_BYTES, added, restore, signed, sizes, statement};
use super::paths::RESUME;
use super::pull::bytes;

const OWNER: &str = "owner";
const TAKEN: &str = ".taken";
const COMPLETE: &str = "complete";
/// A process that has committed no page for so long is taken for dead, where it cannot be asked: on another machine.
/// Sources ask for waits of up to an hour, and clocks differ.
const SILENT_FOR: Instant = 2 * 60 * 60 * 1000;
/// What says which evidence it has become.
const NAME_BYTES: u64 = 4 << 10;
/// What an owner says of itself.
const OWNER_BYTES: u64 = 4 << 10;

/// What there is of a collection's terms.
pub(in crate::store) enum Found {
    /// One whose process has ended.
    Taken(ObjectAttempt),
    /// None that can be resumed now.
    None {
        /// One may be under way: when it can be resumed, if its process has ended.
        others_until: Option<Instant>,
    },
}

/// The process that writes an attempt.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Owner {
    /// A file on its machine that it holds a lock on as long as it lives.
    lock: PathBuf,
}

/// An attempt in an object store.
pub(in crate::store) struct ObjectAttempt {
    objects: Arc<dyn ObjectStore>,
    folder: Key,
    /// Pages that are there.
    pages: u32,
    /// How far each file was pushed.
    sizes: BTreeMap<String, u64>,
    /// Told to other processes with the first page. `None` once it is given up.
    owner: Option<NamedTempFile>,
    key: SigningKey,
}

impl Objects {
    /// A collection of these terms that begins.
    pub(in crate::store) fn new_attempt(&self, terms: Digest, key: &SigningKey) -> io::Result<ObjectAttempt> {
        let owner = locked()?;
        // The name of a temporary file is no other process's.
        let name = owner.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
        let folder = self.key(&format!("{RESUME}/{}", short(terms))).join(name);
        Ok(ObjectAttempt {
            objects: Arc::clone(&self.objects),
            folder,
            pages: 0,
            sizes: BTreeMap::new(),
            owner: Some(owner),
            key: key.clone(),
        })
    }

    /// Brings one of these terms here whose process has ended, to be resumed for evidence at `destination`. With
    /// `fresh` they are removed instead. `now` is the host's clock.
    pub(in crate::store) async fn take_attempt(
        &self,
        terms: Digest,
        key: &SigningKey,
        destination: &Path,
        fresh: bool,
        now: Instant,
    ) -> Result<Found, ObjectsError> {
        let prefix = self.key(&format!("{RESUME}/{}", short(terms)));
        let mut attempts: BTreeMap<String, Vec<(String, i64)>> = BTreeMap::new();
        let mut listed = self.objects.list(Some(&prefix));
        while let Some(object) = listed.try_next().await? {
            let Some(parts) = object.location.prefix_match(&prefix) else { continue };
            let parts: Vec<String> = parts.map(|it| it.as_ref().to_owned()).collect();
            if let [attempt, name] = &parts[..] {
                let written = object.last_modified.timestamp_millis();
                attempts.entry(attempt.clone()).or_default().push((name.clone(), written));
            }
        }
        let newest = |objects: &[(String, i64)]| objects.iter().map(|it| it.1).max().unwrap_or_default();
        let mut attempts: Vec<_> = attempts.into_iter().collect();
        attempts.sort_by_key(|it| std::cmp::Reverse(newest(&it.1)));
        let mut others_until = None;
        for (name, objects) in attempts {
            let folder = prefix.clone().join(name);
            let last = newest(&objects);
            if !self.is_over(&folder, last, now).await? {
                others_until = others_until.max(Some(last.saturating_add(SILENT_FOR)));
                continue;
            }
            if fresh || self.is_complete(&folder).await? {
                remove(&*self.objects, &folder).await?;
                continue;
            }
            let pages = objects.iter().filter_map(|it| it.0.parse::<u32>().ok()).max().unwrap_or_default();
            let owner = locked()?;
            let taken = folder.clone().join(format!("{pages:06}{TAKEN}"));
            if !put_once(&*self.objects, &taken, said(&owner)?).await? && !is_silent(last, now) {
                // Another process was quicker.
                continue;
            }
            self.objects.put(&folder.clone().join(OWNER), said(&owner)?.into()).await?;
            let mut attempt = ObjectAttempt {
                objects: Arc::clone(&self.objects),
                folder,
                pages,
                sizes: BTreeMap::new(),
                owner: Some(owner),
                key: key.clone(),
            };
            let place = resumable_folder(destination)?;
            match attempt.restore(&place).await {
                Ok(()) => return Ok(Found::Taken(attempt)),
                Err(error) => {
                    // One page that is missing or altered makes all of it useless.
                    tracing::warn!(%error, "an interrupted collection in the object store cannot be resumed");
                    fs::remove_dir_all(&place).map_err(|error| at(&place, error))?;
                    // Its lock is of no more use.
                    attempt.pages = 0;
                }
            }
        }
        Ok(Found::None { others_until })
    }

    /// Whether it has become evidence that is in the store.
    async fn is_complete(&self, folder: &Key) -> Result<bool, ObjectsError> {
        let path = folder.clone().join(COMPLETE);
        let name = match self.objects.get(&path).await {
            Ok(got) => bytes(got, path.as_ref(), NAME_BYTES).await?,
            Err(object_store::Error::NotFound { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let name = String::from_utf8_lossy(&name);
        if !super::super::catalog::is_name(&name) {
            return Ok(false);
        }
        Ok(self.get(&super::paths::proof_of(&name)).await?.is_some())
    }

    /// Whether the process that writes it has ended, as far as that can be known.
    async fn is_over(&self, folder: &Key, last: Instant, now: Instant) -> Result<bool, ObjectsError> {
        let path = folder.clone().join(OWNER);
        let owner: Option<Owner> = match self.objects.get(&path).await {
            Ok(got) => serde_json::from_slice(&bytes(got, path.as_ref(), OWNER_BYTES).await?).ok(),
            // It was left on purpose, or never had a page.
            Err(object_store::Error::NotFound { .. }) => return Ok(true),
            Err(error) => return Err(error.into()),
        };
        let here = owner.and_then(|it| Some((File::open(&it.lock).ok()?, it.lock)));
        if let Some((file, path)) = here
            && path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(LOCK))
        {
            let ended = file.try_lock().is_ok();
            if ended {
                // Nobody else needs it.
                drop(fs::remove_file(path));
            }
            return Ok(ended);
        }
        Ok(is_silent(last, now))
    }
}

fn is_silent(last: Instant, now: Instant) -> bool {
    last.saturating_add(SILENT_FOR) < now
}

/// Makes an object. `false` where another process has made it, with other bytes: an answer to an earlier try of
/// this one may have been lost.
async fn put_once(objects: &dyn ObjectStore, path: &Key, content: Vec<u8>) -> Result<bool, ObjectsError> {
    let content = bytes::Bytes::from(content);
    match objects.put_opts(path, content.clone().into(), PutMode::Create.into()).await {
        Ok(_) => Ok(true),
        Err(object_store::Error::AlreadyExists { .. }) => {
            let got = objects.get(path).await?;
            Ok(got.meta.size == content.len() as u64
                && bytes(got, path.as_ref(), PAGE_BYTES).await? == content)
        }
        Err(error) => Err(error.into()),
    }
}

/// Lock files of processes that were killed stay for so long: until then they say that these have ended.
const MARKERS_FOR: Duration = Duration::from_secs(86_400);

/// What the names of lock files begin with.
const LOCK: &str = "exhibit-collection-";

/// A file that says, as long as it is locked, that this process lives.
fn locked() -> io::Result<NamedTempFile> {
    // By then, another process has taken over what it was for.
    clean_up_markers(LOCK, MARKERS_FOR);
    let file = NamedTempFile::with_prefix(LOCK)?;
    // Without locks, others wait until it has been silent for long enough.
    let _ = file.as_file().try_lock();
    Ok(file)
}

fn said(owner: &NamedTempFile) -> io::Result<Vec<u8>> {
    Ok(serde_json::to_vec(&Owner { lock: owner.path().to_owned() })?)
}

/// Enough of a digest for a name.
fn short(digest: Digest) -> String {
    let text = digest.to_string();
    text.rsplit(':').next().unwrap_or_default().chars().take(32).collect()
}

impl Attempt for ObjectAttempt {
    fn push<'a>(&'a mut self, staging: &'a Path) -> Kept<'a> {
        Box::pin(async move {
            let (page, sizes) = added(staging, &self.sizes)?;
            if self.pages == 0
                && let Some(owner) = &self.owner
            {
                self.objects.put(&self.folder.clone().join(OWNER), said(owner)?.into()).await?;
            }
            let path = self.folder.clone().join(format!("{:06}", self.pages + 1));
            let page = signed(&self.key, &path, page);
            if !put_once(&*self.objects, &path, page).await.map_err(io::Error::other)? {
                return Err(io::Error::other(format!(
                    "another process has resumed this collection: it has written {path}"
                )));
            }
            self.pages += 1;
            self.sizes = sizes;
            Ok(())
        })
    }

    fn complete<'a>(&'a mut self, evidence: &'a str) -> Kept<'a> {
        Box::pin(async move {
            if self.pages > 0 {
                let path = self.folder.clone().join(COMPLETE);
                self.objects.put(&path, evidence.as_bytes().to_vec().into()).await?;
            }
            Ok(())
        })
    }

    fn leave(&mut self) -> Kept<'_> {
        Box::pin(async move {
            if self.pages > 0 {
                match self.objects.delete(&self.folder.clone().join(OWNER)).await {
                    Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            // Its file goes.
            drop(self.owner.take());
            Ok(())
        })
    }

    fn remove(&mut self) -> Kept<'_> {
        Box::pin(async move {
            drop(self.owner.take());
            Ok(remove(&*self.objects, &self.folder).await?)
        })
    }
}

impl Drop for ObjectAttempt {
    fn drop(&mut self) {
        // Dropped in the middle, it is left: the file without its lock says so on this machine.
        if let Some(owner) = self.owner.take().filter(|_| self.pages > 0) {
            // Where that cannot be kept, others wait until it has been silent for long enough.
            let _ = owner.keep();
        }
    }
}

impl ObjectAttempt {
    /// Brings its pages here.
    async fn restore(&mut self, place: &Path) -> Result<(), ObjectsError> {
        for number in 1..=self.pages {
            let path = self.folder.clone().join(format!("{number:06}"));
            let got = self.objects.get(&path).await?;
            let whole = bytes(got, path.as_ref(), PAGE_BYTES).await?;
            let unsigned =
                || invalid(format!("{path} was not signed with this key: it is of no collection of ours"));
            let (signature, page) = whole.split_at_checked(SIGNATURE_BYTES).ok_or_else(unsigned)?;
            self.key.public().verify(&statement(&path, page), signature).map_err(|_| unsigned())?;
            restore(page, place)?;
        }
        self.sizes = sizes(place)?;
        Ok(())
    }
}

/// Its owner last: what is left of it until then is not taken for whole.
async fn remove(objects: &dyn ObjectStore, folder: &Key) -> object_store::Result<()> {
    let mut listed = objects.list(Some(folder));
    let mut all = Vec::new();
    while let Some(object) = listed.try_next().await? {
        all.push(object.location);
    }
    // The last page first: a part of the pages from the first one on can be resumed.
    all.sort_by_key(|it| (it.filename() == Some(OWNER), std::cmp::Reverse(it.to_string())));
    for path in all {
        match objects.delete(&path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
