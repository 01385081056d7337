//! The state machine that every collection runs on, written once.
//!
//! What is committed is in `Progress`. An answer works on a draft of it, which is committed
//! when the answer is complete and abandoned when it was interrupted: so an interrupted
//! page leaves no trace, and a checkpoint is the progress and nothing else.

mod page;
mod progress;
mod seen;
#[cfg(test)]
mod tests;

pub use page::Page;
use progress::Progress;
pub(crate) use progress::fingerprint;

use crate::arguments::Arguments;
use crate::contract::catalog::{Lookup, Manifest, ProofType, ProvenTime};
use crate::contract::collection::{Batch, Job, Pause, Request, Response, Step, Task};
use crate::contract::types::{Error, Instant, Window};
use crate::problem::{invalid, malformed};

/// What is to be collected, checked against the manifest.
#[derive(Debug)]
pub struct Order {
    /// The proof type.
    pub proof_type: ProofType,
    /// Whether it is a lookup: the proof type then has its columns.
    pub look_up: bool,
    /// Whether only a minimal request is needed, to find out whether a collection would work.
    pub probe: bool,
    /// The settings of the connection.
    pub settings: Arguments,
    /// The criteria that records must meet.
    pub criteria: Arguments,
    /// The interval that the proof is about.
    pub window: Option<Window>,
    /// Only what changed at or after this instant of the source's clock, the point of an earlier job. Where it is given, the
    /// proof type says that it can be, and there is no window.
    pub since: Option<Instant>,
    /// The instant that counts as now.
    pub as_of: Instant,
}

/// One collection: the requests that it needs, and what reads their answers. It keeps no
/// state between answers: what one page passes to the next goes through the cursor.
pub trait Source {
    /// The request for the page at `cursor`; `None` is the first.
    fn request(&self, cursor: Option<&str>) -> Request;

    /// What is to read the answer with this head. `attempt` counts the pauses since the
    /// last page, from 0, for a back-off that grows and gives up.
    fn answer(&self, cursor: Option<&str>, head: &Response, attempt: u32) -> Result<Box<dyn Answer>, Error>;

    /// The window whose events the rows are, where the order has none and this source chose one: for proof types whose window
    /// proves events.
    fn window(&self) -> Option<Window> {
        None
    }

    /// A smaller page than the one at `cursor`, where there is one: that page broke off again and again.
    fn smaller(&self, cursor: Option<&str>) -> Option<String> {
        let _ = cursor;
        None
    }
}

/// Reads one answer, in pieces of any size.
pub trait Answer {
    /// A part of the body.
    fn feed(&mut self, chunk: &[u8], page: &mut Page) -> Result<(), Error>;

    /// The body is complete: what follows from it.
    fn end(self: Box<Self>, page: &mut Page) -> Result<Outcome, Error>;
}

/// What follows from an answer.
#[derive(Debug)]
pub enum Outcome {
    /// That was the last page.
    Last,
    /// There is another page, perhaps after a pause.
    Next {
        /// Where it is, for [`Source::request`].
        cursor: String,
        /// The pause before it.
        pause: Option<Pause>,
    },
    /// No page: the same request, after a pause. Never after rows or rejections.
    Again(Pause),
    /// No page: another request, such as for a smaller one. Never after rows or rejections.
    Instead {
        /// Where it is, for [`Source::request`].
        cursor: String,
    },
}

/// A collection under way.
pub struct Session {
    source: Box<dyn Source>,
    /// Positions of the key fields in a row.
    key: Vec<usize>,
    progress: Progress,
    /// What the order says.
    since: Option<Instant>,
    /// Whether a later job may ask for what changed since this one.
    has_point: bool,
    /// How often the page under way was interrupted.
    interruptions: u32,
    /// Whether it only finds out whether a collection would work.
    is_probe: bool,
    state: State,
}

/// A page that is interrupted may be whole the next time, and the same request is repeated. From here on a smaller one is
/// asked for: by then it is likely that none of its size passes.
const INTERRUPTIONS: u32 = 4;
/// How often it is made smaller then: few attempts are left.
const STEPS: usize = 2;

enum State {
    Ready,
    Pausing(Pause),
    Reading { answer: Box<dyn Answer>, page: Box<Page> },
    Failed,
}

impl Session {
    /// Begins, or resumes from the job's checkpoint.
    ///
    /// # Errors
    /// `invalid` where the job makes no sense, and whatever `open` fails with.
    pub(crate) fn open(
        manifest: Manifest,
        job: Job,
        open: impl FnOnce(&Order) -> Result<Box<dyn Source>, Error>,
    ) -> Result<Self, Error> {
        let checkpoint = job.checkpoint.clone();
        let job = Job { checkpoint: None, ..job };
        let work = progress::fingerprint(&manifest.version, &job);
        let progress = match checkpoint {
            Some(bytes) => Progress::load(&bytes, &work)?,
            None => Progress::of(work),
        };
        let order = Order::check(manifest, job)?;
        let key = key_positions(&order.proof_type);
        let source = open(&order)?;
        order.check_chosen(source.window())?;
        let has_point = order.proof_type.changes.is_ok() && !order.probe && order.window.is_none();
        let (since, is_probe) = (order.since, order.probe);
        let (interruptions, state) = (0, State::Ready);
        Ok(Self { source, key, progress, since, has_point, interruptions, is_probe, state })
    }

    /// What the session needs now.
    #[expect(
        clippy::should_implement_trait,
        reason = "the contract's name: it repeats itself, as no iterator does"
    )]
    pub fn next(&mut self) -> Result<Step, Error> {
        match &self.state {
            State::Ready if self.progress.done => {
                let mut summary = self.progress.summary(self.source.window(), self.has_point);
                if self.is_probe {
                    summary.notes.clone_from(&self.progress.lacks);
                }
                Ok(Step::Finished(summary))
            }
            State::Ready => Ok(Step::Send(self.source.request(self.progress.cursor.as_deref()))),
            State::Pausing(pause) => Ok(Step::Wait(pause.clone())),
            State::Reading { .. } => Err(self.out_of_order("it asked for a step in the middle of an answer")),
            State::Failed => Err(self.out_of_order("it used the session after an error")),
        }
    }

    /// The pause is over.
    pub fn waited(&mut self) {
        if matches!(self.state, State::Pausing(_)) {
            self.state = State::Ready;
        }
    }

    /// The head of the answer to the last request.
    pub fn accept(&mut self, head: &Response) -> Result<(), Error> {
        if !matches!(self.state, State::Ready) || self.progress.done {
            return Err(self.out_of_order("it gave an answer that the session had not asked for"));
        }
        let cursor = self.progress.cursor.as_deref();
        match self.source.answer(cursor, head, self.progress.attempt) {
            Ok(answer) => {
                let page = Box::new(Page::new(self.progress.clone(), self.key.clone(), self.since));
                self.state = State::Reading { answer, page };
                Ok(())
            }
            Err(error) => self.fail(error),
        }
    }

    /// A part of the answer's body.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Batch, Error> {
        let State::Reading { answer, page } = &mut self.state else {
            return Err(self.out_of_order("it gave a body without a head"));
        };
        match answer.feed(chunk, page) {
            Ok(()) => Ok(page.take()),
            Err(error) => self.fail(error),
        }
    }

    /// The answer is complete.
    pub fn end(&mut self) -> Result<Batch, Error> {
        let State::Reading { answer, mut page } = std::mem::replace(&mut self.state, State::Ready) else {
            return Err(self.out_of_order("it ended an answer that has no head"));
        };
        self.interruptions = 0;
        match answer.end(&mut page) {
            Ok(Outcome::Last | Outcome::Next { .. }) if page.lacks_point() => self.fail(malformed(
                "the source did not date its first answer, so it is not known up to when its changes reach",
            )),
            Ok(Outcome::Last) => {
                let (progress, batch) = page.finish();
                self.progress = progress;
                Ok(batch)
            }
            Ok(Outcome::Next { cursor, pause }) => {
                let (progress, batch) = page.continue_at(cursor);
                self.progress = progress;
                if progress::too_many(&self.progress) {
                    return self.fail(malformed(format!(
                        "stopped: the list has more than {} pages",
                        progress::MAX_PAGES
                    )));
                }
                if let Some(pause) = pause {
                    self.state = State::Pausing(pause);
                }
                Ok(batch)
            }
            // The host has the rows already, and would get them twice.
            Ok(Outcome::Again(_) | Outcome::Instead { .. }) if page.gave_any() => {
                self.fail(malformed("the source refused the request after it had sent a part of the list"))
            }
            Ok(Outcome::Instead { cursor }) => {
                (self.progress.cursor, self.progress.attempt) = (Some(cursor), 0);
                Ok(Batch { rows: Vec::new(), rejected: Vec::new() })
            }
            Ok(Outcome::Again(pause)) => {
                self.progress.attempt += 1;
                self.state = State::Pausing(pause);
                Ok(Batch { rows: Vec::new(), rejected: Vec::new() })
            }
            Err(error) => self.fail(error),
        }
    }

    /// The answer was interrupted: its page is abandoned, as if it had never begun.
    pub fn interrupted(&mut self) {
        if !matches!(self.state, State::Reading { .. }) {
            return;
        }
        self.state = State::Ready;
        self.interruptions += 1;
        if self.interruptions < INTERRUPTIONS {
            return;
        }
        for _ in 0..STEPS {
            if let Some(cursor) = self.source.smaller(self.progress.cursor.as_deref()) {
                self.progress.cursor = Some(cursor);
            }
        }
    }

    /// What is needed to resume from here.
    pub fn checkpoint(&self) -> Vec<u8> {
        self.progress.save()
    }

    fn fail<T>(&mut self, error: Error) -> Result<T, Error> {
        self.state = State::Failed;
        Err(error)
    }

    fn out_of_order(&mut self, how: &str) -> Error {
        self.state = State::Failed;
        invalid(format!("the host called the session out of order: {how}; open a new session"))
    }
}

impl Order {
    fn check(manifest: Manifest, job: Job) -> Result<Self, Error> {
        let (name, probe, look_up) = match job.task {
            Task::Collect(name) => (name, false, false),
            Task::Probe(name) => (name, true, false),
            Task::LookUp(name) => (name, false, true),
            Task::Operate(name) => {
                return Err(invalid(format!("{name:?} is to be carried out, and is no list")).about(name));
            }
        };
        let (what, known) = if look_up {
            ("lookup", manifest.lookups.iter().map(ProofType::from).collect())
        } else {
            ("proof type", manifest.proof_types)
        };
        if job.window.is_some_and(|it| it.start >= it.end) {
            return Err(invalid("the window is empty: it must end after it begins"));
        }
        let names: Vec<&str> = known.iter().map(|it| it.name.as_str()).collect();
        let unknown = format!("unknown {what} {name:?}: choose from {}", names.join(", "));
        let Some(proof_type) = known.into_iter().find(|it: &ProofType| it.name == name) else {
            return Err(invalid(unknown).about(name));
        };
        if job.window.is_some() && proof_type.window.is_none() {
            let message = format!("{name:?} takes no window: it shows how things stand when it is collected");
            return Err(invalid(message).remedy("leave the window out").about(name));
        }
        match &proof_type.changes {
            _ if job.since.is_none() => {}
            Err(why) => {
                let message = format!("{name:?} cannot be asked for what changed: {why}");
                return Err(invalid(message).remedy("collect the whole list").about(name));
            }
            Ok(_) if probe || job.window.is_some() => {
                return Err(
                    invalid("only a collection without a window has what changed since another").about(name)
                );
            }
            Ok(_) => {}
        }
        Ok(Self {
            settings: Arguments::check("setting", &manifest.settings, job.settings)?,
            criteria: Arguments::check("criterion", &proof_type.criteria, job.criteria)?,
            window: job.window,
            since: job.since,
            as_of: job.as_of,
            proof_type,
            look_up,
            probe,
        })
    }

    /// A host refuses the summary of a source that breaks this, when all pages are there: better now.
    fn check_chosen(&self, chosen: Option<Window>) -> Result<(), Error> {
        let proves = self.proof_type.window.as_ref().map(|it| it.proves);
        let of_events = proves == Some(ProvenTime::Events);
        let why = match (of_events, self.window, chosen) {
            _ if self.probe => return Ok(()),
            (true, None, None) => {
                "its window proves events and none was given: Source::window must say which is collected"
            }
            (false, _, Some(_)) => "its window does not prove events: Source::window must be None",
            (true, _, Some(it)) if it.start >= it.end => "the window that Source::window says is empty",
            _ => return Ok(()),
        };
        Err(invalid(format!("the plugin contradicts its manifest on {:?}: {why}", self.proof_type.name)))
    }
}

/// The columns of a lookup, as a list that can be collected.
impl From<&Lookup> for ProofType {
    fn from(it: &Lookup) -> Self {
        Self {
            name: it.name.clone(),
            label: it.label.clone(),
            help: it.help.clone(),
            fields: it.fields.clone(),
            key: vec![it.value.clone()],
            criteria: it.criteria.clone(),
            window: None,
            changes: Err("A lookup lists what there is.".to_owned()),
            needs: it.needs.clone(),
            link: None,
            schedule: String::new(),
            suggested: Vec::new(),
            blanked: it.blanked.clone(),
        }
    }
}

fn key_positions(proof_type: &ProofType) -> Vec<usize> {
    let position = |name: &String| proof_type.fields.iter().position(|it| it.name == *name);
    proof_type.key.iter().filter_map(position).collect()
}
