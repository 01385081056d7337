//! Where a collection goes, page by page.

use std::collections::BTreeMap;
use std::io;

use crate::contract::collection::{Rejection, Request, Response};
use crate::contract::types::{Instant, Row};

use super::spool::Spool;

/// The status of what takes the place of an answer that never came, to a request that changes something: it is abandoned at
/// once.
pub const NO_ANSWER: u16 = 0;

/// One answer of the source, as it begins.
#[derive(Debug)]
pub struct Answer<'a> {
    /// What was asked: as the plugin said it, so without secrets.
    pub request: &'a Request,
    /// The origin's URL that it was sent to, for people and records.
    pub origin: &'a str,
    /// Where that redirected it to, one URL after the other: the last one answered.
    pub redirected: &'a [String],
    /// The head that the plugin sees: no other header is kept.
    pub head: &'a Response,
    /// When the head arrived.
    pub received: Instant,
}

/// Takes a collection as it comes. A page is an answer's body and its rows: it counts
/// once committed, and one that broke off is abandoned and leaves no rows behind.
///
/// No method has a default: a sink that passes on to another one must pass on each, and one that forgets some would lose what
/// evidence has to say, such as that a value was blanked.
///
/// Called in this order, for each answer: `begin`, any number of `body` and `rows`, `redacted` and `blanked` at most once,
/// then `commit`, `abandon` or `discard`.
pub trait Sink: Send {
    /// An answer begins.
    fn begin(&mut self, answer: &Answer<'_>) -> io::Result<()>;
    /// A part of its body, decoded, as the source sent it but for secrets and for values that must not be kept.
    fn body(&mut self, chunk: &[u8]) -> io::Result<()>;
    /// Rows that the plugin made of it.
    fn rows(&mut self, rows: Vec<Row>, rejected: Vec<Rejection>) -> io::Result<()>;
    /// A secret of the connection stood in the answer so many times, head and body, and was replaced by
    /// [`http::MARK`](crate::http::MARK). Called before its `commit` or `abandon`, where it was any.
    fn redacted(&mut self, times: u64) -> io::Result<()>;
    /// Values that the plugin's manifest says must not be kept were blanked in its body, so many times by these names. Called
    /// as [`Self::redacted`].
    fn blanked(&mut self, by_name: &BTreeMap<String, u64>) -> io::Result<()>;
    /// The answer is complete, and so are its rows.
    fn commit(&mut self) -> io::Result<()>;
    /// The answer broke off, or could not be read: `why`, for people.
    fn abandon(&mut self, why: &str) -> io::Result<()>;
    /// The answer may have a secret in it, in a form that was not replaced: nothing of it may be kept. The collection
    /// ends.
    fn discard(&mut self) -> io::Result<()>;

    /// What keeps the collection so that it can be resumed. `None` where this cannot: then an operation that is interrupted is
    /// not gone on with, either.
    fn spool(&mut self) -> Option<&mut dyn Spool>;
}
