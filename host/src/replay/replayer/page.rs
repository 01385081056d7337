//! A page: an answer, and what the session makes of it.

use std::io::Read;

use exhibit_driver::{Driver, Input, Output, Stop};

use super::super::answer_source::{AnswerSource, Recorded};
use super::super::error::ReplayError;
use super::super::options::CHUNK_BYTES;
use super::state::Replayer;
use crate::collect::is_write;
use crate::collect::sink::Answer;
use crate::contract::collection::Batch;
use crate::plugin::PluginError;

/// The places that an answer breaks off at, where it is to.
const BREAKS: usize = 3;

impl Replayer<'_> {
    /// Plays an answer, as far as it comes. Gives what is to be done then.
    pub(super) async fn page(
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

    pub(super) async fn abandon(&mut self) -> Result<Input, ReplayError> {
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
    pub(super) async fn unanswered(&mut self) -> Result<Input, ReplayError> {
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
