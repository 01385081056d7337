//! A store in an object store, and the folder that stands for it until it is dropped.

use url::Url;

use crate::disk::Scratch;

use super::folder::Store;
use super::objects::{Objects, ObjectsError};
use super::open_error::{ObjectStoreOptions, OpenError};

/// What separates a store's address from the name of evidence in it.
pub(super) const EVIDENCE: &str = "/evidence/";

/// The object store, and the folder.
#[derive(Debug)]
pub(super) struct Remote {
    pub(super) objects: Objects,
    /// Removed when dropped.
    mirror: Option<Scratch>,
}

/// The store at this address, without its evidence.
pub(super) async fn pull(url: &Url, options: &ObjectStoreOptions) -> Result<(Store, Remote), OpenError> {
    let mut remote = Remote::new(url, options)?;
    let store = remote.objects.pull().await?;
    Ok((store, remote))
}

impl Remote {
    pub(super) fn new(url: &Url, options: &ObjectStoreOptions) -> Result<Self, OpenError> {
        let mirror = Scratch::new().map_err(OpenError::Scratch)?;
        let folder = mirror.path().join("store");
        let objects = Objects::new(url, options.values(), &folder)?;
        Ok(Self { objects, mirror: Some(mirror) })
    }

    /// An hour of collecting is not thrown away for a network: what is here stays.
    pub(super) fn kept(&mut self, error: ObjectsError) -> OpenError {
        match self.mirror.take().map(Scratch::keep) {
            Some(kept) => OpenError::NotTaken { kept, error },
            None => error.into(),
        }
    }
}

/// Whether the address is of evidence in a store, and not of a store.
pub(super) fn names_evidence(url: &Url) -> bool {
    let path = url.path().trim_end_matches('/');
    path.rsplit_once(EVIDENCE).is_some_and(|(_, name)| {
        // As stores name evidence: its type, its time, eight digits.
        let digits = name.rsplit('-').next().unwrap_or_default();
        digits.len() == 8 && digits.bytes().all(|it| it.is_ascii_hexdigit())
    })
}
