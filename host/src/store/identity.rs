//! What a store says that it is.

use std::path::Path;
use std::{fs, io};

use exhibit_records::{ReadError, STORE_FILE, STORE_FORMAT, StoreRecord};

use crate::disk::{self, at, sync, write_private};
use crate::log::Origin;
use crate::signing::PublicKey;

use super::error::StoreError;

/// What the file is called until it is whole.
pub(super) const UNFINISHED: &str = ".store.json";

/// The name and the keys in a `store.json`. It is not signed: a verifier brings its own keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity(StoreRecord);

/// A name, and a thousand public keys.
const IDENTITY_BYTES: u64 = 256 << 10;

impl Identity {
    /// Of a store of this name, whose log this key signs.
    pub fn new(name: &Origin, key: &PublicKey) -> Self {
        Self(StoreRecord { format: STORE_FORMAT, name: name.to_string(), keys: vec![key.to_pem()] })
    }

    /// Of the store in this folder.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoStore`] where there is no such file; otherwise where it cannot be read or makes no sense.
    pub fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(STORE_FILE);
        let bytes = match disk::read_at_most(&path, IDENTITY_BYTES) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(StoreError::NoStore(folder.to_owned()));
            }
            bytes => bytes?,
        };
        let damaged = |why: String| StoreError::Identity { file: path.clone(), why };
        match StoreRecord::parse(&bytes) {
            Ok(record) => Ok(Self(record)),
            Err(ReadError::UnknownFormat { found, .. }) => {
                Err(damaged(format!("its format is {found}, and {STORE_FORMAT} is what is known here")))
            }
            Err(error) => Err(damaged(error.to_string())),
        }
    }

    /// Gives the store in this folder the format of today, where it is older: a program that does not know what is entered
    /// into its log from now on then says so, instead of taking the log for damaged. Says whether it was older.
    ///
    /// # Errors
    ///
    /// Where it cannot be read or written.
    pub(super) fn raise(folder: &Path) -> Result<bool, StoreError> {
        let Self(record) = Self::read(folder)?;
        if record.format >= STORE_FORMAT {
            return Ok(false);
        }
        Self(StoreRecord { format: STORE_FORMAT, ..record }).write(folder)?;
        Ok(true)
    }

    /// All of it in its place in this folder, for good, or what was there before.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        let (path, unfinished) = (folder.join(STORE_FILE), folder.join(UNFINISHED));
        write_private(&unfinished, &self.to_bytes()?)?;
        // Its bytes before its name: a power cut leaves one or the other, and no empty one.
        sync(&unfinished)?;
        fs::rename(&unfinished, &path).map_err(|error| at(&path, error))?;
        sync(folder)
    }

    pub(super) fn to_bytes(&self) -> io::Result<Vec<u8>> {
        let mut bytes = serde_json::to_vec_pretty(&self.0)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// What the store is called.
    ///
    /// # Errors
    ///
    /// [`StoreError::Identity`] where it is no name of a log.
    pub fn name(&self) -> Result<Origin, StoreError> {
        self.0
            .name
            .parse()
            .map_err(|error| StoreError::Identity { file: STORE_FILE.into(), why: format!("{error}") })
    }

    /// The keys that it says its log is signed with.
    ///
    /// # Errors
    ///
    /// [`StoreError::Identity`] where one of them is no public key.
    pub fn keys(&self) -> Result<Vec<PublicKey>, StoreError> {
        let keys = self.0.keys.iter().map(|it| PublicKey::from_pem(it));
        let keys = keys.collect::<Result<Vec<_>, _>>();
        keys.map_err(|error| StoreError::Identity { file: STORE_FILE.into(), why: error.to_string() })
    }
}
