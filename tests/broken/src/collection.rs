//! A session.

use std::cell::RefCell;

use crate::Plugin;
use crate::bindings::exports::exhibit::plugin::collection::{
    Batch, Body, Effect, Guest, GuestSession, Job, Method, Pause, PauseReason, Request, Response, Session,
    Step, Summary, Task,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Value};
use crate::catalog::LEAST;
use crate::flaw::{Flaw, flaw, invalid, problem};
use crate::operation::Restart;
use crate::page::{After, Page};

/// Where each page of the source leads: who counts pages need not read that.
const PAGES: [(&str, &str); 2] = [("", "crate"), ("crate", "file")];

pub(crate) struct Things {
    flaw: Flaw,
    /// The proof type.
    name: String,
    least: Option<i64>,
    work: String,
    state: RefCell<State>,
    /// Where it is an operation.
    restart: Option<RefCell<Restart>>,
}

#[derive(Default)]
struct State {
    done: Done,
    page: Option<Page>,
    asked: u32,
    pausing: bool,
}

/// What a checkpoint keeps.
#[derive(Default, Clone)]
struct Done {
    cursor: String,
    finished: bool,
    pages: u32,
    rows: u64,
    rejected: u64,
    /// Whether an answer had no last line.
    cut: bool,
}

impl Guest for Plugin {
    type Session = Things;
}

impl GuestSession for Things {
    fn open(job: Job) -> Result<Session, Error> {
        let flaw = flaw(&job.settings)?;
        if let Task::Operate(name) = &job.task {
            let restart = Some(RefCell::new(Restart::open(flaw, &job)?));
            let (name, work, state) = (name.clone(), String::new(), RefCell::default());
            return Ok(Session::new(Self { flaw, name, least: None, work, state, restart }));
        }
        let mut least = None;
        for it in &job.criteria {
            match it.value {
                Value::Integer(number) if it.name == LEAST => least = Some(number),
                _ => return Err(invalid(&format!("there is no criterion {:?}", it.name))),
            }
        }
        let (Task::Collect(name) | Task::Probe(name)) = &job.task else {
            return Err(invalid("there are no operations"));
        };
        let work = work(flaw, &job, name);
        let done = match &job.checkpoint {
            None => Done::default(),
            Some(bytes) => match Done::load(bytes, &work) {
                Some(done) => done,
                None if flaw == Flaw::TakesAnyCheckpoint => Done::default(),
                None => return Err(invalid("the checkpoint belongs to another job")),
            },
        };
        let state = RefCell::new(State { done, ..State::default() });
        Ok(Session::new(Self { flaw, name: name.clone(), least, work, state, restart: None }))
    }

    fn next(&self) -> Result<Step, Error> {
        if let Some(it) = &self.restart {
            return Ok(it.borrow().next());
        }
        let mut state = self.state.borrow_mut();
        let Done { cursor, finished, pages, rows, rejected, cut } = state.done.clone();
        if state.pausing {
            return Ok(Step::Wait(Pause {
                seconds: 1,
                reason: PauseReason::Polling,
                connection_wide: false,
                message: "The source wants to know who asks.".to_owned(),
            }));
        }
        if finished {
            let note = "The source broke off in the middle of its list.";

            return Ok(Step::Finished(Summary {
                pages,
                rows,
                declared: None,
                rejected,
                duplicates: 0,
                outside_window: 0,
                point: None,
                outcome: None,
                repeated_keys: None,
                window: None,
                notes: if cut && self.flaw == Flaw::SaysWhatIsCutOff {
                    vec![note.to_owned()]
                } else {
                    vec![]
                },
            }));
        }
        state.asked += 1;
        let mut query = vec![("after".to_owned(), cursor)];
        query.extend(self.least.map(|it| (LEAST.to_owned(), it.to_string())));
        if self.flaw == Flaw::NextMovesOn && state.asked > 1 + pages {
            query.push(("try".to_owned(), state.asked.to_string()));
        }
        Ok(Step::Send(Request {
            origin: "api".to_owned(),
            method: Method::Get,
            path: format!("/{}", self.name),
            query,
            headers: vec![],
            body: Body::None,
            auth: None,
            effect: Effect::Read,
        }))
    }

    fn waited(&self) {
        self.state.borrow_mut().pausing = false;
    }

    fn accept(&self, head: Response) -> Result<(), Error> {
        if self.restart.is_some() {
            return Ok(());
        }
        match head.status {
            200 => {}
            401 if self.flaw == Flaw::AsksAgainWhenDenied => {
                self.state.borrow_mut().pausing = true;
                return Ok(());
            }
            401 => return Err(Error::Denied(problem("the source wants to know who asks"))),
            503 if self.flaw == Flaw::RetriesAtOnce => return Ok(()),
            500.. if self.flaw == Flaw::OverlooksRefusals => {}
            status => return Err(Error::Unavailable(problem(&format!("the source answered {status}")))),
        }
        self.state.borrow_mut().page = Some(Page::default());
        Ok(())
    }

    fn feed(&self, chunk: Vec<u8>) -> Result<Batch, Error> {
        let State { done, page, .. } = &mut *self.state.borrow_mut();
        match page {
            Some(page) => page.feed(self.flaw(done), &chunk),
            None => Ok(Batch { rows: vec![], rejected: vec![] }),
        }
    }

    fn end(&self) -> Result<Batch, Error> {
        if let Some(it) = &self.restart {
            return Ok(it.borrow_mut().end());
        }
        let mut state = self.state.borrow_mut();
        let Some(mut page) = state.page.take() else {
            return Ok(Batch { rows: vec![], rejected: vec![] });
        };
        let (batch, after) = page.end(self.flaw(&state.done))?;
        state.done.pages += 1;
        state.done.rows += page.rows;
        state.done.rejected += page.rejected;
        match after {
            After::More(cursor) => state.done.cursor = cursor,
            After::Nothing => state.done.finished = true,
            After::Unknown => {
                state.done.cut = true;
                let next = PAGES.iter().find(|(cursor, _)| *cursor == state.done.cursor);
                match next.filter(|_| self.flaw == Flaw::TakesCutForPage) {
                    Some((_, next)) => state.done.cursor = (*next).to_owned(),
                    None => state.done.finished = true,
                }
            }
        }
        Ok(batch)
    }

    fn interrupted(&self) {
        if let Some(it) = &self.restart {
            return it.borrow_mut().interrupted();
        }
        let mut state = self.state.borrow_mut();
        if let Some(page) = state.page.take()
            && self.flaw == Flaw::RemembersInterruptions
        {
            state.done.rows += page.rows;
        }
    }

    fn checkpoint(&self) -> Vec<u8> {
        if let Some(it) = &self.restart {
            return it.borrow().checkpoint();
        }
        let mut done = self.state.borrow().done.clone();
        match self.flaw {
            Flaw::CheckpointForgetsPage => done.cursor = String::new(),
            Flaw::CheckpointForgetsCounts => done.rows = 0,
            _ => {}
        }
        let Done { cursor, finished, pages, rows, rejected, cut } = done;
        format!("{}\n{cursor}\n{finished}\n{pages}\n{rows}\n{rejected}\n{cut}\n.", self.work).into_bytes()
    }
}

impl Things {
    /// The flaw at the page that comes now.
    fn flaw(&self, done: &Done) -> Flaw {
        match self.flaw {
            Flaw::GarbageEndsLaterPages if !done.cursor.is_empty() => Flaw::EmptyProofOfGarbage,
            flaw => flaw,
        }
    }
}

/// What a checkpoint is of, on a line.
fn work(flaw: Flaw, job: &Job, name: &str) -> String {
    let task = if matches!(job.task, Task::Probe(_)) { "probe" } else { "collect" };
    let parts = [
        (Flaw::CheckpointOfAnyTask, task.to_owned()),
        (Flaw::CheckpointOfAnyType, name.to_owned()),
        (Flaw::CheckpointOfAnySettings, format!("{:?}", job.settings)),
        (Flaw::CheckpointOfAnyCriteria, format!("{:?}", job.criteria)),
        (Flaw::CheckpointOfAnyWindow, format!("{:?}", job.window)),
        (Flaw::None, job.as_of.to_string()),
    ];
    let kept = parts.iter().filter(|(left_out, _)| *left_out != flaw || flaw == Flaw::None);
    kept.map(|(_, part)| part.as_str()).collect::<Vec<_>>().join(" ")
}

impl Done {
    fn load(bytes: &[u8], work: &str) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        let [of, cursor, finished, pages, rows, rejected, cut, "."] =
            text.split('\n').collect::<Vec<_>>()[..]
        else {
            return None;
        };
        (of == work).then_some(())?;
        Some(Self {
            cursor: cursor.to_owned(),
            finished: finished.parse().ok()?,
            pages: pages.parse().ok()?,
            rows: rows.parse().ok()?,
            rejected: rejected.parse().ok()?,
            cut: cut.parse().ok()?,
        })
    }
}
