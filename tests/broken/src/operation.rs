//! An operation: one write, and one read that finds out what became of it.

use crate::bindings::exports::exhibit::plugin::collection::{
    Batch, Body, Change, Effect, Job, Method, OperationOutcome, Request, Step, Summary,
};
use crate::bindings::exports::exhibit::plugin::types::{Error, Value};
use crate::catalog::{RESTART, THING};
use crate::flaw::{Flaw, invalid};

/// How far it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Looking,
    Done,
}

pub(crate) struct Restart {
    flaw: Flaw,
    thing: String,
    stage: Stage,
    answers: u32,
    /// Writes that were asked for and had an answer, or none.
    written: u32,
}

impl Restart {
    pub(crate) fn open(flaw: Flaw, job: &Job) -> Result<Self, Error> {
        let mut thing = None;
        for it in &job.criteria {
            match &it.value {
                Value::Text(text) if it.name == THING => thing = Some(text.clone()),
                _ => return Err(invalid("there is no such parameter")),
            }
        }
        let thing = thing.ok_or_else(|| invalid("the parameter \"thing\" is missing"))?;
        let mut it = Self { flaw, thing, stage: Stage::Before, answers: 0, written: 0 };
        match job.checkpoint.as_deref() {
            None | Some(b"before") => {}
            Some(b"looking") => it.stage = Stage::Looking,
            Some(b"done") => it.stage = Stage::Done,
            Some(_) => return Err(invalid("the checkpoint belongs to another job")),
        }
        if flaw == Flaw::ResumesWithAnotherWrite && job.checkpoint.is_some() {
            it.thing.push_str(" again");
        }
        Ok(it)
    }

    pub(crate) fn next(&self) -> Step {
        let request = |method, path: String, body, effect| {
            let (query, headers) = (vec![], vec![]);
            Step::Send(Request {
                origin: "api".to_owned(),
                method,
                path,
                query,
                headers,
                body,
                auth: None,
                effect,
            })
        };
        match self.stage {
            Stage::Before => {
                let (summary, details) = match self.flaw {
                    Flaw::WritesUnsaid => (String::new(), vec![]),
                    _ => ("Restarts a thing.".to_owned(), vec![("Thing".to_owned(), self.thing.clone())]),
                };
                let form = Body::Form(vec![(THING.to_owned(), self.thing.clone())]);
                request(Method::Post, format!("/{RESTART}"), form, Effect::Write(Change { summary, details }))
            }
            Stage::Looking => request(Method::Get, "/things".to_owned(), Body::None, Effect::Read),
            Stage::Done => Step::Finished(Summary {
                pages: self.answers,
                rows: u64::from(self.answers > 0),
                declared: None,
                rejected: 0,
                duplicates: 0,
                outside_window: 0,
                point: None,
                outcome: Some(OperationOutcome::Done),
                repeated_keys: None,
                window: None,
                notes: vec![],
            }),
        }
    }

    pub(crate) fn end(&mut self) -> Batch {
        self.answers += 1;
        let is_over = self.stage == Stage::Looking;
        self.written += u32::from(!is_over);
        let again = self.flaw == Flaw::WritesTwice && self.written < 2;
        self.stage = match (is_over, again) {
            (true, _) => Stage::Done,
            (false, true) => Stage::Before,
            (false, false) => Stage::Looking,
        };
        let rows = if is_over { vec![vec![Value::Text(self.thing.clone())]] } else { vec![] };
        Batch { rows, rejected: vec![] }
    }

    pub(crate) fn interrupted(&mut self) {
        if self.flaw != Flaw::WritesAgainUnanswered {
            self.stage = Stage::Looking;
        }
    }

    pub(crate) fn checkpoint(&self) -> Vec<u8> {
        let stage: &[u8] = match self.stage {
            Stage::Before => b"before",
            Stage::Looking => b"looking",
            Stage::Done => b"done",
        };
        stage.to_vec()
    }
}
