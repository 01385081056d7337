//! Markup, JSON and forms within a text: `<NAME`, `&lt;NAME`, `"NAME":` and `NAME=`.

use super::names::{Names, is_blank, is_of_name};
use super::pen::Pen;

/// A name with its prefix. What is longer is none.
const LONGEST: usize = 256;
/// `#x` and the digits of a character.
const REFERENCE: usize = 10;

const LESS: u16 = b'<' as u16;
const QUOTE: u16 = b'"' as u16;
const AMPERSAND: u16 = b'&' as u16;
const COLON: u16 = b':' as u16;
const EQUALS: u16 = b'=' as u16;

/// Looks for names in a text. Where the value of one begins, the rest of the text is blanked: it does not show where it ends.
#[derive(Debug, Default)]
pub(crate) struct Quoted {
    /// What came of a name.
    name: Vec<u16>,
    /// What stands before it.
    before: Option<u16>,
    /// Whether something ended it: white space, or a quote.
    ended_by: Option<u16>,
    /// What came of a reference, with its `&`.
    reference: Vec<u16>,
    /// Of which name the rest of the text is taken for the value.
    blanked: Option<usize>,
}

impl Quoted {
    /// Another text begins.
    pub(crate) fn restart(&mut self) {
        self.name.clear();
        self.reference.clear();
        (self.before, self.ended_by, self.blanked) = (None, None, None);
    }

    /// Whether the rest of the text is blanked.
    pub(crate) fn blanks(&self) -> bool {
        self.blanked.is_some()
    }

    /// Of which name the rest of the text is taken for the value.
    pub(crate) fn blanked(&self) -> Option<usize> {
        self.blanked
    }

    /// Takes a unit of the text, and keeps it or not.
    pub(crate) fn unit(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) {
        self.unit_as(unit, &[unit], names, pen);
    }

    /// The same where the unit is written as these.
    pub(crate) fn unit_as(&mut self, unit: u16, written: &[u16], names: &Names, pen: &mut Pen<'_>) {
        if self.blanks() {
            return;
        }
        let found = self.read(unit, names);
        // What ends a name is no part of a value.
        let ends = is_blank(unit) || matches!(u8::try_from(unit), Ok(b'>' | b':' | b';' | b'='));
        if found.is_none() || ends {
            pen.keep_all(written);
        }
        if let Some(name) = found {
            pen.mark(name);
            self.blanked = Some(name);
        }
    }

    /// Reads on, references as what they stand for, however many times they are escaped.
    fn read(&mut self, unit: u16, names: &Names) -> Option<usize> {
        if self.reference.is_empty() && unit != AMPERSAND {
            return self.plain(unit, names);
        }
        let is_of_reference =
            unit < 0x80 && (is_of_name(unit) || unit == b'#'.into()) && self.reference.len() <= REFERENCE;
        if unit == b';'.into() && !self.reference.is_empty() {
            match meaning(&self.reference[1..]) {
                Some(AMPERSAND) => {
                    self.reference.truncate(1);
                    return None;
                }
                Some(meant) => {
                    self.reference.clear();
                    return self.plain(meant, names);
                }
                None => {}
            }
        } else if !self.reference.is_empty() && is_of_reference {
            self.reference.push(unit);
            return None;
        }
        // It was none.
        let mut found = None;
        for before in std::mem::take(&mut self.reference) {
            found = found.or(self.plain(before, names));
        }
        if unit == AMPERSAND {
            self.reference.push(unit);
            return found;
        }
        found.or_else(|| self.plain(unit, names))
    }

    fn plain(&mut self, unit: u16, names: &Names) -> Option<usize> {
        if is_of_name(unit) && self.ended_by.is_none() {
            // What is longer is no name that is looked for.
            if self.name.len() < LONGEST {
                self.name.push(unit);
            }
            // A colon may be of a name, or follow it.
            return None;
        }
        let found = match (self.before, self.ended_by) {
            (Some(LESS), None) if unit != b'/'.into() => names.find_local(&self.name),
            (Some(QUOTE), Some(QUOTE)) if unit == COLON => names.find(&self.name),
            (_, None) if unit == EQUALS => names.find_local(&self.name),
            (_, Some(blank)) if unit == EQUALS && is_blank(blank) => names.find_local(&self.name),
            _ => None,
        };
        if self.ended_by.is_some() && is_blank(unit) {
            return found;
        }
        if self.ended_by.is_none() && !self.name.is_empty() && (is_blank(unit) || unit == QUOTE) {
            self.ended_by = Some(unit);
            return found;
        }
        // Another begins.
        self.name.clear();
        (self.before, self.ended_by) = (Some(unit), None);
        if is_of_name(unit) {
            self.before = None;
            self.name.push(unit);
        }
        found
    }
}

/// The character of a reference, where it matters.
fn meaning(reference: &[u16]) -> Option<u16> {
    let text = String::from_utf16(reference).ok()?.to_ascii_lowercase();
    let digits = |text: &str, radix| u16::from_str_radix(text, radix).ok();
    match text.as_str() {
        "lt" => Some(LESS),
        "gt" => Some(b'>'.into()),
        "quot" => Some(QUOTE),
        "amp" => Some(AMPERSAND),
        it => match it.strip_prefix("#x") {
            Some(hex) => digits(hex, 16),
            None => digits(it.strip_prefix('#')?, 10),
        },
    }
}
