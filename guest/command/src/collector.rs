//! What the loop of a session asks for, carried out with the plugin, a transport and a place for rows.

use std::time::Duration;

use exhibit_driver::{Driver, Effect as DriverEffect, Input, Limits, Output, Stop, Totals};
use exhibit_plugin::Error;
use exhibit_plugin::Work;
use exhibit_plugin::collection::{Batch, Effect, Pause, Rejection, Request, Step, Summary};
use exhibit_plugin::types::Instant;
use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::ended::{Ended, Outcome, Permit};
use crate::failure::Failure;
use crate::sink::Sink;
use crate::transport::{Abandoned, Answer, Transport, TransportError};

/// The number of rejections that are kept to be shown; all of them are counted.
const KEPT_REJECTIONS: usize = 1_000;

/// Opens a session at a checkpoint.
pub(crate) type Open = Box<dyn Fn(Option<Vec<u8>>) -> Result<Work, Error>>;

/// How long a session may take: all pauses together, and all the rest.
pub(crate) type MaxTimes = (Option<Duration>, Option<Duration>);

/// Carries out what the loop asks for.
pub(crate) struct Collector<'a> {
    session: Work,
    /// Opens a session at a checkpoint, where the one under way has failed.
    open: Open,
    /// Where the session was when the last page was complete.
    checkpoint: Option<Vec<u8>>,
    transport: &'a mut dyn Transport,
    sink: &'a mut dyn Sink,
    clock: &'a dyn Clock,
    permit: Permit,
    limits: Limits,
    waited: Duration,
    /// Failed attempts at the request under way, those of a recording not counted.
    failures: u32,
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
    pub(crate) fn new(
        open: Open,
        transport: &'a mut dyn Transport,
        sink: &'a mut dyn Sink,
        clock: &'a dyn Clock,
        permit: Permit,
        (max_wait, max_time): MaxTimes,
    ) -> Result<Self, Failure> {
        let mut limits = Limits::default();
        limits.max_wait = max_wait.unwrap_or(limits.max_wait);
        limits.max_time = max_time.unwrap_or(limits.max_time);
        limits.may_write = permit != Permit::Read;
        Ok(Self {
            session: open(None)?,
            open,
            checkpoint: None,
            transport,
            sink,
            clock,
            permit,
            limits,
            waited: Duration::ZERO,
            failures: 0,
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
    pub(crate) fn written(&self) -> u64 {
        self.sink.count()
    }

    /// Carries the session out.
    pub(crate) fn run(&mut self) -> Result<Ended, Failure> {
        let ended = self.carry_out();
        if let Err(failure) = &ended
            && self.answer.take().is_some()
        {
            // What went wrong first is what counts.
            drop(self.transport.abandon(&Abandoned { why: failure.what(), unreadable: true }));
        }
        ended
    }

    fn carry_out(&mut self) -> Result<Ended, Failure> {
        // How often a request is tried is counted here: whatever was tried when it was recorded is tried again.
        let mut limits = self.limits;
        limits.attempts = u32::MAX;
        let mut driver = Driver::new(limits);
        let mut input = Input::Done;
        let began = self.clock.now();
        loop {
            self.check_time(began)?;
            input = match driver.next(input) {
                Output::Next => self.ask()?,
                Output::Send => {
                    if let Some(request) =
                        self.request.take_if(|it| self.permit == Permit::Propose && changes(it))
                    {
                        return Ok(Ended::Proposed(Box::new(request)));
                    }
                    self.send()?
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
                    self.transport.commit()?;
                    self.sink.commit()?;
                    self.answer = None;
                    (self.listed, self.failures) = (self.rejections.len(), 0);
                    Input::Done
                }
                Output::Abandon => {
                    self.abandon(false)?;
                    self.session.interrupted();
                    Input::Done
                }
                Output::Reopen => {
                    self.abandon(true)?;
                    self.session = (self.open)(self.checkpoint.clone())?;
                    Input::Done
                }
                Output::Checkpoint => {
                    self.checkpoint = Some(self.session.checkpoint());
                    Input::Done
                }
                // A recording is there at once.
                Output::BackOff { .. } if !self.transport.is_live() => Input::Done,
                Output::BackOff { .. } => {
                    self.back_off()?;
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
                    let (counts, waited) = (driver.counts(), self.waited);
                    return Ok(Ended::Finished(Box::new(Outcome { summary, counts, waited, rejections })));
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
                let effect = if changes(&request) { DriverEffect::Write } else { DriverEffect::Read };
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

    fn send(&mut self) -> Result<Input, Failure> {
        self.unreadable = None;
        let Some(request) = &self.request else { return Ok(Input::BodyEnded) };
        match self.transport.answer(request) {
            Ok(answer) => {
                self.answer = Some(answer);
                Ok(Input::Head)
            }
            Err(TransportError::Transient(why)) => {
                self.why = why;
                Ok(Input::NotAnswered { transient: true, arrived: true })
            }
            Err(TransportError::NotSent(why)) => {
                self.why = why;
                Ok(Input::NotAnswered { transient: true, arrived: false })
            }
            Err(TransportError::Permanent(failure) | TransportError::Blocked(failure)) => Err(failure),
        }
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
            Err(TransportError::Transient(why) | TransportError::NotSent(why)) => {
                (self.why, self.unreadable) = (why, None);
                Ok(Input::Interrupted)
            }
            Err(TransportError::Permanent(failure) | TransportError::Blocked(failure)) => Err(failure),
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
        let room = KEPT_REJECTIONS - self.rejections.len();
        self.rejections.extend(batch.rejected.into_iter().take(room));
        self.sink.rows(&batch.rows)
    }

    fn abandon(&mut self, unreadable: bool) -> Result<(), Failure> {
        self.answer = None;
        self.transport.abandon(&Abandoned { why: &self.why, unreadable })?;
        self.rejections.truncate(self.listed);
        if !self.sink.abandon() {
            let next = "ask for smaller pages, if the plugin has a setting for it";
            return Err(Failure::source(std::mem::take(&mut self.why)).next(next));
        }
        Ok(())
    }

    /// Another attempt at the request has failed: ends where there were enough of them.
    fn failed(&mut self) -> Result<(), Failure> {
        self.failures += 1;
        let attempts = self.failures;
        if attempts < self.limits.attempts {
            return Ok(());
        }
        Err(match self.unreadable.take() {
            Some(error) => error.into(),
            None => self.stopped(&Stop::GaveUp { attempts }),
        })
    }

    fn back_off(&mut self) -> Result<(), Failure> {
        self.failed()?;
        let (pause, attempt) = (self.limits.back_off * 2_u32.pow(self.failures - 1), self.failures + 1);
        eprintln!("{}; attempt {attempt} in {}s", Shown::line(&self.why), pause.as_secs());
        self.clock.sleep(pause);
        Ok(())
    }

    /// Lets the time pass that the session asked for.
    fn wait(&mut self) -> Result<(), Failure> {
        let Some(pause) = self.pause.take() else { return Ok(()) };
        let duration = self.transport.pause(&pause)?;
        if duration.is_zero() {
            return Ok(());
        }
        let (seconds, message) = (duration.as_secs(), Shown::line(&pause.message));
        self.waited = self.waited.saturating_add(duration);
        if self.waited > self.limits.max_wait {
            let limit = self.limits.max_wait.as_secs();
            return Err(Failure::source(format!(
                "the source asks for a pause of {seconds}s ({message}); the limit of all pauses together is {limit}s"
            ))
            .next("run it again later, or raise the limit: --max-wait SECONDS"));
        }
        eprintln!("waiting {seconds}s: {message}");
        self.clock.sleep(duration);
        Ok(())
    }

    /// What a session that ends early ends in.
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
            Stop::UnknownResult => Failure::source(format!(
                "the plugin would change something again, and it is not known what became of the first time: {}",
                self.why
            ))
            .next("look at the source what was done"),
            Stop::Endless { what, limit } => Failure::source(format!("stopped: more than {limit} {what}")),
            stop => Failure::source(format!("the plugin broke its contract: {stop}")),
        }
    }
}

/// Whether the request changes something at the source.
pub(crate) fn changes(request: &Request) -> bool {
    matches!(request.effect, Effect::Write(_))
}
