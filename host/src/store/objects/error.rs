//! Why a store in an object store cannot be read or written.

use std::io;

use exhibit_rows::Shown;

use crate::remedy::Remedy;
use crate::retry::{Retry, SOON};

use super::super::error::StoreError;
use super::refusal;

/// Why a store in an object store cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ObjectsError {
    /// The object store refuses, or is not reached.
    #[error("the object store: {}", refusal::said(.0))]
    Objects(#[from] object_store::Error),
    /// What is in it cannot be listed, which is the first that is asked of it.
    #[error("{address}: the object store: {}", refusal::said(.error))]
    Unlisted {
        /// The store's address.
        address: String,
        /// What it answered.
        #[source]
        error: object_store::Error,
    },
    /// The folder that stands for it.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// What is done to the store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Not a store.
    #[error("{0}: there is no store")]
    NoStore(String),
    /// There are objects already where one should be made.
    #[error("{0}: a store can be created only where no objects exist")]
    Occupied(String),
    /// An object that no store has.
    #[error("the object store has an unknown object: {}", Shown::line(.0))]
    Stranger(String),
    /// More than a store can be.
    #[error("{what} has more than {limit}: that is no store")]
    TooMuch {
        /// What.
        what: String,
        /// Of what.
        limit: String,
    },
    /// Others were quicker, again and again.
    #[error("other processes keep changing {0}")]
    Busy(String),
}

impl ObjectsError {
    /// Whether it can succeed later.
    pub fn retry(&self) -> Retry {
        match self {
            Self::Busy(_) => Retry::After(SOON),
            Self::Objects(error) | Self::Unlisted { error, .. } => match error {
                object_store::Error::Generic { .. } if !refusal::has_no_bucket(error) => Retry::After(SOON),
                _ => Retry::NeedsPerson,
            },
            _ => Retry::NeedsPerson,
        }
    }

    /// What to do next, where that is known.
    pub fn remedy(&self) -> Option<Remedy> {
        match self {
            Self::Store(error) => error.remedy(),
            Self::NoStore(_) => Some(Remedy::CreateStore),
            Self::Occupied(_) => Some("name another prefix".into()),
            Self::Busy(_) => Some("try it again later".into()),
            Self::Objects(error) | Self::Unlisted { error, .. } if refusal::has_no_bucket(error) => {
                Some(Remedy::CheckBucket)
            }
            Self::Unlisted { .. } | Self::Objects(object_store::Error::Generic { .. }) => {
                Some(Remedy::CheckObjectStore)
            }
            // It was reached, and refuses, or has something else than was asked for.
            Self::Objects(_) => Some(Remedy::CheckObjectStore),
            Self::Io(_) => Some(Remedy::CheckMachine),
            Self::Stranger(_) => Some("move it out of the store, after a look at what it is".into()),
            Self::TooMuch { .. } => {
                Some("name the prefix of a store; if it is one, do not rely on it".into())
            }
        }
    }
}
