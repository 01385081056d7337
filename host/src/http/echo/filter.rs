//! Replacing secrets in a stream.

use bytes::{Buf as _, BytesMut};
use memchr::memmem::Finder;

use super::needles::{Mark, Match, Needles};
use super::reading::{Encoding, Known, Text};

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
        self.release(false, out);
    }

    /// The body is complete: the rest of it goes to the end of `out`.
    pub(crate) fn end(&mut self, out: &mut BytesMut) {
        self.release(true, out);
    }

    /// How many times a secret was replaced so far. Where several overlap or follow one another, that is once.
    pub(crate) fn found(&self) -> u64 {
        self.found
    }

    /// How many bytes are held back.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Passes on what is held before the first place where a secret may begin whose end is not there.
    fn release(&mut self, complete: bool, out: &mut BytesMut) {
        let Search { places, decided, .. } = Search::of(&self.needles, &self.held, complete);
        let mut from = self.secret_to.unwrap_or(0);
        for Place { start, end, mark } in places.into_iter().filter(|it| it.start < decided) {
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

/// Whether a secret stands in this text.
pub(super) fn is_in(needles: &Needles, text: &[u8]) -> bool {
    !Search::of(needles, text, true).places.is_empty()
}

/// What an escape can be read as, where that is seen at once: most escapes begin no secret, and some answers are full of
/// them.
fn simple(escape: &[u8]) -> Option<[(char, usize); 2]> {
    let (opener, next) = (*escape.first()?, *escape.get(1)?);
    let meant = match opener {
        b'\\' if next.is_ascii() && !matches!(next, b'&' | b'%' | b'\\' | b'+') => match next {
            b'"' | b'/' | b'\'' => next,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            // No escape.
            it if it.is_ascii_alphanumeric() && !matches!(it, b'u' | b'x' | b'b' | b'f') => opener,
            _ => return None,
        },
        b'&' => match escape {
            [b'&', b'a', b'm', b'p', b';', next, ..] if !may_continue(*next) => opener,
            [b'&', b'l', b't', b';', ..] => b'<',
            [b'&', b'g', b't', b';', ..] => b'>',
            [b'&', next, ..] if !may_continue(*next) => opener,
            _ => return None,
        },
        b'%' => {
            let digit = |it: Option<&u8>| char::from(*it?).to_digit(16);
            let byte = 16 * digit(escape.get(1))? + digit(escape.get(2))?;
            u8::try_from(byte).ok().filter(|it| it.is_ascii() && !matches!(it, b'&' | b'%' | b'\\' | b'+'))?
        }
        _ => return None,
    };
    Some([(char::from(opener), 0), (char::from(meant), 0)])
}

/// Whether this may be of a reference whose `&` stands before it.
fn may_continue(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'#' | b'&' | b'%' | b'\\' | b'+' | 0)
}

/// Looks for secrets in what is held of a body.
struct Search<'a> {
    needles: &'a Needles,
    held: &'a [u8],
    /// Nothing follows.
    complete: bool,
    /// In their order, once it is done.
    places: Vec<Place>,
    /// Before this place, more bytes change nothing.
    decided: usize,
    known: Known,
}

impl<'a> Search<'a> {
    fn of(needles: &'a Needles, held: &'a [u8], complete: bool) -> Self {
        let (places, known) = Default::default();
        let mut search = Self { needles, held, complete, places, decided: held.len(), known };
        // What is in UTF-16 and has none at all is searched for anyway.
        let is_wide = memchr::memchr(0, held).is_some();
        search.prefixes(is_wide);
        for at in memchr::memchr3_iter(b'&', b'%', b'\\', held) {
            search.escape(at, is_wide);
        }
        search.places.sort();
        search
    }

    /// Those whose first characters are as they are.
    fn prefixes(&mut self, is_wide: bool) {
        for prefix in self.needles.prefixes() {
            let bytes = prefix.bytes.as_slice();
            if is_wide || !bytes.contains(&0) {
                let (finder, mut from) = (Finder::new(bytes), 0);
                while let Some(at) = self.held.get(from..).and_then(|it| finder.find(it)) {
                    let start = from + at;
                    self.at(prefix.needle, prefix.encoding, start, start + prefix.ahead);
                    // One may begin within another.
                    from = start + 1;
                }
            }
            let longest = self.held.len().min(bytes.len().saturating_sub(1));
            let begun = (1..=longest).rev().find(|it| self.held.ends_with(&bytes[..*it]));
            self.hungry(begun.map(|it| self.held.len() - it));
        }
        // An escape may follow.
        let needles = self.needles;
        for lead in self.held.last().map_or(&[][..], |it| needles.leads(*it)) {
            self.hungry(self.held.ends_with(&lead.bytes).then(|| self.held.len() - lead.bytes.len()));
        }
    }

    /// Those with this escape as the first one, among their first characters.
    fn escape(&mut self, at: usize, is_wide: bool) {
        if simple(&self.held[at..]).is_none_or(|it| self.needles.may_begin_with(&it)) {
            self.first(at, &[Encoding::Utf8, Encoding::Latin1]);
        }
        if is_wide && self.held.get(at + 1).is_none_or(|it| *it == 0) {
            self.first(at, &[Encoding::BigEndian, Encoding::LittleEndian]);
        }
        let Some(before) = at.checked_sub(1) else { return };
        let needles = self.needles;
        for lead in needles.leads(self.held[before]) {
            if self.held[..at].ends_with(&lead.bytes) {
                let start = at - lead.bytes.len();
                self.at(lead.needle, lead.encoding, start, start + lead.ahead);
            }
        }
    }

    /// Those whose first character this escape is, in encodings that have the same ASCII.
    fn first(&mut self, at: usize, encodings: &[Encoding]) {
        let Some(encoding) = encodings.first() else { return };
        let text = Text::new(self.held, *encoding, at, self.complete, &self.known);
        let readings = text.readings(at);
        let hungry = text.is_hungry();
        self.hungry(hungry.then_some(at));
        if !self.needles.may_begin_with(readings.all()) {
            return;
        }
        for (number, needle) in self.needles.all().iter().enumerate() {
            if needle.begins_with(readings.all()) {
                for encoding in needle.encodings().iter().filter(|it| encodings.contains(it)) {
                    self.at(number, *encoding, at, at);
                }
            }
        }
    }

    fn at(&mut self, needle: usize, encoding: Encoding, start: usize, first: usize) {
        let Some(needle) = self.needles.all().get(needle) else { return };
        let Match { end, hungry } =
            needle.at(self.held, encoding, (start, first), self.complete, &self.known);
        self.hungry(hungry.then_some(start));
        self.places.extend(end.map(|(end, mark)| Place { start, end: end.min(self.held.len()), mark }));
    }

    /// A secret may begin there whose end is not there, if this is a place.
    fn hungry(&mut self, start: Option<usize>) {
        if let Some(start) = start.filter(|_| !self.complete) {
            self.decided = self.decided.min(start);
        }
    }
}
