//! The folder of a log, and what is done to it.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind::{InvalidData, NotADirectory, NotFound};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use exhibit_rows::ShowPath as _;

use crate::disk::{self, at, create_all, sync, write_private};
use crate::format::counted;
use crate::signing::{PublicKey, SigningKey};

use super::checkpoint::{Checkpoint, CheckpointError, SIZE_LIMIT};
use super::frontier::{ENTRY_BYTES, Frontier};
use super::hash::{HASH_BYTES, Hash};
use super::lock::Lock;
use super::note::{self, NOTE_BYTES};
use super::origin::Origin;
use super::tile::{Of, Tile};

/// The file that makes all others count: what it does not cover is not in the log.
pub(crate) const CHECKPOINT: &str = "checkpoint";

/// Each file is written under this name and renamed. The writer holds the lock, so one
/// name is enough, and what a killed process left is overwritten by the next.
pub(crate) const ASIDE: &str = "aside";

/// A log in a folder.
#[derive(Debug, Clone)]
pub struct Log {
    folder: PathBuf,
    origin: Origin,
    trusted: Vec<PublicKey>,
}

/// Entries were appended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Appended {
    /// Where the first of them is, counted from 0.
    pub first: u64,
    /// What the log is now.
    pub checkpoint: Checkpoint,
}

/// Why a log cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The system refuses.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// No checkpoint is there.
    #[error("{}: there is no log, or its checkpoint was removed", .0.shown())]
    NoLog(PathBuf),
    /// A log is there already.
    #[error("{}: there is a log already", .0.shown())]
    Occupied(PathBuf),
    /// The checkpoint is not to be believed.
    #[error("{}: {why}", file.shown())]
    Checkpoint {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        why: CheckpointError,
    },
    /// A file is not what the checkpoint says, or is missing.
    #[error("{}: the log was altered or has lost a file: restore it from a copy", .0.shown())]
    Damaged(PathBuf),
    /// There is no such entry.
    #[error("the log has no entry {index}: it has {size}, counted from 0")]
    NoEntry {
        /// Which one.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// An entry that does not fit.
    #[error("an entry of a log has at most {ENTRY_BYTES} bytes, and this one has {0}")]
    TooLong(usize),
    /// An earlier checkpoint has more entries than the log.
    #[error(
        "the log has {}, and had {earlier}: some were removed, or an old copy was put back",
        counted(*size, "entry", "entries")
    )]
    Shorter {
        /// How many there are.
        size: u64,
        /// How many there were.
        earlier: u64,
    },
    /// An earlier checkpoint has other entries.
    #[error("the log's first {} from the earlier checkpoint: the log was rewritten", counted(*.0, "entry differs", "entries differ"))]
    Rewritten(u64),
    /// The signing key is not one that the log trusts.
    #[error("the signing key is not one of this log's keys")]
    UntrustedKey,
    /// More entries than a log holds.
    #[error("the log is full")]
    Full,
}

impl Log {
    /// A log of this name in a folder. Its checkpoints count if one of these keys has signed
    /// them. Nothing is read yet.
    pub fn new(folder: &Path, origin: Origin, trusted: Vec<PublicKey>) -> Self {
        Self { folder: folder.to_owned(), origin, trusted }
    }

    /// Makes the folder and an empty log in it. What a killed process left of making one is no
    /// obstacle; a log is.
    ///
    /// # Errors
    ///
    /// [`LogError::Occupied`] where a log is there already, [`LogError::UntrustedKey`] where the key is not one of the
    /// log's own, [`LogError::Io`] where the folder cannot be written.
    pub fn create(&self, key: &SigningKey) -> Result<Checkpoint, LogError> {
        self.check_key(key)?;
        create_all(&self.folder)?;
        let _lock = Lock::write(&self.folder)?;
        if disk::is_there(&self.folder.join(CHECKPOINT))? || disk::is_there(&self.folder.join("tile"))? {
            return Err(LogError::Occupied(self.folder.clone()));
        }
        self.commit(&Frontier::default(), key)
    }

    /// Appends entries, of at most [`ENTRY_BYTES`] each, and signs what the log is then. All
    /// are in it or none, whatever happens. Waits for others that write or read.
    ///
    /// # Errors
    ///
    /// Where the key is not one of the log's own, an entry is too long, there is no log, or it is damaged or cannot be
    /// read or written.
    pub fn append(&self, entries: &[&[u8]], key: &SigningKey) -> Result<Appended, LogError> {
        self.check_key(key)?;
        loop {
            // Only another process that was quicker makes it begin again, and each of those has added something.
            let size = self.read()?.checkpoint().size;
            if let Some(appended) = self.append_at(size, entries, key)? {
                return Ok(appended);
            }
        }
    }

    /// The same, where the log has so many entries. `None` where it has another number by now, and nothing is appended.
    ///
    /// # Errors
    ///
    /// As [`Self::append`].
    pub fn append_at(
        &self,
        size: u64,
        entries: &[&[u8]],
        key: &SigningKey,
    ) -> Result<Option<Appended>, LogError> {
        self.check_key(key)?;
        if !disk::is_there(&self.folder.join(CHECKPOINT))? {
            return Err(LogError::NoLog(self.folder.clone()));
        }
        let _lock = Lock::write(&self.folder)?;
        let (before, _) = self.checkpoint()?;
        if before.size != size {
            return Ok(None);
        }
        let mut frontier = Frontier::load(before.size, |tile| self.read_tile(tile))?
            .filter(|it| it.root() == before.root)
            .ok_or_else(|| LogError::Damaged(self.folder.join("tile")))?;
        if entries.is_empty() {
            return Ok(Some(Appended { first: before.size, checkpoint: before }));
        }
        if frontier.size() + entries.len() as u64 > SIZE_LIMIT {
            return Err(LogError::Full);
        }
        if let Some(long) = entries.iter().find(|it| it.len() > ENTRY_BYTES) {
            return Err(LogError::TooLong(long.len()));
        }
        let mut folders = BTreeSet::new();
        for entry in entries {
            for (tile, bytes) in frontier.push(entry).map_err(|_| LogError::TooLong(entry.len()))? {
                self.put(&tile.path(), &bytes, &mut folders)?;
            }
        }
        for (tile, bytes) in frontier.partial() {
            self.put(&tile.path(), &bytes, &mut folders)?;
        }
        for folder in &folders {
            sync(folder)?;
        }
        let checkpoint = self.commit(&frontier, key)?;
        self.sweep(before.size, checkpoint.size);
        Ok(Some(Appended { first: before.size, checkpoint }))
    }

    /// What it is called.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// A key as other programs that read C2SP's notes take it.
    pub fn verifier_key(&self, key: &PublicKey) -> String {
        note::verifier_key(&self.origin, key)
    }

    /// Its folder.
    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bytes of a tile. Its hashes are as many as they should be; whether they are the
    /// right ones is for the caller to check.
    pub(super) fn read_tile(&self, tile: Tile) -> Result<Vec<u8>, LogError> {
        let path = self.folder.join(tile.path());
        let bytes = match tile.of {
            Of::Hashes(_) => {
                let exactly = tile.width as usize * HASH_BYTES;
                read(&path, exactly)?.filter(|it| it.len() == exactly)
            }
            Of::Entries => read(&path, tile.width as usize * (2 + ENTRY_BYTES))?,
        };
        bytes.ok_or(LogError::Damaged(path))
    }

    /// Whether this key may sign the log.
    ///
    /// # Errors
    ///
    /// [`LogError::UntrustedKey`] where it may not.
    pub fn check_key(&self, key: &SigningKey) -> Result<(), LogError> {
        if self.trusted.contains(&key.public()) { Ok(()) } else { Err(LogError::UntrustedKey) }
    }

    /// The checkpoint, and its signed text.
    pub(super) fn checkpoint(&self) -> Result<(Checkpoint, String), LogError> {
        let file = self.folder.join(CHECKPOINT);
        let bytes = read(&file, NOTE_BYTES)?.ok_or_else(|| LogError::NoLog(self.folder.clone()))?;
        let text = String::from_utf8(bytes).map_err(|_| LogError::Damaged(file.clone()))?;
        let checkpoint = Checkpoint::open(&text, &self.origin, &self.trusted)
            .map_err(|why| LogError::Checkpoint { file: file.clone(), why })?;
        if checkpoint.size == 0 && checkpoint.root != Hash::empty() {
            return Err(LogError::Damaged(file));
        }
        Ok((checkpoint, text))
    }

    /// From here on the log is what the frontier says.
    fn commit(&self, frontier: &Frontier, key: &SigningKey) -> Result<Checkpoint, LogError> {
        let checkpoint =
            Checkpoint { origin: self.origin.clone(), size: frontier.size(), root: frontier.root() };
        let mut folders = BTreeSet::new();
        self.put(CHECKPOINT, checkpoint.sign(key).as_bytes(), &mut folders)?;
        sync(&self.folder)?;
        Ok(checkpoint)
    }

    /// A whole file in its place, or what was there before. The names of the folders that it is
    /// in are on the disk for good once `folders` are synced.
    fn put(&self, path: &str, bytes: &[u8], folders: &mut BTreeSet<PathBuf>) -> Result<(), LogError> {
        let aside = self.folder.join(ASIDE);
        let written = write_private(&aside, bytes)?;
        written.sync_all().map_err(|error| at(&aside, error))?;
        let path = self.folder.join(path);
        let mut parent = path.parent();
        if let Some(parent) = parent {
            create_all(parent)?;
        }
        while let Some(folder) = parent.filter(|it| it.starts_with(&self.folder)) {
            folders.insert(folder.to_owned());
            parent = folder.parent();
        }
        fs::rename(&aside, &path).map_err(|error| at(&path, error).into())
    }

    /// Removes the narrower tiles that wider ones have taken the place of, and those that
    /// processes which died before this left. What stays does no harm.
    fn sweep(&self, before: u64, now: u64) {
        for of in Of::all(now) {
            let last = Tile::last(of, now);
            let keep = (last.width > 0).then(|| self.folder.join(last.path()));
            let mut folders = BTreeSet::new();
            for tile in [Tile::last(of, before), last] {
                folders.extend(self.folder.join(tile.partials()).parent().map(Path::to_owned));
            }
            for partials in folders.iter().flat_map(|it| entries(it)) {
                if partials.extension().is_none_or(|it| it != "p") {
                    continue;
                }
                for old in entries(&partials).filter(|it| Some(it) != keep.as_ref()) {
                    if let Err(error) = fs::remove_file(&old) {
                        tracing::warn!(file = %old.shown(), %error, "an old tile could not be removed");
                    }
                }
                // Something may be in it still.
                let _ = fs::remove_dir(&partials);
            }
        }
    }
}

/// What is in a folder, as far as it can be read.
fn entries(folder: &Path) -> impl Iterator<Item = PathBuf> + use<> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|it| it.path())
}

/// The file, if it is there and has at most so many bytes.
pub(crate) fn read(path: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
    let file = match disk::open_regular_file(path) {
        Ok(file) => file,
        // Something else in its place, such as a folder, is no file of a log.
        Err(error) if matches!(error.kind(), NotFound | NotADirectory | InvalidData) => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes).map_err(|error| at(path, error))?;
    Ok((bytes.len() <= most).then_some(bytes))
}
