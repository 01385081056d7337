//! The loop of a replay: the contract's, with a tape in the source's place.

use std::io::Read;

use exhibit_records::{Counts, RequestRecord};

use crate::collect::miscounted;
use crate::collect::sink::{Answer, Sink};
use crate::contract::collection::{Batch, Job, Request, Step, Summary};
use crate::plugin::{Plugin, PluginError, Session};

use super::error::ReplayError;
use super::tape::{Recorded, Tape};

/// What a collection feeds at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Waits without an answer in between: a replay does not wait, so this is soon reached.
const WAITS_IN_A_ROW: u32 = 1_000;

/// How answers are played. Whatever is chosen, the contract wants the same rows.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// How many bytes the plugin is fed at a time.
    pub chunk: usize,
    /// How many bytes are cut so, from the first answer on; those after them come in
    /// pieces of 64 KiB.
    pub finely: u64,
    /// Each answer breaks off three times before it comes whole: without a body, in the
    /// middle, and at its very end.
    pub interrupted: bool,
    /// After each answer, and before the first, another session goes on from the checkpoint.
    pub resumed: bool,
    /// Each step is asked for twice.
    pub twice: bool,
    /// Other randomness than the job's own, by number; 0 is the job's own.
    pub randomness: u64,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            chunk: CHUNK_BYTES,
            finely: u64::MAX,
            interrupted: false,
            resumed: false,
            twice: false,
            randomness: 0,
        }
    }
}

/// Carries out `job`, from its beginning on, with the answers on `tape`. The rows go
/// into `sink`, which hears the same as at a collection. Reads the tape on the executor's thread.
pub async fn run(
    plugin: &Plugin,
    job: &Job,
    tape: &mut dyn Tape,
    manner: &Manner,
    sink: &mut dyn Sink,
) -> Result<Summary, ReplayError> {
    let session = plugin.open_with(job, manner.randomness).await;
    let session = session.map_err(|error| ReplayError::Plugin { answer: 0, error })?;
    let counts = Counts::default();
    let mut player = Player { plugin, job, manner, session, sink, counts, fed: 0, answer: 0 };
    player.run(tape).await
}

struct Player<'a> {
    plugin: &'a Plugin,
    job: &'a Job,
    manner: &'a Manner,
    session: Session,
    sink: &'a mut dyn Sink,
    counts: Counts,
    /// Bytes that the plugin was fed.
    fed: u64,
    /// The answer that it was given last.
    answer: u32,
}

/// How much of an answer comes.
#[derive(Clone, Copy)]
enum Extent {
    Whole,
    Bytes(u64),
}

impl Player<'_> {
    async fn run(&mut self, tape: &mut dyn Tape) -> Result<Summary, ReplayError> {
        self.resume().await?;
        loop {
            let (step, waited) = self.step().await?;
            let request = match step {
                Step::Send(request) => request,
                Step::Finished(summary) => return self.finish(tape, summary),
                Step::Wait(_) => continue,
            };
            let asked = RequestRecord::from(&request);
            let Some(recorded) = tape.advance()? else {
                return Err(ReplayError::NoMore { answer: self.answer, asked: Box::new(asked), waited });
            };
            self.answer = recorded.number;
            if asked != recorded.request {
                return Err(ReplayError::OtherRequest {
                    answer: recorded.number,
                    asked: Box::new(asked),
                    recorded: Box::new(recorded.request),
                });
            }
            self.answer(tape, &request, &recorded).await?;
            self.resume().await?;
        }
    }

    fn finish(&mut self, tape: &mut dyn Tape, summary: Summary) -> Result<Summary, ReplayError> {
        if let Some(recorded) = tape.advance()? {
            return Err(ReplayError::Early { answer: recorded.number });
        }
        match miscounted(&self.counts, &summary) {
            None => Ok(summary),
            Some(what) => Err(ReplayError::Miscounted { answer: self.answer, what }),
        }
    }

    /// What the session needs, pauses being over at once; and whether there were any.
    async fn step(&mut self) -> Result<(Step, bool), ReplayError> {
        for waits in 0..WAITS_IN_A_ROW {
            let step = self.session.next().await;
            let step = self.or(step)?;
            if self.manner.twice {
                let again = self.session.next().await;
                if self.or(again)? != step {
                    return Err(self.fickle("when asked twice"));
                }
            }
            let Step::Wait(_) = step else { return Ok((step, waits > 0)) };
            let waited = self.session.waited().await;
            self.or(waited)?;
        }
        Err(ReplayError::Waits { answer: self.answer, waits: WAITS_IN_A_ROW })
    }

    async fn answer(
        &mut self,
        tape: &mut dyn Tape,
        request: &Request,
        recorded: &Recorded,
    ) -> Result<(), ReplayError> {
        if self.manner.interrupted {
            for bytes in [0, recorded.bytes / 2, recorded.bytes] {
                self.play(tape, request, recorded, Extent::Bytes(bytes)).await?;
                self.sink.abandon("the replay broke it off")?;
                let done = self.session.interrupted().await;
                self.or(done)?;
                let (step, _) = self.step().await?;
                if !matches!(step, Step::Send(again) if again == *request) {
                    return Err(self.fickle("after an answer that broke off"));
                }
            }
        }
        let counts = self.play(tape, request, recorded, Extent::Whole).await;
        // As at a collection, what a plugin gave before it failed does not count.
        let (rows, rejected) = counts.inspect_err(|_| drop(self.sink.abandon("the plugin failed at it")))?;
        self.sink.commit()?;
        self.counts.answers += 1;
        self.counts.rows += rows;
        self.counts.rejected += rejected;
        Ok(())
    }

    /// Feeds an answer; says how many rows and rejections came of it.
    async fn play(
        &mut self,
        tape: &mut dyn Tape,
        request: &Request,
        recorded: &Recorded,
        extent: Extent,
    ) -> Result<(u64, u64), ReplayError> {
        let Recorded { origin, head, received, .. } = recorded;
        self.sink.begin(&Answer { request, origin, head, received: *received })?;
        let accepted = self.session.accept(head).await;
        self.or(accepted)?;
        let mut counts = (0, 0);
        let mut left = match extent {
            Extent::Whole => u64::MAX,
            Extent::Bytes(bytes) => bytes,
        };
        let mut body = tape.body()?;
        let mut chunk = vec![0; CHUNK_BYTES.max(self.manner.chunk)];
        while left > 0 {
            let size = self.size().min(usize::try_from(left).unwrap_or(usize::MAX));
            let Some(room) = chunk.get_mut(..size) else { break };
            let read = fill(&mut *body, room)?;
            if read == 0 {
                break;
            }
            let came = room.get(..read).unwrap_or_default();
            self.fed += read as u64;
            left -= read as u64;
            self.sink.body(came)?;
            let batch = self.session.feed(came).await;
            let batch = self.or(batch)?;
            self.keep(batch, &mut counts)?;
        }
        drop(body);
        if matches!(extent, Extent::Whole) {
            let batch = self.session.end().await;
            let batch = self.or(batch)?;
            self.keep(batch, &mut counts)?;
        }
        Ok(counts)
    }

    /// How much is fed next.
    fn size(&self) -> usize {
        if self.fed < self.manner.finely { self.manner.chunk.max(1) } else { CHUNK_BYTES }
    }

    fn keep(&mut self, batch: Batch, counts: &mut (u64, u64)) -> Result<(), ReplayError> {
        let Batch { rows, rejected } = batch;
        if rows.is_empty() && rejected.is_empty() {
            return Ok(());
        }
        counts.0 += rows.len() as u64;
        counts.1 += rejected.len() as u64;
        Ok(self.sink.rows(rows, rejected)?)
    }

    /// Where that is wanted, another session takes over.
    async fn resume(&mut self) -> Result<(), ReplayError> {
        if !self.manner.resumed {
            return Ok(());
        }
        let checkpoint = self.session.checkpoint().await;
        let checkpoint = Some(self.or(checkpoint)?);
        let job = Job { checkpoint, ..self.job.clone() };
        let session = self.plugin.open_with(&job, self.manner.randomness).await;
        self.session = self.or(session)?;
        Ok(())
    }

    fn or<T>(&self, said: Result<T, PluginError>) -> Result<T, ReplayError> {
        said.map_err(|error| ReplayError::Plugin { answer: self.answer, error })
    }

    fn fickle(&self, when: &'static str) -> ReplayError {
        ReplayError::Fickle { answer: self.answer, when }
    }
}

/// Reads until there is no more room: a chunk is to have the size that was asked for, however
/// the body is read.
fn fill(body: &mut dyn Read, room: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|it| !it.is_empty()) {
        match body.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
