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
//! A page file begins with the digest of what follows, and what follows has digests of the files of the evidence: of
//! a file that was not written to its end, or that says more than is there, the one before is used.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use exhibit_records::weight::{self, Weight};
use exhibit_records::{Argument, Counts, Digest, PluginRecord, RequestRecord};
use serde::{Deserialize, Serialize};

use crate::collect::spool::Checkpoint;
use crate::collect::{Connection, Order};
use crate::contract::types::{Instant, Window};
use crate::disk::{at, invalid, read_at_most, sync, write_private};

use super::instant;
use super::pages::{Pages, Position};
/// What each of its files may have: a checkpoint of 8 MiB, in base64, and a thousand rejected records of 8 KiB.
const LEFT: Weight = Weight::RECORD.with_bytes(32 << 20);

/// After so many pages all is synced to the disk: a power cut costs no more of them, and the time for it is
/// small beside that of so many requests.
const SYNC_EVERY: u64 = 16;
/// In this version of the files here.
const VERSION: u32 = 1;

const TERMS: &str = "terms.json";
const SYNCED: &str = "synced.json";
const PAGES: [&str; 2] = ["page-0.json", "page-1.json"];
const ASKED: &str = "asked.json";
/// The last request that changes something: what was asked after it does not hide it.
const WROTE: &str = "wrote.json";

/// What a collection was asked for. One that is to resume it asks for the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Terms {
    version: u32,
    /// Other versions may write other frames.
    host: String,
    plugin: PluginRecord,
    proof_type: String,
    /// Whether that is an operation.
    #[serde(default)]
    operation: bool,
    settings: Vec<Argument>,
    criteria: Vec<Argument>,
    origins: Vec<(String, String)>,
    /// Where the credentials are kept.
    secrets: Vec<(String, String)>,
    account: Option<String>,
    /// Whose credentials they are: a digest of the user name.
    caller: Option<Digest>,
    /// Without its end where that is the instant that counts as now.
    window: Option<(String, Option<String>)>,
    /// The proof that it has the changes since, and the point of that.
    #[serde(default)]
    since: Option<(String, String)>,
    /// Where the caller chose the instant that counts as now.
    as_of_chosen: Option<String>,
}

impl Terms {
    /// Of a collection that begins. `as_of_chosen`: whether the caller chose the instant that counts as now.
    pub(crate) fn new(
        connection: &Connection,
        proof_type: &str,
        order: &Order,
        as_of_chosen: bool,
        account: Option<&str>,
        caller: Option<Digest>,
    ) -> Self {
        let window = |window: Window| {
            let end = (window.end != order.as_of).then(|| instant::format(window.end));
            (instant::format(window.start), end)
        };
        Self {
            version: VERSION,
            host: env!("CARGO_PKG_VERSION").to_owned(),
            plugin: PluginRecord::from(connection.plugin()),
            proof_type: proof_type.to_owned(),
            operation: order.is_operation(),
            settings: connection.settings().iter().map(Argument::from).collect(),
            criteria: order.criteria.iter().map(Argument::from).collect(),
            origins: connection.origins().iter().map(|(name, it)| (name.clone(), it.to_string())).collect(),
            secrets: connection.secrets(),
            account: account.map(str::to_owned),
            caller,
            window: order.window.map(window),
            since: order
                .since
                .as_ref()
                .map(|it| (it.predecessor.proof.to_string(), instant::format(it.point))),
            as_of_chosen: as_of_chosen.then(|| instant::format(order.as_of)),
        }
    }

    /// Whether they are of an operation.
    pub(crate) fn is_operation(&self) -> bool {
        self.operation
    }

    /// In what these are others, for people.
    pub(crate) fn differences(&self, other: &Self) -> Vec<&'static str> {
        let differ = [
            (self.host != other.host || self.version != other.version, "version of Exhibit"),
            (self.plugin != other.plugin, "plugin"),
            (self.proof_type != other.proof_type || self.operation != other.operation, "proof type"),
            (self.settings != other.settings, "settings"),
            (self.criteria != other.criteria, "criteria"),
            (self.origins != other.origins, "origins"),
            (self.secrets != other.secrets, "place of the secrets"),
            (self.account != other.account, "name of the account"),
            (self.caller != other.caller, "user"),
            (self.window != other.window, "window"),
            (self.since != other.since, "earlier proof"),
            (self.as_of_chosen != other.as_of_chosen, "instant that counts as now"),
        ];
        differ.into_iter().filter_map(|(differs, what)| differs.then_some(what)).collect()
    }

    /// A name for all collections of these terms: the same for the same terms alone.
    pub(crate) fn digest(&self) -> io::Result<Digest> {
        Ok(Digest::of(&serde_json::to_vec(self)?))
    }
}

/// The terms, and what belongs to one collection of them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Begun {
    pub(crate) terms: Terms,
    /// What counts as now.
    pub(crate) as_of: Instant,
    /// When it began, by the host's clock.
    pub(crate) began: Instant,
    /// For how many milliseconds it can be resumed.
    pub(crate) within: u64,
    /// Its start and its end.
    pub(crate) window: Option<(Instant, Instant)>,
    /// That of an operation.
    #[serde(default)]
    pub(crate) id: Option<String>,
}

impl Begun {
    /// Into this folder, for good.
    pub(super) fn write(&self, folder: &Path) -> io::Result<()> {
        write(&folder.join(TERMS), &serde_json::to_vec(self)?, true)
    }
}

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
    /// Whether it is unknown what became of a request that changes something.
    #[serde(default)]
    unknown: bool,
    /// Whether such a request was about to be sent.
    #[serde(default)]
    before_write: bool,
    /// Whether the session is still to be given that the answer to such a request is missing.
    #[serde(default)]
    unanswered: bool,
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
    pub(super) fn asking(&self, request: RequestRecord, number: u64, sync: bool) -> io::Result<()> {
        let asked = serde_json::to_vec(&Asked { number, request })?;
        if sync {
            self.replace("wrote.next", WROTE, &asked)?;
        }
        write(&self.folder.join(ASKED), &asked, sync)
    }

    /// The collection can be resumed from here.
    pub(super) fn checkpoint(&mut self, pages: &mut Pages, at: Checkpoint) -> io::Result<()> {
        self.number += 1;
        self.since_sync += 1;
        // Before a long wait, too: the machine may be switched off during it.
        let at_once = at.pause.is_some() || at.before_write;
        let reached = Reached {
            number: self.number,
            position: pages.position(),
            session: at.session.map(|it| STANDARD.encode(it)),
            counts: at.counts,
            pause: at.pause,
            unknown: at.unknown,
            before_write: at.before_write,
            unanswered: at.unanswered,
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

fn write(path: &Path, bytes: &[u8], sync: bool) -> io::Result<()> {
    // A link that others have put there would lead elsewhere.
    if path.symlink_metadata().is_ok_and(|it| !it.is_file()) {
        return Err(at(path, invalid("this is no file".to_owned())));
    }
    let file = write_private(path, bytes)?;
    if sync { file.sync_all().map_err(|error| at(path, error)) } else { Ok(()) }
}

/// What was left to be resumed.
#[derive(Debug)]
pub(crate) struct Left {
    pub(crate) begun: Begun,
    /// How far it came, the latest first.
    pub(crate) reached: Vec<Reached>,
    asked: Option<Asked>,
    wrote: Option<Asked>,
}

impl Left {
    /// What is in this folder. `None` where there is nothing to resume.
    pub(crate) fn read(folder: &Path) -> io::Result<Option<Self>> {
        let begun = match read_bounded(&folder.join(TERMS)) {
            Ok(bytes) => serde_json::from_slice(&bytes).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let Some(begun) = begun else { return Ok(None) };
        let slots = PAGES.into_iter().chain([SYNCED]);
        let mut reached: Vec<_> = slots.filter_map(|it| read(&folder.join(it)).ok()).collect();
        reached.sort_by_key(|it: &Reached| std::cmp::Reverse(it.number));
        reached.dedup_by_key(|it| it.number);
        let asked = read_bounded(&folder.join(ASKED)).ok();
        let asked = asked.and_then(|it| serde_json::from_slice(&it).ok());
        // It cannot be told from a damaged one that it was not there.
        let wrote = match read_bounded(&folder.join(WROTE)) {
            Ok(bytes) => Some(serde_json::from_slice(&bytes).map_err(|_| torn(&folder.join(WROTE)))?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Some(Self { begun, reached, asked, wrote }))
    }

    /// Whether a request that changes something was sent, answered or not.
    pub(crate) fn wrote(&self) -> bool {
        self.wrote.is_some()
    }

    /// Whether it is of the same operation, by the value of this parameter.
    pub(crate) fn is_of_same(&self, terms: &Terms, parameter: Option<&str>) -> bool {
        let own = &self.begun.terms;
        let value =
            |terms: &Terms| terms.criteria.iter().find(|it| Some(it.name.as_str()) == parameter).cloned();
        own.operation && own.proof_type == terms.proof_type && value(own) == value(terms)
    }

    /// A request that changes something was sent after `reached`, and nothing was kept of its answer until then. `None`: after the
    /// beginning.
    pub(crate) fn unanswered_write(&self, reached: Option<&Reached>) -> Option<&RequestRecord> {
        let answered = reached.map_or(0, |it| it.counts.requests);
        let wrote = self.wrote.as_ref()?;
        (wrote.number > answered).then_some(&wrote.request)
    }
}

impl Reached {
    /// Answers and rows that were committed.
    pub(crate) fn committed(&self) -> (u64, u64) {
        (self.counts.answers, self.counts.rows)
    }

    /// Whether there is anything to resume.
    pub(crate) fn is_worth_it(&self) -> bool {
        self.counts.answers > 0 || self.pause.is_some() || self.unknown || self.before_write
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
        // What was sent and not answered was sent nevertheless.
        counts.requests = counts.requests.max(left.asked.as_ref().map_or(0, |it| it.number));
        let (unknown, before_write, unanswered) = (self.unknown, self.before_write, self.unanswered);
        Ok(Checkpoint { session, counts, pause: self.pause.clone(), unknown, before_write, unanswered })
    }
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
mod tests {
    use super::*;

    fn left(folder: &Path) -> io::Result<Left> {
        Ok(Left::read(folder)?.expect("something was left"))
    }

    fn begun() -> Begun {
        let plugin =
            PluginRecord { id: "test".into(), version: "1.0.0".into(), digest: Digest::of(b"plugin") };
        let terms = Terms {
            version: VERSION,
            host: "0.0.0".into(),
            plugin,
            proof_type: "assets".into(),
            operation: false,
            settings: vec![],
            criteria: vec![],
            origins: vec![],
            secrets: vec![],
            account: None,
            caller: None,
            window: None,
            since: None,
            as_of_chosen: None,
        };
        Begun { terms, as_of: 0, began: 0, within: 0, window: None, id: None }
    }

    fn request(effect: &str) -> RequestRecord {
        RequestRecord {
            origin: "api".into(),
            method: "POST".into(),
            path: "/launch".into(),
            query: vec![],
            headers: vec![],
            body: None,
            auth: None,
            effect: effect.into(),
        }
    }

    fn at(requests: u64) -> Checkpoint {
        let counts = Counts { requests, answers: requests, ..Counts::default() };
        Checkpoint { session: Some(vec![7]), counts, ..Checkpoint::default() }
    }

    #[test]
    fn a_write_without_an_answer_is_known() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let written = folder.path().join("written");
        fs::create_dir(&written)?;
        let mut pages = Pages::create(&written, &[])?;
        begun().write(folder.path())?;
        let mut journal = Journal::begin(folder.path().to_owned());
        let unanswered = || {
            let left = left(folder.path())?;
            Ok::<_, io::Error>(left.unanswered_write(left.reached.first()).cloned())
        };
        journal.asking(request("write"), 1, true)?;
        assert!(unanswered()?.is_some(), "before any page");
        journal.checkpoint(&mut pages, at(1))?;
        assert!(unanswered()?.is_none(), "it was answered");
        journal.asking(request("read"), 2, false)?;
        assert!(unanswered()?.is_none(), "a read can be repeated");
        assert!(
            left(folder.path())?.unanswered_write(None).is_some(),
            "where all pages are damaged, it was sent nevertheless"
        );
        let found = left(folder.path())?;
        assert_eq!(found.reached[0].checkpoint(&found)?.counts.requests, 2, "it was sent nevertheless");
        journal.asking(request("write"), 3, true)?;
        assert_eq!(unanswered()?, Some(request("write")));
        journal.asking(request("read"), 4, false)?;
        assert_eq!(unanswered()?, Some(request("write")), "what is asked after it does not hide it");
        Ok(())
    }

    #[test]
    fn what_was_not_written_to_its_end_does_not_count() -> io::Result<()> {
        let folder = tempfile::tempdir()?;
        let written = folder.path().join("written");
        fs::create_dir(&written)?;
        let mut pages = Pages::create(&written, &[])?;
        begun().write(folder.path())?;
        let mut journal = Journal::begin(folder.path().to_owned());
        for requests in 1..=SYNC_EVERY + 2 {
            journal.checkpoint(&mut pages, at(requests))?;
        }
        let answers = || {
            let left = left(folder.path())?;
            Ok::<_, io::Error>(left.reached.iter().map(|it| it.counts.answers).collect::<Vec<_>>())
        };
        assert_eq!(answers()?, [SYNC_EVERY + 2, SYNC_EVERY + 1, SYNC_EVERY]);
        for slot in PAGES {
            let path = folder.path().join(slot);
            let whole = fs::read(&path)?;
            for end in [0, 10, whole.len() / 2, whole.len() - 1] {
                fs::write(&path, &whole[..end])?;
                assert_eq!(answers()?.len(), 2, "{slot} up to {end}");
            }
            fs::write(&path, whole)?;
        }
        Ok(())
    }
}
