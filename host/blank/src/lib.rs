//! Values that must not be kept, such as passwords that a source lists beside names: blanked in an answer before
//! anything else sees it.
//!
//! A plugin names XML elements, attributes and JSON members. The value of each is replaced by [`MARK`]; all other bytes
//! stay as they are, whatever pieces the answer comes in. Memory is bounded: nothing is held back but the start of a name
//! or of a bare JSON value.
//!
//! ```
//! use exhibit_blank::Blanker;
//!
//! let mut blanker = Blanker::new(&["LOGIN_PASSWORD".to_owned()]);
//! let mut out = Vec::new();
//! blanker.pass(b"<A><LOGIN_PASSWORD>hun", &mut out);
//! blanker.pass(b"ter2</LOGIN_PASSWORD></A>", &mut out);
//! blanker.end(&mut out);
//! assert_eq!(out, b"<A><LOGIN_PASSWORD>[blanked]</LOGIN_PASSWORD></A>");
//! assert_eq!(blanker.counts().collect::<Vec<_>>(), [("LOGIN_PASSWORD", 1)]);
//! ```
//!
//! What cannot be read as XML or JSON is blanked to its end from the first place where one of the names stands by itself:
//! better too much than a part of a value. Names count without regard to case.
//!
//! A value is found where the answer is written in UTF-8, in another encoding that contains ASCII, such as Windows-1252,
//! or in UTF-16. It is found in markup within CDATA, comments, JSON strings and references (`&lt;`), too, but not where it is
//! escaped twice or more, or encoded in another way, such as base64.

mod json;
mod machine;
mod names;
mod pen;
mod quoted;
mod step;
mod words;
mod xml;

use self::machine::Machine;
use self::names::Names;
use self::pen::{Pen, Units};

pub use self::names::{LONGEST_NAME, MOST_NAMES, NameError, check_names};
pub use self::pen::MARK;
/// Under this name the count of an answer stands whose document type has declarations of its own: a value may be in
/// any of them, so that all is blanked from there on.
pub use self::xml::DOCTYPE;

/// Blanks the values in one answer, which comes in pieces.
#[derive(Debug)]
pub struct Blanker {
    names: Names,
    units: Units,
    machine: Machine,
    counts: Vec<u64>,
}

impl Blanker {
    /// For the values of these names. With none, all passes as it is.
    pub fn new(names: &[String]) -> Self {
        let names = Names::new(names);
        let counts = vec![0; names.count() + 1];
        Self { names, units: Units::default(), machine: Machine::default(), counts }
    }

    /// Takes the next piece; what is to be kept of it goes to the end of `out`.
    pub fn pass(&mut self, piece: &[u8], out: &mut Vec<u8>) {
        if self.names.count() == 0 {
            out.extend_from_slice(piece);
            return;
        }
        let Self { names, units, machine, counts } = self;
        let mut pen = Pen { out, counts, is_wide: None };
        for byte in piece {
            units.byte(*byte, &mut pen, |unit, pen| machine.unit(unit, names, pen));
        }
    }

    /// The answer is complete: what was held back of it goes to the end of `out`.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        let Self { names, units, machine, counts } = self;
        let mut pen = Pen { out, counts, is_wide: None };
        units.end(&mut pen, |unit, pen| machine.unit(unit, names, pen));
        let is_blanking = machine.is_blanking();
        if let Some(half) = units.half().filter(|_| is_blanking) {
            // Half of what may be a value's only unit is a part of it.
            machine.unit(half.into(), names, &mut pen);
        }
        machine.end(&mut pen);
        if let Some(half) = units.half().filter(|_| !is_blanking) {
            pen.out.push(half);
        }
    }

    /// The names whose values were blanked so far, as they were given and in their order, and how many times each; last,
    /// where that is any, [`DOCTYPE`].
    pub fn counts(&self) -> impl Iterator<Item = (&str, u64)> {
        let all = self.names.given().chain([DOCTYPE]);
        all.zip(self.counts.iter().copied()).filter(|(_, times)| *times > 0)
    }

    /// How many values were blanked so far.
    pub fn total(&self) -> u64 {
        self.counts.iter().fold(0, |sum, it| sum.saturating_add(*it))
    }
}

#[cfg(test)]
mod tests;
