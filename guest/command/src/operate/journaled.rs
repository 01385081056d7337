//! Answers of an operation: those that are kept from before, then those of the network, each kept before it counts.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::rc::Rc;
use std::time::Duration;

use exhibit_blank::Blanker;
use exhibit_plugin::collection::{Pause, Request, Response};
use exhibit_plugin::types::Instant;
use exhibit_records::{AnswerRecord, Digest, OriginRecord, StoredRecord};
use ruzstd::decoding::StreamingDecoder;

use super::journal::{Journal, Step};
use super::repeats::Repeats;
use crate::clock::Clock;
use crate::collector::changes;
use crate::evidence::packed;
use crate::evidence::record;
use crate::failure::Failure;
use crate::transport::{Abandoned, Answer, Body, Transport, TransportError};

/// An answer of an operation is kept in memory until it is whole. A plugin of the kit takes no more than 16 MiB.
const MAX_BODY_BYTES: usize = 64 << 20;
/// What a plugin is fed at a time of an answer that is kept.
const CHUNK_BYTES: usize = 64 << 10;
/// A shorter wait is soon over: to ask too early by that much does no harm.
const KEPT_WAIT_SECONDS: u32 = 10;
/// The status of what takes the place of an answer that never came.
const NO_ANSWER: u16 = 0;
const ENDED: &str = "the process that had sent it ended before";

/// Answers an operation.
pub(super) struct Journaled<'a> {
    network: Box<dyn Transport>,
    pub(super) journal: Journal,
    /// The next step that is to be gone through again.
    at: usize,
    /// Steps that were there when this process began.
    before: usize,
    origins: Vec<OriginRecord>,
    repeats: Repeats,
    /// The names whose values are blanked in answers.
    blanked: Vec<String>,
    clock: &'a dyn Clock,
    /// The answer under way, where it comes from the network.
    open: Option<Open>,
}

struct Open {
    record: AnswerRecord,
    body: Rc<RefCell<Vec<u8>>>,
    blanker: Rc<RefCell<Blanker>>,
}

impl Open {
    /// Its record, with what was blanked so far.
    fn record(&self) -> AnswerRecord {
        let blanked = self.blanker.borrow().counts().map(|(name, times)| (name.to_owned(), times)).collect();
        AnswerRecord { blanked, ..self.record.clone() }
    }
}

/// What is kept for a request.
enum Kept {
    /// The answer of this step.
    Answer(usize),
    /// A write that was sent, and nothing is known of what came of it.
    Unanswered,
    /// Nothing: it is to be sent.
    Nothing,
}

impl<'a> Journaled<'a> {
    pub(super) fn new(
        network: Box<dyn Transport>,
        journal: Journal,
        origins: Vec<OriginRecord>,
        repeats: Repeats,
        blanked: &[String],
        clock: &'a dyn Clock,
    ) -> Self {
        let before = journal.steps.len();
        let blanked = blanked.to_vec();
        Self { network, journal, at: 1, before, origins, repeats, blanked, clock, open: None }
    }

    /// What is kept for this request, from the next step on.
    fn kept(&mut self, request: &Request) -> Result<Kept, Failure> {
        let asked = record::request(request);
        while let Some(step) = self.journal.steps.get(self.at).filter(|_| self.at < self.before) {
            let at = self.at;
            self.at += 1;
            match step {
                Step::Answer { unreadable: true, .. } | Step::Wait { .. } => {}
                step if step.is_of_processes() => {}
                Step::Write { request, .. } if **request == asked => {
                    let next = self.next_of_source();
                    match next.and_then(|it| Some((it, self.journal.steps.get(it)?))) {
                        Some((it, Step::Unsent { .. })) => self.at = it + 1,
                        Some((it, Step::Answer { .. })) => {
                            self.at = it + 1;
                            return Ok(Kept::Answer(it));
                        }
                        Some(_) => return Err(other_request(at)),
                        None => {
                            self.at = self.before;
                            return Ok(Kept::Unanswered);
                        }
                    }
                }
                Step::Answer { record, .. } if record.request == asked => return Ok(Kept::Answer(at)),
                _ => return Err(other_request(at)),
            }
        }
        Ok(Kept::Nothing)
    }

    /// The next step at which something came, or did not.
    fn next_of_source(&self) -> Option<usize> {
        let of_source = |it: &usize| self.journal.steps.get(*it).is_some_and(|it| !it.is_of_processes());
        (self.at..self.before).find(of_source)
    }

    /// The answer that is kept in this step.
    fn replay(&self, number: usize) -> Result<Answer, TransportError> {
        let Some(Step::Answer { record, .. }) = self.journal.steps.get(number) else {
            return Err(other_request(number).into());
        };
        if record.status == NO_ANSWER {
            return Err(TransportError::Transient(record.broken.clone().unwrap_or_default()));
        }
        let head = Response { status: record.status, headers: record.headers.clone() };
        let body: Box<dyn Body> = match &record.broken {
            Some(why) => Box::new(Interrupted(why.clone())),
            None => Box::new(Whole(unpacked(&self.journal.body(number)?, record)?, 0)),
        };
        Ok(Answer { head, body })
    }

    /// Keeps that no answer came to this request.
    fn unanswered(&mut self, request: &Request, why: &str) -> Result<(), Failure> {
        let head = Response { status: NO_ANSWER, headers: vec![] };
        let record = AnswerRecord { broken: Some(why.to_owned()), ..self.begun(request, &head) };
        self.keep(Step::Answer { record: Box::new(record), unreadable: false }, None)
    }

    fn keep(&mut self, step: Step, body: Option<&[u8]>) -> Result<(), Failure> {
        self.journal.append(step, body)?;
        // Of this process, there is nothing to go through again.
        (self.at, self.before) = (self.journal.steps.len(), self.journal.steps.len());
        Ok(())
    }

    /// The record of an answer that begins now. Its number is given when all of them are listed.
    fn begun(&self, request: &Request, head: &Response) -> AnswerRecord {
        let origin = self.origins.iter().find(|it| it.name == request.origin);
        AnswerRecord {
            answer: 0,
            request: record::request(request),
            origin: origin.map(|it| it.url.clone()).unwrap_or_default(),
            redirected: vec![],
            received: record::instant(self.clock.now()),
            status: head.status,
            headers: head.headers.clone(),
            bytes: 0,
            digest: None,
            file: None,
            stored: None,
            broken: None,
            redacted: None,
            blanked: BTreeMap::new(),
        }
    }

    /// Sends it, once it is kept that it is sent.
    fn write(&mut self, request: &Request) -> Result<Answer, TransportError> {
        self.network.prepare(request)?;
        let (asked, sent) = (Box::new(record::request(request)), self.clock.now());
        self.keep(Step::Write { request: asked, sent }, None)?;
        match self.network.answer(request) {
            Err(TransportError::NotSent(why)) => {
                self.keep(Step::Unsent { why: why.clone() }, None)?;
                Err(TransportError::NotSent(why))
            }
            Err(TransportError::Blocked(failure)) => {
                self.keep(Step::Unsent { why: failure.what().to_owned() }, None)?;
                Err(TransportError::Blocked(failure))
            }
            Err(TransportError::Transient(why)) => {
                self.unanswered(request, &why)?;
                Err(TransportError::Transient(why))
            }
            // The next call finds out what came of it.
            other => other,
        }
    }
}

impl Transport for Journaled<'_> {
    fn answer(&mut self, request: &Request) -> Result<Answer, TransportError> {
        match self.kept(request)? {
            Kept::Answer(number) => return self.replay(number),
            Kept::Unanswered => {
                self.unanswered(request, ENDED)?;
                return Err(TransportError::Transient(ENDED.to_owned()));
            }
            Kept::Nothing => {}
        }
        let answer = if changes(request) { self.write(request)? } else { self.network.answer(request)? };
        if answer.head.headers.iter().any(|(_, value)| self.repeats.is_in(value.as_bytes())) {
            let why =
                "a header of the answer repeats a secret of this connection: it was not kept".to_owned();
            if changes(request) {
                self.unanswered(request, &why)?;
            }
            return Err(TransportError::Transient(why));
        }
        let body = Rc::new(RefCell::new(Vec::new()));
        let blanker = Rc::new(RefCell::new(Blanker::new(&self.blanked)));
        let record = self.begun(request, &answer.head);
        self.open = Some(Open { record, body: Rc::clone(&body), blanker: Rc::clone(&blanker) });
        let repeats = self.repeats.clone();
        let body = Box::new(Live { body: answer.body, so_far: body, blanker, is_over: false, repeats });
        Ok(Answer { head: answer.head, body })
    }

    fn commit(&mut self) -> Result<(), Failure> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (record, body) = (open.record(), open.body.borrow());
        let stored = packed(&body);
        let record = AnswerRecord {
            bytes: body.len() as u64,
            digest: Some(Digest::of(&body)),
            stored: Some(StoredRecord { bytes: stored.len() as u64, digest: Digest::of(&stored) }),
            ..record
        };
        self.keep(Step::Answer { record: Box::new(record), unreadable: false }, Some(&stored))
    }

    fn abandon(&mut self, abandoned: &Abandoned<'_>) -> Result<(), Failure> {
        let Some(open) = self.open.take() else { return Ok(()) };
        let (bytes, broken) = (open.body.borrow().len() as u64, Some(abandoned.why.to_owned()));
        let record = Box::new(AnswerRecord { bytes, broken, ..open.record() });
        // What a write did is found out in any case: the session is to know that its answer is lost.
        let unreadable = abandoned.unreadable && record.request.effect == "read";
        self.keep(Step::Answer { record, unreadable }, None)
    }

    fn pause(&mut self, pause: &Pause) -> Result<Duration, Failure> {
        let now = self.clock.now();
        while let Some(step) = self.journal.steps.get(self.at).filter(|_| self.at < self.before) {
            match step {
                step if step.is_of_processes() => self.at += 1,
                Step::Wait { until, .. } => {
                    self.at += 1;
                    let (until, is_last) = (*until, self.next_of_source().is_none());
                    // A clock that was wrong must not make this a wait without end.
                    let most = Instant::from(pause.seconds) * 1000;
                    let left = until.saturating_sub(now).clamp(0, most);
                    let left = if is_last { left } else { 0 };
                    return Ok(Duration::from_millis(left.unsigned_abs()));
                }
                // It was too short to be kept.
                _ => return Ok(Duration::ZERO),
            }
        }
        if pause.seconds > KEPT_WAIT_SECONDS {
            let until = now.saturating_add(Instant::from(pause.seconds) * 1000);
            self.keep(Step::Wait { until, message: pause.message.clone() }, None)?;
        }
        Ok(Duration::from_secs(pause.seconds.into()))
    }

    fn is_live(&self) -> bool {
        self.next_of_source().is_none()
    }
}

/// The body of an answer as it comes, kept as far as it has come: without the values that are blanked.
struct Live {
    body: Box<dyn Body>,
    so_far: Rc<RefCell<Vec<u8>>>,
    blanker: Rc<RefCell<Blanker>>,
    /// Whether all of the body went through it.
    is_over: bool,
    repeats: Repeats,
}

impl Body for Live {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let mut kept = Vec::new();
        while kept.is_empty() && !self.is_over {
            let mut blanker = self.blanker.borrow_mut();
            match self.body.chunk()? {
                Some(chunk) => blanker.pass(&chunk, &mut kept),
                None => {
                    self.is_over = true;
                    blanker.end(&mut kept);
                }
            }
        }
        let chunk = (!kept.is_empty()).then_some(kept);
        let mut so_far = self.so_far.borrow_mut();
        match &chunk {
            Some(chunk) if so_far.len() + chunk.len() > MAX_BODY_BYTES => {
                let mib = MAX_BODY_BYTES >> 20;
                return Err(Failure::source(format!("an answer has more than {mib} MiB")).into());
            }
            Some(chunk) => so_far.extend_from_slice(chunk),
            None if self.repeats.is_in(&so_far) => {
                let why = "the answer repeats a secret of this connection: it was not kept";
                return Err(TransportError::Transient(why.to_owned()));
            }
            None => {}
        }
        Ok(chunk)
    }
}

/// The body of an answer that is kept, and how much of it was given.
struct Whole(Vec<u8>, usize);

impl Body for Whole {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        let Self(bytes, given) = self;
        let chunk = bytes[*given..].iter().take(CHUNK_BYTES).copied().collect::<Vec<u8>>();
        *given += chunk.len();
        Ok((!chunk.is_empty()).then_some(chunk))
    }
}

/// The body of an answer that broke off: none of it was kept.
struct Interrupted(String);

impl Body for Interrupted {
    fn chunk(&mut self) -> Result<Option<Vec<u8>>, TransportError> {
        Err(TransportError::Transient(self.0.clone()))
    }
}

/// The body that this record is of.
fn unpacked(stored: &[u8], record: &AnswerRecord) -> Result<Vec<u8>, Failure> {
    let mut body = Vec::new();
    let read = StreamingDecoder::new(stored).map(|it| {
        let most = u64::try_from(MAX_BODY_BYTES).unwrap_or(u64::MAX);
        it.take(most).read_to_end(&mut body)
    });
    if !matches!(read, Ok(Ok(_))) || record.digest != Some(Digest::of(&body)) {
        return Err(Failure::call("an answer that was kept of the interrupted operation was altered")
            .next("look at the source what was done, then remove the folder of the evidence to begin"));
    }
    Ok(body)
}

fn other_request(step: usize) -> Failure {
    let what = format!("the plugin makes another request now than the one that is kept in step {step}");
    Failure::source(what)
        .next("look at the source what was done, then remove the folder of the evidence to begin")
}
