//! A session.

use std::cell::RefCell;

use crate::Plugin;
use crate::bindings::exports::exhibit::plugin::collection::{
    Batch, Body, Effect, Guest, GuestSession, Job, Method, Request, Response, Session, Step, Summary, Task,
};
use crate::bindings::exports::exhibit::plugin::types::Error;
use crate::flaw::{Flaw, flaw, invalid, problem};
use crate::page::{After, Page};

pub(crate) struct Things {
    flaw: Flaw,
    work: String,
    state: RefCell<State>,
}

#[derive(Default)]
struct State {
    done: Done,
    page: Option<Page>,
    asked: u32,
}

/// What a checkpoint keeps.
#[derive(Default, Clone)]
struct Done {
    cursor: String,
    finished: bool,
    pages: u32,
    rows: u64,
    rejected: u64,
}

impl Guest for Plugin {
    type Session = Things;
}

impl GuestSession for Things {
    fn open(job: Job) -> Result<Session, Error> {
        let flaw = flaw(&job.settings)?;
        if let Some(it) = job.criteria.first() {
            return Err(invalid(&format!("there is no criterion {:?}", it.name)));
        }
        let (Task::Collect(name) | Task::Probe(name)) = &job.task else {
            return Err(invalid("there are no operations"));
        };
        let work = format!("{name} as of {} with flaw {flaw:?}", job.as_of);
        let done = match &job.checkpoint {
            None => Done::default(),
            Some(bytes) => match Done::load(bytes, &work) {
                Some(done) => done,
                None if flaw == Flaw::TakesAnyCheckpoint => Done::default(),
                None => return Err(invalid("the checkpoint is none of this job")),
            },
        };
        let state = RefCell::new(State { done, ..State::default() });
        Ok(Session::new(Self { flaw, work, state }))
    }

    fn next(&self) -> Result<Step, Error> {
        let mut state = self.state.borrow_mut();
        let Done { cursor, finished, pages, rows, rejected } = state.done.clone();
        if finished {
            return Ok(Step::Finished(Summary {
                pages,
                rows,
                declared: None,
                rejected,
                duplicates: 0,
                outside_window: 0,
                notes: vec![],
            }));
        }
        state.asked += 1;
        let mut query = vec![("after".to_owned(), cursor)];
        if self.flaw == Flaw::NextMovesOn && state.asked > 1 + pages {
            query.push(("try".to_owned(), state.asked.to_string()));
        }
        Ok(Step::Send(Request {
            origin: "api".to_owned(),
            method: Method::Get,
            path: "/things".to_owned(),
            query,
            headers: vec![],
            body: Body::None,
            auth: None,
            effect: Effect::Read,
        }))
    }

    fn waited(&self) {}

    fn accept(&self, head: Response) -> Result<(), Error> {
        match head.status {
            200 => {}
            401 => return Err(Error::Denied(problem("the source wants to know who asks"))),
            503 if self.flaw == Flaw::RetriesAtOnce => return Ok(()),
            status => return Err(Error::Unavailable(problem(&format!("the source answered {status}")))),
        }
        self.state.borrow_mut().page = Some(Page::default());
        Ok(())
    }

    fn feed(&self, chunk: Vec<u8>) -> Result<Batch, Error> {
        match &mut self.state.borrow_mut().page {
            Some(page) => page.feed(self.flaw, &chunk),
            None => Ok(Batch { rows: vec![], rejected: vec![] }),
        }
    }

    fn end(&self) -> Result<Batch, Error> {
        let mut state = self.state.borrow_mut();
        let Some(mut page) = state.page.take() else {
            return Ok(Batch { rows: vec![], rejected: vec![] });
        };
        let (batch, after) = page.end(self.flaw)?;
        state.done.pages += 1;
        state.done.rows += page.rows;
        state.done.rejected += page.rejected;
        match after {
            After::More(cursor) => state.done.cursor = cursor,
            After::Nothing | After::Unknown => state.done.finished = true,
        }
        Ok(batch)
    }

    fn interrupted(&self) {
        let mut state = self.state.borrow_mut();
        if let Some(page) = state.page.take()
            && self.flaw == Flaw::RemembersInterruptions
        {
            state.done.rows += page.rows;
        }
    }

    fn checkpoint(&self) -> Vec<u8> {
        let mut done = self.state.borrow().done.clone();
        match self.flaw {
            Flaw::CheckpointForgetsPage => done.cursor = String::new(),
            Flaw::CheckpointForgetsCounts => done.rows = 0,
            _ => {}
        }
        let Done { cursor, finished, pages, rows, rejected } = done;
        format!("{}\n{cursor}\n{finished}\n{pages}\n{rows}\n{rejected}\n.", self.work).into_bytes()
    }
}

impl Done {
    fn load(bytes: &[u8], work: &str) -> Option<Self> {
        let text = str::from_utf8(bytes).ok()?;
        let [of, cursor, finished, pages, rows, rejected, "."] = text.split('\n').collect::<Vec<_>>()[..]
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
        })
    }
}
