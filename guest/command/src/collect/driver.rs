//! The loop of a collection: the plugin's next step, the answer to its request, and the rows of
//! that answer.

use std::time::Duration;

use exhibit_plugin::collection::{Batch, Pause, Rejection, Request, Step, Summary};
use exhibit_plugin::session::Session;
use exhibit_rows::Shown;

use crate::clock::Clock;
use crate::failure::Failure;
use crate::table::Table;
use crate::transport::{Answer, Transport, TransportError};

/// Sources limit requests by the hour, so an hour is enough for most pauses.
const MAX_WAIT: Duration = Duration::from_secs(60 * 60);
/// Enough for a source that is asked every few seconds for hours whether it is done.
const MAX_WAITS_IN_A_ROW: u32 = 5_000;
/// Ten million records in pages of a hundred, tenfold.
const MAX_REQUESTS: u64 = 1_000_000;
/// A transient network error rarely repeats five times in a row.
const ATTEMPTS: u32 = 5;
/// Before the second attempt; twice as long before each further one.
const BACK_OFF: Duration = Duration::from_secs(1);
/// The number of rejections that are shown; all of them are counted.
const SHOWN_REJECTIONS: usize = 20;

/// The result of a collection.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) summary: Summary,
    pub(super) requests: u64,
    pub(super) rejections: Vec<Rejection>,
}

/// Drives a session.
pub(super) struct Driver<'a> {
    session: Session,
    transport: Box<dyn Transport>,
    table: Table<'a>,
    clock: &'a dyn Clock,
    max_wait: Duration,
    waited: Duration,
    waits_in_a_row: u32,
    /// Failed attempts at the request under way.
    failures: u32,
    requests: u64,
    /// The first ones, of complete pages.
    rejections: Vec<Rejection>,
}

impl<'a> Driver<'a> {
    pub(super) fn new(
        session: Session,
        transport: Box<dyn Transport>,
        table: Table<'a>,
        clock: &'a dyn Clock,
        max_wait: Option<Duration>,
    ) -> Self {
        Self {
            session,
            transport,
            table,
            clock,
            max_wait: max_wait.unwrap_or(MAX_WAIT),
            waited: Duration::ZERO,
            waits_in_a_row: 0,
            failures: 0,
            requests: 0,
            rejections: Vec::new(),
        }
    }

    /// The rows that are written, also after a failure.
    pub(super) fn written(&self) -> u64 {
        self.table.count()
    }

    pub(super) fn run(&mut self) -> Result<Outcome, Failure> {
        loop {
            match self.session.next()? {
                Step::Send(request) => match self.ask(&request) {
                    Ok(()) => (self.failures, self.waits_in_a_row) = (0, 0),
                    Err(TransportError::Transient(why)) => self.back_off(&why)?,
                    Err(TransportError::Permanent(failure)) => return Err(failure),
                },
                Step::Wait(pause) => self.pause(&pause)?,
                Step::Finished(summary) => {
                    let rejections = std::mem::take(&mut self.rejections);
                    return Ok(Outcome { summary, requests: self.requests, rejections });
                }
            }
        }
    }

    fn ask(&mut self, request: &Request) -> Result<(), TransportError> {
        self.requests += 1;
        if self.requests > MAX_REQUESTS {
            return Err(Failure::source(format!(
                "stopped: the plugin made more than {MAX_REQUESTS} requests"
            ))
            .into());
        }
        let answer = self.transport.answer(request)?;
        match self.take(answer) {
            Err(TransportError::Transient(why)) => {
                if !self.table.abandon() {
                    let next = "ask for smaller pages, if the plugin has a setting for it";
                    return Err(Failure::source(why).next(next).into());
                }
                self.session.interrupted();
                Err(TransportError::Transient(why))
            }
            taken => taken,
        }
    }

    /// Takes an answer: commits its page, or nothing of it.
    fn take(&mut self, mut answer: Answer) -> Result<(), TransportError> {
        let listed = self.rejections.len();
        self.session.accept(&answer.head).map_err(Failure::from)?;
        loop {
            let chunk = answer.body.chunk().inspect_err(|_| self.rejections.truncate(listed))?;
            let Some(chunk) = chunk else { break };
            let batch = self.session.feed(&chunk).map_err(Failure::from)?;
            self.keep(batch)?;
        }
        let batch = self.session.end().map_err(Failure::from)?;
        self.keep(batch)?;
        Ok(self.table.commit()?)
    }

    fn keep(&mut self, batch: Batch) -> Result<(), Failure> {
        let room = SHOWN_REJECTIONS - self.rejections.len();
        self.rejections.extend(batch.rejected.into_iter().take(room));
        self.table.rows(&batch.rows)
    }

    /// Waits before the plugin is asked for the request again.
    fn back_off(&mut self, why: &str) -> Result<(), Failure> {
        self.failures += 1;
        if self.failures >= ATTEMPTS {
            let attempts = self.failures;
            return Err(Failure::source(format!("{why} (attempt {attempts} of {ATTEMPTS})"))
                .next("check the network, and run it again"));
        }
        let pause = BACK_OFF.saturating_mul(2_u32.saturating_pow(self.failures - 1));
        let (next, seconds) = (self.failures + 1, pause.as_secs());
        eprintln!("{}; attempt {next} in {seconds} s", Shown::line(why));
        self.clock.sleep(pause);
        Ok(())
    }

    fn pause(&mut self, pause: &Pause) -> Result<(), Failure> {
        self.waits_in_a_row += 1;
        if self.waits_in_a_row > MAX_WAITS_IN_A_ROW {
            let what =
                format!("stopped: the plugin asked for more than {MAX_WAITS_IN_A_ROW} pauses in a row");
            return Err(Failure::source(what));
        }
        if !self.transport.is_live() {
            self.session.waited();
            return Ok(());
        }
        let (duration, message) = (Duration::from_secs(pause.seconds.into()), Shown::line(&pause.message));
        self.waited = self.waited.saturating_add(duration);
        if self.waited > self.max_wait {
            let (seconds, limit) = (pause.seconds, self.max_wait.as_secs());
            return Err(Failure::source(format!(
                "the source asks for a pause of {seconds} s ({message}); the limit of all pauses together is {limit} s"
            ))
            .next("run it again later, or raise the limit: --max-wait SECONDS"));
        }
        eprintln!("waiting {} s: {message}", pause.seconds);
        self.clock.sleep(duration);
        self.session.waited();
        Ok(())
    }
}
