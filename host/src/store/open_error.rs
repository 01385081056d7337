//! How object stores are reached, and why a store cannot be opened.

use std::io;
use std::path::PathBuf;

use exhibit_rows::ShowPath as _;

use crate::remedy::Remedy;
use crate::retry::Retry;

use super::error::StoreError;
#[cfg(feature = "store")]
use super::objects::ObjectsError;

/// How object stores are reached: names and values as their own tools read them from the environment, the names in
/// lower case, such as `aws_region`. Some of the values are secrets.
#[derive(Clone, Default)]
pub struct ObjectStoreOptions(
    #[cfg_attr(not(feature = "store"), expect(dead_code, reason = "for object stores"))]
    Vec<(String, String)>,
);

impl ObjectStoreOptions {
    /// These names and values.
    pub fn new(options: Vec<(String, String)>) -> Self {
        Self(options)
    }

    #[cfg(feature = "store")]
    pub(super) fn values(&self) -> Vec<(String, String)> {
        self.0.clone()
    }
}

impl std::fmt::Debug for ObjectStoreOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ObjectStoreOptions").finish_non_exhaustive()
    }
}

/// Why a store or evidence cannot be opened, or what was done to it cannot be taken back to where it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The object store.
    #[cfg(feature = "store")]
    #[error(transparent)]
    Objects(#[from] ObjectsError),
    /// What was done is done to the folder that stands for the store, and could not be taken to the store.
    #[cfg(feature = "store")]
    #[error("{error}; what was done is kept in {}", kept.shown())]
    NotTaken {
        /// Where it is.
        kept: PathBuf,
        /// Why.
        #[source]
        error: ObjectsError,
    },
    /// A bundle cannot be read or unpacked on this machine, which says nothing of what is in it.
    #[error("the bundle cannot be unpacked on this machine: {0}")]
    NotUnpacked(#[source] io::Error),
    /// A file that is not a bundle.
    #[error("this is no bundle of evidence, or was altered: {0}")]
    NotABundle(#[source] io::Error),
    /// A bundle that is not as bundles are written: by its name or its beginning it is one.
    #[error("the bundle was altered or damaged: {0}")]
    AlteredBundle(#[source] io::Error),
    /// An archive that another program made, of evidence perhaps.
    #[error(
        "{} is not a bundle: it is a {format} archive that another program made, in which changes could go unnoticed",
        file.shown()
    )]
    OtherArchive {
        /// Where it is.
        file: PathBuf,
        /// What it is called, such as `zip`.
        format: &'static str,
    },
    /// The address is that of a store, or of nothing.
    #[error("{0} names no evidence")]
    NamesNoEvidence(String),
    /// This build has no object stores.
    #[error("{0} is in an object store, and this program was built without them")]
    NoObjectStores(String),
    /// The folder for what is only needed for a while.
    #[error("no folder for temporary files can be made: {0}")]
    Scratch(#[source] io::Error),
}

impl OpenError {
    /// Whether it can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            #[cfg(feature = "store")]
            Self::Objects(error) | Self::NotTaken { error, .. } => error.retry(),
            _ => Retry::NeedsPerson,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Store(error) => error.remedy(),
            #[cfg(feature = "store")]
            Self::Objects(error) | Self::NotTaken { error, .. } => error.remedy(),
            Self::NotUnpacked(_) => Some(
                "it is unpacked into the folder for temporary files, which TMPDIR names: make room there, and check its disk and that \
                 of the bundle"
                    .into(),
            ),
            Self::NotABundle(_) => Some(Remedy::NameEvidenceOrBundle),
            Self::AlteredBundle(_) => Some(Remedy::DoNotRely),
            Self::OtherArchive { format, .. } => Some(Remedy::UnpackArchive { format: (*format).to_owned() }),
            Self::NamesNoEvidence(_) => Some("name it as s3://bucket/store/evidence/NAME".into()),
            Self::NoObjectStores(_) => {
                Some("name a folder, or use a build of this program that has object stores".into())
            }
            Self::Scratch(_) => Some(Remedy::CheckMachine),
        }
    }
}
