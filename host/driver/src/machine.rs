//! The states between a session and its source.

use std::time::Duration;

use super::limits::Limits;
use super::stop::Stop;

/// What a request does at the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// It may be repeated.
    Read,
    /// It changes something, and is never repeated.
    Write,
}

/// What a session says that it handed over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Answers that gave rows or could have.
    pub pages: u64,
    /// Rows.
    pub rows: u64,
    /// Records that cannot become rows.
    pub rejected: u64,
}

/// What was counted, of committed pages alone but for `requests` and `retries`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Requests sent, repeated ones included.
    pub requests: u64,
    /// Requests repeated, as an answer was interrupted or never came.
    pub retries: u64,
    /// Complete answers.
    pub answers: u64,
    /// Bytes of these, decoded.
    pub bytes: u64,
    /// Rows of these.
    pub rows: u64,
    /// Records of these that cannot become rows.
    pub rejected: u64,
}

/// How carrying out the last output ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// It is done. Also what a driver is given first.
    Done,
    /// To [`Output::Next`]: the session wants this request sent.
    Request(Effect),
    /// To [`Output::Next`]: the session wants time.
    Pause,
    /// To [`Output::Next`]: the session has finished.
    Finished(Totals),
    /// To [`Output::Send`]: the head of an answer is here.
    Head,
    /// To [`Output::Send`]: the same, and the source refused the credentials that a source may
    /// have a newer version of.
    Unauthorized,
    /// To [`Output::Send`]: no answer came.
    NotAnswered {
        /// Whether another attempt may help.
        transient: bool,
        /// Whether the request may have arrived at the source.
        arrived: bool,
    },
    /// To [`Output::Renew`]: other credentials are at hand.
    Renewed,
    /// To [`Output::Read`]: so many bytes of the body came.
    Chunk(u64),
    /// To [`Output::Read`]: the body is complete.
    BodyEnded,
    /// To [`Output::Read`]: the body was interrupted.
    Interrupted,
    /// To [`Output::Accept`], [`Output::Feed`] and [`Output::End`]: the session failed at an answer that is not what
    /// it should be, and may be another time.
    Unreadable,
    /// To [`Output::Feed`] and [`Output::End`]: what the session made of it.
    Batch {
        /// Rows.
        rows: u64,
        /// Records that cannot become rows.
        rejected: u64,
    },
}

/// What is to be done now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Ask the session what it needs.
    Next,
    /// Send the session's request.
    Send,
    /// Get other credentials than those that were refused, if there are any.
    Renew,
    /// Give the head of the answer to the session, and begin a page.
    Accept,
    /// Read on in the answer's body.
    Read,
    /// Feed the session what was read.
    Feed,
    /// Tell the session that the body is complete.
    End,
    /// Add the batch to the page.
    Keep,
    /// Commit the page.
    Commit,
    /// Keep the session's checkpoint, where the collection can be resumed.
    Checkpoint,
    /// Abandon the page, and tell the session that the answer was interrupted.
    Abandon,
    /// Keep that no answer came to a request that changes something and may have arrived, and tell the session that the
    /// answer was interrupted: it finds out what became of it.
    Unanswered,
    /// Abandon the page, and go on with a new session that is opened at the last checkpoint: the one under way has
    /// failed.
    Reopen,
    /// Let this much time pass before the request is repeated.
    BackOff {
        /// How long.
        pause: Duration,
        /// The number of the next attempt.
        attempt: u32,
    },
    /// Let the time pass that the session asked for.
    Wait,
    /// Tell the session that its pause is over.
    Waited,
    /// All is done, and the session's count is right.
    Finished,
    /// The collection ends here.
    Stopped(Stop),
}

/// What the last output was, as far as it matters for what may follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Begin,
    Asking,
    Sending,
    Renewing,
    Accepting,
    Reading,
    Feeding,
    Keeping { ended: bool },
    Ending,
    Committing,
    Checkpointing,
    Abandoning,
    BackingOff,
    Waiting,
    Telling,
    Over,
}

/// What a page gave, until it is committed.
#[derive(Debug, Clone, Copy, Default)]
struct Page {
    bytes: u64,
    rows: u64,
    rejected: u64,
}

/// The loop of one collection.
#[derive(Debug)]
pub struct Driver {
    limits: Limits,
    at: At,
    effect: Effect,
    /// Whether the credentials of this request were refused before.
    refused: bool,
    /// Whether it is unknown what became of a request that changes something.
    unknown: bool,
    /// Failed attempts at the request under way.
    failures: u32,
    /// Waits since the last answer.
    waits: u32,
    counts: Counts,
    page: Page,
}

impl Driver {
    /// For a session that begins.
    pub fn new(limits: Limits) -> Self {
        Self::resume(limits, Counts::default())
    }

    /// For a session that goes on from a checkpoint, when so much was counted.
    pub fn resume(limits: Limits, counts: Counts) -> Self {
        Self {
            limits,
            at: At::Begin,
            effect: Effect::Read,
            refused: false,
            unknown: false,
            failures: 0,
            waits: 0,
            counts,
            page: Page::default(),
        }
    }

    /// The same, of a session that is to find out what became of a request that changes something.
    #[must_use]
    pub fn after_unknown(self, unknown: bool) -> Self {
        Self { unknown, ..self }
    }

    /// Whether a request that changes something had no whole answer: the session may not ask for another one.
    pub fn is_unknown(&self) -> bool {
        self.unknown
    }

    /// What was counted so far.
    pub fn counts(&self) -> Counts {
        self.counts
    }

    /// The attempts at the request under way, this one included.
    pub fn attempts(&self) -> u32 {
        self.failures + 1
    }

    /// What the page under way gave so far: bytes, rows, rejected records.
    pub fn page(&self) -> (u64, u64, u64) {
        (self.page.bytes, self.page.rows, self.page.rejected)
    }

    /// What is to be done, now that the last output ended so.
    pub fn next(&mut self, input: Input) -> Output {
        match self.step(input) {
            Ok(output) => output,
            Err(stop) => {
                self.at = At::Over;
                Output::Stopped(stop)
            }
        }
    }

    fn step(&mut self, input: Input) -> Result<Output, Stop> {
        match (self.at, input) {
            (At::Begin | At::Checkpointing | At::Telling | At::BackingOff, Input::Done) => {
                self.go(At::Asking, Output::Next)
            }
            (At::Asking, Input::Request(effect)) => self.request(effect),
            (At::Asking, Input::Pause) => {
                self.waits += 1;
                within("waits in a row", self.waits.into(), self.limits.max_waits_in_a_row.into())?;
                self.go(At::Waiting, Output::Wait)
            }
            (At::Asking, Input::Finished(totals)) => match self.miscounted(totals) {
                None => self.go(At::Over, Output::Finished),
                Some(what) => Err(Stop::Miscounted(what)),
            },
            (At::Sending, Input::Unauthorized) if !self.refused => {
                self.refused = true;
                self.go(At::Renewing, Output::Renew)
            }
            (At::Sending, Input::Head | Input::Unauthorized) | (At::Renewing, Input::Done) => {
                self.page = Page::default();
                self.go(At::Accepting, Output::Accept)
            }
            // What a source does before it looks at credentials is its own affair.
            (At::Renewing, Input::Renewed) if self.effect == Effect::Write => {
                self.go(At::Accepting, Output::Accept)
            }
            (At::Renewing, Input::Renewed) => self.send(),
            (At::Sending, Input::NotAnswered { transient, arrived }) => self.back_off(transient, arrived),
            (At::Accepting, Input::Done) | (At::Keeping { ended: false }, Input::Done) => {
                self.go(At::Reading, Output::Read)
            }
            (At::Reading, Input::Chunk(bytes)) => {
                self.page.bytes = self.page.bytes.saturating_add(bytes);
                within("bytes", self.counts.bytes.saturating_add(self.page.bytes), self.limits.max_bytes)?;
                self.go(At::Feeding, Output::Feed)
            }
            (At::Reading, Input::BodyEnded) => self.go(At::Ending, Output::End),
            (At::Reading, Input::Interrupted) => {
                self.unknown |= self.effect == Effect::Write;
                self.go(At::Abandoning, Output::Abandon)
            }
            (At::Feeding, Input::Batch { rows, rejected }) => self.keep(rows, rejected, false),
            (At::Ending, Input::Batch { rows, rejected }) => self.keep(rows, rejected, true),
            (At::Keeping { ended: true }, Input::Done) => self.go(At::Committing, Output::Commit),
            (At::Committing, Input::Done) => {
                self.commit();
                self.go(At::Checkpointing, Output::Checkpoint)
            }
            (At::Accepting | At::Feeding | At::Ending, Input::Unreadable) => self.unreadable(),
            // Not to go back behind it.
            (At::Abandoning, Input::Done) if self.effect == Effect::Write => {
                self.go(At::Checkpointing, Output::Checkpoint)
            }
            (At::Abandoning, Input::Done) => self.back_off(true, true),
            (At::Waiting, Input::Done) => self.go(At::Telling, Output::Waited),
            (_, input) => Err(Stop::OutOfOrder(name(input))),
        }
    }

    fn go(&mut self, at: At, output: Output) -> Result<Output, Stop> {
        self.at = at;
        Ok(output)
    }

    fn request(&mut self, effect: Effect) -> Result<Output, Stop> {
        if effect == Effect::Write && !self.limits.may_write {
            return Err(Stop::Write);
        }
        if effect == Effect::Write && self.unknown {
            return Err(Stop::UnknownResult);
        }
        (self.effect, self.refused) = (effect, false);
        self.send()
    }

    fn send(&mut self) -> Result<Output, Stop> {
        self.counts.requests = self.counts.requests.saturating_add(1);
        within("requests", self.counts.requests, self.limits.max_requests)?;
        self.go(At::Sending, Output::Send)
    }

    fn keep(&mut self, rows: u64, rejected: u64, ended: bool) -> Result<Output, Stop> {
        self.at = At::Keeping { ended };
        if rows == 0 && rejected == 0 {
            return self.step(Input::Done);
        }
        self.page.rows = self.page.rows.saturating_add(rows);
        self.page.rejected = self.page.rejected.saturating_add(rejected);
        let all = [self.counts.rows, self.counts.rejected, self.page.rows, self.page.rejected];
        within("rows", all.into_iter().fold(0, u64::saturating_add), self.limits.max_rows)?;
        Ok(Output::Keep)
    }

    fn commit(&mut self) {
        let Self { counts, page, .. } = self;
        counts.answers = counts.answers.saturating_add(1);
        counts.bytes = counts.bytes.saturating_add(page.bytes);
        counts.rows = counts.rows.saturating_add(page.rows);
        counts.rejected = counts.rejected.saturating_add(page.rejected);
        (self.failures, self.waits) = (0, 0);
    }

    /// The answer to a read may be another one the next time. That of a write is not asked for twice.
    fn unreadable(&mut self) -> Result<Output, Stop> {
        let attempts = self.attempts();
        if self.effect == Effect::Write || attempts >= self.limits.attempts {
            return Err(Stop::Unreadable { attempts });
        }
        self.go(At::Abandoning, Output::Reopen)
    }

    /// The request is repeated after a while, unless that would not help or might do something twice.
    fn back_off(&mut self, transient: bool, arrived: bool) -> Result<Output, Stop> {
        self.failures += 1;
        let attempts = self.failures;
        if self.effect == Effect::Write && arrived {
            self.unknown = true;
            return self.go(At::Abandoning, Output::Unanswered);
        }
        if !transient || attempts >= self.limits.attempts {
            return Err(Stop::GaveUp { attempts });
        }
        self.counts.retries = self.counts.retries.saturating_add(1);
        let pause = self.limits.back_off.saturating_mul(2_u32.saturating_pow(attempts - 1));
        self.go(At::BackingOff, Output::BackOff { pause, attempt: attempts + 1 })
    }

    /// Where a session's account of what it did is not what was counted: how.
    fn miscounted(&self, totals: Totals) -> Option<String> {
        let Counts { answers, rows, rejected, .. } = self.counts;
        if totals.rows != rows {
            Some(format!("it says that it gave {} rows, and gave {rows}", totals.rows))
        } else if totals.rejected != rejected {
            let said = totals.rejected;
            Some(format!("it says that it rejected {said} records, and gave {rejected} as rejected"))
        } else if totals.pages > answers {
            Some(format!("it says that it read {} pages, and got {answers} answers", totals.pages))
        } else {
            None
        }
    }
}

fn within(what: &'static str, count: u64, limit: u64) -> Result<(), Stop> {
    if count > limit { Err(Stop::Endless { what, limit }) } else { Ok(()) }
}

fn name(input: Input) -> &'static str {
    match input {
        Input::Done => "that something is done",
        Input::Request(_) => "a request",
        Input::Pause => "a pause",
        Input::Finished(_) => "the end of the session",
        Input::Head | Input::Unauthorized => "the head of an answer",
        Input::NotAnswered { .. } => "a missing answer",
        Input::Renewed => "other credentials",
        Input::Chunk(_) => "a part of a body",
        Input::BodyEnded => "the end of a body",
        Input::Unreadable => "an unreadable answer",
        Input::Interrupted => "an interrupted body",
        Input::Batch { .. } => "a batch",
    }
}

#[cfg(test)]
mod tests;
