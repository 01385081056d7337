//! A replay: what the loop of a collection asks for, carried out with a recording in the source's place.

use std::collections::VecDeque;
use std::io::Read;

use exhibit_driver::{Driver, Input, Limits, Output, Stop};
use exhibit_records::RequestRecord;

use crate::collect::sink::{Answer, NO_ANSWER, Sink};
use crate::collect::{is_write, reported};
use crate::contract::collection::{Batch, Job, Request, Step, Summary};
use crate::plugin::{Plugin, PluginError, Session};

use super::answer_source::{AnswerSource, Recorded};
use super::due::{Due, due};
use super::error::ReplayError;

/// What a collection feeds at a time.
const CHUNK_BYTES: usize = 64 << 10;
/// Waits without an answer in between: a replay does not wait, so this is soon reached.
const WAITS_IN_A_ROW: u32 = 1_000;

/// How answers are played. Whatever is chosen, the contract wants the same rows.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ReplayOptions {
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

impl Default for ReplayOptions {
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

/// Carries out `job`, from its beginning on, with the answers from `source`. The rows go
/// into `sink`, which hears the same as at a collection. Reads the source on the executor's thread.
pub async fn run(
    plugin: &Plugin,
    job: &Job,
    source: &mut dyn AnswerSource,
    manner: &ReplayOptions,
    sink: &mut dyn Sink,
) -> Result<Summary, ReplayError> {
    let session = plugin.open_with(job, manner.randomness).await;
    let session = session.map_err(|error| ReplayError::Plugin { answer: 0, error })?;
    let player = Replayer {
        plugin,
        job,
        manner,
        session,
        sink,
        fed: 0,
        answer: 0,
        request: None,
        recorded: None,
        pending: None,
        at_end: None,
        breaking: None,
        checkpoint: None,
        reopened: false,
        breaks: 0,
        left: 0,
        again: None,
        chunk: vec![0; CHUNK_BYTES.max(manner.chunk)],
        read: 0,
        summary: None,
        waited: false,
    };
    player.run(source).await
}

struct Replayer<'a> {
    plugin: &'a Plugin,
    job: &'a Job,
    manner: &'a ReplayOptions,
    session: Session,
    sink: &'a mut dyn Sink,
    /// Bytes that the plugin was fed.
    fed: u64,
    /// The answer that it was given last.
    answer: u32,
    /// What it asked for last.
    request: Option<Request>,
    /// The answer to that.
    recorded: Option<Recorded>,
    /// The next answer, as long as something else is asked for.
    pending: Option<Recorded>,
    /// Those after the last whole one that broke off, once there is no more.
    at_end: Option<VecDeque<Recorded>>,
    /// An answer that broke off at the collection, where it is played.
    breaking: Option<Recorded>,
    /// Where the session was after the last answer, where what broke off after that is played.
    checkpoint: Option<Vec<u8>>,
    /// Whether the session refused the head that is played, so that another one was opened.
    reopened: bool,
    /// How often this answer broke off.
    breaks: usize,
    /// How much of it comes before it breaks off, or ends.
    left: u64,
    /// What must be asked for again, since its answer broke off.
    again: Option<Request>,
    chunk: Vec<u8>,
    /// How much of the chunk is of the answer.
    read: usize,
    summary: Option<Summary>,
    /// Whether it waited since the last answer.
    waited: bool,
}

/// The places that an answer breaks off at, where it is to.
const BREAKS: usize = 3;

/// Whatever a recording asks for was once asked for. A replay takes no time, and so has another bound for waits.
fn limits() -> Limits {
    let mut limits = Limits::default();
    (limits.max_requests, limits.max_bytes, limits.max_rows) = (u64::MAX, u64::MAX, u64::MAX);
    limits.max_waits_in_a_row = WAITS_IN_A_ROW;
    limits.attempts = u32::MAX;
    limits.may_write = true;
    limits
}

impl Replayer<'_> {
    async fn run(mut self, source: &mut dyn AnswerSource) -> Result<Summary, ReplayError> {
        let mut driver = Driver::new(limits());
        self.resume().await?;
        let mut output = driver.next(Input::Done);
        loop {
            let input = match output {
                Output::Next => self.ask().await?,
                Output::Send => self.send(source).await?,
                Output::Accept => {
                    output = self.page(source, &mut driver).await?;
                    continue;
                }
                Output::Commit => {
                    self.sink.commit()?;
                    (self.breaks, self.waited, self.checkpoint) = (0, false, None);
                    Input::Done
                }
                Output::Checkpoint => {
                    self.resume().await?;
                    Input::Done
                }
                Output::Abandon => self.abandon().await?,
                Output::Unanswered => self.unanswered().await?,
                Output::Waited => {
                    let waited = self.session.waited().await;
                    self.or(waited)?;
                    Input::Done
                }
                Output::Finished => return self.finish(source),
                Output::Stopped(stop) => return Err(self.stopped(stop)),
                // Time passes at once, a recording asks for no credentials, and the rest belongs to a page.
                _ => Input::Done,
            };
            output = driver.next(input);
        }
    }

    /// Plays an answer, as far as it comes. Gives what is to be done then.
    async fn page(
        &mut self,
        source: &mut dyn AnswerSource,
        driver: &mut Driver,
    ) -> Result<Output, ReplayError> {
        self.accept().await?;
        let mut body = match self.breaking {
            Some(_) => Box::new(std::io::empty()),
            None => source.body()?,
        };
        let mut batch = None;
        let mut input = Input::Done;
        loop {
            let handed = match driver.next(input) {
                Output::Read => {
                    input = self.read(&mut *body)?;
                    continue;
                }
                Output::Feed => {
                    let came = self.chunk.get(..self.read).unwrap_or_default();
                    self.sink.body(came)?;
                    self.session.feed(came).await
                }
                Output::End => self.session.end().await,
                Output::Keep => {
                    if let Some(Batch { rows, rejected }) = batch.take() {
                        self.sink.rows(rows, rejected)?;
                    }
                    input = Input::Done;
                    continue;
                }
                output => return Ok(output),
            };
            let handed = self.paged(handed)?;
            let (rows, rejected) = (handed.rows.len() as u64, handed.rejected.len() as u64);
            batch = Some(handed);
            input = Input::Batch { rows, rejected };
        }
    }

    /// As at a collection, what a plugin gave before it failed does not count.
    fn paged<T>(&mut self, said: Result<T, PluginError>) -> Result<T, ReplayError> {
        let said = self.or(said);
        if said.is_err() {
            drop(self.sink.abandon("the plugin failed at it"));
        }
        said
    }

    fn finish(&mut self, source: &mut dyn AnswerSource) -> Result<Summary, ReplayError> {
        self.advance(source)?;
        let broken = self.pending.as_ref().map(|it| &it.broken).or(self.at_end.as_ref());
        let left = broken.and_then(VecDeque::front).or(self.pending.as_ref());
        if let Some(Recorded { number, .. }) = left {
            return Err(ReplayError::Early { answer: *number });
        }
        self.summary.take().ok_or_else(|| self.stopped(Stop::OutOfOrder("no summary")))
    }

    fn stopped(&self, stop: Stop) -> ReplayError {
        let answer = self.answer;
        match stop {
            Stop::Miscounted(what) => ReplayError::Miscounted { answer, what },
            Stop::Endless { .. } => ReplayError::Waits { answer, waits: WAITS_IN_A_ROW },
            stop => ReplayError::Io(std::io::Error::other(stop)),
        }
    }

    /// What the session needs.
    async fn ask(&mut self) -> Result<Input, ReplayError> {
        let step = self.session.next().await;
        let step = self.or(step)?;
        if self.manner.twice {
            let again = self.session.next().await;
            if self.or(again)? != step {
                return Err(self.fickle("when asked twice"));
            }
        }
        if !matches!(step, Step::Wait(_))
            && let Some(wanted) = self.again.take()
            && !matches!(&step, Step::Send(request) if *request == wanted)
        {
            return Err(self.fickle("after an answer that broke off"));
        }
        let input = reported(&step);
        match step {
            Step::Send(request) => self.request = Some(request),
            Step::Wait(_) => self.waited = true,
            Step::Finished(summary) => self.summary = Some(summary),
        }
        Ok(input)
    }

    /// Finds the answer to its request: the one that it was given last, where that broke off.
    async fn send(&mut self, source: &mut dyn AnswerSource) -> Result<Input, ReplayError> {
        if self.breaks > 0 {
            return Ok(Input::Head);
        }
        self.advance(source)?;
        let mut reopened = false;
        loop {
            let Some(request) = &self.request else { return Ok(Input::BodyEnded) };
            let asked = RequestRecord::from(request);
            let number = match due(&asked, self.pending.as_ref(), self.at_end.as_ref()) {
                Due::Whole(number) => {
                    self.recorded = self.pending.take();
                    number
                }
                // It may make another request after an answer that broke off, such as for a smaller page.
                Due::Broken(number) => {
                    let of_whole = self.pending.as_mut().map(|it| &mut it.broken);
                    self.breaking = of_whole.or(self.at_end.as_mut()).and_then(VecDeque::pop_front);
                    number
                }
                // As at the collection: after an answer that could not be read, another session went on.
                _ if self.checkpoint.is_some() && !reopened => {
                    reopened = true;
                    self.open_at(self.checkpoint.clone()).await?;
                    let step = self.session.next().await;
                    if let Step::Send(request) = self.or(step)? {
                        self.request = Some(request);
                    }
                    continue;
                }
                Due::Other { number, recorded } => {
                    let (asked, recorded) = (Box::new(asked), Box::new(recorded.clone()));
                    return Err(ReplayError::OtherRequest { answer: number, asked, recorded });
                }
                Due::Nothing => {
                    let (answer, waited) = (self.answer, self.waited);
                    return Err(ReplayError::NoMore { answer, asked: Box::new(asked), waited });
                }
            };
            self.answer = number;
            let never_came = self.breaking.as_ref().is_some_and(|it| it.head.status == NO_ANSWER);
            return Ok(match never_came {
                true => Input::NotAnswered { transient: false, arrived: true },
                false => Input::Head,
            });
        }
    }

    /// Goes on to the next whole answer, or to what broke off after the last one.
    fn advance(&mut self, source: &mut dyn AnswerSource) -> Result<(), ReplayError> {
        if self.pending.is_none() && self.at_end.is_none() {
            self.pending = source.advance()?;
            if self.pending.is_none() {
                self.at_end = Some(source.broken_at_end());
            }
        }
        Ok(())
    }

    async fn accept(&mut self) -> Result<(), ReplayError> {
        if self.breaking.is_some() && self.checkpoint.is_none() && !self.is_write() {
            let checkpoint = self.session.checkpoint().await;
            self.checkpoint = Some(self.or(checkpoint)?);
        }
        let recorded = self.breaking.as_ref().or(self.recorded.as_ref());
        let (Some(request), Some(recorded)) = (&self.request, recorded) else {
            return Err(self.stopped(Stop::OutOfOrder("an answer without a request")));
        };
        let Recorded { origin, redirected, head, received, bytes, .. } = recorded;
        self.left = match (self.manner.interrupted && !is_write(request), self.breaks) {
            (true, 0) => 0,
            (true, 1) => bytes / 2,
            (true, 2) => *bytes,
            _ => u64::MAX,
        };
        self.sink.begin(&Answer { request, origin, redirected, head, received: *received })?;
        let accepted = self.session.accept(head).await;
        if self.breaking.is_some() && accepted.as_ref().is_err_and(PluginError::is_of_the_answer) {
            // As at the collection: what broke off there may have been of something in between.
            self.reopened = true;
            return self.open_at(self.checkpoint.clone()).await;
        }
        self.paged(accepted)
    }

    /// The next piece of the answer: as much as the plugin is to be fed at a time.
    fn read(&mut self, body: &mut dyn Read) -> Result<Input, ReplayError> {
        if self.breaking.is_some() {
            return Ok(Input::Interrupted);
        }
        let size = self.size().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let room = self.chunk.get_mut(..size).unwrap_or_default();
        self.read = fill(body, room)?;
        let read = self.read as u64;
        self.fed += read;
        self.left -= read;
        Ok(match read {
            0 if self.manner.interrupted && self.breaks < BREAKS && !self.is_write() => Input::Interrupted,
            0 => Input::BodyEnded,
            read => Input::Chunk(read),
        })
    }

    /// How much is fed next.
    fn size(&self) -> usize {
        if self.fed < self.manner.finely { self.manner.chunk.max(1) } else { CHUNK_BYTES }
    }

    async fn abandon(&mut self) -> Result<Input, ReplayError> {
        self.sink.abandon("the replay broke it off")?;
        if !std::mem::take(&mut self.reopened) {
            let done = self.session.interrupted().await;
            self.or(done)?;
        }
        if self.breaking.take().is_some() {
            return Ok(Input::Done);
        }
        self.breaks += 1;
        self.again = self.request.clone();
        Ok(Input::Done)
    }

    /// No answer came to what changes something: there is nothing to play.
    async fn unanswered(&mut self) -> Result<Input, ReplayError> {
        let (Some(request), Some(it)) = (&self.request, self.breaking.take()) else {
            return Err(self.stopped(Stop::OutOfOrder("no answer without a request")));
        };
        let Recorded { origin, redirected, head, received, .. } = &it;
        self.sink.begin(&Answer { request, origin, redirected, head, received: *received })?;
        self.sink.abandon("no answer came")?;
        let done = self.session.interrupted().await;
        self.or(done)?;
        Ok(Input::Done)
    }

    /// Whether what it asked for last changes something: its answer is played as it came, since it is not asked for again.
    fn is_write(&self) -> bool {
        self.request.as_ref().is_some_and(is_write)
    }

    /// Where that is wanted, another session takes over.
    async fn resume(&mut self) -> Result<(), ReplayError> {
        if !self.manner.resumed {
            return Ok(());
        }
        let checkpoint = self.session.checkpoint().await;
        let checkpoint = Some(self.or(checkpoint)?);
        self.open_at(checkpoint).await
    }

    async fn open_at(&mut self, checkpoint: Option<Vec<u8>>) -> Result<(), ReplayError> {
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
