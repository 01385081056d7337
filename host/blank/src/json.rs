//! JSON: the values of members.

use super::names::{LONGEST_NAME, Names, is_blank};
use super::pen::Pen;
use super::quoted::Quoted;
use super::step::Step;
use super::words::digit;

/// Objects and arrays within one another. A document with more is not read.
const DEEPEST: usize = 1_000;
/// Of a number or a word.
const LONGEST_BARE: usize = 400;
/// Of a name that is held back.
const LONGEST_HELD: usize = 4 << 10;
/// Half of a pair of UTF-16 in a name is no part of ASCII; what is lower is no part of a name.
const LOWEST: u16 = 0x20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum At {
    #[default]
    Value,
    /// After `[`.
    FirstValue,
    Text,
    Bare,
    /// After a value.
    Next,
    Name,
    /// After `{`.
    FirstName,
    InName,
    Colon,
}

/// How much came of an escape.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Escape {
    #[default]
    None,
    Begun,
    /// So many digits, and what they are.
    Digits(u8, u16),
}

/// Reads a document, or several one after the other, and keeps of it what is no value of a name.
#[derive(Debug, Default)]
pub(crate) struct Json {
    at: At,
    /// What is open: whether it is an object.
    open: Vec<bool>,
    /// Of a member, or the last text: where a colon follows that, it was meant as one.
    name: Vec<u16>,
    escape: Escape,
    /// What came of an escape, as it is written.
    written: Vec<u16>,
    /// Of which name the next value is, or the text at hand.
    of: Option<usize>,
    is_marked: bool,
    /// A value was blanked, and no other member has come since: where a quote too many ended a text early, its rest follows.
    after: Option<usize>,
    /// The name after that, held back until its colon shows that it is one.
    held: Vec<u16>,
    /// The value that is blanked is an object or an array: so much is open around it.
    blank: Option<usize>,
    /// What came of a number or a word.
    bare: Vec<u16>,
    text: Quoted,
}

struct Unreadable;

impl Json {
    pub(crate) fn unit(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) -> Step {
        match self.step(unit, names, pen) {
            Ok(at) => {
                self.at = at;
                return Step::Taken;
            }
            Err(Unreadable) if self.blank.is_some() || self.text.blanks() => return Step::Blanked,
            Err(Unreadable) => {}
        }
        if let Some(name) = self.after {
            pen.mark(name);
            return Step::Blanked;
        }
        if let Some(name) = self.of {
            if !self.is_marked {
                marked(name, pen);
            }
            return Step::Blanked;
        }
        let bare = std::mem::take(&mut self.bare);
        pen.keep_all(&bare);
        pen.keep_all(&std::mem::take(&mut self.written));
        Step::Unreadable(if bare.is_empty() { std::mem::take(&mut self.name) } else { bare })
    }

    /// The document is over.
    pub(crate) fn end(&mut self, pen: &mut Pen<'_>) {
        if self.at == At::Bare && self.end_of_bare(pen).is_err() {
            match self.of.take() {
                Some(name) => marked(name, pen),
                None => self.bare.iter().for_each(|it| self.keep(*it, pen)),
            }
        }
        if self.is_blanking() {
            return;
        }
        match self.after {
            Some(name) if !self.held.is_empty() || !self.written.is_empty() => pen.mark(name),
            _ => pen.keep_all(&self.written),
        }
    }

    /// Whether the next unit would not be kept.
    pub(crate) fn is_blanking(&self) -> bool {
        self.blank.is_some() || self.text.blanks() || self.of.is_some()
    }

    fn keep(&self, unit: u16, pen: &mut Pen<'_>) {
        if self.blank.is_none() {
            pen.keep(unit);
        }
    }

    /// Keeps a unit of a name, or holds it back until its colon comes.
    fn keep_of_name(&mut self, unit: u16, pen: &mut Pen<'_>) -> Result<(), Unreadable> {
        if self.after.is_none() || self.blank.is_some() {
            self.keep(unit, pen);
        } else if self.held.len() < LONGEST_HELD {
            self.held.push(unit);
        } else {
            return Err(Unreadable);
        }
        Ok(())
    }

    fn step(&mut self, unit: u16, names: &Names, pen: &mut Pen<'_>) -> Result<At, Unreadable> {
        let byte = u8::try_from(unit).unwrap_or(b'\0');
        match self.at {
            At::Text | At::InName => return self.in_text(unit, byte, names, pen),
            At::Bare if is_of_bare(byte) => {
                if self.bare.len() == LONGEST_BARE {
                    return Err(Unreadable);
                }
                self.bare.push(unit);
                return Ok(At::Bare);
            }
            At::Bare => {
                self.end_of_bare(pen)?;
                self.at = At::Next;
            }
            _ => {}
        }
        if is_blank(unit) && self.at == At::Colon {
            self.keep_of_name(unit, pen)?;
            return Ok(self.at);
        }
        if is_blank(unit) {
            self.keep(unit, pen);
            return Ok(self.at);
        }
        match (self.at, byte) {
            (At::FirstValue, b']') | (At::FirstName, b'}') => Ok(self.close(unit, pen)),
            (At::Value | At::FirstValue, _) => self.value(unit, byte, pen),
            (At::Name | At::FirstName, b'"') => {
                self.keep_of_name(unit, pen)?;
                self.name.clear();
                Ok(At::InName)
            }
            (At::Colon, b':') => {
                std::mem::take(&mut self.held).into_iter().for_each(|it| self.keep(it, pen));
                self.keep(unit, pen);
                self.name.clear();
                if self.blank.is_none() {
                    self.after = None;
                }
                Ok(At::Value)
            }
            (At::Next, _) => match (self.open.last(), byte) {
                (Some(true), b'}') | (Some(false), b']') => Ok(self.close(unit, pen)),
                (Some(is_object), b',') => {
                    let then = if *is_object { At::Name } else { At::Value };
                    self.keep(unit, pen);
                    Ok(then)
                }
                // Objects one after the other, a line each.
                (None, b'{') => self.value(unit, byte, pen),
                _ => Err(Unreadable),
            },
            _ => Err(Unreadable),
        }
    }

    fn value(&mut self, unit: u16, byte: u8, pen: &mut Pen<'_>) -> Result<At, Unreadable> {
        match byte {
            b'"' => {
                self.keep(unit, pen);
                self.text.restart();
                self.name.clear();
                Ok(At::Text)
            }
            b'{' | b'[' => {
                if self.open.len() == DEEPEST {
                    return Err(Unreadable);
                }
                match self.of.take() {
                    Some(name) => {
                        marked(name, pen);
                        self.blank = Some(self.open.len());
                        self.after = Some(name);
                    }
                    None => self.keep(unit, pen),
                }
                self.open.push(byte == b'{');
                Ok(if byte == b'{' { At::FirstName } else { At::FirstValue })
            }
            _ if is_of_bare(byte) => {
                self.bare.push(unit);
                Ok(At::Bare)
            }
            _ => Err(Unreadable),
        }
    }

    fn close(&mut self, unit: u16, pen: &mut Pen<'_>) -> At {
        self.open.pop();
        if self.blank == Some(self.open.len()) {
            self.blank = None;
        } else {
            self.keep(unit, pen);
        }
        At::Next
    }

    fn in_text(&mut self, unit: u16, byte: u8, names: &Names, pen: &mut Pen<'_>) -> Result<At, Unreadable> {
        if self.escape == Escape::None && byte == b'"' {
            if self.at == At::InName {
                self.keep_of_name(unit, pen)?;
                self.of = names.find(&self.name).filter(|_| self.blank.is_none());
                return Ok(At::Colon);
            }
            self.keep(unit, pen);
            self.after = self.of.or(self.text.blanked()).or(self.after);
            self.text.restart();
            (self.of, self.is_marked) = (None, false);
            return Ok(At::Next);
        }
        if self.at == At::Text
            && let Some(name) = self.of
            && !self.is_marked
        {
            pen.mark(name);
            self.is_marked = true;
        }
        let meant = self.unescaped(unit, byte)?;
        self.written.push(unit);
        let Some(meant) = meant else { return Ok(self.at) };
        let written = std::mem::take(&mut self.written);
        if meant >= LOWEST && self.name.len() <= LONGEST_NAME {
            self.name.push(meant);
        }
        if self.at == At::InName {
            written.iter().try_for_each(|it| self.keep_of_name(*it, pen))?;
        } else if self.blank.is_none() && self.of.is_none() {
            self.text.unit_as(meant, &written, names, pen);
        }
        Ok(self.at)
    }

    /// The character that is complete with this unit.
    fn unescaped(&mut self, unit: u16, byte: u8) -> Result<Option<u16>, Unreadable> {
        let (escape, meant) = match (self.escape, byte) {
            (Escape::None, b'\\') => (Escape::Begun, None),
            (Escape::None, _) => (Escape::None, Some(unit)),
            (Escape::Begun, b'u') => (Escape::Digits(0, 0), None),
            (Escape::Begun, b'n' | b'r' | b't' | b'b' | b'f') => (Escape::None, Some(b' '.into())),
            (Escape::Begun, b'"' | b'\\' | b'/') => (Escape::None, Some(unit)),
            (Escape::Begun, _) => return Err(Unreadable),
            (Escape::Digits(count, so_far), _) => {
                let so_far = (so_far << 4) | digit(unit).ok_or(Unreadable)?;
                if count == 3 {
                    (Escape::None, Some(so_far))
                } else {
                    (Escape::Digits(count + 1, so_far), None)
                }
            }
        };
        self.escape = escape;
        Ok(meant)
    }

    /// A number or a word is complete.
    fn end_of_bare(&mut self, pen: &mut Pen<'_>) -> Result<(), Unreadable> {
        let text = String::from_utf16_lossy(&self.bare);
        let is_number =
            self.bare.first().is_some_and(|it| *it == b'-'.into() || digit(*it).is_some_and(|it| it < 10));
        if !is_number && !["true", "false", "null"].contains(&text.as_str()) {
            return Err(Unreadable);
        }
        // Nothing is no value.
        match self.of.take().filter(|_| text != "null") {
            Some(name) => {
                marked(name, pen);
                self.after = Some(name);
            }
            None => self.bare.iter().for_each(|it| self.keep(*it, pen)),
        }
        self.bare.clear();
        Ok(())
    }
}

fn is_of_bare(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"+-.".contains(&byte)
}

/// A value that is no text becomes one.
fn marked(name: usize, pen: &mut Pen<'_>) {
    pen.write("\"");
    pen.mark(name);
    pen.write("\"");
}
