//! The folder that a proof is kept in: written aside, synced, and put in place once it is
//! whole.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

use exhibit_records::{AnswerRecord, Proof, RequestRecord};
use tokio::sync::oneshot;

use crate::collect::sink::{Answer, Sink};
use crate::collect::spool::{Checkpoint, Kept, Spool};
use crate::contract::catalog::Field;
use crate::contract::collection::{Rejection, Request};
use crate::contract::types::{Instant, Row};
use crate::disk::{KeepError, StagedDir, at, names, open_regular_file, private_file};

use super::pages::{ANSWERS, Pages, ROWS, TABLE};
use super::proof::CollectionSummary;
use super::spool::{Begun, Journal, Reached};
use super::staged::StagedEvidence;
use super::{answers, proof};

/// So many pieces may wait for the disk: enough that parsing and writing overlap, and
/// with pieces of 64 KiB and their rows a few megabytes at most.
const WAITING_PIECES: usize = 16;

/// Evidence in the making. Dropped before it is finished, it leaves nothing behind; one that can be resumed
/// leaves its pages, where there are any.
#[derive(Debug)]
pub struct EvidenceWriter {
    writer: Option<Writer>,
    /// Whether it is kept how far it came.
    keeps: bool,
    /// Pages until then.
    committed: u64,
    /// After the writer, so that nothing is written into it any more when it is removed.
    aside: Option<StagedDir>,
    /// For the answer that a collection fails at.
    failed: Option<StagedDir>,
}

/// Commands to the writing thread.
enum Message {
    Begin(Box<AnswerRecord>),
    Body(Vec<u8>),
    Rows(Vec<Row>, Vec<Rejection>),
    Redacted(u64),
    Blanked(BTreeMap<String, u64>),
    Commit,
    Abandon(String),
    Discard,
    Asking(Box<RequestRecord>, u64, Done),
    Checkpoint(Box<Checkpoint>, Done),
}

/// Hears when a command is carried out.
type Done = oneshot::Sender<()>;

/// The thread that renders, compresses, digests and writes.
#[derive(Debug)]
struct Writer {
    messages: SyncSender<Message>,
    thread: JoinHandle<io::Result<Pages>>,
}

impl EvidenceWriter {
    /// Evidence with rows of these fields, to be put at `destination`, which must not be
    /// there or be empty. The folders above it are made. A folder that is made is for its
    /// owner alone; an empty one that was there keeps its rights, and gets `proof.json` last.
    pub fn create(destination: &Path, fields: &[Field]) -> Result<Self, KeepError> {
        let aside = StagedDir::create(destination)?;
        let pages = Pages::create(aside.path(), fields)?;
        Ok(Self::of(Writer::start(pages, None)?, aside, false, 0))
    }

    fn of(writer: Writer, aside: StagedDir, keeps: bool, committed: u64) -> Self {
        Self { writer: Some(writer), keeps, committed, aside: Some(aside), failed: None }
    }

    /// The same, of a collection that can be resumed.
    pub(crate) fn create_resumable(
        destination: &Path,
        fields: &[Field],
        begun: &Begun,
    ) -> Result<Self, KeepError> {
        let aside = StagedDir::create(destination)?;
        // Without a lock no process could ever know that this one has ended.
        let journal = if aside.has_lock() {
            Some(Journal::begin(aside.keep_to_resume(|folder| begun.write(folder))?))
        } else {
            None
        };
        let keeps = journal.is_some();
        let pages = Pages::create(aside.path(), fields)?;
        Ok(Self::of(Writer::start(pages, journal)?, aside, keeps, 0))
    }

    /// Evidence that another process has left after this page.
    ///
    /// # Errors
    /// Where it is not there any more as it was.
    pub(crate) fn resume(
        mut aside: StagedDir,
        fields: &[Field],
        reached: &Reached,
        now: Instant,
    ) -> Result<Self, ResumeError> {
        let resumed = Pages::reopen(aside.path(), fields, reached.position())
            .and_then(|pages| clear_others(aside.path()).map(|()| pages))
            .and_then(|pages| {
                let journal = Journal::resume(aside.resume_folder().unwrap_or_default(), reached, now);
                Writer::start(pages, Some(journal))
            });
        aside.leave_when_dropped(true);
        match resumed {
            Ok(writer) => Ok(Self::of(writer, aside, true, reached.committed().0)),
            Err(error) => Err(ResumeError { error, aside }),
        }
    }

    /// From now on it leaves nothing behind, whatever was committed. Gives 0.
    pub(crate) fn forget(&mut self) -> u64 {
        if let Some(aside) = &mut self.aside {
            aside.leave_when_dropped(false);
        }
        0
    }

    /// The folder that another process needs to resume it.
    pub(crate) fn staging(&self) -> Option<PathBuf> {
        Some(self.aside.as_ref()?.path().parent()?.to_owned())
    }

    /// How many pages it leaves to be resumed after.
    pub(crate) fn kept(&self) -> u64 {
        let is_left = self.aside.as_ref().is_some_and(StagedDir::is_left_when_dropped);
        if is_left { self.committed } else { 0 }
    }

    /// The same, with a folder for the answer that the collection fails at, if it does: the first of `destination`,
    /// `destination-2` and so on that is not there or empty. An earlier call of it may have failed, too.
    pub fn keep_failed(mut self, destination: &Path) -> Result<Self, KeepError> {
        self.failed = Some(StagedDir::create_first_free(destination)?);
        Ok(self)
    }

    /// Ends a collection that failed. Keeps the answer that it failed at, where that was asked for and
    /// there is one: its body as it came in `answer.zst`, and what was asked in `answer.json`. Gives the folder
    /// of these.
    pub fn fail(mut self) -> Result<Option<PathBuf>, KeepError> {
        let Some(aside) = self.failed.take() else { return Ok(None) };
        let Some(writer) = self.writer.take() else { return Ok(None) };
        let pages = writer.stop()?;
        let Some(failed) = pages.failed() else { return Ok(None) };
        let mut json = serde_json::to_vec_pretty(&failed.record).map_err(io::Error::from)?;
        json.push(b'\n');
        aside.write("answer.json", &json)?;
        let mut body = open_regular_file(&failed.body)?;
        std::io::copy(&mut body, &mut private_file(&aside.path().join("answer.zst"))?)?;
        let folder = aside.destination().to_owned();
        aside.commit()?;
        Ok(Some(folder))
    }

    /// Puts it in place. Gives what `proof.json` says.
    pub fn finish(self, collected: &CollectionSummary<'_>) -> Result<Proof, KeepError> {
        self.complete(collected)?.commit(None)
    }

    /// Ends the writing of what was collected. It is whole, and not in place yet.
    pub fn complete(mut self, collected: &CollectionSummary<'_>) -> Result<StagedEvidence, KeepError> {
        let (Some(writer), Some(aside)) = (self.writer.take(), self.aside.take()) else {
            return Err(failed().into());
        };
        let proof = proof::proof(collected, writer.stop()?.finish()?);
        aside.sync("answers")?;
        Ok(StagedEvidence { aside, proof, discarded: None })
    }

    fn send(&mut self, message: Message) -> io::Result<()> {
        let Some(writer) = &self.writer else {
            return Err(io::Error::other("the writing had failed before"));
        };
        if writer.messages.send(message).is_ok() {
            return Ok(());
        }
        // The thread has ended, and only an error ends it early.
        let ended = self.writer.take().map(Writer::stop);
        Err(ended.and_then(Result::err).unwrap_or_else(failed))
    }
}

impl Sink for EvidenceWriter {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.send(Message::Begin(Box::new(answers::begun(answer))))
    }

    fn body(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.send(Message::Body(chunk.to_vec()))
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        self.send(Message::Rows(rows, rejected))
    }

    fn redacted(&mut self, times: u64) -> io::Result<()> {
        self.send(Message::Redacted(times))
    }

    fn blanked(&mut self, by_name: &BTreeMap<String, u64>) -> io::Result<()> {
        self.send(Message::Blanked(by_name.clone()))
    }

    fn commit(&mut self) -> io::Result<()> {
        self.send(Message::Commit)
    }

    fn abandon(&mut self, why: &str) -> io::Result<()> {
        self.send(Message::Abandon(why.to_owned()))
    }

    fn discard(&mut self) -> io::Result<()> {
        self.send(Message::Discard)
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        if self.keeps { Some(self) } else { None }
    }
}

impl Drop for EvidenceWriter {
    fn drop(&mut self) {
        if let Some(writer) = self.writer.take() {
            // Whatever it says: its folder goes, or only what was checkpointed is used.
            let _ = writer.stop();
        }
    }
}

impl Writer {
    fn start(pages: Pages, journal: Option<Journal>) -> io::Result<Self> {
        let (messages, received) = sync_channel(WAITING_PIECES);
        let thread = std::thread::Builder::new().name("evidence".to_owned());
        let thread = thread.spawn(move || write(pages, journal, &received))?;
        Ok(Self { messages, thread })
    }

    /// Waits until all commands are carried out.
    fn stop(self) -> io::Result<Pages> {
        drop(self.messages);
        self.thread.join().unwrap_or_else(|_| Err(io::Error::other("the writing thread panicked")))
    }
}

fn failed() -> io::Error {
    io::Error::other("the writing had failed before")
}

fn write(mut pages: Pages, mut journal: Option<Journal>, messages: &Receiver<Message>) -> io::Result<Pages> {
    for message in messages {
        match message {
            Message::Begin(answer) => pages.begin(*answer)?,
            Message::Body(chunk) => pages.body(&chunk)?,
            Message::Rows(rows, rejected) => pages.rows(&rows, rejected)?,
            Message::Redacted(times) => pages.redacted(times)?,
            Message::Blanked(by_name) => pages.blanked(by_name)?,
            Message::Commit => pages.commit()?,
            Message::Abandon(why) => pages.abandon(&why)?,
            Message::Discard => pages.discard()?,
            Message::Asking(request, number, done) => {
                if let Some(journal) = &journal {
                    journal.asking(*request, number)?;
                }
                // One that was dropped does not wait for it.
                let _ = done.send(());
            }
            Message::Checkpoint(at, done) => {
                if let Some(journal) = &mut journal {
                    journal.checkpoint(&mut pages, *at)?;
                }
                let _ = done.send(());
            }
        }
    }
    Ok(pages)
}

/// Removes what belongs to no page: what was begun after the last one.
fn clear_others(folder: &Path) -> io::Result<()> {
    for name in names(folder)? {
        if [ROWS, TABLE, ANSWERS].iter().any(|it| name == *it) {
            continue;
        }
        let path = folder.join(name);
        let is_folder = path.symlink_metadata().is_ok_and(|it| it.is_dir());
        let removed = if is_folder { std::fs::remove_dir_all(&path) } else { std::fs::remove_file(&path) };
        removed.map_err(|error| at(&path, error))?;
    }
    Ok(())
}

/// Why a collection cannot be resumed from a page, and what was left of it.
#[derive(Debug)]
pub(crate) struct ResumeError {
    pub(crate) error: io::Error,
    pub(crate) aside: StagedDir,
}

impl Spool for EvidenceWriter {
    fn asking<'a>(&'a mut self, request: &'a Request, number: u64) -> Kept<'a> {
        let record = Box::new(RequestRecord::from(request));
        self.carried_out(move |done| Message::Asking(record, number, done), false)
    }

    fn checkpoint<'a>(&'a mut self, at: &'a Checkpoint) -> Kept<'a> {
        Box::pin(async move {
            let kept = Box::new(at.clone());
            self.carried_out(move |done| Message::Checkpoint(kept, done), true).await?;
            self.committed = at.counts.answers;
            if let Some(aside) = self.aside.as_mut().filter(|_| at.session.is_some() || at.pause.is_some()) {
                aside.leave_when_dropped(true);
            }
            Ok(())
        })
    }
}

impl EvidenceWriter {
    fn carried_out(&mut self, message: impl FnOnce(Done) -> Message, wait: bool) -> Kept<'_> {
        let (done, carried_out) = oneshot::channel();
        let sent = self.send(message(done));
        Box::pin(async move {
            sent?;
            if wait && carried_out.await.is_err() {
                // The thread has ended, and only an error ends it early.
                let ended = self.writer.take().map(Writer::stop);
                return Err(ended.and_then(Result::err).unwrap_or_else(failed));
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests;
