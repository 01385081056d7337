//! What is done with what comes: it is kept, or looked at alone.

use std::collections::BTreeMap;
use std::io;

use crate::contract::collection::{Rejection, Request};
use crate::contract::types::Row;

use super::super::sink::{Answer, Sink};
use super::super::spool::Spool;

/// What is done with what comes.
pub(super) enum Mode<'a> {
    /// It is kept.
    Keep(&'a mut dyn Sink),
    /// Nothing is kept, and nothing is changed at the source: the first request that would do so ends it, and is put here.
    Propose(&'a mut Option<Request>),
}

impl Mode<'_> {
    fn kept(&mut self, keep: impl FnOnce(&mut dyn Sink) -> io::Result<()>) -> io::Result<()> {
        match self {
            Self::Keep(sink) => keep(*sink),
            Self::Propose(_) => Ok(()),
        }
    }
}

impl Sink for Mode<'_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.kept(|it| it.begin(answer))
    }

    fn body(&mut self, chunk: &[u8]) -> io::Result<()> {
        self.kept(|it| it.body(chunk))
    }

    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()> {
        self.kept(|it| it.rows(rows, rejected))
    }

    fn redacted(&mut self, times: u64) -> io::Result<()> {
        self.kept(|it| it.redacted(times))
    }

    fn blanked(&mut self, by_name: &BTreeMap<String, u64>) -> io::Result<()> {
        self.kept(|it| it.blanked(by_name))
    }

    fn commit(&mut self) -> io::Result<()> {
        self.kept(|it| it.commit())
    }

    fn abandon(&mut self, why: &str) -> io::Result<()> {
        self.kept(|it| it.abandon(why))
    }

    fn discard(&mut self) -> io::Result<()> {
        self.kept(|it| it.discard())
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        match self {
            Self::Keep(sink) => sink.spool(),
            Self::Propose(_) => None,
        }
    }
}
