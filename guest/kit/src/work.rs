//! A session of either kind: a list that is collected, or an operation that is carried out.

use crate::contract::catalog::Manifest;
use crate::contract::collection::{Batch, Job, Response, Step, Task};
use crate::contract::types::Error;
use crate::operation::Operating;
use crate::plugin::Plugin;
use crate::session::Session;

/// Whether an operation has this name, and no proof type.
fn is_operation(manifest: &Manifest, name: &str) -> bool {
    manifest.proof_types.iter().all(|it| it.name != name)
        && manifest.operations.iter().any(|it| it.name == name)
}

/// A session under way.
pub enum Work {
    /// Collects a proof, probes it, or lists a lookup.
    Listing(Box<Session>),
    /// Carries out an operation, or probes it.
    Operating(Box<Operating>),
}

/// The same call of either kind.
macro_rules! either {
    ($self:ident, $session:ident => $call:expr) => {
        match $self {
            Work::Listing($session) => $call,
            Work::Operating($session) => $call,
        }
    };
}

impl Work {
    /// Begins, or resumes from the job's checkpoint.
    ///
    /// # Errors
    /// `invalid` where the job makes no sense.
    pub fn open<P: Plugin>(job: Job) -> Result<Self, Error> {
        Ok(match job.task {
            Task::Operate(_) => Self::Operating(Box::new(Operating::open(P::manifest(), job, P::operate)?)),
            Task::Probe(ref name) if is_operation(&P::manifest(), name) => {
                let open = |assignment: &_, _: Option<&str>| P::probe_operation(assignment);
                Self::Operating(Box::new(Operating::open(P::manifest(), job, open)?))
            }
            Task::Collect(_) | Task::Probe(_) | Task::LookUp(_) => {
                Self::Listing(Box::new(Session::open(P::manifest(), job, P::open)?))
            }
        })
    }

    /// What it needs now.
    #[expect(
        clippy::should_implement_trait,
        clippy::missing_errors_doc,
        reason = "the contract's functions, which wit/ documents"
    )]
    pub fn next(&mut self) -> Result<Step, Error> {
        either!(self, it => it.next())
    }

    /// The pause is over.
    pub fn waited(&mut self) {
        either!(self, it => it.waited());
    }

    /// The head of the answer to its last request.
    ///
    /// # Errors
    /// Where that was not asked for, or cannot be read.
    pub fn accept(&mut self, head: &Response) -> Result<(), Error> {
        either!(self, it => it.accept(head))
    }

    /// A part of its body.
    ///
    /// # Errors
    /// Where it cannot be read.
    pub fn feed(&mut self, chunk: &[u8]) -> Result<Batch, Error> {
        either!(self, it => it.feed(chunk))
    }

    /// Its body is complete.
    ///
    /// # Errors
    /// Where it cannot be read, or is a refusal.
    pub fn end(&mut self) -> Result<Batch, Error> {
        either!(self, it => it.end())
    }

    /// The answer was interrupted.
    pub fn interrupted(&mut self) {
        either!(self, it => it.interrupted());
    }

    /// What is needed to resume from here.
    pub fn checkpoint(&self) -> Vec<u8> {
        either!(self, it => it.checkpoint())
    }
}
