//! What is neither XML nor JSON that can be read: a page of HTML, a broken document, a table.

use super::names::{Names, is_word};
use super::pen::Pen;
use super::step::Step;

/// Looks for a name that stands by itself. From there on all is blanked, as it does not show where a value ends.
#[derive(Debug)]
pub(crate) struct Words {
    /// The last units, as many as can decide.
    last: Vec<u16>,
    /// Of an escape of JSON, `\u0049`: what came of it.
    escape: Vec<u16>,
}

/// Digits of an escape, with the two characters before them.
const ESCAPE: usize = 6;

impl Words {
    /// After these units, which were kept.
    pub(crate) fn after(before: Vec<u16>, names: &Names) -> Self {
        let mut words = Self { last: Vec::new(), escape: Vec::new() };
        before.into_iter().for_each(|it| words.push(it, names));
        words
    }

    pub(crate) fn unit(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) -> Step {
        if !is_word(unit)
            && unit != 0
            && self.escape.is_empty()
            && let Some(name) = names.find_last(&self.last)
        {
            pen.mark(name);
            return Step::Blanked;
        }
        pen.keep(unit);
        self.read(unit, names);
        Step::Taken
    }

    /// Reads on, escapes as what they stand for.
    fn read(&mut self, unit: u16, names: &Names) {
        let is_next = match self.escape.len() {
            0 => unit == u16::from(b'\\'),
            1 => matches!(u8::try_from(unit), Ok(b'u' | b'U')),
            _ => digit(unit).is_some(),
        };
        if !is_next {
            // It was none.
            let begun = std::mem::take(&mut self.escape);
            begun.into_iter().chain([unit]).for_each(|it| self.push(it, names));
            return;
        }
        self.escape.push(unit);
        if self.escape.len() == ESCAPE {
            let digits = self.escape.drain(..).skip(2).filter_map(digit);
            let meant = digits.fold(0, |sum, it| (sum << 4) | it);
            self.push(meant, names);
        }
    }

    fn push(&mut self, unit: u16, names: &Names) {
        // In an encoding of two or four bytes that was not recognized, these stand between letters.
        if unit == 0 {
            return;
        }
        if self.last.len() > names.longest() {
            self.last.remove(0);
        }
        self.last.push(unit);
    }
}

pub(crate) fn digit(unit: u16) -> Option<u16> {
    let digit = char::from(u8::try_from(unit).ok()?).to_digit(16)?;
    u16::try_from(digit).ok()
}
