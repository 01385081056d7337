//! What it takes to resume a collection: its terms, and how far it came.
//!
//! ```text
//! terms.json     what was asked for; a collection of other terms does not resume it
//! page-0.json    after every other page: how far the files reach, and the plugin's checkpoint
//! page-1.json    after those in between
//! synced.json    the same of the last page that a power cut leaves
//! asked.json     the request that was sent last
//! ```
//!
//! What is known of a request that changes something is part of each page file, and `synced.json` has it before the request is
//! sent: that file is replaced as a whole, so of an operation it is never damaged by a process that ends.
//!
//! A page file begins with the digest of what follows, and what follows has digests of the files of the evidence: of
//! a file that was not written to its end, or that says more than is there, the one before is used.

mod file;
mod terms;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_records::weight::{self, Weight};
use exhibit_records::{Counts, Digest, RequestRecord};
use serde::{Deserialize, Serialize};

use crate::collect::spool::{Checkpoint, WriteState};
use crate::contract::types::Instant;
use crate::disk::{at, invalid, is_there, read_at_most, sync};

use super::pages::{Pages, Position};

use self::file::{TERMS, write};
pub(crate) use self::terms::{Begun, Terms};

/// What each of its files may have: a checkpoint of 8 MiB, in base64, and a thousand rejected records of 8 KiB.
const LEFT: Weight = Weight::RECORD.with_bytes(32 << 20);

/// After so many pages all is synced to the disk: a power cut costs no more of them, and the time for it is
/// small beside that of so many requests.
const SYNC_EVERY: u64 = 16;

const SYNCED: &str = "synced.json";
const PAGES: [&str; 2] = ["page-0.json", "page-1.json"];
const ASKED: &str = "asked.json";
/// Those who began it mean that it is not gone on with any more: it stays, for people.
const SET_ASIDE: &str = "set-aside";

/// How far a collection came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Reached {
    /// Grows with each of these: of two, the one with the higher number is the later one.
    number: u64,
    position: Position,
    /// Base64.
    session: Option<String>,
    counts: Counts,
    pause: Option<(Instant, String)>,
    /// What is known of the last request that changes something.
    #[serde(default)]
    write: WriteState,
    /// When it was resumed so far.
    pub(crate) resumed: Vec<Instant>,
}

/// What was sent last.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct Asked {
    /// Over all requests of the collection.
    number: u64,
    request: RequestRecord,
}

/// Writes how far a collection came.
#[derive(Debug)]
pub(super) struct Journal {
    folder: PathBuf,
    number: u64,
    resumed: Vec<Instant>,
    since_sync: u64,
    folders_synced: bool,
}

impl Journal {
    /// Writes a file beside the one before, so that one of them is whole at any time, and has it on the disk for good.
    fn replace(&self, aside: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
        let aside = self.folder.join(aside);
        write(&aside, bytes, true)?;
        fs::rename(&aside, self.folder.join(name)).map_err(|error| crate::disk::at(&aside, error))?;
        sync(&self.folder)
    }

    /// Of a collection that begins, into this folder, which has its terms already.
    pub(super) fn begin(folder: PathBuf) -> Self {
        Self { folder, number: 0, resumed: Vec::new(), since_sync: 0, folders_synced: false }
    }

    /// Of one that is resumed now.
    pub(super) fn resume(folder: PathBuf, reached: &Reached, now: Instant) -> Self {
        let mut resumed = reached.resumed.clone();
        resumed.push(now);
        Self { folder, number: reached.number, resumed, since_sync: 0, folders_synced: false }
    }

    /// A request is sent now.
    pub(super) fn asking(&self, request: RequestRecord, number: u64) -> io::Result<()> {
        let asked = serde_json::to_vec(&Asked { number, request })?;
        write(&self.folder.join(ASKED), &asked, false)
    }

    /// The collection can be resumed from here.
    pub(super) fn checkpoint(&mut self, pages: &mut Pages, at: Checkpoint) -> io::Result<()> {
        self.number += 1;
        self.since_sync += 1;
        // Before a long wait, too: the machine may be switched off during it.
        let at_once = at.pause.is_some() || matches!(at.write, WriteState::Unanswered(_));
        let reached = Reached {
            number: self.number,
            position: pages.position(),
            session: at.session.map(|it| STANDARD.encode(it)),
            counts: at.counts,
            pause: at.pause,
            write: at.write,
            resumed: self.resumed.clone(),
        };
        let json = serde_json::to_vec(&reached)?;
        let mut text = format!("{}\n", Digest::of(&json)).into_bytes();
        text.extend(json);
        let slot = PAGES[usize::from(self.number % 2 == 1)];
        write(&self.folder.join(slot), &text, false)?;
        if at_once || self.since_sync >= SYNC_EVERY {
            pages.sync()?;
            if !self.folders_synced {
                // The folders that these are in, once.
                for folder in self.folder.ancestors().skip(1).take(2) {
                    sync(folder)?;
                }
                self.folders_synced = true;
            }
            self.replace("synced.next", SYNCED, &text)?;
            self.since_sync = 0;
        }
        Ok(())
    }
}

/// What was left to be resumed.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) begun: Begun,
    /// How far it came, the latest first.
    pub(crate) reached: Vec<Reached>,
    asked: Option<Asked>,
}

impl Left {
    /// What is in this folder. `None` where there is nothing to resume.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let begun: Option<Begun> = match read_bounded(&folder.join(TERMS)) {
            Ok(bytes) => serde_json::from_slice(&bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let Some(begun) = begun else { return Ok(None) };
        let slots = PAGES.into_iter().chain([SYNCED]);
        let mut reached: Vec<_> = slots.filter_map(|it| read(&folder.join(it)).ok()).collect();
        reached.sort_by_key(|it: &Reached| std::cmp::Reverse(it.number));
        reached.dedup_by_key(|it| it.number);
        // What was sent is in that file, before it is sent.
        if begun.terms.is_operation() {
            match read(&folder.join(SYNCED)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        let asked = read_bounded(&folder.join(ASKED)).ok();
        let asked = asked.and_then(|it| serde_json::from_slice(&it).ok());
        Ok(Some(Self { begun, reached, asked }))
    }

    /// What is known of the last request that changes something.
    pub(crate) fn write(&self) -> &WriteState {
        const NOT_SENT: &WriteState = &WriteState::NotSent;
        self.reached.first().map_or(NOT_SENT, |it| &it.write)
    }

    /// The same for a session that is opened at `reached`, which may be before it was sent.
    fn write_at(&self, reached: &Reached) -> WriteState {
        match self.write().sent() {
            Some(sent) if reached.write.sent() != Some(sent) => WriteState::Unanswered(sent.clone()),
            _ => reached.write.clone(),
        }
    }

    /// Whether it is of the same operation, by the value of this parameter.
    pub(crate) fn is_of_same(&self, terms: &Terms, parameter: Option<&str>) -> bool {
        let own = &self.begun.terms;
        let value =
            |terms: &Terms| terms.criteria.iter().find(|it| Some(it.name.as_str()) == parameter).cloned();
        own.operation && own.proof_type == terms.proof_type && value(own) == value(terms)
    }
}

impl Reached {
    /// Answers and rows that were committed.
    pub(crate) fn committed(&self) -> (u64, u64) {
        (self.counts.answers, self.counts.rows)
    }

    /// Whether there is anything to resume.
    pub(crate) fn is_worth_it(&self) -> bool {
        self.counts.answers > 0 || self.pause.is_some() || self.write.sent().is_some()
    }

    pub(super) fn position(&self) -> &Position {
        &self.position
    }

    /// Where the collection goes on from.
    ///
    /// # Errors
    /// Where it was altered.
    pub(crate) fn checkpoint(&self, left: &Left) -> io::Result<Checkpoint> {
        let session = self.session.as_ref().map(|it| STANDARD.decode(it)).transpose();
        let session = session.map_err(|error| invalid(format!("the checkpoint: {error}")))?;
        let mut counts = self.counts;
        let write = left.write_at(self);
        // What was sent and not answered was sent nevertheless. What changes something is asked for again, and not sent.
        let asked = left.asked.as_ref().map_or(0, |it| it.number);
        let again = matches!(&write, WriteState::Unanswered(sent) if sent.number == asked);
        counts.requests = counts.requests.max(asked.saturating_sub(again.into()));
        Ok(Checkpoint { session, counts, pause: self.pause.clone(), write })
    }
}

/// From now on what is in this folder is not gone on with. It is kept.
pub(crate) fn set_aside(folder: &Path) -> io::Result<()> {
    write(&folder.join(SET_ASIDE), b"", true)?;
    sync(folder)
}

/// Whether that was said of it.
pub(crate) fn is_set_aside(folder: &Path) -> bool {
    is_there(&folder.join(SET_ASIDE)).unwrap_or(false)
}

/// What a collection left is beside the evidence, where others may have put it.
fn read_bounded(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = read_at_most(path, LEFT.bytes)?;
    weight::check(&bytes, &LEFT).map_err(|error| at(path, invalid(error.to_string())))?;
    Ok(bytes)
}

fn torn(path: &Path) -> io::Error {
    at(path, invalid("it was not written to its end".to_owned()))
}

fn read(path: &Path) -> io::Result<Reached> {
    let bytes = read_bounded(path)?;
    let torn = || torn(path);
    let line = bytes.iter().position(|it| *it == b'\n').ok_or_else(torn)?;
    let (digest, json) = bytes.split_at(line);
    let json = json.get(1..).ok_or_else(torn)?;
    if digest != Digest::of(json).to_string().as_bytes() {
        return Err(torn());
    }
    serde_json::from_slice(json).map_err(|_| torn())
}

#[cfg(test)]
mod tests;
