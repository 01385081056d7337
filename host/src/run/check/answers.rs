//! What is kept of the answers to a probe: when the last one came, to what, and what it said of itself.

use std::collections::BTreeMap;
use std::io;

use super::watch::Watch;
use crate::collect::sink::{Answer, Sink};
use crate::collect::spool::Spool;
use crate::contract::collection::Rejection;
use crate::contract::types::Row;

/// Keeps nothing of an answer but its circumstances.
pub(super) struct Answers<'a> {
    watch: &'a Watch<'a>,
    pub(super) round_trip: Option<i64>,
    pub(super) skew: Option<i64>,
    pub(super) status: Option<u16>,
    /// How the last request that was answered was signed.
    pub(super) auth: Option<String>,
    /// Where it went: the origin's URL.
    pub(super) origin: Option<String>,
}

impl<'a> Answers<'a> {
    pub(super) fn new(watch: &'a Watch<'a>) -> Self {
        Self { watch, round_trip: None, skew: None, status: None, auth: None, origin: None }
    }
}

impl Sink for Answers<'_> {
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()> {
        self.watch.has_answered();
        self.round_trip = Some(answer.received - self.watch.asked());
        self.skew = date(answer).map(|it| it - answer.received).or(self.skew);
        self.status = Some(answer.head.status);
        self.auth.clone_from(&answer.request.auth);
        self.origin = Some(answer.origin.to_owned());
        Ok(())
    }

    fn body(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn rows(&mut self, _: Vec<Row>, _: Vec<Rejection>) -> io::Result<()> {
        Ok(())
    }

    fn redacted(&mut self, _: u64) -> io::Result<()> {
        Ok(())
    }

    fn blanked(&mut self, _: &BTreeMap<String, u64>) -> io::Result<()> {
        Ok(())
    }

    fn commit(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn abandon(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn discard(&mut self) -> io::Result<()> {
        self.abandon("")
    }

    fn spool(&mut self) -> Option<&mut dyn Spool> {
        None
    }
}

/// The source's own time, where the plugin reads the header that says it.
fn date(answer: &Answer<'_>) -> Option<i64> {
    let (_, date) = answer.head.headers.iter().find(|(name, _)| name == "date")?;
    let date = jiff::fmt::rfc2822::DateTimeParser::new().parse_timestamp(date).ok()?;
    Some(date.as_millisecond())
}
