//! A replay: what the loop of a collection asks for, carried out with a recording in the source's place.

mod page;
mod state;

use std::collections::VecDeque;

use exhibit_driver::{Driver, Input, Limits, Output, Stop};
use exhibit_records::RequestRecord;

use crate::collect::reported;
use crate::collect::sink::{NO_ANSWER, Sink};
use crate::contract::collection::{Job, Step, Summary};
use crate::plugin::Plugin;

use self::state::{Replayer, WAITS_IN_A_ROW};
use super::answer_source::{AnswerSource, Recorded};
use super::due::{Due, due};
use super::error::ReplayError;
use super::options::{CHUNK_BYTES, ReplayOptions};

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

    fn finish(&mut self, source: &mut dyn AnswerSource) -> Result<Summary, ReplayError> {
        self.advance(source)?;
        let broken = self.pending.as_ref().map(|it| &it.broken).or(self.at_end.as_ref());
        let left = broken.and_then(VecDeque::front).or(self.pending.as_ref());
        if let Some(Recorded { number, .. }) = left {
            return Err(ReplayError::Early { answer: *number });
        }
        self.summary.take().ok_or_else(|| self.stopped(Stop::OutOfOrder("no summary")))
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
}
