//! Replacing secrets in a stream.

use bytes::{Buf as _, BytesMut};
use memchr::memmem::Finder;

use super::needles::{Mark, Needle, Needles};

/// Replaces secrets in a body that comes in pieces: whatever they are, the result is that of
/// replacing in the whole body. Holds back only what may be the beginning of a secret.
pub(crate) struct EchoFilter {
    needles: Needles,
    /// What was not passed on yet.
    held: BytesMut,
    /// Where the secret ends that was replaced last, counted in `held`. `None` once something came after it.
    secret_to: Option<usize>,
    found: u64,
}

/// Shows nothing.
impl std::fmt::Debug for EchoFilter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EchoFilter").finish_non_exhaustive()
    }
}

/// A secret, found.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    start: usize,
    end: usize,
    mark: Mark,
}

impl EchoFilter {
    pub(super) fn new(needles: Needles) -> Self {
        Self { needles, held: BytesMut::new(), secret_to: None, found: 0 }
    }

    /// Takes the next piece. What is decided by it goes to the end of `out`.
    pub(crate) fn pass(&mut self, piece: &[u8], out: &mut BytesMut) {
        if self.needles.all().is_empty() {
            out.extend_from_slice(piece);
            return;
        }
        self.held.extend_from_slice(piece);
        let decided = self.needles.all().iter().map(|it| it.begins_in(&self.held)).min();
        self.release(decided.unwrap_or(self.held.len()), out);
    }

    /// The body is complete: the rest of it goes to the end of `out`.
    pub(crate) fn end(&mut self, out: &mut BytesMut) {
        self.release(self.held.len(), out);
    }

    /// How many times a secret was replaced so far. Where several overlap or follow one another, that is once.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// Passes on so many bytes of what is held. No secret begins in them whose end is not there.
    fn release(&mut self, decided: usize, out: &mut BytesMut) {
        let mut from = self.secret_to.unwrap_or(0);
        for Place { start, end, mark } in places(self.needles.all(), &self.held, decided) {
            if self.secret_to.is_none_or(|it| it < start) {
                out.extend_from_slice(&self.held[from..start]);
                mark.write(out);
                self.found += 1;
            }
            from = from.max(end);
            self.secret_to = Some(from);
        }
        if from < decided {
            out.extend_from_slice(&self.held[from..decided]);
            self.secret_to = None;
        }
        self.secret_to = self.secret_to.map(|it| it - decided);
        self.held.advance(decided);
    }
}

/// Those that begin before `decided`, in their order.
fn places(needles: &[Needle], held: &[u8], decided: usize) -> Vec<Place> {
    let mut places = Vec::new();
    for Needle { bytes, mark } in needles {
        let finder = Finder::new(bytes.as_slice());
        let mut from = 0;
        while let Some(at) = held.get(from..).and_then(|it| finder.find(it)) {
            let start = from + at;
            if start >= decided {
                break;
            }
            places.push(Place { start, end: start + bytes.len(), mark: *mark });
            // One may begin within another.
            from = start + 1;
        }
    }
    places.sort();
    places
}

impl Needle {
    /// Where this one may begin at the end of `held`, without its end being there.
    fn begins_in(&self, held: &[u8]) -> usize {
        let Some(first) = self.bytes.first() else { return held.len() };
        let from = (held.len() + 1).saturating_sub(self.bytes.len());
        let mut starts = memchr::memchr_iter(*first, &held[from..]).map(|it| from + it);
        starts.find(|start| self.bytes.starts_with(&held[*start..])).unwrap_or(held.len())
    }
}
