//! What operations have sent from this machine, so that a caller who did not hear of the end of one does not do it a second time,
//! wherever its evidence goes.
//!
//! ```text
//! lock                held while an operation looks here, and writes that it is about to send something
//! KEY.AT.ID.json      a run of an operation that has sent something: at AT, in milliseconds since 1970
//! ```
//!
//! `KEY` is a digest of what makes two operations the same: plugin, operation, origins, user and parameters. None of these is in
//! the file, and no secret.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use exhibit_records::weight::{self, Weight};
use exhibit_records::{Argument, Digest, OperationOutcome};
use serde::Serialize;

use crate::collect::spool::SentWrite;
use crate::collect::{CollectError, Connection, Order};
use crate::contract::types::Instant;
use crate::disk::{
    FileLock, KeepError, Sharing, at, invalid, names_if_any, private_all, read_at_most, sync, write_private,
};

use super::collection::CollectFailure;
use super::earlier_run::{EarlierEnd, EarlierRun, Ledger};

/// For so long after the end of an operation the same one is taken for a caller who did not hear of the end. Schedulers and people
/// repeat a call within minutes; a scan that is meant a second time comes later than this, or can be asked for.
pub const SAME_WITHIN: Duration = Duration::from_secs(60 * 60);
/// For so long a run is remembered that did not come to its end. Operations wait for two weeks at most.
pub const INTERRUPTED_FOR: Duration = Duration::from_secs(30 * 24 * 60 * 60);
/// The parameters that say how long an operation waits begin with it: they change nothing at the source.
pub const WAIT: &str = "wait";

const LOCK: &str = "lock";
const ENDING: &str = ".json";
/// While it is written.
const NEXT: &str = ".next";
/// A URL, a sentence of a plugin and a path.
const ENTRY: Weight = Weight::RECORD.with_bytes(1 << 20);

/// What makes two operations the same.
#[derive(Serialize)]
struct Identity<'a> {
    plugin: &'a str,
    operation: &'a str,
    origins: Vec<(&'a str, String)>,
    caller: Option<Digest>,
    /// Where the user cannot be known: where the credentials are kept.
    secrets: Vec<(String, String)>,
    parameters: Vec<Argument>,
}

/// A digest of what makes two operations the same.
///
/// # Errors
/// Where the user that it is for cannot be read.
pub(super) async fn key(connection: &Connection, order: &Order) -> Result<Digest, CollectFailure> {
    // Under another key, what was sent would not be found.
    let caller = connection.caller().await.map_err(|error| CollectFailure::Collection {
        error: Box::new(CollectError::from(error)),
        asked: None,
        kept: 0,
    })?;
    let is_of_change = |name: &str| name != WAIT && !name.starts_with("wait-");
    let identity = Identity {
        plugin: &connection.plugin().manifest().id,
        operation: order.task.name(),
        origins: connection.origins().iter().map(|(name, it)| (name.as_str(), it.to_string())).collect(),
        caller,
        secrets: if caller.is_none() { connection.secrets() } else { vec![] },
        parameters: order.criteria.iter().filter(|it| is_of_change(&it.name)).map(Argument::from).collect(),
    };
    let json = serde_json::to_vec(&identity).map_err(|error| KeepError::from(io::Error::from(error)))?;
    Ok(Digest::of(&json))
}

impl Ledger {
    /// Refuses where another run than `own` has sent the same.
    pub(super) fn check(&self, key: Digest, own: &str, now: Instant) -> Result<(), CollectFailure> {
        let _lock = self.lock()?;
        self.look(key, own, now)
    }

    fn failed(&self, error: io::Error) -> CollectFailure {
        CollectFailure::Ledger { folder: self.folder.clone(), error }
    }

    /// `None` where the file system has no locks.
    fn lock(&self) -> Result<Option<FileLock>, CollectFailure> {
        private_all(&self.folder).map_err(|error| self.failed(at(&self.folder, error)))?;
        match FileLock::take(&self.folder.join(LOCK), Sharing::Alone) {
            Err(error) if error.kind() == io::ErrorKind::Unsupported => Ok(None),
            lock => lock.map(Some).map_err(|error| self.failed(error)),
        }
    }

    /// With the lock. Removes what is too old.
    fn look(&self, key: Digest, own: &str, now: Instant) -> Result<(), CollectFailure> {
        let mut latest: Option<EarlierRun> = None;
        for name in names_if_any(&self.folder).map_err(|error| self.failed(error))? {
            let Some((of, sent, id)) = name.to_str().and_then(parts) else { continue };
            let path = self.folder.join(&name);
            if is_over(now, sent, INTERRUPTED_FOR) {
                self.remove(&path)?;
                continue;
            }
            let is_same = of == key.hex() && id != own;
            if !is_same && !is_over(now, sent, SAME_WITHIN) {
                continue;
            }
            let run = match read(&path) {
                Ok(run) => run,
                Err(_) if is_same => return Err(CollectFailure::Damaged { folder: path }),
                Err(_) => continue,
            };
            if run.ended.is_some_and(|it| is_over(now, it.at, SAME_WITHIN)) {
                self.remove(&path)?;
            } else if is_same && latest.as_ref().is_none_or(|it| it.sent.at <= run.sent.at) {
                latest = Some(run);
            }
        }
        latest.map_or(Ok(()), |it| Err(CollectFailure::SentBefore(Box::new(it))))
    }

    fn remove(&self, path: &Path) -> Result<(), CollectFailure> {
        match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(at(path, error))),
            _ => Ok(()),
        }
    }

    /// With the lock. As a whole, and on the disk for good.
    fn write(&self, path: &Path, run: &EarlierRun) -> io::Result<()> {
        let mut aside = path.as_os_str().to_owned();
        aside.push(NEXT);
        let aside = PathBuf::from(aside);
        let mut file = write_private(&aside, &serde_json::to_vec_pretty(run)?)?;
        file.write_all(b"\n").and_then(|()| file.sync_all()).map_err(|error| at(&aside, error))?;
        fs::rename(&aside, path).map_err(|error| at(path, error))?;
        sync(&self.folder)
    }
}

/// One run of an operation, in the ledger.
#[derive(Debug)]
pub(super) struct LedgerRun<'a> {
    pub(super) ledger: &'a Ledger,
    pub(super) key: Digest,
    /// That of the order.
    pub(super) id: String,
    pub(super) place: PathBuf,
    /// Whether it is sent although another run has sent the same: the caller wants that.
    pub(super) again: bool,
    /// Its file, where it has sent something.
    file: Option<PathBuf>,
    /// Whether the source took what was sent: the run went on to look what became of it.
    is_taken: bool,
}

impl<'a> LedgerRun<'a> {
    /// Of a run that begins or is resumed: with `id`, and evidence at `place`.
    ///
    /// # Errors
    /// Where the ledger cannot be read.
    pub(super) fn new(
        ledger: &'a Ledger,
        key: Digest,
        id: &str,
        place: &Path,
        again: bool,
    ) -> Result<Self, CollectFailure> {
        let is_own = |it: &str| parts(it).is_some_and(|(of, _, it)| of == key.hex() && it == id);
        let names = names_if_any(&ledger.folder).map_err(|error| ledger.failed(error))?;
        let file = names.into_iter().find(|it| it.to_str().is_some_and(is_own));
        let file = file.map(|it| ledger.folder.join(it));
        let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
        Ok(Self { ledger, key, id: id.to_owned(), place, again, file, is_taken: false })
    }

    /// It is about to send this, or has sent it before.
    ///
    /// # Errors
    /// Where another run has sent the same, or it cannot be written. Then it is not to be sent.
    pub(super) fn sending(&mut self, sent: &SentWrite, now: Instant) -> Result<(), CollectFailure> {
        let _lock = self.ledger.lock()?;
        if self.file.is_none() && !self.again {
            self.ledger.look(self.key, &self.id, now)?;
        }
        let name = || format!("{}.{}.{}{ENDING}", self.key.hex(), sent.at, self.id);
        let path = self.file.clone().unwrap_or_else(|| self.ledger.folder.join(name()));
        let run = EarlierRun { sent: sent.clone(), place: self.place.clone(), ended: None };
        self.ledger.write(&path, &run).map_err(|error| self.ledger.failed(error))?;
        self.file = Some(path);
        Ok(())
    }

    /// The source answered, and the run asks for what became of it: after a refusal there is nothing to ask for.
    pub(super) fn taken(&mut self) {
        self.is_taken = true;
    }

    /// It was not sent after all, or had no effect: another run may send the same.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(super) fn forget(&mut self) -> Result<(), CollectFailure> {
        let Some(path) = &self.file else { return Ok(()) };
        let _lock = self.ledger.lock()?;
        self.ledger.remove(path)?;
        self.file = None;
        Ok(())
    }

    /// It has ended, with evidence in this place.
    ///
    /// # Errors
    /// Where that cannot be written.
    pub(super) fn ended(&mut self, place: &Path, end: EarlierEnd) -> Result<(), CollectFailure> {
        // A scan that was launched and then canceled is not to be launched once more by a scheduler that tries again.
        if end.outcome == Some(OperationOutcome::NotDone) && !self.is_taken {
            return self.forget();
        }
        let Some(path) = &self.file else { return Ok(()) };
        let _lock = self.ledger.lock()?;
        let written = read(path).and_then(|it| {
            let place = std::path::absolute(place).unwrap_or_else(|_| place.to_owned());
            self.ledger.write(path, &EarlierRun { place, ended: Some(end), ..it })
        });
        written.map_err(|error| self.ledger.failed(error))
    }
}

/// Whether so long a time has passed since then. By a clock that was set back it has not.
fn is_over(now: Instant, since: Instant, limit: Duration) -> bool {
    let passed = now.saturating_sub(since);
    u128::try_from(passed).is_ok_and(|it| it > limit.as_millis())
}

/// The key, the instant and the id that a file is named by.
fn parts(name: &str) -> Option<(&str, Instant, &str)> {
    let mut parts = name.strip_suffix(ENDING)?.splitn(3, '.');
    Some((parts.next()?, parts.next()?.parse().ok()?, parts.next()?))
}

fn read(path: &Path) -> io::Result<EarlierRun> {
    let bytes = read_at_most(path, ENTRY.bytes)?;
    weight::check(&bytes, &ENTRY).map_err(|error| at(path, invalid(error.to_string())))?;
    serde_json::from_slice(&bytes).map_err(|error| at(path, invalid(error.to_string())))
}

#[cfg(test)]
mod tests;
