//! Reading a character in whatever way it is written: as it is, as XML, HTML, JSON and URLs escape it, and with an
//! escape written by another one, as where JSON stands in XML.

use std::cell::{Cell, RefCell};

use super::charset::{pair, windows};
use super::names::{self, named};

/// No character takes more than so many units of the encoding, however often it is escaped: `&amp;amp;#x000000e4;` has 20.
/// It bounds what is held back of a body.
const LONGEST: usize = 128;

/// How deep a character of an escape is itself looked for in escaped form: in `%2526%2523228%253B` the `#` is escaped twice.
/// How often a whole escape is escaped again is bounded by [`LONGEST`] alone.
const DEPTH: u8 = 2;

/// So many digits has a reference at most, leading zeros included.
const DIGITS: u8 = 16;

/// So many characters are looked at to read one, or a body that is made for it would take long.
const LOOKS: u32 = 256;

/// So many backslashes are read as one run: JSON within JSON within JSON, and once more.
const RUN: usize = 16;

/// So many ways of reading are kept for one place: each time that `&` is escaped again is one.
const READINGS: usize = 10;

/// How the characters of a body become bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Encoding {
    Utf8,
    /// Windows-1252, which is Latin-1 and has other characters where that has control characters.
    Latin1,
    /// UTF-16BE. A text begins at the second byte of its first unit where the first one is zero. UTF-16LE is the same then,
    /// as long as no other byte is in the place of the zeros.
    BigEndian,
    /// UTF-16LE.
    LittleEndian,
}

/// Whether more than the character itself can be meant by it.
pub(super) fn is_open(char: char) -> bool {
    matches!(char, '&' | '%' | '\\' | '+')
}

/// The last places that were read: secrets are looked for from several places, and read the same ones.
#[derive(Default)]
pub(super) struct Known(RefCell<Vec<Option<Place>>>);

/// So many places are kept. In a run of escapes, as many characters are looked at from each place.
const KNOWN: usize = 64;

struct Place {
    at: usize,
    encoding: Encoding,
    readings: Readings,
    hungry: bool,
}

/// A body, or as much of it as there is.
pub(super) struct Text<'a> {
    bytes: &'a [u8],
    known: &'a Known,
    encoding: Encoding,
    /// Nothing follows.
    complete: bool,
    /// Where the text that is looked at begins.
    first: usize,
    /// What is further on is not of the character that is read.
    limit: Cell<usize>,
    /// How many characters may still be looked at for it.
    looks: Cell<u32>,
    /// Whether more bytes could give more readings.
    hungry: Cell<bool>,
}

/// The ways of reading one character: which one it is, and where the next one begins.
#[derive(Clone, Copy, Default)]
pub(super) struct Readings {
    all: [(char, usize); READINGS],
    count: usize,
}

impl Readings {
    pub(super) fn all(&self) -> &[(char, usize)] {
        &self.all[..self.count]
    }

    fn push(&mut self, char: char, end: usize) {
        if self.count < READINGS && !self.all().contains(&(char, end)) {
            self.all[self.count] = (char, end);
            self.count += 1;
        }
    }
}

impl<'a> Text<'a> {
    /// `known` is of the same bytes.
    pub(super) fn new(
        bytes: &'a [u8],
        encoding: Encoding,
        first: usize,
        complete: bool,
        known: &'a Known,
    ) -> Self {
        let (limit, looks, hungry) = Default::default();
        Self { bytes, known, encoding, complete, first, limit, looks, hungry }
    }

    /// Whether it was looked for something after the end of what there is.
    pub(super) fn is_hungry(&self) -> bool {
        self.hungry.get()
    }

    /// The character at this place as it stands there.
    pub(super) fn plain(&self, at: usize) -> Option<(char, usize)> {
        self.limit.set(usize::MAX);
        self.looks.set(1);
        self.unit(at)
    }

    /// All ways of reading the character at this place.
    pub(super) fn readings(&self, at: usize) -> Readings {
        // Only of where it begins it is not known what is before it.
        if at == self.first {
            return self.read(at);
        }
        let mut known = self.known.0.borrow_mut();
        if known.is_empty() {
            known.resize_with(KNOWN, || None);
        }
        let slot = &mut known[at % KNOWN];
        if let Some(it) = slot.as_ref().filter(|it| it.at == at && it.encoding == self.encoding) {
            self.hungry.set(self.hungry.get() || it.hungry);
            return it.readings;
        }
        let before = self.hungry.replace(false);
        let place = Place { at, encoding: self.encoding, readings: self.read(at), hungry: self.hungry.get() };
        self.hungry.set(before || place.hungry);
        slot.insert(place).readings
    }

    fn read(&self, at: usize) -> Readings {
        let bytes = match self.encoding {
            Encoding::Utf8 | Encoding::Latin1 => LONGEST,
            Encoding::BigEndian | Encoding::LittleEndian => 2 * LONGEST,
        };
        self.limit.set(at.saturating_add(bytes));
        self.looks.set(LOOKS);
        self.deep(at, DEPTH)
    }

    fn byte(&self, at: usize) -> Option<u8> {
        let byte = self.bytes.get(at).copied();
        if byte.is_none() && !self.complete {
            self.hungry.set(true);
        }
        byte
    }

    fn unit(&self, at: usize) -> Option<(char, usize)> {
        self.looks.set(self.looks.get().checked_sub(1)?);
        if at >= self.limit.get() {
            return None;
        }
        let wide = match self.encoding {
            Encoding::Latin1 => return Some((windows(self.byte(at)?), at + 1)),
            Encoding::Utf8 => return self.utf8(at),
            Encoding::BigEndian => |text: &Self, at: usize| {
                let low = text.byte(at)?;
                let high = if at == text.first { 0 } else { text.byte(at - 1)? };
                Some(u16::from_be_bytes([high, low]))
            },
            Encoding::LittleEndian => |text: &Self, at: usize| {
                let low = text.byte(at)?;
                // A body that was cut off within its last unit.
                let high = text.byte(at + 1).or_else(|| text.complete.then_some(0))?;
                Some(u16::from_le_bytes([low, high]))
            },
        };
        let unit = wide(self, at)?;
        match char::from_u32(unit.into()) {
            Some(char) => Some((char, at + 2)),
            None => Some((pair(unit.into(), wide(self, at + 2)?.into())?, at + 4)),
        }
    }

    fn utf8(&self, at: usize) -> Option<(char, usize)> {
        let first = self.byte(at)?;
        let length = match first {
            0..=0x7f => return Some((char::from(first), at + 1)),
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => return None,
        };
        self.byte(at + length - 1)?;
        let text = std::str::from_utf8(self.bytes.get(at..at + length)?).ok()?;
        Some((text.chars().next()?, at + length))
    }

    fn deep(&self, at: usize, depth: u8) -> Readings {
        let mut readings = Readings::default();
        let Some((char, end)) = self.unit(at) else { return readings };
        readings.push(char, end);
        let (mut next, mut run_end) = (0, at);
        // An escape that gives the beginning of another one.
        while let Some(&(char, end)) = readings.all().get(next) {
            next += 1;
            match char {
                '&' => self.reference(end, depth, &mut |char, end| readings.push(char, end)),
                '%' => self.percent(end, depth, &mut |char, end| readings.push(char, end)),
                '\\' if next == 1 => {
                    run_end = self.run(at, depth, &mut |char, end| readings.push(char, end));
                }
                '\\' if end <= run_end => {}
                '\\' => self.backslash(end, depth, &mut |char, end| readings.push(char, end)),
                // As forms write a space.
                '+' => readings.push(' ', end),
                _ => {}
            }
        }
        readings
    }

    /// A character within an escape, in each way of reading it.
    fn within(&self, at: usize, depth: u8, then: &mut dyn FnMut(char, usize)) {
        let Some((char, end)) = self.unit(at) else { return };
        if depth == 0 || !is_open(char) {
            return then(char, end);
        }
        self.deep(at, depth - 1).all().iter().for_each(|it| then(it.0, it.1));
    }

    /// Those of these ways in which it is this character: where the next one begins.
    fn expect(&self, expected: &str, at: usize, depth: u8, then: &mut dyn FnMut(usize)) {
        self.within(at, depth, &mut |char, end| {
            if expected.contains(char) {
                then(end);
            }
        });
    }

    /// What follows `&`.
    fn reference(&self, at: usize, depth: u8, found: &mut dyn FnMut(char, usize)) {
        self.within(at, depth, &mut |char, end| match char {
            '#' => self.number(end, depth, &mut |value, end| match char::from_u32(value) {
                Some(char) => found(char, end),
                // Some write the two halves of a pair as references of their own.
                None => self.expect("&", end, depth, &mut |end| {
                    self.expect("#", end, depth, &mut |end| {
                        self.number(end, depth, &mut |low, end| {
                            pair(value, low).into_iter().for_each(|it| found(it, end));
                        });
                    });
                }),
            }),
            it if it.is_ascii_alphabetic() => {
                let mut name = String::with_capacity(names::LONGEST);
                name.push(it);
                self.name(end, depth, &name, found);
            }
            _ => {}
        });
    }

    fn name(&self, at: usize, depth: u8, begun: &str, found: &mut dyn FnMut(char, usize)) {
        self.within(at, depth, &mut |char, end| match char {
            ';' => named(begun).into_iter().for_each(|it| found(it, end)),
            it if it.is_ascii_alphanumeric() && begun.len() < names::LONGEST => {
                self.name(end, depth, &format!("{begun}{it}"), found);
            }
            _ => {}
        });
    }

    /// What follows `&#`.
    fn number(&self, at: usize, depth: u8, found: &mut dyn FnMut(u32, usize)) {
        self.digits(at, depth, (10, 0, 0), found);
        self.expect("xX", at, depth, &mut |end| self.digits(end, depth, (16, 0, 0), found));
    }

    fn digits(
        &self,
        at: usize,
        depth: u8,
        (radix, value, count): (u32, u32, u8),
        found: &mut dyn FnMut(u32, usize),
    ) {
        self.within(at, depth, &mut |char, end| match char.to_digit(radix) {
            Some(digit) if count < DIGITS => {
                let value = value.saturating_mul(radix).saturating_add(digit);
                self.digits(end, depth, (radix, value, count + 1), found);
            }
            None if char == ';' && count > 0 => found(value, end),
            _ => {}
        });
    }

    /// What follows `%`.
    fn percent(&self, at: usize, depth: u8, found: &mut dyn FnMut(char, usize)) {
        self.hex(at, depth, (2, 0), &mut |byte, end| {
            let byte = u8::try_from(byte).unwrap_or_default();
            if !byte.is_ascii() {
                self.continued(end, depth, &[byte], found);
            }
            found(windows(byte), end);
        });
        self.expect("uU", at, depth, &mut |end| self.hex_unit(end, depth, ['%', 'u'], found));
    }

    /// The rest of a character in UTF-8 of which these bytes were read.
    fn continued(&self, at: usize, depth: u8, begun: &[u8], found: &mut dyn FnMut(char, usize)) {
        self.expect("%", at, depth, &mut |end| {
            self.hex(end, depth, (2, 0), &mut |byte, end| {
                let byte = u8::try_from(byte).unwrap_or_default();
                let bytes = [begun, &[byte]].concat();
                match std::str::from_utf8(&bytes) {
                    Ok(text) => text.chars().for_each(|it| found(it, end)),
                    Err(error) if error.error_len().is_none() => self.continued(end, depth, &bytes, found),
                    Err(_) => {}
                }
            });
        });
    }

    /// A run of backslashes, and what it escapes: each time that JSON is written as JSON, twice as many stand for one,
    /// and one less before what has to be escaped. Where the run ends.
    fn run(&self, at: usize, depth: u8, found: &mut dyn FnMut(char, usize)) -> usize {
        let (mut ends, mut count, mut next) = ([at; RUN], 0, at);
        while count < RUN
            && let Some(('\\', end)) = self.unit(next)
        {
            (ends[count], next) = (end, end);
            count += 1;
        }
        let mut one = 1;
        while one <= count {
            found('\\', ends[one - 1]);
            if count == one && count < RUN {
                self.backslash(next, depth, found);
            } else if count == 2 * one - 1 {
                self.within(next, depth, &mut |char, end| {
                    if matches!(char, '"' | '/' | '\'') {
                        found(char, end);
                    }
                });
            }
            one *= 2;
        }
        next
    }

    /// What follows a backslash.
    fn backslash(&self, at: usize, depth: u8, found: &mut dyn FnMut(char, usize)) {
        self.within(at, depth, &mut |char, end| match char {
            'u' => self.hex_unit(end, depth, ['\\', 'u'], found),
            'x' => self.hex(end, depth, (2, 0), &mut |value, end| {
                char::from_u32(value).into_iter().for_each(|it| found(it, end));
            }),
            'b' => found('\u{8}', end),
            'f' => found('\u{c}', end),
            'n' => found('\n', end),
            'r' => found('\r', end),
            't' => found('\t', end),
            it if it.is_ascii_punctuation() => found(it, end),
            _ => {}
        });
    }

    /// Four digits for a unit of UTF-16; where it is half of a pair, the other half follows with this before it.
    fn hex_unit(&self, at: usize, depth: u8, before: [char; 2], found: &mut dyn FnMut(char, usize)) {
        self.hex(at, depth, (4, 0), &mut |value, end| match char::from_u32(value) {
            Some(char) => found(char, end),
            None => self.expect(before[0].encode_utf8(&mut [0; 4]), end, depth, &mut |end| {
                self.expect(before[1].encode_utf8(&mut [0; 4]), end, depth, &mut |end| {
                    self.hex(end, depth, (4, 0), &mut |low, end| {
                        pair(value, low).into_iter().for_each(|it| found(it, end));
                    });
                });
            }),
        });
    }

    /// So many digits.
    fn hex(&self, at: usize, depth: u8, (missing, value): (u8, u32), found: &mut dyn FnMut(u32, usize)) {
        self.within(at, depth, &mut |char, end| {
            let Some(digit) = char.to_digit(16) else { return };
            match missing {
                1 => found(16 * value + digit, end),
                _ => self.hex(end, depth, (missing - 1, 16 * value + digit), found),
            }
        });
    }
}
