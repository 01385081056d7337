//! What carries out an operation: looks names up, changes something once, and finds out how it went.
//!
//! Between two answers all that is known is in the [`Procedure`]; what [`Procedure::save`] gives of it is the checkpoint,
//! so that another process can go on where this one ended: after a wait of hours, or to find out what became of a change
//! whose answer was lost.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::arguments::Arguments;
use crate::contract::catalog::{Manifest, Operation, Parameter};
use crate::contract::collection::{
    Batch, Effect, Job, OperationOutcome, Pause, Request, Response, Step, Summary, Task,
};
use crate::contract::types::{Error, Instant, Row, Value};
use crate::problem::{invalid, malformed};
use crate::session::fingerprint;

/// A whole answer is kept in memory. Lists to choose from have some hundreds of entries, of a few KiB each.
const MAX_ANSWER_BYTES: usize = 16 << 20;
/// An operation asks for a state every minute or so, for a day.
const MAX_ANSWERS: u32 = 10_000;
/// The field of a report that says what came of the operation: one of the words below.
pub const OUTCOME: &str = "outcome";
/// It took effect.
pub const DONE: &str = "done";
/// It had no effect, or ended otherwise than it should.
pub const NOT_DONE: &str = "not done";
/// A person has to look.
pub const UNKNOWN: &str = "unknown";
/// Raised when older checkpoints can no longer be read.
const CHECKPOINT_VERSION: u32 = 1;

/// What is to be done, checked against the manifest.
#[derive(Debug)]
pub struct Assignment {
    /// The operation.
    pub operation: Operation,
    /// The settings of the connection.
    pub settings: Arguments,
    /// The parameters.
    pub parameters: Arguments,
    /// The instant that counts as now.
    pub as_of: Instant,
    /// Tells this run of the operation from every other one. Empty where it is probed.
    pub id: String,
}

/// An operation, step by step.
pub trait Procedure {
    /// What it needs now. Asked again without anything in between, it says the same again.
    ///
    /// # Errors
    /// Where it cannot continue.
    fn next(&self) -> Result<Need, Error>;

    /// The whole answer to its last request.
    ///
    /// # Errors
    /// Where it cannot continue. After a write, the host ends the operation with it, so that whoever started it has to look what
    /// became of the change: better look by another request.
    fn answered(&mut self, answer: &WholeAnswer<'_>, report: &mut Report) -> Result<(), Error>;

    /// The pause is over.
    fn waited(&mut self);

    /// It is not known what became of the write that it asked for last: whether it arrived, and what was answered. With `has_head`,
    /// the head of an answer came, so something took the request. It is never to ask for another one.
    fn interrupted(&mut self, has_head: bool);

    /// All that another process needs to go on, as [`Plugin::operate`](crate::Plugin::operate) gets it.
    fn save(&self) -> String;
}

/// What a procedure needs.
#[derive(Debug, Clone, PartialEq)]
pub enum Need {
    /// The answer to a request.
    Send(Request),
    /// Time.
    Wait(Pause),
    /// Nothing: it is done, and has reported how it went.
    Done,
}

/// A whole answer.
#[derive(Debug, Clone, Copy)]
pub struct WholeAnswer<'a> {
    /// Its head.
    pub head: &'a Response,
    /// Its body.
    pub body: &'a [u8],
}

/// How an operation went, as far as that is known.
#[derive(Debug, Clone, Default)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
    is_undecided: bool,
}

impl Report {
    /// Of a probe: reads do not show whether the account may do it. `why` goes on to what a person can look at.
    pub fn undecided(&mut self, why: impl Into<String>) {
        self.is_undecided = true;
        self.note(why);
    }

    /// A row, with a value for each field of the operation. Its field [`OUTCOME`] says what came of it.
    pub fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Something that a reader of the report must know.
    pub fn note(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }
}

/// An operation under way.
pub struct Operating {
    procedure: Box<dyn Procedure>,
    /// The position of the field [`OUTCOME`].
    outcome_at: Option<usize>,
    saved: Saved,
    state: State,
}

enum State {
    Ready,
    Reading { head: Response, body: Vec<u8> },
    Failed,
}

/// Where an operation stands. Serialised, it is the checkpoint.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Saved {
    version: u32,
    work: String,
    /// What the procedure has to say.
    procedure: Option<String>,
    answers: u32,
    rows: u64,
    outcome: Option<OperationOutcome>,
    notes: Vec<String>,
}

impl Operating {
    /// Begins the operation of this name, or resumes from the job's checkpoint.
    pub(crate) fn open(
        manifest: Manifest,
        job: Job,
        open: impl FnOnce(&Assignment, Option<&str>) -> Result<Box<dyn Procedure>, Error>,
    ) -> Result<Self, Error> {
        let checkpoint = job.checkpoint.clone();
        let job = Job { checkpoint: None, ..job };
        let work = fingerprint(&manifest.version, &job);
        let saved = match checkpoint {
            None => Saved { version: CHECKPOINT_VERSION, work, ..Saved::default() },
            Some(bytes) => match serde_json::from_slice::<Saved>(&bytes) {
                Ok(it) if it.version == CHECKPOINT_VERSION && it.work == work => it,
                _ => {
                    let what = "the checkpoint is damaged, or of another job or version of the plugin";
                    return Err(invalid(what).remedy("look at the source what was done so far"));
                }
            },
        };
        let assignment = Assignment::check(manifest, job)?;
        let outcome_at = assignment.operation.fields.iter().position(|it| it.name == OUTCOME);
        let procedure = open(&assignment, saved.procedure.as_deref())?;
        Ok(Self { procedure, outcome_at, saved, state: State::Ready })
    }

    /// What it needs now.
    pub(crate) fn next(&mut self) -> Result<Step, Error> {
        if !matches!(self.state, State::Ready) {
            return Err(out_of_order("it asked for a step at the wrong time"));
        }
        Ok(match self.procedure.next()? {
            Need::Send(request) => Step::Send(request),
            Need::Wait(pause) => Step::Wait(pause),
            Need::Done => Step::Finished(Summary {
                pages: self.saved.answers,
                rows: self.saved.rows,
                declared: None,
                rejected: 0,
                duplicates: 0,
                outside_window: 0,
                point: None,
                repeated_keys: None,
                window: None,
                outcome: self.saved.outcome,
                notes: self.saved.notes.clone(),
            }),
        })
    }

    /// The pause is over.
    pub(crate) fn waited(&mut self) {
        if matches!(self.procedure.next(), Ok(Need::Wait(_))) {
            self.procedure.waited();
        }
    }

    /// The head of the answer to its last request.
    pub(crate) fn accept(&mut self, head: &Response) -> Result<(), Error> {
        if !matches!(self.state, State::Ready) || !matches!(self.procedure.next(), Ok(Need::Send(_))) {
            self.state = State::Failed;
            return Err(out_of_order("it gave an answer that was not asked for"));
        }
        self.state = State::Reading { head: head.clone(), body: Vec::new() };
        Ok(())
    }

    /// A part of its body.
    pub(crate) fn feed(&mut self, chunk: &[u8]) -> Result<Batch, Error> {
        let State::Reading { body, .. } = &mut self.state else {
            return Err(out_of_order("it gave a body without a head"));
        };
        if body.len() + chunk.len() > MAX_ANSWER_BYTES {
            self.state = State::Failed;
            let mib = MAX_ANSWER_BYTES >> 20;
            return Err(malformed(format!(
                "an answer of more than {mib} MiB, where a short one was expected"
            )));
        }
        body.extend_from_slice(chunk);
        Ok(Batch { rows: Vec::new(), rejected: Vec::new() })
    }

    /// Its body is complete.
    pub(crate) fn end(&mut self) -> Result<Batch, Error> {
        let State::Reading { head, body } = std::mem::replace(&mut self.state, State::Failed) else {
            return Err(out_of_order("it ended an answer that has no head"));
        };
        let mut report = Report::default();
        self.procedure.answered(&WholeAnswer { head: &head, body: &body }, &mut report)?;
        let saved = &mut self.saved;
        saved.answers += 1;
        if saved.answers > MAX_ANSWERS {
            return Err(malformed(format!("stopped: the operation took more than {MAX_ANSWERS} answers")));
        }
        saved.rows += report.rows.len() as u64;
        // The worst of them counts.
        let outcomes = report.rows.iter().filter_map(|row| outcome(row.get(self.outcome_at?)?));
        let undecided = report.is_undecided.then_some(OperationOutcome::Unknown);
        saved.outcome = saved.outcome.into_iter().chain(outcomes).chain(undecided).max_by_key(|it| *it as u8);
        for note in report.notes {
            if !saved.notes.contains(&note) {
                saved.notes.push(note);
            }
        }
        self.state = State::Ready;
        Ok(Batch { rows: report.rows, rejected: Vec::new() })
    }

    /// The answer was interrupted, or it is not known what became of a write.
    pub(crate) fn interrupted(&mut self) {
        if matches!(self.state, State::Failed) {
            return;
        }
        let has_head = matches!(std::mem::replace(&mut self.state, State::Ready), State::Reading { .. });
        let is_write = |it: &Request| matches!(it.effect, Effect::Write(_));
        if matches!(self.procedure.next(), Ok(Need::Send(request)) if is_write(&request)) {
            self.procedure.interrupted(has_head);
        }
    }

    /// What is needed to resume from here.
    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let saved = Saved { procedure: Some(self.procedure.save()), ..self.saved.clone() };
        // Texts and numbers always serialise.
        serde_json::to_vec(&saved).unwrap_or_default()
    }
}

impl Assignment {
    fn check(manifest: Manifest, job: Job) -> Result<Self, Error> {
        let (name, is_probe) = match job.task {
            Task::Operate(name) => (name, false),
            Task::Probe(name) => (name, true),
            Task::Collect(_) | Task::LookUp(_) => return Err(invalid("this is no operation")),
        };
        let known: Vec<&str> = manifest.operations.iter().map(|it| it.name.as_str()).collect();
        let unknown = format!("unknown operation {name:?}: choose from {}", known.join(", "));
        let Some(operation) = manifest.operations.into_iter().find(|it| it.name == name) else {
            return Err(invalid(unknown).about(name));
        };
        let id = match job.id.filter(|it| !it.is_empty()) {
            Some(id) => id,
            None if is_probe => String::new(),
            None => return Err(invalid("an operation without an id cannot be distinguished from others")),
        };
        let known: &[Parameter] = if is_probe { &[] } else { &operation.parameters };
        Ok(Self {
            settings: Arguments::check("setting", &manifest.settings, job.settings)?,
            parameters: Arguments::check("parameter", known, job.criteria)?,
            as_of: job.as_of,
            operation,
            id,
        })
    }
}

/// What a row says came of the operation.
fn outcome(value: &Value) -> Option<OperationOutcome> {
    let Value::Text(text) = value else { return None };
    match text.as_str() {
        DONE => Some(OperationOutcome::Done),
        NOT_DONE => Some(OperationOutcome::NotDone),
        UNKNOWN => Some(OperationOutcome::Unknown),
        _ => None,
    }
}

fn out_of_order(how: &str) -> Error {
    invalid(format!("the host called the session out of order: {how}; open a new session"))
}
