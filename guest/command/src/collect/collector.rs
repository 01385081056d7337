//! What the loop of a collection asks for, carried out with the plugin, a transport and a table.

use std::time::Duration;

use exhibit_driver::{Driver, Effect as DriverEffect, Input, Limits, Output, Stop, Totals};
use exhibit_plugin::Error;
use exhibit_plugin::Work;
use exhibit_plugin::collection::{Batch, Effect, Pause, Rejection, Request, Step, Summary};
use exhibit_plugin::types::Instant;
use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::table::Table;
use crate::transport::{Answer, Transport, TransportError};

/// The number of rejections that are shown; all of them are counted.
const SHOWN_REJECTIONS: usize = 20;

/// The result of a collection.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) summary: Summary,
    pub(super) requests: u64,
    pub(super) rejections: Vec<Rejection>,
}

/// Opens a session at a checkpoint.
pub(super) type Open = Box<dyn Fn(Option<Vec<u8>>) -> Result<Work, Error>>;

/// Carries out what the loop asks for.
pub(super) struct Collector<'a> {
    session: Work,
    /// Opens a session at a checkpoint, where the one under way has failed.
    open: Open,
    /// Where the session was when the last page was complete.
    checkpoint: Option<Vec<u8>>,
    transport: Box<dyn Transport>,
    table: Table<'a>,
    clock: &'a dyn Clock,
    limits: Limits,
    waited: Duration,
    /// What the session asked for last.
    request: Option<Request>,
    pause: Option<Pause>,
    summary: Option<Summary>,
    /// The answer under way, and what is at hand of it.
    answer: Option<Answer>,
    chunk: Vec<u8>,
    batch: Option<Batch>,
    /// Why the last attempt at the request failed.
    why: String,
    /// The same, where the answer could not be read.
    unreadable: Option<Error>,
    /// The first ones, of complete pages and of the one under way.
    rejections: Vec<Rejection>,
    /// Those of complete pages.
    listed: usize,
}

impl<'a> Collector<'a> {
    pub(super) fn new(
        open: Open,
        transport: Box<dyn Transport>,
        table: Table<'a>,
        clock: &'a dyn Clock,
        (max_wait, max_time): (Option<Duration>, Option<Duration>),
    ) -> Result<Self, Failure> {
        let mut limits = Limits::default();
        limits.max_wait = max_wait.unwrap_or(limits.max_wait);
        limits.max_time = max_time.unwrap_or(limits.max_time);
        if !transport.is_live() {
            // Whatever was tried when it was recorded is tried again.
            limits.attempts = u32::MAX;
        }
        Ok(Self {
            session: open(None)?,
            open,
            checkpoint: None,
            transport,
            table,
            clock,
            limits,
            waited: Duration::ZERO,
            request: None,
            pause: None,
            summary: None,
            answer: None,
            chunk: Vec::new(),
            batch: None,
            why: String::new(),
            unreadable: None,
            rejections: Vec::new(),
            listed: 0,
        })
    }

    /// The rows that are written, also after a failure.
    pub(super) fn written(&self) -> u64 {
        self.table.count()
    }

    pub(super) fn run(&mut self) -> Result<Outcome, Failure> {
        let mut driver = Driver::new(self.limits);
        let mut input = Input::Done;
        let began = self.clock.now();
        loop {
            self.check_time(began)?;
            input = match driver.next(input) {
                Output::Next => self.ask()?,
                Output::Send => {
                    let answer = self.request.as_ref().map(|it| self.transport.answer(it)).transpose();
                    match answer {
                        Ok(answer) => {
                            self.answer = answer;
                            Input::Head
                        }
                        // Whatever may not be repeated, the transport itself calls permanent.
                        Err(TransportError::Transient(why)) => {
                            self.why = why;
                            Input::NotAnswered { transient: true, arrived: false }
                        }
                        Err(TransportError::Permanent(failure)) => return Err(failure),
                    }
                }
                Output::Accept => {
                    let head = self.answer.as_ref().map(|it| &it.head);
                    let accepted = head.map_or(Ok(()), |it| self.session.accept(it));
                    self.readable(accepted)?.map_or_else(|it| it, |()| Input::Done)
                }
                Output::Read => self.read()?,
                Output::Feed => {
                    let batch = self.session.feed(&self.chunk);
                    self.readable(batch)?.map_or_else(|it| it, |batch| self.handed(batch))
                }
                Output::End => {
                    let batch = self.session.end();
                    self.readable(batch)?.map_or_else(|it| it, |batch| self.handed(batch))
                }
                Output::Keep => {
                    self.keep()?;
                    Input::Done
                }
                Output::Commit => {
                    self.table.commit()?;
                    self.listed = self.rejections.len();
                    Input::Done
                }
                Output::Abandon => {
                    self.abandon()?;
                    self.session.interrupted();
                    Input::Done
                }
                Output::Reopen => {
                    self.abandon()?;
                    self.session = (self.open)(self.checkpoint.clone())?;
                    Input::Done
                }
                Output::Checkpoint => {
                    self.checkpoint = Some(self.session.checkpoint());
                    Input::Done
                }
                // A recording is there at once.
                Output::BackOff { .. } if !self.transport.is_live() => Input::Done,
                Output::BackOff { pause, attempt } => {
                    eprintln!("{}; attempt {attempt} in {}s", Shown::line(&self.why), pause.as_secs());
                    self.clock.sleep(pause);
                    Input::Done
                }
                Output::Wait => {
                    self.wait()?;
                    Input::Done
                }
                Output::Unanswered => {
                    self.session.interrupted();
                    Input::Done
                }
                Output::Waited => {
                    self.session.waited();
                    Input::Done
                }
                // The transport signs.
                Output::Renew => Input::Done,
                Output::Finished => {
                    let Some(summary) = self.summary.take() else {
                        return Err(self.stopped(&Stop::OutOfOrder("no summary")));
                    };
                    let rejections = std::mem::take(&mut self.rejections);
                    return Ok(Outcome { summary, requests: driver.counts().requests, rejections });
                }
                Output::Stopped(stop) => return Err(self.stopped(&stop)),
            };
        }
    }

    /// Whether there is time left for another step. A call of the plugin is not ended in the middle: that is for the runtime,
    /// which alone can.
    fn check_time(&self, began: Instant) -> Result<(), Failure> {
        let taken = u64::try_from(self.clock.now().saturating_sub(began)).unwrap_or_default();
        let taken = Duration::from_millis(taken).saturating_sub(self.waited);
        if taken <= self.limits.max_time {
            return Ok(());
        }
        let limit = self.limits.max_time.as_secs();
        Err(Failure::source(format!("stopped: the collection took longer than {limit}s, pauses not counted"))
            .next("check why the source is that slow, or raise the limit: --max-time SECONDS"))
    }

    /// What the session needs.
    fn ask(&mut self) -> Result<Input, Failure> {
        Ok(match self.session.next()? {
            Step::Send(request) => {
                let effect = match request.effect {
                    Effect::Read => DriverEffect::Read,
                    Effect::Write(_) => DriverEffect::Write,
                };
                self.request = Some(request);
                Input::Request(effect)
            }
            Step::Wait(pause) => {
                self.pause = Some(pause);
                Input::Pause
            }
            Step::Finished(summary) => {
                let (rows, rejected) = (summary.rows, summary.rejected);
                let totals = Totals { pages: summary.pages.into(), rows, rejected };
                self.summary = Some(summary);
                Input::Finished(totals)
            }
        })
    }

    fn read(&mut self) -> Result<Input, Failure> {
        match self.answer.as_mut().map(|it| it.body.chunk()).transpose() {
            Ok(chunk) => Ok(match chunk.flatten() {
                Some(chunk) => {
                    self.chunk = chunk;
                    Input::Chunk(self.chunk.len() as u64)
                }
                None => Input::BodyEnded,
            }),
            Err(TransportError::Transient(why)) => {
                self.why = why;
                Ok(Input::Interrupted)
            }
            Err(TransportError::Permanent(failure)) => Err(failure),
        }
    }

    /// What the session makes of an answer: a report where it cannot read it, and may read another one to the same
    /// request. A recording has no other one.
    fn readable<T>(&mut self, said: Result<T, Error>) -> Result<Result<T, Input>, Failure> {
        match said {
            Ok(it) => Ok(Ok(it)),
            Err(error)
                if self.transport.is_live()
                    && matches!(error, Error::Unavailable(_) | Error::Malformed(_)) =>
            {
                self.why = error.problem().message.clone();
                self.unreadable = Some(error);
                Ok(Err(Input::Unreadable))
            }
            Err(error) => Err(error.into()),
        }
    }

    fn handed(&mut self, batch: Batch) -> Input {
        let (rows, rejected) = (batch.rows.len() as u64, batch.rejected.len() as u64);
        self.batch = Some(batch);
        Input::Batch { rows, rejected }
    }

    fn keep(&mut self) -> Result<(), Failure> {
        let Some(batch) = self.batch.take() else { return Ok(()) };
        let room = SHOWN_REJECTIONS - self.rejections.len();
        self.rejections.extend(batch.rejected.into_iter().take(room));
        self.table.rows(&batch.rows)
    }

    fn abandon(&mut self) -> Result<(), Failure> {
        self.answer = None;
        self.rejections.truncate(self.listed);
        if !self.table.abandon() {
            let next = "ask for smaller pages, if the plugin has a setting for it";
            return Err(Failure::source(std::mem::take(&mut self.why)).next(next));
        }
        Ok(())
    }

    /// Lets the time pass that the session asked for.
    fn wait(&mut self) -> Result<(), Failure> {
        let Some(pause) = self.pause.take().filter(|_| self.transport.is_live()) else { return Ok(()) };
        let (duration, message) = (Duration::from_secs(pause.seconds.into()), Shown::line(&pause.message));
        self.waited = self.waited.saturating_add(duration);
        if self.waited > self.limits.max_wait {
            let (seconds, limit) = (pause.seconds, self.limits.max_wait.as_secs());
            return Err(Failure::source(format!(
                "the source asks for a pause of {seconds}s ({message}); the limit of all pauses together is {limit}s"
            ))
            .next("run it again later, or raise the limit: --max-wait SECONDS"));
        }
        eprintln!("waiting {}s: {message}", pause.seconds);
        self.clock.sleep(duration);
        Ok(())
    }

    /// What a collection that ends early ends in.
    fn stopped(&mut self, stop: &Stop) -> Failure {
        let attempts_in_all = self.limits.attempts;
        match stop {
            Stop::Unreadable { .. } if self.unreadable.is_some() => {
                self.unreadable.take().map_or_else(|| Failure::source(self.why.clone()), Failure::from)
            }
            Stop::GaveUp { attempts } => {
                Failure::source(format!("{} (attempt {attempts} of {attempts_in_all})", self.why))
                    .next("check the network, and run it again")
            }
            Stop::Write => Failure::source(
                "the plugin's request was refused: it would change something at the source, and only operations may do that",
            ),
            Stop::Endless { what, limit } => Failure::source(format!("stopped: more than {limit} {what}")),
            stop => Failure::source(format!("the plugin broke its contract: {stop}")),
        }
    }
}
